package app

import (
	"context"
	"flag"
	"fmt"
	"time"

	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/storage/backup"
)

// runBackup is "rathaus backup -o DIR": a copy of all towns, their files and audit anchors, while the server runs.
// With -pruefen DIR it inspects a backup instead, by restoring it into a scratch folder.
func runBackup(ctx context.Context, p Process, fs *flag.FlagSet) error {
	out := fs.String("o", "", "neuer Ordner für die Sicherung; leer: sicherung-DATUM")
	check := fs.String("pruefen", "", "statt zu sichern: diese Sicherung prüfen, indem sie probeweise wiederhergestellt wird")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	if *check != "" {
		return checkBackup(ctx, p, *check)
	}
	return with(ctx, cfg, p, openOptions{readOnly: true}, func(prog *program) error {
		dir := *out
		if dir == "" {
			dir = "sicherung-" + prog.clock.Now().Format("2006-01-02-150405")
		}
		started := prog.clock.Now()
		m, err := backup.Create(ctx, prog.db, prog.blobs, dir, backup.Options{NotIncluded: []string{prog.keyFile()}})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "Gesichert nach %s in %s: %d Speicher, %d Dateien.\n", dir, prog.clock.Now().Sub(started).Round(time.Millisecond), len(m.Stores), len(m.Files))
		for _, k := range m.Keys {
			fmt.Fprintf(p.Stdout, "  enthält Schlüssel: %s\n", keyText(k))
		}
		fmt.Fprintf(p.Stdout, "  enthält nicht: %s (Schlüssel der Installation; bitte getrennt aufbewahren)\n", prog.keyFile())
		return nil
	})
}

func keyText(k backup.KeyEntry) string {
	if k.File != "" {
		return "Datei " + k.File
	}
	return fmt.Sprintf("%d in Tabelle %s von %s", k.Rows, k.Table, orText(k.Mandant, "der Zentrale"))
}

func checkBackup(ctx context.Context, p Process, dir string) error {
	findings, err := backup.Verify(ctx, dir)
	if err != nil {
		return err
	}
	for _, f := range findings {
		fmt.Fprintf(p.Stdout, "%s: %s\n", orText(f.Mandant, "Sicherung"), f.Text)
	}
	if len(findings) == 0 {
		fmt.Fprintln(p.Stdout, "Die Sicherung ist vollständig und ließ sich wiederherstellen.")
	}
	return found(len(findings))
}

// runRestore is "rathaus restore -data DIR SICHERUNG": a backup into an empty place.
func runRestore(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, rest, err := settings(p, fs)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("restore: erwartet wird der Ordner einer Sicherung")
	}
	m, err := backup.Restore(ctx, rest[0], storage.Config{Dir: cfg.Data, DatabaseURL: cfg.DatabaseURL, AdminURL: cfg.DatabaseAdminURL, Log: quietLog(p.Stderr)})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "Wiederhergestellt in %s: %d Speicher, %d Dateien.\nNoch nötig: die Schlüsseldatei der Installation nach %s/schluessel legen.\n", cfg.Data, len(m.Stores), len(m.Files), cfg.Data)
	return nil
}

// runVerify is "rathaus verify": structure of each store, the chain of the audit, every file byte by byte. It names
// the first altered entry or file and ends with 1.
func runVerify(ctx context.Context, p Process, fs *flag.FlagSet) error {
	only := fs.String("mandant", "", "Schlüssel der Stadt; leer: alle")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	return with(ctx, cfg, p, openOptions{readOnly: true}, func(prog *program) error {
		towns, err := prog.mandanten(ctx)
		if err != nil {
			return err
		}
		if towns, err = chosen(towns, *only); err != nil {
			return err
		}
		n := 0
		if *only == "" {
			towns = append([]mandant.Mandant{{Key: storage.Central, Name: "Zentrale"}}, towns...)
		}
		for _, m := range towns {
			report, err := backup.Inspect(ctx, prog.db, prog.blobs, m.Key)
			if err != nil {
				return err
			}
			n += printReport(p, m.Name, report)
		}
		return found(n)
	})
}

// printReport tells what an inspection found and returns how many findings there are.
func printReport(p Process, town string, r backup.Report) int {
	for _, f := range r.Findings {
		fmt.Fprintf(p.Stdout, "%s: %s\n", town, f.Text)
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(p.Stdout, "%s: in Ordnung, %d Dateien geprüft\n", town, r.Blobs)
	}
	return len(r.Findings)
}
