package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// quietLog is the log of a command: errors only, a slow disk is no news there.
func quietLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelError}))
}

// runUserAdd is "rathaus user add -mandant M -benutzer B -name N -rolle R:EINHEIT…".
func runUserAdd(ctx context.Context, p Process, fs *flag.FlagSet) error {
	var town, login, name, mail string
	var roles many
	fs.StringVar(&town, "mandant", "", "Schlüssel der Stadt")
	fs.StringVar(&login, "benutzer", "", "Benutzername")
	fs.StringVar(&name, "name", "", "Vor- und Nachname")
	fs.StringVar(&mail, "mail", "", "E-Mail-Adresse")
	fs.Var(&roles, "rolle", "Rolle und Amt, zum Beispiel sachbearbeitung:steueramt; mehrfach möglich")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	if town == "" || login == "" {
		return usagef("user add: es fehlt -mandant oder -benutzer")
	}
	if name == "" {
		name = login
	}
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		if _, err := prog.town(ctx, town); err != nil {
			return err
		}
		var code string
		err := prog.db.Write(ctx, storage.Scope{Mandant: town, Actor: mandant.System}, func(tx *storage.Tx) error {
			assigned, err := rolesOf(tx, roles)
			if err != nil {
				return err
			}
			m, err := konto.Create(tx, konto.Mitarbeiter{Login: login, Name: name, Mail: mail}, assigned...)
			if err != nil {
				return err
			}
			code, err = konto.IssueCode(tx, m.ID)
			return err
		})
		if err != nil {
			return prog.explain(err)
		}
		fmt.Fprintf(p.Stdout, "Benutzername: %s\nEinmalcode:   %s\nKennwort setzen: /amt/kennwort/neu\n", login, code)
		return nil
	})
}

func rolesOf(tx *storage.Tx, given []string) ([]konto.RolleAn, error) {
	out := make([]konto.RolleAn, 0, len(given))
	for _, g := range given {
		role, unit, ok := strings.Cut(g, ":")
		if !ok {
			return nil, &refusal{"-rolle: erwartet wird ROLLE:AMT, zum Beispiel sachbearbeitung:steueramt"}
		}
		e, err := mandant.EinheitByKey(tx, unit)
		if err != nil {
			if errors.Is(err, problem.NotFound) {
				return nil, &refusal{fmt.Sprintf("-rolle %s: das Amt %q gibt es nicht", g, unit)}
			}
			return nil, err
		}
		out = append(out, konto.RolleAn{Rolle: konto.Rolle(role), EinheitID: e.ID})
	}
	return out, nil
}

// refusal is a reason for the caller of a command; what wraps it on its way out of a Write is left off.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// runUserReset is "rathaus user reset": a code to set a new password with.
func runUserReset(ctx context.Context, p Process, fs *flag.FlagSet) error {
	var town, login string
	fs.StringVar(&town, "mandant", "", "Schlüssel der Stadt")
	fs.StringVar(&login, "benutzer", "", "Benutzername")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	if town == "" || login == "" {
		return usagef("user reset: es fehlt -mandant oder -benutzer")
	}
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		if _, err := prog.town(ctx, town); err != nil {
			return err
		}
		var code string
		err := prog.db.Write(ctx, storage.Scope{Mandant: town, Actor: mandant.System}, func(tx *storage.Tx) error {
			m, err := konto.ByLogin(tx, login)
			if errors.Is(err, problem.NotFound) {
				return &refusal{fmt.Sprintf("In %s gibt es kein Konto %q.", town, login)}
			}
			if err != nil {
				return err
			}
			code, err = konto.IssueCode(tx, m.ID)
			return err
		})
		if err != nil {
			return prog.explain(err)
		}
		fmt.Fprintf(p.Stdout, "Einmalcode: %s\nKennwort setzen: /amt/kennwort/neu (der Code gilt einmal und für kurze Zeit)\n", code)
		return nil
	})
}
