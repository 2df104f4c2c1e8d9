package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// demoCases is how many Vorgaenge Wiesenbrück gets; Sturmkoog a fifth of it.
const demoCases = 300

// demoUnfinished is a file that stands in the folder while the demo is being filled.
const demoUnfinished = "demo.unfertig"

// runDemo is "rathaus demo": two invented towns with staff and two years of work, then the service. Started again on the
// same folder it keeps what is there.
func runDemo(ctx context.Context, p Process, fs *flag.FlagSet) error {
	var forms many
	fs.Var(&forms, "fim", "Datei mit XDatenfeldern, die als Testformular veröffentlicht wird; mehrfach möglich")
	cases := fs.Int("vorgaenge", demoCases, "Zahl der Vorgänge in Wiesenbrück beim ersten Start")
	cfg, rest, err := settings(p, fs)
	if err != nil {
		return err
	}
	d := &demo{cfg: cfg, log: slog.New(slog.NewJSONHandler(p.Stderr, nil)), out: p.Stdout, cases: *cases, forms: append(forms, rest...)}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	return d.serve(ctx)
}

// demo is one run of the demonstration.
type demo struct {
	cfg   Config
	log   *slog.Logger
	out   io.Writer
	cases int
	forms []string // files with FIM forms to publish
	file  demoFile
}

// prepare fills an empty folder and reads the keys of an earlier start.
func (d *demo) prepare(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(d.cfg.Data, demoUnfinished)); err == nil {
		return fmt.Errorf("%s: Die Demo wurde beim Einrichten unterbrochen. Bitte löschen Sie diesen Ordner (und bei PostgreSQL die Schemata der beiden Städte) und starten Sie neu.", d.cfg.Data)
	}
	var err error
	if d.file, err = readDemoFile(d.cfg.Data); err != nil {
		return err
	}
	prog, err := open(ctx, d.cfg, openOptions{log: d.log, demo: true})
	if err != nil {
		return err
	}
	empty, err := prog.mayBeDemo(ctx)
	if err := errors.Join(err, prog.close()); err != nil || !empty {
		return err
	}
	return d.fill(ctx)
}

// mayBeDemo reports whether the installation has no towns yet. One that is no demonstration refuses.
func (p *program) mayBeDemo(ctx context.Context) (empty bool, err error) {
	all, err := p.mandanten(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range all {
		err := p.db.Read(ctx, townScope(m.Key), func(tx *storage.Tx) error {
			profil, err := mandant.GetProfil(tx)
			if err == nil && !profil.Switches.Demo {
				err = fmt.Errorf("Im Datenordner liegt %s, eine Stadt, die keine Demo ist. Bitte geben Sie mit -data einen anderen Ordner an.", m.Name)
			}
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return len(all) == 0, nil
}

// fill makes the towns under a clock that runs through two years.
func (d *demo) fill(ctx context.Context) error {
	fmt.Fprintln(d.out, "Die Demo wird eingerichtet. Das dauert einige Sekunden.")
	mark := filepath.Join(d.cfg.Data, demoUnfinished)
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return fmt.Errorf("Datenordner: %w", err)
	}
	now := clock.System{}.Now()
	moving := clock.NewFake(now.AddDate(-2, 0, -7))
	prog, err := open(ctx, d.cfg, openOptions{log: slog.New(slog.DiscardHandler), demo: true, clock: moving})
	if err != nil {
		return err
	}
	err = errors.Join(seedDemo(ctx, prog, moving, now, d.cases), prog.close())
	if err == nil {
		return os.Remove(mark)
	}
	if ctx.Err() != nil {
		err = errors.New("Das Einrichten der Demo wurde abgebrochen.")
	}
	return errors.Join(err, d.undo(mark))
}

// undo takes away what a failed fill has made, so that the next start begins anew. The folder had no towns before. On
// PostgreSQL the schemas stay, and with them the mark that refuses the next start.
func (d *demo) undo(mark string) error {
	if d.cfg.DatabaseURL != "" {
		return nil
	}
	made, err := filepath.Glob(filepath.Join(d.cfg.Data, "central.db*"))
	if err != nil {
		return err
	}
	for _, t := range demoTowns() {
		made = append(made, filepath.Join(d.cfg.Data, "mandant", t.Key))
	}
	for _, name := range append(made, filepath.Join(d.cfg.Data, "mail"), mark) {
		if err := os.RemoveAll(name); err != nil {
			return err
		}
	}
	return nil
}

// serve runs the service; once the port answers, addresses and logins are written and printed.
func (d *demo) serve(ctx context.Context) error {
	prog, err := open(ctx, d.cfg, openOptions{log: d.log, demo: true})
	if err != nil {
		return err
	}
	if err := d.publishForms(ctx, prog); err != nil {
		return errors.Join(err, prog.close())
	}
	// Hashing passwords takes a second: it is done before the port answers.
	if err := prog.demoFile(ctx, &d.file, demoBases(d.cfg, d.cfg.Addr)); err != nil {
		return errors.Join(err, prog.close())
	}
	err = prog.serve(ctx, func(addr string) error { return d.announce(ctx, prog, addr) })
	return errors.Join(err, prog.close())
}

// announce writes demo.json for the address that answers and prints it for people.
func (d *demo) announce(ctx context.Context, prog *program, addr string) error {
	if err := prog.demoFile(ctx, &d.file, demoBases(d.cfg, addr)); err != nil {
		return err
	}
	if err := d.file.write(d.cfg.Data); err != nil {
		return err
	}
	d.file.print(d.out, d.cfg.Data)
	return nil
}

// demoBases are the addresses of the towns by key, as a browser on this machine reaches them.
func demoBases(cfg Config, addr string) map[string]string {
	scheme := "http://"
	if cfg.TLSCert != "" {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = addr, ""
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || !ip.IsLoopback() || ip.To4() == nil {
		host = "127.0.0.1"
	}
	if port != "" {
		port = ":" + port
	}
	out := map[string]string{}
	for _, t := range demoTowns() {
		out[t.Key] = scheme + t.Host + port
		if t.Host == "" {
			out[t.Key] = scheme + host + port
			if cfg.BaseURL != "" {
				out[t.Key] = cfg.BaseURL
			}
		}
	}
	return out
}

// demoHosts are the names a town answers on.
func demoHosts(cfg Config, t demoTown) []string {
	if t.Host != "" {
		return []string{t.Host}
	}
	hosts := []string{"127.0.0.1", "localhost"}
	for _, more := range []string{strings.TrimPrefix(strings.TrimPrefix(cfg.BaseURL, "https://"), "http://"), cfg.Addr} {
		if h, _, err := net.SplitHostPort(more); err == nil {
			more = h
		}
		if ip := net.ParseIP(more); more == "" || ip != nil && (ip.IsUnspecified() || ip.To4() == nil) {
			continue
		}
		if h := mandant.NormalHost(more); h != "127.0.0.1" && h != "localhost" {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

func townScope(key string) storage.Scope {
	return storage.Scope{Mandant: key, Actor: mandant.System}
}
