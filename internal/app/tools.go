package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"rathaus/internal/antrag"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// runVersion is "rathaus version".
func runVersion(_ context.Context, p Process, fs *flag.FlagSet) error {
	if rest, err := parse(fs, p.Args); err != nil {
		return err
	} else if len(rest) > 0 {
		return usagef("%s: unerwartete Angabe %q", fs.Name(), rest[0])
	}
	fmt.Fprintf(p.Stdout, "rathaus %s\n", Version)
	return nil
}

// runRoutes is "rathaus routes [-json]": every address with the access it demands, for tests and for readers.
func runRoutes(_ context.Context, p Process, fs *flag.FlagSet) error {
	asJSON := fs.Bool("json", false, "als JSON")
	if rest, err := parse(fs, p.Args); err != nil {
		return err
	} else if len(rest) > 0 {
		return usagef("%s: unerwartete Angabe %q", fs.Name(), rest[0])
	}
	server, err := web.NewServer(web.Config{}, (&program{office: &antrag.Office{}, demo: true}).sections()...)
	if err != nil {
		return err
	}
	table, err := server.RouteTable(nil)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(p.Stdout).Encode(table)
	}
	for _, r := range table {
		fmt.Fprintf(p.Stdout, "%-8s %-7s %s\n", r.Access, r.Method, r.Pattern)
	}
	return nil
}

// runMigrate is "rathaus migrate": every town to the state of this program, with progress.
func runMigrate(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		return prog.db.MigrateAll(ctx, func(key string, err error) {
			if key == storage.Central {
				key = "(Zentrale)"
			}
			if err != nil {
				fmt.Fprintf(p.Stdout, "%s: %v\n", key, err)
				return
			}
			fmt.Fprintf(p.Stdout, "%s: auf dem Stand\n", key)
		})
	})
}

// runDoctor is "rathaus doctor": explains the settings and looks whether they work; exit 1 with a finding.
func runDoctor(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	findings := 0
	say := func(ok bool, format string, args ...any) {
		mark := "ok     "
		if !ok {
			mark = "BEFUND "
			findings++
		}
		fmt.Fprintln(p.Stdout, mark+fmt.Sprintf(format, args...))
	}
	store := "SQLite in " + cfg.Data
	if cfg.DatabaseURL != "" {
		store = "PostgreSQL"
	}
	say(true, "Speicher: %s", store)
	say(ui.HasAssets() == nil, "Stilvorlagen und Schriften: %s", orOK(ui.HasAssets()))
	say(true, "Mail: %s", orText(cfg.SMTP, "kein Mailserver; Mails werden Dateien in "+cfg.Data+"/mail"))
	say(true, "Virenprüfung: aus (in dieser Version nicht enthalten)")
	say(true, "Adresse: %s, öffentlich %s", cfg.Addr, orText(cfg.BaseURL, "wie aufgerufen"))
	if _, err := os.Stat(cfg.Data); err != nil {
		say(false, "Datenordner: %v. Anlegen mit: rathaus init", err)
		return found(findings)
	}
	err = with(ctx, cfg, p, openOptions{readOnly: true}, func(prog *program) error {
		say(true, "Schlüssel der Installation: %s (gehört in den Tresor; er steht in keiner Sicherung)", prog.keyFile())
		problems, err := prog.db.Check(ctx)
		if err != nil {
			return err
		}
		for _, text := range problems {
			say(false, "%s", text)
		}
		return prog.doctorTowns(ctx, say)
	})
	if err != nil {
		say(false, "Speicher: %v", err)
	}
	return found(findings)
}

func (p *program) doctorTowns(ctx context.Context, say func(ok bool, format string, args ...any)) error {
	towns, err := p.mandanten(ctx)
	if err != nil {
		return err
	}
	say(len(towns) > 0, "Städte: %d", len(towns))
	for _, m := range towns {
		err := p.db.Read(ctx, storage.Scope{Mandant: m.Key, Actor: mandant.System}, func(tx *storage.Tx) error {
			profil, err := mandant.GetProfil(tx)
			if err != nil {
				return err
			}
			if profil.BaseURL == "" {
				say(false, "%s: Die öffentliche Adresse fehlt; Mails und Briefe nennen sonst keinen Link (/verwaltung/stadt)", m.Name)
			}
			if p.cfg.SMTP != "" && p.cfg.MailFrom == "" && profil.Mail == "" {
				say(false, "%s: Die Absenderadresse fehlt; ohne sie geht keine Mail hinaus (mail-from oder /verwaltung/stadt)", m.Name)
			}
			missing := profil.LetterheadMissing()
			// A missing letterhead stops letters, not the service: it is told, but it is no finding.
			if len(missing) > 0 {
				say(true, "%s: bereit; im Briefkopf fehlen %d Angaben, ohne sie geht kein Brief hinaus (/verwaltung/stadt)", m.Name, len(missing))
				return nil
			}
			say(true, "%s: bereit", m.Name)
			return nil
		})
		if err != nil {
			say(false, "%s: %v", m.Name, err)
		}
	}
	return nil
}

func orOK(err error) string {
	if err != nil {
		return err.Error()
	}
	return "vorhanden"
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func found(n int) error {
	if n == 0 {
		return nil
	}
	if n == 1 {
		return fmt.Errorf("1 Befund")
	}
	return fmt.Errorf("%d Befunde", n)
}
