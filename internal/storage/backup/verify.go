package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"rathaus/internal/audit"
	"rathaus/internal/blob"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Finding is something that is not as it should be, in words for the operator.
type Finding struct {
	Mandant string
	Text    string
}

// Report is what an inspection of one store found.
type Report struct {
	Mandant  string
	Audit    audit.Report
	Blobs    int // files rows refer to
	Findings []Finding
}

func (r *Report) add(format string, args ...any) {
	r.Findings = append(r.Findings, Finding{Mandant: r.Mandant, Text: fmt.Sprintf(format, args...)})
}

// Inspect checks one store of an installation in use: the file's structure, the audit chain against the
// anchors kept beside it and those given, and every file rows refer to, byte by byte.
func Inspect(ctx context.Context, db *storage.DB, blobs *blob.Store, mandant string, anchors ...audit.Head) (Report, error) {
	r := Report{Mandant: mandant}
	broken, err := db.Integrity(ctx, mandant)
	if err != nil {
		return r, err
	}
	for _, text := range broken {
		r.add("Datenbankdatei beschädigt: %s", text)
	}
	kept, err := ReadAnchors(db.Dir(), mandant)
	if err != nil {
		return r, err
	}
	for _, a := range kept {
		anchors = append(anchors, a.Head)
	}
	var refs map[string]string
	err = db.Read(ctx, storage.Scope{Mandant: mandant, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		if r.Audit, err = audit.Verify(tx, anchors...); err != nil {
			return err
		}
		refs, err = blob.Referenced(tx)
		return err
	})
	if err != nil {
		return r, err
	}
	if b := r.Audit.Broken; b != nil {
		r.add("Protokoll: Eintrag %d ist nicht unverändert (%s)", b.Seq, reason(b.Reason))
	}
	return r, r.checkBlobs(ctx, blobs, refs)
}

// reason puts the audit package's words into German.
func reason(s string) string {
	german := map[string]string{
		"missing": "fehlt", "changed": "verändert", "data changed": "Angaben verändert",
		"differs from the head kept outside": "weicht vom aufbewahrten Anker ab",
	}
	if g, ok := german[s]; ok {
		return g
	}
	return "fehlt am Ende der Kette"
}

func (r *Report) checkBlobs(ctx context.Context, blobs *blob.Store, refs map[string]string) error {
	r.Blobs = len(refs)
	for _, id := range slices.Sorted(maps.Keys(refs)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if refs[id] == "" {
			err = exists(ctx, blobs, r.Mandant, id)
		} else {
			err = blobs.Verify(ctx, r.Mandant, blob.Ref{ID: id, SHA256: refs[id], Size: -1})
		}
		switch {
		case errors.Is(err, problem.NotFound):
			r.add("Datei %s fehlt", id)
		case errors.Is(err, problem.Conflict):
			r.add("Datei %s ist verändert", id)
		case err != nil:
			return err
		}
	}
	return nil
}

func exists(ctx context.Context, blobs *blob.Store, mandant, id string) error {
	f, err := blobs.Open(ctx, mandant, id)
	if err != nil {
		return err
	}
	return f.Close()
}

// Verify checks the backup in dir by restoring its stores into a scratch folder: every file against the
// manifest, the rows by table, the audit chains, and that every row has its file. What it returns is
// empty for a sound backup. A backup from PostgreSQL is restored to SQLite for this.
func Verify(ctx context.Context, dir string) ([]Finding, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	findings, err := m.checkFiles(ctx, dir)
	if err != nil || len(findings) > 0 {
		return findings, err
	}
	scratch, err := os.MkdirTemp("", "rathaus-pruefung")
	if err != nil {
		return nil, err
	}
	findings, err = m.tryRestore(ctx, dir, scratch)
	return findings, errors.Join(err, os.RemoveAll(scratch))
}

func (m Manifest) tryRestore(ctx context.Context, dir, scratch string) ([]Finding, error) {
	cfg := storage.Config{Dir: scratch, NoSync: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	from := map[string]string{}
	for _, s := range m.Stores {
		from[s.Mandant] = filepath.Join(dir, filepath.FromSlash(s.Folder))
	}
	if err := storage.Restore(ctx, cfg, from); err != nil {
		return []Finding{{Text: fmt.Sprintf("Wiederherstellung auf Probe gelingt nicht: %v", err)}}, nil
	}
	db, err := storage.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	blobs := blob.New(dir, db.Clock(), id.Source{}) // the backup's files lie as the installation's
	var out []Finding
	for _, s := range m.Stores {
		r, err := Inspect(ctx, db, blobs, s.Mandant, s.Audit)
		if err != nil {
			return nil, err
		}
		if err := r.compareRows(ctx, db, s); err != nil {
			return nil, err
		}
		out = append(out, r.Findings...)
	}
	return out, nil
}

func (r *Report) compareRows(ctx context.Context, db *storage.DB, s StoreEntry) error {
	var have map[string]int64
	err := db.Read(ctx, storage.Scope{Mandant: s.Mandant, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		have, err = storage.CountRows(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(s.Tables)) {
		if have[table] != s.Tables[table] {
			r.add("Tabelle %s: %d Zeilen wiederhergestellt, %d gesichert", table, have[table], s.Tables[table])
		}
	}
	return nil
}
