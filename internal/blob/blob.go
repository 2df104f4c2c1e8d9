// Package blob keeps files: one file per thing, named by its own id, in the folder of its town.
//
// Put makes the file durable before the Write that references it, so an acknowledged row always has
// its file. A file no row refers to is left by a Write that failed: [Store.Sweep] deletes it after 24
// hours, never a row without file. Files are not addressed by content: destroying one thing must not
// depend on another.
//
// The row holds id, SHA-256 and size; its id column is called blob_id or ends in _blob_id, by which
// [Referenced] finds all of them.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Ref is what the row keeps of a file.
type Ref struct {
	ID     string
	SHA256 string // lower-case hex
	Size   int64
}

// Store keeps the files of all towns of an installation below one folder. Safe for concurrent use.
type Store struct {
	dir   string
	clock clock.Clock
	ids   id.Source
	sync  func(*os.File) error // I/O seam: tests make an fsync fail here
}

// New returns the Store in dir, the folder storage.Config.Dir names.
func New(dir string, c clock.Clock, ids id.Source) *Store {
	return &Store{dir: dir, clock: c, ids: ids, sync: (*os.File).Sync}
}

// idPattern is a UUID; nothing else becomes a path.
var idPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func (s *Store) folder(mandant string) (string, error) {
	if !storage.ValidKey(mandant) {
		return "", fmt.Errorf("blob: %q is no town: %w", mandant, problem.NotFound)
	}
	return filepath.Join(s.dir, "mandant", mandant, "blob"), nil
}

// path spreads the files over 256 folders by the last two characters, which are random in a UUIDv7.
func (s *Store) path(mandant, id string) (string, error) {
	folder, err := s.folder(mandant)
	if err != nil {
		return "", err
	}
	if !idPattern.MatchString(id) {
		return "", fmt.Errorf("blob %q: %w", id, problem.NotFound)
	}
	return filepath.Join(folder, id[len(id)-2:], id), nil
}

// Put stores what r yields and returns after it is durable. storage.ErrUnavailable when the disk is
// full or fails; an error of r comes back as it is. Nothing is left behind on an error.
func (s *Store) Put(ctx context.Context, mandant string, r io.Reader) (Ref, error) {
	ref := Ref{ID: s.ids.UUID(s.clock.Now())}
	path, err := s.path(mandant, ref.ID)
	if err != nil {
		return Ref{}, err
	}
	if err := s.makeDir(filepath.Dir(path)); err != nil {
		return Ref{}, unavailable("put", err)
	}
	tmp := path + ".tmp"
	if err := s.write(ctx, tmp, r, &ref); err != nil {
		return Ref{}, errors.Join(err, removeIfExists(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return Ref{}, errors.Join(unavailable("put", err), removeIfExists(tmp))
	}
	if err := s.syncDir(filepath.Dir(path)); err != nil {
		return Ref{}, errors.Join(unavailable("put", err), removeIfExists(path))
	}
	return ref, nil
}

// write fills and fsyncs the file; a failed fsync is never tried again, the file is given up.
func (s *Store) write(ctx context.Context, path string, r io.Reader, ref *Ref) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unavailable("put", err)
	}
	d := &digester{f: f, hash: sha256.New()}
	_, err = io.Copy(d, contextReader{ctx, r})
	if d.err != nil {
		err = unavailable("put", d.err)
	}
	if err == nil {
		if err = s.sync(f); err != nil {
			err = unavailable("put", err)
		}
	}
	if closeErr := f.Close(); err == nil && closeErr != nil {
		err = unavailable("put", closeErr)
	}
	ref.SHA256, ref.Size = hex.EncodeToString(d.hash.Sum(nil)), d.size
	return err
}

// digester writes to the file and its digest, keeping the file's error apart from the reader's.
type digester struct {
	f    *os.File
	hash hash.Hash
	size int64
	err  error
}

func (d *digester) Write(p []byte) (int, error) {
	n, err := d.f.Write(p)
	d.hash.Write(p[:n])
	d.size += int64(n)
	d.err = err
	return n, err
}

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Open opens a file for reading; problem.NotFound when there is none. The caller closes it.
func (s *Store) Open(_ context.Context, mandant, id string) (*os.File, error) {
	path, err := s.path(mandant, id)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("blob %s: %w", id, problem.NotFound)
	}
	if err != nil {
		return nil, unavailable("open", err)
	}
	return f, nil
}

// Delete removes a file after the Write that gave up its row; a file already gone is no error. It
// waits while a backup copies the town's files.
func (s *Store) Delete(ctx context.Context, mandant, id string) error {
	path, err := s.path(mandant, id)
	if err != nil {
		return err
	}
	unlock, err := s.lock(ctx, mandant, false)
	if err != nil {
		return err
	}
	defer unlock()
	if err := removeIfExists(path); err != nil {
		return unavailable("delete", err)
	}
	return nil
}

func unavailable(what string, err error) error {
	return fmt.Errorf("blob %s: %w: %w", what, storage.ErrUnavailable, err)
}

func removeIfExists(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeDir creates dir and makes its name durable.
func (s *Store) makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	return errors.Join(s.syncDir(parent), s.syncDir(filepath.Dir(parent)))
}

func (s *Store) syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(s.sync(d), d.Close())
}
