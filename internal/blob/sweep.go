package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"rathaus/internal/problem"
)

// orphanAge is how old a file without a row must be before the sweep takes it: the Write that refers
// to it may still be on its way.
const orphanAge = 24 * time.Hour

// Walk calls f for each file of a town with its id, size and the time it was stored.
func (s *Store) Walk(mandant string, f func(id string, info fs.FileInfo) error) error {
	folder, err := s.folder(mandant)
	if err != nil {
		return err
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !idPattern.MatchString(d.Name()) {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		return f(d.Name(), info)
	})
	if err != nil {
		return fmt.Errorf("walk blobs of %s: %w", mandant, err)
	}
	return nil
}

// Sweep deletes the town's files older than 24 hours that no row refers to, and temporary files of that
// age. referenced tells which ids rows refer to, as [Referenced] does; it is asked after the files are
// listed. Sweep returns the ids it deleted.
func (s *Store) Sweep(ctx context.Context, mandant string, referenced func(ctx context.Context) (map[string]string, error)) ([]string, error) {
	limit := s.clock.Now().Add(-orphanAge)
	var old []string
	err := s.Walk(mandant, func(id string, info fs.FileInfo) error {
		if info.ModTime().Before(limit) {
			old = append(old, id)
		}
		return nil
	})
	if err != nil || len(old) == 0 {
		return nil, errors.Join(err, s.sweepTemporary(mandant, limit))
	}
	keep, err := referenced(ctx)
	if err != nil {
		return nil, fmt.Errorf("sweep blobs of %s: %w", mandant, err)
	}
	var deleted []string
	for _, id := range old {
		if _, ok := keep[id]; ok {
			continue
		}
		if err := s.Delete(ctx, mandant, id); err != nil {
			return deleted, err
		}
		deleted = append(deleted, id)
	}
	return deleted, s.sweepTemporary(mandant, limit)
}

func (s *Store) sweepTemporary(mandant string, limit time.Time) error {
	folder, err := s.folder(mandant)
	if err != nil {
		return err
	}
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".tmp") {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if info, err := d.Info(); err == nil && info.ModTime().Before(limit) {
			return removeIfExists(path)
		}
		return nil
	})
}

// Verify reads the file and compares digest and size with the row; a negative size is not compared.
// problem.NotFound when the file is gone, problem.Conflict when it differs.
func (s *Store) Verify(ctx context.Context, mandant string, ref Ref) error {
	f, err := s.Open(ctx, mandant, ref.ID)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, contextReader{ctx, f})
	if err != nil {
		return unavailable("verify", err)
	}
	if ref.Size >= 0 && n != ref.Size || hex.EncodeToString(h.Sum(nil)) != ref.SHA256 {
		return fmt.Errorf("blob %s: content differs from its row: %w", ref.ID, problem.Conflict)
	}
	return nil
}
