package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// demoFile is DIR/demo.json: what a program needs to try the demo. Top-level fields are those of the first town.
type demoFile struct {
	BaseURL   string        `json:"base_url"`
	APIKey    string        `json:"api_key"`
	Mandanten []demoMandant `json:"mandanten"`
	Logins    []demoLogin   `json:"logins"`
}

type demoMandant struct {
	Schluessel string         `json:"schluessel"`
	Name       string         `json:"name"`
	AGS        string         `json:"ags"`
	Land       string         `json:"land"`
	BaseURL    string         `json:"base_url"`
	APIKey     string         `json:"api_key"`
	Leistungen []demoLeistung `json:"leistungen"`
}

type demoLeistung struct {
	Slug      string           `json:"slug"`
	URL       string           `json:"url"`
	Antworten formular.Answers `json:"antworten"`
}

type demoLogin struct {
	Mandant    string `json:"mandant"`
	Rolle      string `json:"rolle"`
	Benutzer   string `json:"benutzer"`
	Passwort   string `json:"passwort"`
	TOTPSecret string `json:"totp_secret"` // empty: the demo asks for no second factor
	LoginURL   string `json:"login_url"`
}

const demoFileName = "demo.json"

// readDemoFile reads what an earlier start has written; nothing when there is none.
func readDemoFile(dir string) (demoFile, error) {
	var f demoFile
	data, err := os.ReadFile(filepath.Join(dir, demoFileName))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fmt.Errorf("%s: %w", filepath.Join(dir, demoFileName), err)
	}
	return f, nil
}

// write replaces the file as a whole: a reader sees the old one or the new one.
func (f demoFile) write(dir string) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", demoFileName, err)
	}
	next := filepath.Join(dir, demoFileName+".neu")
	if err := os.WriteFile(next, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, demoFileName))
}

// print shows addresses and logins to people.
func (f demoFile) print(out io.Writer, dir string) {
	var b strings.Builder
	b.WriteString("\nDie Demo läuft. Städte, Personen und Vorgänge sind erfunden.\n")
	for _, m := range f.Mandanten {
		fmt.Fprintf(&b, "\n%s (%s)\n", m.Name, clock.LandName(m.Land))
		fmt.Fprintf(&b, "  Portal       %s/\n  Verwaltung   %s/amt/anmelden\n  Mails        %s/demo/mails\n\n", m.BaseURL, m.BaseURL, m.BaseURL)
		fmt.Fprintf(&b, "  %-18s %-18s %s\n", "Benutzername", "Rolle", "Kennwort")
		for _, l := range f.Logins {
			if l.Mandant == m.Schluessel {
				fmt.Fprintf(&b, "  %-18s %-18s %s\n", l.Benutzer, l.Rolle, l.Passwort)
			}
		}
	}
	fmt.Fprintf(&b, "\nAlle Angaben stehen auch in %s. Beenden mit Strg+C.\n", filepath.Join(dir, demoFileName))
	fmt.Fprint(out, b.String())
}

// known returns what the file already says about a town, or nil.
func (f demoFile) known(town string) *demoMandant {
	for i := range f.Mandanten {
		if f.Mandanten[i].Schluessel == town {
			return &f.Mandanten[i]
		}
	}
	return nil
}

// demoFile completes the file for the addresses in use: keys and passwords it has are kept, missing ones made anew, since
// the stores know only their hashes.
func (p *program) demoFile(ctx context.Context, f *demoFile, bases map[string]string) error {
	all, err := p.mandanten(ctx)
	if err != nil {
		return err
	}
	next := demoFile{}
	for _, t := range demoTowns() {
		i := slices.IndexFunc(all, func(m mandant.Mandant) bool { return m.Key == t.Key })
		if i < 0 {
			continue
		}
		base := bases[t.Key]
		if err := p.setBase(ctx, t.Key, base); err != nil {
			return err
		}
		m := demoMandant{Schluessel: t.Key, Name: t.Name, AGS: t.AGS, Land: t.Land, BaseURL: base}
		if old := f.known(t.Key); old != nil && old.APIKey != "" {
			m.APIKey = old.APIKey
		} else if m.APIKey, err = p.newDemoKey(ctx, t.Key); err != nil {
			return err
		}
		if m.Leistungen, err = p.demoLeistungen(ctx, t, base); err != nil {
			return err
		}
		next.Mandanten = append(next.Mandanten, m)
		logins, err := p.demoLogins(ctx, t, f.Logins, base)
		if err != nil {
			return err
		}
		next.Logins = append(next.Logins, logins...)
	}
	if len(next.Mandanten) > 0 {
		next.BaseURL, next.APIKey = next.Mandanten[0].BaseURL, next.Mandanten[0].APIKey
	}
	*f = next
	return nil
}

