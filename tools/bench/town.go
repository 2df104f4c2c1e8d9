package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"rathaus/internal/akte"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/search"
	"rathaus/internal/storage"
)

const townKey = "wiesenbrueck"

// engine is a database system and how much is put into it.
type engine struct {
	name, dir, url string
	vorgaenge      int
}

// town is a filled data folder and what opens it.
type town struct {
	engine
	program string
	access
}

// access is how the bench gets in; kept in the folder, so that a second run with the same -dir needs no new town.
type access struct {
	Cookie string // of a signed-in clerk
	APIKey string
}

func (t *town) accessFile() string { return filepath.Join(t.dir, "access.json") }

// args are the program's arguments for this town.
func (t *town) args(command ...string) []string {
	out := append(append([]string{t.program}, command...), "-data", filepath.Join(t.dir, "data"))
	if t.url != "" {
		out = append(out, "-database-url", t.url)
	}
	return out
}

// serve starts the program.
func (t *town) serve(ctx context.Context) (*process, error) {
	return launch(ctx, filepath.Join(t.dir, "serve.log"), "/readyz", t.args("serve")...)
}

// prepare makes the town: by "rathaus init", then clerk, key and Vorgaenge through the modules' own functions.
func (s settings) prepare(ctx context.Context, e engine) (*town, error) {
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return nil, err
	}
	t := &town{engine: e, program: s.program}
	if text, err := os.ReadFile(t.accessFile()); err == nil {
		return t, json.Unmarshal(text, &t.access)
	}
	command := t.args("init")
	command = append(command, "-schluessel", townKey, "-name", "Wiesenbrück", "-ags", "08999001", "-host", "127.0.0.1")
	if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("init: %w\n%s", err, out)
	}
	db, err := storage.Open(ctx, storage.Config{Dir: filepath.Join(t.dir, "data"), DatabaseURL: e.url, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	b := &builder{ctx: ctx, db: db, rng: rand.New(rand.NewPCG(1, 2))} // the same town every time
	if err := b.staff(t); err != nil {
		return nil, err
	}
	if err := b.fill(e.vorgaenge); err != nil {
		return nil, err
	}
	text, err := json.Marshal(t.access)
	if err != nil {
		return nil, err
	}
	return t, os.WriteFile(t.accessFile(), text, 0o600)
}

// builder fills a town.
type builder struct {
	ctx   context.Context
	db    *storage.DB
	rng   *rand.Rand
	clerk string // id
}

// matter is what a Vorgang is about.
type matter struct {
	plan, unit, slug, name, subject string
	share                           int // of 100
}

// matters spread 100,000 open Vorgaenge over units as a large town has them, most of them in one.
func matters() []matter {
	return []matter{
		{"22.30", "steueramt", "hundesteuer-anmelden", "Hund anmelden", "Anmeldung eines Hundes: %s", 55},
		{"32.61.10", "ordnungsamt", "strassensperrung", "Straßensperrung", "Straßensperrung %s", 20},
		{"67.10", "gruenflaechen", "baumfaellung", "Baumfällung", "Fällung eines Baumes, %s", 10},
		{"33.30", "buergerbuero", "meldebescheinigung", "Meldebescheinigung", "Bescheinigung %s", 10},
		{"20.10", "kasse", "sepa-mandat", "SEPA-Mandat", "Mandat %s", 5},
	}
}

func (b *builder) write(fn func(tx *storage.Tx) error) error {
	return b.db.Write(b.ctx, storage.Scope{Mandant: townKey, Actor: mandant.System}, fn)
}

// staff makes a clerk who may see all units, with a session, and the key of another portal.
func (b *builder) staff(t *town) error {
	return b.write(func(tx *storage.Tx) error {
		root, err := mandant.EinheitByKey(tx, mandant.RootKey)
		if err != nil {
			return err
		}
		for i := range 40 { // staff shows in the inbox's filter
			m, err := konto.Create(tx, konto.Mitarbeiter{Login: fmt.Sprintf("person%d", i), Name: fmt.Sprintf("%s %s", word(b.rng, first), word(b.rng, last))},
				konto.RolleAn{Rolle: konto.Leitung, EinheitID: root.ID})
			if err != nil {
				return err
			}
			b.clerk = m.ID
		}
		token, _, err := konto.Start(tx, konto.SessionStaff, b.clerk, "bench")
		if err != nil {
			return err
		}
		t.Cookie = "sitzung=" + token
		t.APIKey, _, err = konto.CreateAPIKey(tx, "bench")
		return err
	})
}

const batchSize = 1000

// fill opens n Vorgaenge with akte.OpenVorgang (audited as always) and puts each into the search, 1,000 a
// transaction. What a real application has besides (Antrag, Dokumente, files) is left out: neither inbox nor search
// read it. A third has a Bearbeiter, written directly.
func (b *builder) fill(n int) error {
	for done := 0; done < n; done += batchSize {
		count := min(batchSize, n-done)
		seed := b.rng.Uint64()
		if err := b.write(func(tx *storage.Tx) error { return b.openSome(tx, rand.New(rand.NewPCG(seed, 0)), count) }); err != nil {
			return err
		}
	}
	return b.write(func(tx *storage.Tx) error {
		_, err := tx.Exec(`update vorgang set bearbeiter_id = $1, status = 'bearbeitung' where nummer % 300 = 0`, b.clerk)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`update vorgang set bearbeiter_id = id, status = 'wartet' where nummer % 3 = 1`)
		return err
	})
}

func (b *builder) openSome(tx *storage.Tx, rng *rand.Rand, count int) error {
	type place struct {
		matter
		unitID, akteID string
	}
	var places []place
	for _, m := range matters() {
		unit, err := mandant.EinheitByKey(tx, m.unit)
		if err != nil {
			return err
		}
		file, err := akte.FileUnder(tx, akte.Filing{Plan: m.plan, Sammelakte: true, EinheitID: unit.ID})
		if err != nil {
			return err
		}
		for range m.share {
			places = append(places, place{m, unit.ID, file.ID})
		}
	}
	today := clock.DateOf(tx.Now())
	for range count {
		p := places[rng.IntN(len(places))]
		who := word(rng, first) + " " + word(rng, last)
		v, err := akte.OpenVorgang(tx, akte.NewVorgang{AkteID: p.akteID, EinheitID: p.unitID, Betreff: fmt.Sprintf(p.subject, word(rng, names)),
			Art: "antrag", Bezug: p.slug, BezugName: p.name, Beteiligter: who, Frist: today.AddDays(rng.IntN(360) - 60)})
		if err != nil {
			return err
		}
		text := fmt.Sprintf("%s\n%s\n%s %d\n00000 Wiesenbrück", p.name, who, word(rng, streets), 1+rng.IntN(90))
		if err := search.Index(tx, search.Doc{Kind: "vorgang", ID: v.ID, Title: v.Betreff, Text: text,
			Numbers: []string{v.Zeichen}, Units: []string{v.EinheitID}}); err != nil {
			return err
		}
	}
	return nil
}
