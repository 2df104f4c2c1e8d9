package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rathaus/internal/id"
	"rathaus/internal/problem"
)

// querier is a connection inside a transaction.
type querier interface {
	exec(ctx context.Context, query string, args []any) (int64, error)
	query(ctx context.Context, query string, args []any) (*sql.Rows, error)
	engine() Engine
}

// Tx is one transaction on one town's store. It belongs to the function it was given to and must not
// be used by two goroutines at once.
type Tx struct {
	ctx      context.Context
	q        querier
	scope    Scope
	now      time.Time
	ids      id.Source
	writable bool

	failed   error // first statement error; the transaction is lost
	scanning bool
	over     bool // the function has returned
	accessed []string
	observe  func(query string, args []any)
	after    []func()
	signals  []Signal
}

func (db *DB) newTx(ctx context.Context, scope Scope, q querier, writable bool) *Tx {
	now := db.cfg.Clock.Now().UTC().Truncate(time.Millisecond)
	return &Tx{ctx: ctx, q: q, scope: scope, now: now, ids: db.cfg.IDs, writable: writable, observe: db.cfg.Observe}
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

// Writable reports whether the transaction may change rows.
func (tx *Tx) Writable() bool { return tx.writable }

// Engine tells which database system is below. Only storage, job and search may ask.
func (tx *Tx) Engine() Engine { return tx.q.engine() }

// Accessed notes that the actor saw the protected thing id. The note is stored before the
// transaction's caller gets its answer.
func (tx *Tx) Accessed(id string) {
	if !slices.Contains(tx.accessed, id) {
		tx.accessed = append(tx.accessed, id)
	}
}

// AfterCommit calls f once after the commit, in the caller's goroutine, before Write returns. In a
// Read it is called when the Read has succeeded.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Signal tells the listeners of this process after the commit that something is to be done at due.
func (tx *Tx) Signal(topic string, due time.Time) {
	tx.signals = append(tx.signals, Signal{Mandant: tx.scope.Mandant, Topic: topic, Due: due})
}

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if !tx.writable {
		return 0, fmt.Errorf("exec: %w", ErrReadOnly)
	}
	if err := tx.usable(); err != nil {
		return 0, err
	}
	args, err := portableArgs(args)
	if err != nil {
		return 0, tx.fail(fmt.Errorf("exec: %w", err))
	}
	n, err := tx.q.exec(tx.ctx, query, args)
	if err != nil {
		return 0, tx.fail(fmt.Errorf("exec: %w", err))
	}
	return n, nil
}

// Scanner is a row.
type Scanner interface{ Scan(dest ...any) error }

var (
	errManyRows = errors.New("storage: more than one row")
	errScanning = errors.New("storage: statement inside a scan function")
	errOver     = errors.New("storage: transaction used after its function returned")
)

// Get reads exactly one row: problem.NotFound when there is none, an error when there are more.
func Get[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	var out T
	n := 0
	err := tx.each(query, args, func(s Scanner) error {
		if n++; n > 1 {
			return errManyRows
		}
		var err error
		out, err = scan(s)
		return err
	})
	if err == nil && n == 0 {
		err = problem.NotFound
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return out, nil
}

// List reads all rows of a query that bounds itself.
func List[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := tx.each(query, args, func(s Scanner) error {
		v, err := scan(s)
		if err != nil {
			return err
		}
		out = append(out, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Each calls f for each row without keeping them; for exports and checks of whole tables.
// f sends no statement on tx.
func Each(tx *Tx, f func(Scanner) error, query string, args ...any) error {
	return tx.each(query, args, f)
}

// Value scans a row of one column.
func Value[T any](s Scanner) (T, error) {
	var v T
	err := s.Scan(&v)
	return v, err
}

func (tx *Tx) each(query string, args []any, f func(Scanner) error) error {
	if err := tx.usable(); err != nil {
		return err
	}
	args, err := portableArgs(args)
	if err != nil {
		return tx.fail(fmt.Errorf("query: %w", err))
	}
	if tx.observe != nil {
		tx.observe(query, args)
	}
	rows, err := tx.q.query(tx.ctx, query, args)
	if err != nil {
		return tx.fail(fmt.Errorf("query: %w", err))
	}
	defer rows.Close()
	tx.scanning = true
	defer func() { tx.scanning = false }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return tx.fail(fmt.Errorf("query: %w", err))
	}
	return nil
}

func (tx *Tx) usable() error {
	switch {
	case tx.over:
		return errOver
	case tx.scanning:
		return errScanning
	default:
		return tx.failed
	}
}

// fail remembers the first statement error: PostgreSQL ends the transaction there, so both engines do.
func (tx *Tx) fail(err error) error {
	err = classify(err)
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// finish turns the function's result into the transaction's.
func (tx *Tx) finish(err error) error {
	if tx.failed != nil && !errors.Is(err, tx.failed) {
		return errors.Join(err, tx.failed)
	}
	return err
}

// insertAccessed stores the read log; it is the last thing a transaction does.
func (tx *Tx) insertAccessed(ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(`insert into read_log (id, at, actor, on_behalf_of, object_id) values ($1, $2, $3, $4, $5)`,
			tx.NewID(), Millis(tx.now), tx.scope.Actor, tx.scope.OnBehalfOf, id); err != nil {
			return err
		}
	}
	return nil
}

// end makes a Tx that was kept beyond its function useless.
func (tx *Tx) end() { tx.over = true }

// portableArgs brings arguments to the few types both drivers treat alike: string, int64, float64,
// []byte, nil. Instants must be given as Millis, so time.Time is refused; booleans become 0 and 1.
func portableArgs(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case nil, int64, float64, []byte:
			out[i] = v
		case string:
			if err := portableText(v); err != nil {
				return nil, fmt.Errorf("argument $%d: %w", i+1, err)
			}
			out[i] = v
		case int:
			out[i] = int64(v)
		default:
			p, err := portable(reflect.ValueOf(a))
			if err != nil {
				return nil, fmt.Errorf("argument $%d: %w", i+1, err)
			}
			out[i] = p
		}
	}
	return out, nil
}

// portableText refuses what PostgreSQL cannot store. Input is cleaned where it is decoded.
func portableText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("text is not UTF-8")
	}
	if strings.IndexByte(s, 0) >= 0 {
		return errors.New("text contains NUL")
	}
	return nil
}

func portable(v reflect.Value) (any, error) {
	if val, ok := v.Interface().(driver.Valuer); ok {
		a, err := val.Value()
		if err != nil {
			return nil, err
		}
		if a == nil {
			return nil, nil
		}
		v = reflect.ValueOf(a)
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), portableText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.Bool:
		if v.Bool() {
			return int64(1), nil
		}
		return int64(0), nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return portable(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("type %s is not portable", v.Type())
}
