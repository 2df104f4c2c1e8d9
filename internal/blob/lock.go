package blob

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Hold keeps deletions of a town's files waiting until the returned function is called, also those of
// other processes; for backups.
func (s *Store) Hold(ctx context.Context, mandant string) (func(), error) {
	return s.lock(ctx, mandant, true)
}

// lock keeps deletion away from a running backup, also across processes: backups lock exclusively,
// deletions share.
func (s *Store) lock(ctx context.Context, mandant string, exclusive bool) (func(), error) {
	folder, err := s.folder(mandant)
	if err != nil {
		return nil, err
	}
	if err := s.makeDir(folder); err != nil {
		return nil, unavailable("lock", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unavailable("lock", err)
	}
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil // closing frees the lock; nothing was written
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(unavailable("lock", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
