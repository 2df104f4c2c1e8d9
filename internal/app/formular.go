package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"rathaus/internal/fim"
	"rathaus/internal/formular"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// runFormularImport is "rathaus formular import [-check] [-json] [-mandant KEY] [-leistung SLUG] FILE…": it reads FIM
// XDatenfelder and stores them as forms not yet published, all of them or none. With -leistung the form of the one
// file is published for that service. With -check nothing is written and no data folder is needed.
func runFormularImport(ctx context.Context, p Process, flags *flag.FlagSet) error {
	check := flags.Bool("check", false, "nur prüfen, nichts speichern")
	lines := flags.Bool("json", false, "je gelesener Datei eine JSON-Zeile ausgeben")
	town := flags.String("mandant", "", "Schlüssel der Stadt; leer: die einzige Stadt dieser Installation")
	slug := flags.String("leistung", "", "Leistung, für die das Formular veröffentlicht wird; nur mit einer Datei")
	cfg, files, err := settings(p, flags)
	switch {
	case err != nil:
		return err
	case len(files) == 0:
		return usagef("formular import: es fehlt die Datei mit den XDatenfeldern\nAufruf: rathaus formular import [-check] [-json] [-mandant KEY] [-leistung SLUG] DATEI…")
	case *slug != "" && len(files) > 1:
		return usagef("formular import: -leistung geht nur mit einer Datei")
	}
	schemas, refused := readSchemas(files)
	if *lines && (*check || len(refused) > 0) {
		if err := printSchemas(p.Stdout, schemas); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		return refused
	}
	if *slug != "" && schemas[0].Block {
		return fmt.Errorf("%s: eine Datenfeldgruppe ist ein Baustein und kann nicht veröffentlicht werden", files[0])
	}
	done := "geprüft"
	if !*check {
		done = "gespeichert"
		if *slug != "" {
			done = "veröffentlicht für " + *slug
		}
		if err := with(ctx, cfg, p, openOptions{}, func(prog *program) error { return prog.importSchemas(ctx, *town, *slug, schemas) }); err != nil {
			return err
		}
	}
	if *lines {
		if *check {
			return nil
		}
		return printSchemas(p.Stdout, schemas)
	}
	for _, s := range schemas {
		n := s.Counts()
		fmt.Fprintf(p.Stdout, "%s: %s %s, %s: %d Felder, %d Gruppen, %d Regeln, %d Werte – %s\n", s.file, s.ID, s.Version, s.Heading(), n.Fields, n.Groups, n.Rules, n.Values, done)
	}
	return nil
}

// fimFile is a schema with the file it came from.
type fimFile struct {
	file string
	*fim.Schema
}

// refusals are the reasons why files were refused, one line each.
type refusals []error

func (r refusals) Error() string {
	texts := make([]string, len(r))
	for i, err := range r {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\n")
}

// readSchemas reads all files; the good ones come back even when others are refused.
func readSchemas(files []string) (good []fimFile, refused refusals) {
	for _, file := range files {
		s, err := readSchemaFile(file)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		good = append(good, fimFile{file, s})
	}
	return good, refused
}

// readSchemaFile reads one file and makes sure a form can be made of it.
func readSchemaFile(file string) (*fim.Schema, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, &fim.Error{File: file, Line: 1, Element: "Datei", Text: openProblem(err)}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, &fim.Error{File: file, Line: 1, Element: "Datei", Text: "ist ein Ordner"}
	}
	s, err := fim.Read(file, f)
	if err != nil {
		return nil, err
	}
	if _, err := formular.FromFIM(s); err != nil {
		return nil, &fim.Error{File: file, Line: max(s.Line, 1), Element: s.ID, Text: "daraus lässt sich kein Formular machen: " + err.Error()}
	}
	return s, nil
}

func openProblem(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "gibt es nicht"
	case errors.Is(err, fs.ErrPermission):
		return "darf nicht gelesen werden"
	}
	return "lässt sich nicht öffnen: " + err.Error()
}

func printSchemas(w io.Writer, schemas []fimFile) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, s := range schemas {
		line := struct {
			File    string `json:"file"`
			ID      string `json:"id"`
			Version string `json:"version"`
			Name    string `json:"name"`
			fim.Counts
		}{s.file, s.ID, s.Version, s.Heading(), s.Counts()}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// importSchemas stores all schemas in one transaction and publishes the first for slug, if one is given.
func (p *program) importSchemas(ctx context.Context, town, slug string, schemas []fimFile) error {
	town, err := p.oneTown(ctx, town)
	if err != nil {
		return err
	}
	err = p.db.Write(ctx, storage.Scope{Mandant: town, Actor: mandant.System}, func(tx *storage.Tx) error {
		for _, s := range schemas {
			var err error
			if slug != "" {
				_, err = formular.PublishFIM(tx, s.Schema, slug)
			} else {
				_, err = formular.ImportFIM(tx, s.Schema)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.file, err)
			}
		}
		return nil
	})
	var explained *problem.Explained
	switch {
	case errors.As(err, &explained):
		return errors.New(p.texts.T("de", explained.Key, explained.Args...))
	case slug != "" && errors.Is(err, problem.NotFound):
		return fmt.Errorf("Die Leistung %q gibt es in dieser Stadt nicht", slug)
	}
	return p.explain(err)
}

// oneTown returns the key given, or that of the only town.
func (p *program) oneTown(ctx context.Context, key string) (string, error) {
	towns, err := p.mandanten(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case len(towns) == 0:
		return "", errors.New("In diesem Datenordner gibt es noch keine Stadt. Legen Sie eine an: rathaus init")
	case key == "" && len(towns) > 1:
		return "", usagef("formular import: es fehlt -mandant, es gibt mehrere Städte: %s", strings.Join(mandantKeys(towns), ", "))
	}
	if towns, err = chosen(towns, key); err != nil {
		return "", err
	}
	return towns[0].Key, nil
}
