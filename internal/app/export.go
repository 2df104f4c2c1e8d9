package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// runExport is "rathaus export -data DIR -mandant M [-o DIR2]": everything of a town as JSON lines, each with its
// "art", from one snapshot; files beside it. It works while the server runs.
func runExport(ctx context.Context, p Process, fs *flag.FlagSet) error {
	town := fs.String("mandant", "", "Schlüssel der Stadt")
	out := fs.String("o", "", "Zielordner; leer: die Zeilen gehen auf die Ausgabe, Dateien bleiben weg")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	if *town == "" {
		return usagef("export: es fehlt -mandant")
	}
	return with(ctx, cfg, p, openOptions{readOnly: true}, func(prog *program) error {
		if _, err := prog.town(ctx, *town); err != nil {
			return err
		}
		if *out == "" {
			_, err := prog.exportLines(ctx, *town, p.Stdout)
			return err
		}
		return prog.exportTo(ctx, *town, *out)
	})
}

func (p *program) exportTo(ctx context.Context, town, dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "dateien"), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, "export.jsonl"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	blobs, err := p.exportLines(ctx, town, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, id := range blobs {
		if err := p.exportFile(ctx, town, id, filepath.Join(dir, "dateien", id)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) exportFile(ctx context.Context, town, id, path string) error {
	from, err := p.blobs.Open(ctx, town, id)
	if err != nil {
		return fmt.Errorf("Datei %s: %w", id, err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// leftOut names the tables that hold what is made from others, or secrets only.
func leftOut(table string) bool {
	switch table {
	case "sitzung", "einmalcode", "antrag_zugang", "antrag_schluessel", "audit_head", "audit_key", "goose_db_version", "store_meta", "job":
		return true
	}
	return strings.HasPrefix(table, "suche_") || strings.HasPrefix(table, "sqlite_") || strings.HasPrefix(table, "job_")
}

// secret columns are never exported: hashes, sealed values, codes.
func secret(column string) bool {
	for _, part := range []string{"hash", "sealed", "totp", "secret", "digest"} {
		if strings.Contains(column, part) {
			return true
		}
	}
	return column == "code_version" || column == "key_id"
}

// exportLines writes the lines and returns the ids of the files they refer to.
func (p *program) exportLines(ctx context.Context, town string, w io.Writer) ([]string, error) {
	var blobs []string
	buf := bufio.NewWriterSize(w, 1<<20)
	enc := json.NewEncoder(buf)
	err := p.db.Read(ctx, storage.Scope{Mandant: town, Actor: mandant.System}, func(tx *storage.Tx) error {
		return storage.Dump(tx, func(c storage.Column) bool { return !leftOut(c.Table) && !secret(c.Name) },
			func(table string, columns []string, values []any) error {
				line := map[string]any{"art": table}
				for i, name := range columns {
					if v := exported(name, values[i]); v != nil {
						line[exportName(table, name)] = v
					}
				}
				if table == "mail" {
					hideSecrets(line)
				}
				if id, ok := line["blob_id"].(string); ok && id != "" {
					blobs = append(blobs, id)
				}
				return enc.Encode(line)
			})
	})
	if err != nil {
		return nil, err
	}
	return blobs, buf.Flush()
}

// exportName gives the answers of an application the name they have in the API. "art" is the noun of the line; a
// column of that name says of which table's art it is: "vorgang_art".
func exportName(table, column string) string {
	switch column {
	case "answers":
		return "antworten"
	case "art":
		return table + "_art"
	}
	return column
}

// secretLink is a link that signs in whoever has it, secretCode a code in groups; a Vorgangsnummer is shorter.
var (
	secretLink = regexp.MustCompile(`(/konto/anmelden/|/zugang/)[0-9A-Za-z_-]+`)
	secretCode = regexp.MustCompile(`\b[0-9A-Z]{4,5}(-[0-9A-Z]{1,5}){3,}`)
)

// hideSecrets takes out of a mail what would open a session or a case.
func hideSecrets(line map[string]any) {
	if text, ok := line["text"].(string); ok {
		line["text"] = secretCode.ReplaceAllString(secretLink.ReplaceAllString(text, "$1…"), "…")
	}
	if event, ok := line["event_id"].(string); ok && strings.HasPrefix(event, "antrag:zugang:") {
		line["event_id"] = "antrag:zugang" // the rest is the digest of a link
	}
}

// exported is a value as people read it: instants in UTC, JSON as such, nothing for what is not set.
func exported(column string, v any) any {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	switch x := v.(type) {
	case int64:
		if column == "at" || strings.HasSuffix(column, "_at") {
			if x == 0 {
				return nil
			}
			return storage.Time(x).UTC().Format(time.RFC3339Nano)
		}
	case string:
		trimmed := strings.TrimSpace(x)
		if len(trimmed) > 1 && (trimmed[0] == '{' && trimmed[len(trimmed)-1] == '}' || trimmed[0] == '[' && trimmed[len(trimmed)-1] == ']') && json.Valid([]byte(trimmed)) {
			return json.RawMessage(trimmed)
		}
	}
	return v
}
