// Package backup copies an installation while it works, checks such a copy by restoring it, and restores
// it to an empty place.
//
// A backup is a folder: central/ and mandant/KEY/ with a snapshot of the store ([storage.DB.Snapshot]), the
// files (mandant/KEY/blob), the anchors of the audit chain, and manifest.json with size and SHA-256 of every
// file, the number of rows by table, the end of each audit chain, and which keys it holds and which it does
// not. The folder gets its name when it is complete; until then it is called NAME.unfertig.
//
// The store is copied before the files: a file is durable before its row, and deletions wait while the
// town is copied, so every row in the copy has its file.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/blob"
	"rathaus/internal/storage"
)

const (
	format       = "rathaus-backup-1"
	manifestName = "manifest.json"
	unfinished   = ".unfertig"
	keyFolder    = "schluessel" // key files, when they are part of the backup
)

// Options changes what a backup holds. The zero value is the whole installation without its key files.
type Options struct {
	Mandanten []string // towns; empty: all
	Rows      bool     // stores as rows, also from SQLite
	// KeyFiles are files with keys of the installation to be copied into the backup.
	KeyFiles []string
	// NotIncluded names, for the manifest, what the operator must keep elsewhere.
	NotIncluded []string
}

// Manifest describes a backup.
type Manifest struct {
	Format      string         `json:"format"`
	CreatedAt   time.Time      `json:"created_at"`
	Engine      storage.Engine `json:"engine"`
	Stores      []StoreEntry   `json:"stores"`
	Files       []FileEntry    `json:"files"`
	Keys        []KeyEntry     `json:"keys"`         // keys it holds
	NotIncluded []string       `json:"not_included"` // keys and secrets it does not hold
}

// StoreEntry is one store of a backup.
type StoreEntry struct {
	Mandant    string           `json:"mandant"` // "" is the central store
	Folder     string           `json:"folder"`
	Migrations []int64          `json:"migrations"`
	Tables     map[string]int64 `json:"tables"`
	Audit      audit.Head       `json:"audit"` // lies on the chain of the copy
	Blobs      int              `json:"blobs"`
	BlobBytes  int64            `json:"blob_bytes"`
}

