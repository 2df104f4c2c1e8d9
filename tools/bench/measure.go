package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	servicePath = "/leistungen/hundesteuer-anmelden"
	inboxPath   = "/amt/"

	pageClients = 8
	coldStarts  = 7

	aimService = 0.12
	aimInbox   = 0.04
	aimSearch  = 50 * time.Millisecond
	aimStart   = time.Second
	aimMemory  = 100 // MB
)

// start measures cold start on the filled folder and the memory of a server that has little to do.
func (s settings) start(ctx context.Context, r *report, t *town) error {
	var took []time.Duration
	var idle int64
	for range coldStarts {
		p, err := t.serve(ctx)
		if err != nil {
			return err
		}
		took = append(took, p.ready)
		for range 10 {
			for _, page := range []struct{ path, cookie string }{{servicePath, ""}, {"/", ""}, {inboxPath, t.Cookie}} {
				if _, err := fetch(p.addr, page.path, page.cookie); err != nil {
					return errors.Join(err, p.stop())
				}
			}
		}
		time.Sleep(200 * time.Millisecond)
		idle = max(idle, p.memory())
		if err := p.stop(); err != nil {
			return err
		}
	}
	slices.Sort(took)
	worst := took[len(took)-1]
	r.line("%-44s median %d ms  max %d ms  (%d starts)%s", "cold start to /readyz 200", took[len(took)/2].Milliseconds(), worst.Milliseconds(), len(took),
		verdict(aimStart.Seconds()*1000, worst <= aimStart, "≤ %.0f ms"))
	r.line("%-44s %d MB%s", "memory after start and 30 pages (RSS)", idle>>20, verdict(aimMemory, idle>>20 <= aimMemory, "≤ %.0f MB"))
	return nil
}

// pages measures two pages in turn with a bare handler answering as many bytes, by the same clients.
func (s settings) pages(ctx context.Context, r *report, t *town) error {
	p, err := t.serve(ctx)
	if err != nil {
		return err
	}
	for _, page := range []struct {
		what, path, cookie string
		aim                float64
	}{
		{"public service page", servicePath, "", aimService},
		{fmt.Sprintf("inbox, 25 of %d, signed in", t.vorgaenge), inboxPath, t.Cookie, aimInbox},
	} {
		if err := s.page(ctx, r, p, t, page.what, page.path, page.cookie, page.aim); err != nil {
			return errors.Join(err, p.stop())
		}
	}
	r.line("%-44s %d MB", "memory after that (RSS)", p.memory()>>20)
	return p.stop()
}

func (s settings) page(ctx context.Context, r *report, p *process, t *town, what, path, cookie string, aim float64) error {
	body, err := fetch(p.addr, path, cookie)
	if err != nil {
		return err
	}
	bench, err := os.Executable()
	if err != nil {
		return err
	}
	bare, err := launch(ctx, filepath.Join(t.dir, "bare.log"), "/", bench, "-bare", strconv.Itoa(len(body)))
	if err != nil {
		return err
	}
	var rounds []pair
	var own, others time.Duration
	var n, m float64
	for range s.rounds {
		var one pair
		used, usedBare := p.processor(), bare.processor()
		if one.baseline, err = throughput(ctx, bare.addr, path, cookie, pageClients, s.span); err != nil {
			break
		}
		if one.program, err = throughput(ctx, p.addr, path, cookie, pageClients, s.span); err != nil {
			break
		}
		rounds = append(rounds, one)
		own, others = own+p.processor()-used, others+bare.processor()-usedBare
		n, m = n+one.program*s.span.Seconds(), m+one.baseline*s.span.Seconds()
	}
	if err := errors.Join(err, bare.stop()); err != nil {
		return err
	}
	r.ratio(what, fmt.Sprintf("a bare net/http handler answering the same %d bytes, the same %d clients", len(body), pageClients), aim, rounds)
	if own > 0 && others > 0 {
		r.line("%-44s %.0f µs a request, the bare handler %.1f µs", "  processor time of the server", float64(own.Microseconds())/n, float64(others.Microseconds())/m)
	}
	return nil
}

// search measures the clerks' search page, one request after the other.
func (s settings) search(ctx context.Context, r *report, t *town) error {
	p, err := t.serve(ctx)
	if err != nil {
		return err
	}
	for _, group := range []struct {
		what    string
		queries []string
	}{
		{"search, names, numbers and parts of words", []string{"Tannhof", "Mühlenbach", "Brodersen Lindenstraße", "22.30-2026/01234", "Kirchgasse 17",
			"Fällung Fenja", "Moorenwald", "Sonnenallee Steinermann", "Grünwald", "Baum Rosenweg"}},
		{"search, words most documents have", []string{"Hund", "Anmeldung", "Wiesenbrück", "Hund anmelden", "Anmeldung eines Hundes", "str"}},
	} {
		if err := searches(p, r, t, group.what, group.queries); err != nil {
			return errors.Join(err, p.stop())
		}
	}
	return p.stop()
}

const searchRounds = 20

func searches(p *process, r *report, t *town, what string, queries []string) error {
	c, err := dial(p.addr)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	var took []time.Duration
	for i := range searchRounds + 1 {
		for _, q := range queries {
			began := time.Now()
			status, _, err := c.do(get(p.addr, "/amt/suche?q="+url.QueryEscape(q), t.Cookie), false)
			if err != nil || status != http.StatusOK {
				return errors.Join(fmt.Errorf("search %q: status %d", q, status), err)
			}
			if i > 0 { // the first round warms up
				took = append(took, time.Since(began))
			}
		}
	}
	r.times(what, aimSearch, took)
	return nil
}
