package storage

import (
	"context"
	"fmt"
)

// Integrity lets SQLite check the structure of the store's file and returns what it complains about;
// nothing on PostgreSQL, which has its own means.
func (db *DB) Integrity(ctx context.Context, mandant string) ([]string, error) {
	if db.Engine() != SQLite {
		return nil, nil
	}
	var out []string
	err := db.Read(ctx, Scope{Mandant: mandant, Actor: "system"}, func(tx *Tx) error {
		var err error
		out, err = List(tx, Value[string], `pragma integrity_check(20)`)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("integrity of %s: %w", storeName(mandant), err)
	}
	if len(out) == 1 && out[0] == "ok" {
		return nil, nil
	}
	return out, nil
}