// FileEntry is one file of a backup.
type FileEntry struct {
	Path   string `json:"path"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// KeyEntry says that a backup holds keys: rows of a table, or a file.
type KeyEntry struct {
	Mandant string `json:"mandant,omitempty"`
	Table   string `json:"table,omitempty"`
	Rows    int64  `json:"rows,omitempty"`
	File    string `json:"file,omitempty"`
}

// Create writes a backup to dir, which must not exist. The installation may be in use by this or another
// process.
func Create(ctx context.Context, db *storage.DB, blobs *blob.Store, dir string, o Options) (Manifest, error) {
	m, err := create(ctx, db, blobs, dir, o)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup to %s: %w", dir, err)
	}
	return m, nil
}

func create(ctx context.Context, db *storage.DB, blobs *blob.Store, dir string, o Options) (Manifest, error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, errors.Join(storage.ErrExists, err)
	}
	work := dir + unfinished
	if err := os.RemoveAll(work); err != nil {
		return Manifest{}, err
	}
	w := &writer{db: db, blobs: blobs, options: o, root: work, manifest: Manifest{
		Format: format, CreatedAt: db.Clock().Now(), Engine: db.Engine(), NotIncluded: o.NotIncluded,
	}}
	if err := w.all(ctx); err != nil {
		return Manifest{}, errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Rename(work, dir); err != nil {
		return Manifest{}, err
	}
	return w.manifest, syncDir(filepath.Dir(dir))
}

// writer fills one backup.
type writer struct {
	db       *storage.DB
	blobs    *blob.Store
	options  Options
	root     string
	manifest Manifest
}

func (w *writer) all(ctx context.Context) error {
	towns := w.options.Mandanten
	if len(towns) == 0 {
		var err error
		if towns, err = w.db.Mandanten(ctx); err != nil {
			return err
		}
	}
	for _, key := range append([]string{storage.Central}, towns...) {
		if err := w.store(ctx, key); err != nil {
			return fmt.Errorf("%s: %w", folder(key), err)
		}
	}
	for _, path := range w.options.KeyFiles {
		to := keyFolder + "/" + filepath.Base(path)
		if err := w.copy(path, to); err != nil {
			return err
		}
		w.manifest.Keys = append(w.manifest.Keys, KeyEntry{File: to})
	}
	return w.writeManifest()
}

// folder is where a store lies, both in the installation and in its backup.
func folder(key string) string {
	if key == storage.Central {
		return "central"
	}
	return "mandant/" + key
}

// store copies one store, then its files.
func (w *writer) store(ctx context.Context, key string) error {
	entry := StoreEntry{Mandant: key, Folder: folder(key)}
	dir := filepath.Join(w.root, filepath.FromSlash(entry.Folder))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if key != storage.Central {
		release, err := w.blobs.Hold(ctx, key)
		if err != nil {
			return err
		}
		defer release()
	}
	err := w.db.Read(ctx, storage.Scope{Mandant: key, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		entry.Audit, err = audit.ReadHead(tx)
		return err
	})
	if err != nil {
		return err
	}
	info, err := w.db.Snapshot(ctx, key, dir, w.options.Rows)
	if err != nil {
		return err
	}
	entry.Migrations, entry.Tables = info.Migrations, info.Tables
	if err := w.add(entry.Folder + "/" + info.File); err != nil {
		return err
	}
	for table, rows := range info.Tables {
		if rows > 0 && strings.HasSuffix(table, "_key") {
			w.manifest.Keys = append(w.manifest.Keys, KeyEntry{Mandant: key, Table: table, Rows: rows})
		}
	}
	if err := w.anchors(key); err != nil {
		return err
	}
	if key != storage.Central {
		if err := w.files(ctx, key, &entry); err != nil {
			return err
		}
	}
	w.manifest.Stores = append(w.manifest.Stores, entry)
	return nil
}

// files copies the town's blobs.
func (w *writer) files(ctx context.Context, key string, entry *StoreEntry) error {
	return w.blobs.Walk(key, func(id string, info fs.FileInfo) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entry.Blobs++
		entry.BlobBytes += info.Size()
		f, err := w.blobs.Open(ctx, key, id)
		if err != nil {
			return err
		}
		defer f.Close()
		return w.write(f, entry.Folder+"/blob/"+id[len(id)-2:]+"/"+id)
	})
}

func (w *writer) anchors(key string) error {
	path := anchorPath(w.db.Dir(), key)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return w.copy(path, folder(key)+"/"+anchorFile)
}

// copy copies a file into the backup and notes it.
func (w *writer) copy(from, rel string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return w.write(in, rel)
}

// write puts what r yields into the backup and notes it.
func (w *writer) write(r io.Reader, rel string) error {
	entry, err := writeFile(filepath.Join(w.root, filepath.FromSlash(rel)), r)
	entry.Path = rel
	w.manifest.Files = append(w.manifest.Files, entry)
	return err
}

// add notes a file that is there already.
func (w *writer) add(rel string) error {
	entry, err := digestFile(filepath.Join(w.root, filepath.FromSlash(rel)))
	entry.Path = rel
	w.manifest.Files = append(w.manifest.Files, entry)
	return err
}

func (w *writer) writeManifest() error {
	b, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return err
	}
	_, err = writeFile(filepath.Join(w.root, manifestName), strings.NewReader(string(b)+"\n"))
	if err != nil {
		return err
	}
	return syncTree(w.root)
}

// writeFile writes a new file and makes it durable.
func writeFile(path string, r io.Reader) (FileEntry, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return FileEntry{}, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return FileEntry{}, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), r)
	err = errors.Join(err, f.Sync(), f.Close())
	return FileEntry{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func digestFile(path string) (FileEntry, error) {
	f, err := os.Open(path)
	if err != nil {
		return FileEntry{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return FileEntry{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// syncTree makes the names of all folders below dir durable.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
