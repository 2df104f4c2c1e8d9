package storage

import (
	"context"
	"fmt"
)

// FailCommit makes commits of SQLite stores fail with what f returns; nil lets them pass. Call it
// before the store's first Write.
func FailCommit(db *DB, f func(key string) error) { db.engine.(*sqliteBackend).commit = f }

// ErrIO is what the kernel says when a disk fails.
func ErrIO() error { return fmt.Errorf("sync: %w", errIO) }

// Waiting is how many Writes queue on an open SQLite store.
func Waiting(db *DB, key string) int {
	st, release, err := db.stores.acquire(context.Background(), key)
	if err != nil {
		return -1
	}
	defer release()
	return len(st.(*sqliteStore).writer.calls)
}

// OpenStores is how many stores are open.
func OpenStores(db *DB) int {
	db.stores.mu.Lock()
	defer db.stores.mu.Unlock()
	return len(db.stores.open)
}

// ReopenPause is how long a store stays closed after an I/O error.
const ReopenPause = reopenPause
