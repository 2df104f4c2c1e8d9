package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/job"
	"rathaus/internal/storage"
)

// anchorFile holds, beside the store, the daily heads of the audit chain, one JSON object a line. Copied to
// where the operators of the database have no access, it proves that nothing was rewritten.
const anchorFile = "protokoll-anker.jsonl"

// Anchor is the head of an audit chain at an instant.
type Anchor struct {
	At time.Time `json:"at"`
	audit.Head
}

func anchorPath(dir, key string) string {
	return filepath.Join(dir, filepath.FromSlash(folder(key)), anchorFile)
}

// WriteAnchor appends the present head of the store's chain to its anchors.
func WriteAnchor(ctx context.Context, db *storage.DB, mandant string) error {
	a := Anchor{At: db.Clock().Now()}
	err := db.Read(ctx, storage.Scope{Mandant: mandant, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		a.Head, err = audit.ReadHead(tx)
		return err
	})
	if err != nil || a.Seq == 0 {
		return err
	}
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	path := anchorPath(db.Dir(), mandant)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("anchor of %s: %w", mandant, err)
	}
	return nil
}

// ReadAnchors returns the store's anchors, oldest first; none when none were written.
func ReadAnchors(dir, mandant string) ([]Anchor, error) {
	path := anchorPath(dir, mandant)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Anchor
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var a Anchor
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		out = append(out, a)
	}
	return out, lines.Err()
}

// Register adds the nightly work on every town: the anchor of its audit chain and the sweep of files no
// row refers to.
func Register(r *job.Runner, db *storage.DB, blobs *blob.Store) {
	r.Periodic("audit.anchor", nightly(2), func(ctx context.Context, run *job.Run) error {
		return WriteAnchor(ctx, db, run.Mandant)
	})
	r.Periodic("blob.sweep", nightly(3), func(ctx context.Context, run *job.Run) error {
		if run.Mandant == storage.Central {
			return nil
		}
		deleted, err := blobs.Sweep(ctx, run.Mandant, func(ctx context.Context) (map[string]string, error) {
			var refs map[string]string
			err := run.Read(ctx, func(tx *storage.Tx) error {
				var err error
				refs, err = blob.Referenced(tx)
				return err
			})
			return refs, err
		})
		if len(deleted) > 0 {
			db.Log().Info("files without a row deleted", "mandant", run.Mandant, "count", len(deleted))
		}
		return err
	})
}

// nightly is the next time the hour begins in Berlin after t.
func nightly(hour int) func(t time.Time) time.Time {
	return func(t time.Time) time.Time {
		local := t.In(clock.Berlin())
		next := time.Date(local.Year(), local.Month(), local.Day(), hour, 10, 0, 0, clock.Berlin())
		if !next.After(t) {
			next = time.Date(local.Year(), local.Month(), local.Day()+1, hour, 10, 0, 0, clock.Berlin())
		}
		return next.UTC()
	}
}
