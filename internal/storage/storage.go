// Package storage: FIRST VERSION, to be replaced by its owner with the real engine behind the same API.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/problem"
)

// Central is the key of the central store (Mandanten, host names).
const Central = ""

// Scope says whose store a transaction runs on and who acts. All three are opaque ids.
type Scope struct {
	Mandant    string // key of the town, "wiesenbrueck"; Central for the central store
	Actor      string // "staff:UUID", "citizen", "portal:KEYID", "job:NAME", "system"
	OnBehalfOf string // "staff:UUID" of the person represented, or empty
}

// Config opens a DB.
type Config struct {
	Dir         string // SQLite folder (used when DatabaseURL is empty) and blobs
	DatabaseURL string // postgres://… serving login
	AdminURL    string // postgres://… for mandant add and migrate; empty = DatabaseURL
	Clock       clock.Clock
	IDs         id.Source
}

// Tx is one transaction on one town's store.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	scope Scope
	now   time.Time
	ids   id.Source
}

// Context is the context of the transaction; use it for everything inside.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Scope returns whose store this is and who acts.
func (tx *Tx) Scope() Scope { return tx.scope }

// Now is the instant of the transaction, the same for all its rows (UTC, milliseconds).
func (tx *Tx) Now() time.Time { return tx.now }

// NewID returns a UUIDv7.
func (tx *Tx) NewID() string { return tx.ids.UUID(tx.now) }

// IDs is the source of random numbers and secrets.
func (tx *Tx) IDs() id.Source { return tx.ids }

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	r, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	return r.RowsAffected()
}

// Scanner is a row.
type Scanner interface{ Scan(dest ...any) error }

// Get reads exactly one row; problem.NotFound when there is none.
func Get[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(tx.tx.QueryRowContext(tx.ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return v, problem.NotFound
	}
	return v, err
}

// List reads all rows of a query that bounds itself.
func List[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.tx.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Value scans a row of one column.
func Value[T any](s Scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}
