package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web/ui"

	"github.com/google/go-cmp/cmp"
)

// newDemo fills a demo of a few cases in a temporary folder (or in schemas of their own on PostgreSQL).
func newDemo(t *testing.T, cases int) *demo {
	t.Helper()
	if err := ui.HasAssets(); err != nil {
		t.Skip(err)
	}
	d := &demo{cfg: demoConfig(t), log: slog.New(slog.DiscardHandler), out: io.Discard, cases: cases}
	if err := d.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func demoConfig(t *testing.T) Config {
	t.Helper()
	url, prefix := storagetest.Database(t)
	return Config{Data: t.TempDir(), Addr: "127.0.0.1:18080", DatabaseURL: url, prefix: prefix}
}

// announced opens the demo as a start does and writes demo.json.
func announced(t *testing.T, d *demo, then func(p *program)) demoFile {
	t.Helper()
	ctx := t.Context()
	p, err := open(ctx, d.cfg, openOptions{log: d.log, demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := d.announce(ctx, p, d.cfg.Addr); err != nil {
		t.Fatal(err)
	}
	then(p)
	return d.file
}

func count(t *testing.T, p *program, town, query string, args ...any) int64 {
	t.Helper()
	var n int64
	err := p.db.Read(context.Background(), townScope(town), func(tx *storage.Tx) (err error) {
		n, err = storage.Get(tx, storage.Value[int64], query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDemoHasCasesInAllStates(t *testing.T) {
	t.Parallel()
	d := newDemo(t, 60)
	announced(t, d, func(p *program) {
		for _, s := range antrag.States() {
			if count(t, p, "wiesenbrueck", `select count(*) from antrag where state = $1`, s) == 0 {
				t.Errorf("no case is %s", s)
			}
		}
		for name, query := range map[string]string{
			"open Nachforderung": `select count(*) from antrag where asked = 1`,
			"waiting letter":     `select count(*) from postausgang where posted_at = 0 and cancelled_at = 0`,
			"posted letter":      `select count(*) from postausgang where posted_at > 0`,
			"fetched Bescheid":   `select count(*) from bescheid where state = 'abgerufen'`,
			"draft Bescheid":     `select count(*) from bescheid where state = 'entwurf'`,
			"open Mitzeichnung":  `select count(*) from beteiligungsschritt where art = 'mitzeichnung' and status = 'offen'`,
			"closed Vorgang":     `select count(*) from vorgang where offen = 0`,
			"Wiedervorlage":      `select count(*) from wiedervorlage where erledigt_at is null`,
			"deputy":             `select count(*) from vertretung`,
			"paper application":  `select count(*) from antrag where kanal = 'papier'`,
		} {
			if count(t, p, "wiesenbrueck", query) == 0 {
				t.Errorf("the demo has no %s", name)
			}
		}
		if n := count(t, p, "wiesenbrueck", `select count(*) from antrag`); n != 60 {
			t.Errorf("wiesenbrueck has %d cases, want 60", n)
		}
		if n := count(t, p, "sturmkoog", `select count(*) from antrag`); n != 12 {
			t.Errorf("sturmkoog has %d cases, want 12", n)
		}
		now := storage.Millis(clock.System{}.Now())
		if n := count(t, p, "wiesenbrueck", `select count(*) from audit_entry where at > $1`, now); n != 0 {
			t.Errorf("%d events lie in the future", n)
		}
		if n := count(t, p, "sturmkoog", `select count(*) from antrag where vorgangsnummer not like 'SK%'`); n != 0 {
			t.Errorf("%d cases of Sturmkoog have another town's number", n)
		}
	})
	if n, err := filepath.Glob(filepath.Join(d.cfg.Data, "mail", "*.eml")); err != nil || len(n) == 0 {
		t.Errorf("no mails were written: %v", err)
	}
}

func TestDemoFileSaysHowToUseIt(t *testing.T) {
	t.Parallel()
	d := newDemo(t, 5)
	f := announced(t, d, func(p *program) { checkDemoFile(t, p, d.file) })
	info, err := os.Stat(filepath.Join(d.cfg.Data, demoFileName))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", demoFileName, info.Mode())
	}
	data, err := os.ReadFile(filepath.Join(d.cfg.Data, demoFileName))
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"base_url", "api_key", "mandanten", "logins"} {
		if raw[key] == nil {
			t.Errorf("demo.json has no %q", key)
		}
	}
	// A start on another port keeps keys and passwords and moves the addresses.
	again := &demo{cfg: d.cfg, log: d.log, out: io.Discard, cases: 5}
	again.cfg.Addr = "127.0.0.1:18081"
	if err := again.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := announced(t, again, func(p *program) {
		if n := count(t, p, "wiesenbrueck", `select count(*) from antrag`); n != 5 {
			t.Errorf("after a second start there are %d cases", n)
		}
	})
	if g.BaseURL != "http://127.0.0.1:18081" || g.Mandanten[1].BaseURL != "http://sturmkoog.localhost:18081" {
		t.Errorf("addresses: %s, %s", g.BaseURL, g.Mandanten[1].BaseURL)
	}
	for i := range f.Logins {
		g.Logins[i].LoginURL = f.Logins[i].LoginURL
	}
	if diff := cmp.Diff(f.Logins, g.Logins); diff != "" || f.APIKey != g.APIKey {
		t.Errorf("a second start changed logins or key: %s", diff)
	}
}

// checkDemoFile tries every login, key and example.
func checkDemoFile(t *testing.T, p *program, f demoFile) {
	t.Helper()
	ctx := t.Context()
	roles := map[string]bool{}
	for _, l := range f.Logins {
		if l.Mandant == "wiesenbrueck" {
			roles[l.Rolle] = true
		}
		var c konto.Credentials
		err := p.db.Read(ctx, townScope(l.Mandant), func(tx *storage.Tx) (err error) { c, err = konto.FindCredentials(tx, l.Benutzer); return err })
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.gate.Verify(ctx, c, l.Passwort, konto.Origin{Address: l.Mandant + l.Benutzer})
		if err != nil {
			t.Errorf("%s %s: %v", l.Mandant, l.Benutzer, err)
			continue
		}
		err = p.db.Write(ctx, townScope(l.Mandant), func(tx *storage.Tx) error {
			_, s, err := p.gate.SignIn(tx, v, "test")
			if err == nil && s.Kind != konto.SessionStaff {
				err = errors.New("a second factor is asked for")
			}
			return err
		})
		if err != nil {
			t.Errorf("%s %s: %v", l.Mandant, l.Benutzer, err)
		}
	}
	if len(roles) != len(konto.Rollen()) {
		t.Errorf("roles of Wiesenbrück: %v, want all %d", roles, len(konto.Rollen()))
	}
	for i, m := range f.Mandanten {
		other := f.Mandanten[1-i].Schluessel
		err := p.db.Read(ctx, townScope(m.Schluessel), func(tx *storage.Tx) error { _, err := konto.ByAPIKey(tx, "Bearer "+m.APIKey); return err })
		if err != nil {
			t.Errorf("key of %s: %v", m.Schluessel, err)
		}
		err = p.db.Read(ctx, townScope(other), func(tx *storage.Tx) error { _, err := konto.ByAPIKey(tx, "Bearer "+m.APIKey); return err })
		if err == nil {
			t.Errorf("the key of %s opens %s", m.Schluessel, other)
		}
		checkExamples(t, p, m)
	}
	err := p.db.Read(ctx, storage.Scope{Mandant: storage.Central, Actor: mandant.System}, func(tx *storage.Tx) error {
		for host, key := range map[string]string{"127.0.0.1": "wiesenbrueck", "localhost": "wiesenbrueck", "sturmkoog.localhost": "sturmkoog"} {
			if m, err := mandant.ByHost(tx, host); err != nil || m.Key != key {
				t.Errorf("%s is %s, %v", host, m.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// checkExamples asks each form whether the example is valid today.
func checkExamples(t *testing.T, p *program, m demoMandant) {
	t.Helper()
	if len(m.Leistungen) < 8 {
		t.Errorf("%s has %d services online", m.Schluessel, len(m.Leistungen))
	}
	err := p.db.Read(t.Context(), townScope(m.Schluessel), func(tx *storage.Tx) error {
		for _, l := range m.Leistungen {
			form, err := p.office.Forms.ForLeistung(tx, l.Slug)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(l.Antworten)
			if err != nil {
				return err
			}
			var answers formular.Answers // as a reader of the file sees them
			if err := json.Unmarshal(raw, &answers); err != nil {
				return err
			}
			if _, fields := form.Check(clock.DateOf(tx.Now()), answers); len(fields) > 0 {
				t.Errorf("%s %s: %v", m.Schluessel, l.Slug, fields)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDemoLeavesRealTownsAlone(t *testing.T) {
	t.Parallel()
	if err := ui.HasAssets(); err != nil {
		t.Skip(err)
	}
	ctx := t.Context()
	d := &demo{cfg: demoConfig(t), log: slog.New(slog.DiscardHandler), out: io.Discard}
	p, err := open(ctx, d.cfg, openOptions{log: d.log})
	if err != nil {
		t.Fatal(err)
	}
	err = mandant.Add(ctx, p.db, mandant.Mandant{Key: "wiesenbrueck", Name: "Wiesenbrück", AGS: "08999001", Land: "BW"}, mandant.Profil{})
	if err := errors.Join(err, p.close()); err != nil {
		t.Fatal(err)
	}
	if err := d.prepare(ctx); err == nil {
		t.Error("the demo took over a real town")
	}
}

func TestDemoAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		addr string
		cfg  Config
		want string
	}{
		{"127.0.0.1:8080", Config{}, "http://127.0.0.1:8080"},
		{"0.0.0.0:8080", Config{}, "http://127.0.0.1:8080"},
		{"[::]:8080", Config{}, "http://127.0.0.1:8080"},
		{"127.0.0.1:8080", Config{BaseURL: "https://demo.example"}, "https://demo.example"},
		{"127.0.0.1:8443", Config{TLSCert: "x"}, "https://127.0.0.1:8443"},
	} {
		if got := demoBases(c.cfg, c.addr)["wiesenbrueck"]; got != c.want {
			t.Errorf("%s: %s, want %s", c.addr, got, c.want)
		}
	}
}

func TestDemoPublishesFIMForms(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("RATHAUS_TESTDATEN")
	if dir == "" {
		dir = "../../../shared/data"
	}
	files, err := filepath.Glob(filepath.Join(dir, "fim", "xdf3", "S*.xdf.xml.gz"))
	if err != nil || len(files) == 0 {
		t.Skip("no test data: set RATHAUS_TESTDATEN")
	}
	d := newDemo(t, 0)
	d.forms = files
	announced(t, d, func(p *program) {
		for range 2 { // a second start with the same files changes nothing
			if err := d.publishForms(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.announce(t.Context(), p, d.cfg.Addr); err != nil {
			t.Fatal(err)
		}
		if n := len(d.file.Mandanten[0].Leistungen); n != 9+len(files) {
			t.Errorf("%d services are online, want 9 own and %d test forms", n, len(files))
		}
		for _, m := range d.file.Mandanten {
			checkExamples(t, p, m)
		}
	})
}

func TestDemoInterruptedBeginsAnew(t *testing.T) {
	t.Parallel()
	if err := ui.HasAssets(); err != nil {
		t.Skip(err)
	}
	d := &demo{cfg: Config{Data: t.TempDir(), Addr: "127.0.0.1:18080"}, log: slog.New(slog.DiscardHandler), out: io.Discard, cases: 3000}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := d.prepare(ctx); err == nil {
		t.Fatal("the demo was not interrupted")
	}
	d.cases = 5
	if err := d.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	announced(t, d, func(p *program) {
		if n := count(t, p, "wiesenbrueck", `select count(*) from antrag`); n != 5 {
			t.Errorf("%d cases after the second start, want 5", n)
		}
	})
}