// setBase keeps the address in the town's mails and letters right when the port changes.
func (p *program) setBase(ctx context.Context, town, base string) error {
	var profil mandant.Profil
	err := p.db.Read(ctx, townScope(town), func(tx *storage.Tx) (err error) { profil, err = mandant.GetProfil(tx); return err })
	if err != nil || profil.BaseURL == base {
		return err
	}
	profil.BaseURL = base
	return p.db.Write(ctx, townScope(town), func(tx *storage.Tx) error { return mandant.SetProfil(tx, profil) })
}

func (p *program) newDemoKey(ctx context.Context, town string) (string, error) {
	var key string
	err := p.db.Write(ctx, townScope(town), func(tx *storage.Tx) (err error) {
		key, _, err = konto.CreateAPIKey(tx, "Demo")
		return err
	})
	return key, err
}

// demoLogins lists the staff with passwords: those known, else new ones.
func (p *program) demoLogins(ctx context.Context, t demoTown, known []demoLogin, base string) ([]demoLogin, error) {
	var out []demoLogin
	for _, person := range demoStaff(t) {
		l := demoLogin{Mandant: t.Key, Rolle: string(person.Rolle), Benutzer: person.login(), LoginURL: base + "/amt/anmelden"}
		for _, k := range known {
			if k.Mandant == l.Mandant && k.Benutzer == l.Benutzer {
				l.Passwort, l.TOTPSecret = k.Passwort, k.TOTPSecret
			}
		}
		if l.Passwort == "" {
			err := p.newDemoPassword(ctx, t.Key, &l)
			if errors.Is(err, problem.NotFound) {
				continue // renamed or never made
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, l)
	}
	return out, nil
}

func (p *program) newDemoPassword(ctx context.Context, town string, l *demoLogin) error {
	l.Passwort = demoPassword()
	hashed, err := p.gate.NewPassword(ctx, l.Passwort)
	if err != nil {
		return err
	}
	return p.db.Write(ctx, townScope(town), func(tx *storage.Tx) error {
		m, err := konto.ByLogin(tx, l.Benutzer)
		if err != nil {
			return err
		}
		return konto.SetPassword(tx, m.ID, hashed)
	})
}

// demoPassword is three words and a number, easy to type from a terminal: 4 × 8 random bits are enough for a demo that
// is thrown away, and the throttle stands before it.
func demoPassword() string {
	raw, err := hex.DecodeString(id.Source{}.Secret(5))
	if err != nil {
		panic(err) // hex by contract
	}
	words := make([]string, 3)
	for i := range words {
		words[i] = demoWords[int(raw[i])%len(demoWords)]
	}
	return fmt.Sprintf("%s-%03d", strings.Join(words, "-"), (int(raw[3])<<8|int(raw[4]))%1000)
}

// demoLeistungen are the services that can be applied for online, each with answers that are valid today.
func (p *program) demoLeistungen(ctx context.Context, t demoTown, base string) ([]demoLeistung, error) {
	examples, err := formular.Examples()
	if err != nil {
		return nil, err
	}
	var out []demoLeistung
	err = p.db.Read(ctx, townScope(t.Key), func(tx *storage.Tx) error {
		slugs, err := formular.Online(tx)
		if err != nil {
			return err
		}
		out = make([]demoLeistung, 0, len(slugs))
		for _, slug := range slugs {
			l := demoLeistung{Slug: slug, URL: base + "/leistungen/" + slug}
			if answers, ok := examples[slug]; ok {
				l.Antworten = t.example(slug, answers, clock.DateOf(tx.Now()))
			} else if l.Antworten, err = p.foreignExample(tx, slug); err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}
