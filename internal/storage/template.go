package storage

import (
	"os"
	"path/filepath"
	"sync"
)

// Templates makes new stores from a copy of the first one of their kind. The zero value is ready.
type Templates struct {
	mu     sync.Mutex
	sqlite map[bool][]byte // central?
}

// copyTo writes a fresh store to path; build makes the first one.
func (t *Templates) copyTo(path, key string, build func(path string) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	file := t.sqlite[key == Central]
	if file == nil {
		dir, err := os.MkdirTemp("", "rathaus-template")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		first := filepath.Join(dir, "store.db")
		if err := build(first); err != nil {
			return err
		}
		if file, err = os.ReadFile(first); err != nil {
			return err
		}
		if t.sqlite == nil {
			t.sqlite = map[bool][]byte{}
		}
		t.sqlite[key == Central] = file
	}
	return os.WriteFile(path, file, 0o600)
}
