package storage

import (
	"context"
	"database/sql"
	"errors"
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

// MakeOlder creates a store that has only the listed migrations, as an older program left it.
func MakeOlder(ctx context.Context, db *DB, key string, versions ...int64) error {
	switch b := db.engine.(type) {
	case *sqliteBackend:
		return b.install(key, func(tmp string) error {
			file, err := sql.Open("sqlite", b.dsn(tmp, "mode=rwc"))
			if err != nil {
				return err
			}
			return errors.Join(migrateTo(ctx, file, SQLite, key, versions), file.Close())
		})
	case *pgBackend:
		return b.admin(ctx, func(conn *sql.Conn) error {
			if err := b.createSchema(ctx, conn, key); err != nil {
				return err
			}
			town, err := b.asTown(key)
			if err != nil {
				return err
			}
			return errors.Join(migrateTo(ctx, town, PostgreSQL, key, versions), town.Close())
		})
	}
	return errors.New("unknown engine")
}

// Forget closes an open store, as if it had not been used for long.
func Forget(db *DB, key string) { db.stores.closeOne(key) }
