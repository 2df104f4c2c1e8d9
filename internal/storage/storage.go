package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"sync"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/problem"
)

// Central is the key of the central store (Mandanten, host names).
const Central = ""

// Engine names the database system below.
type Engine string

// The two engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

// CodeVersion is the generation of this program's use of the schema. A migration that code of an
// older generation cannot run on raises min_code in store_meta; older programs then refuse the store.
const CodeVersion = 1

var (
	// ErrUnavailable: the store cannot be used now (disk full, I/O error, database away). Nothing
	// was acknowledged. Front ends answer 503.
	ErrUnavailable = errors.New("storage unavailable")
	// ErrNested: a Write or Read was started inside another one.
	ErrNested = errors.New("storage: transaction inside a transaction")
	// ErrNoStore: no store exists under this key; it is a problem.NotFound.
	ErrNoStore = fmt.Errorf("storage: no such store: %w", problem.NotFound)
	// ErrDuplicate: a unique index or primary key refused a row.
	ErrDuplicate = errors.New("storage: duplicate")
	// ErrNewerSchema: the store was written by a newer program that says this one must not use it.
	ErrNewerSchema = errors.New("storage: schema is newer than this program")
	// ErrReadOnly: a Write on a DB opened with Config.ReadOnly.
	ErrReadOnly = errors.New("storage: opened for reading only")
	// ErrClosed: the DB was closed.
	ErrClosed = errors.New("storage: closed")
)

// Scope says whose store a transaction runs on and who acts. All three are opaque ids.
type Scope struct {
	Mandant    string // key of the town, "wiesenbrueck"; Central for the central store
	Actor      string // "staff:UUID", "citizen", "portal:KEYID", "job:NAME", "system"
	OnBehalfOf string // "staff:UUID" of the person represented, or empty
}

// Config opens a DB. The zero value of each field but Dir works.
type Config struct {
	Dir         string // folder of the SQLite files (used when DatabaseURL is empty), lock and blobs
	DatabaseURL string // postgres://… serving login
	AdminURL    string // postgres://… for CreateMandant and migrations; empty = DatabaseURL
	Prefix      string // of schema and role names on PostgreSQL; empty = "rathaus"
	ReadOnly    bool   // for export and verify beside a running server: no lock, no Write, no migration
	MaxOpen     int    // SQLite stores kept open; 0 = 64
	Clock       clock.Clock
	IDs         id.Source
	Log         *slog.Logger
	SlowWrite   time.Duration // a longer Write is logged; 0 = 50 ms
	StuckWrite  time.Duration // a longer Write is reported while it runs; 0 = 5 s

	// CreateOnUse names stores that are created when first used. Tests only pay for what they touch.
	CreateOnUse []string
	// Templates, when set, make new stores from a copy of the first one. Shared between DBs in tests.
	Templates *Templates
	// NoSync gives up durability for speed. For tests only.
	NoSync bool
	// Observe is told each query that reads rows, so that tests can ask the engine how it would run them.
	Observe func(query string, args []any)
}

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = "rathaus"
	}
	if c.MaxOpen <= 0 {
		c.MaxOpen = 64
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.SlowWrite == 0 {
		c.SlowWrite = 50 * time.Millisecond
	}
	if c.StuckWrite == 0 {
		c.StuckWrite = 5 * time.Second
	}
	if c.AdminURL == "" {
		c.AdminURL = c.DatabaseURL
	}
	return c
}

// keyPattern bounds town keys: they become folder, schema and role names.
var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// namePattern is how migrations name tables and columns.
var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// ValidKey reports whether key may name a town's store: a lower-case letter, then up to 39 lower-case
// letters, digits and hyphens.
func ValidKey(key string) bool { return keyPattern.MatchString(key) }

// DB is the set of all stores of an installation. Safe for concurrent use.
type DB struct {
	cfg    Config
	engine backend
	stores *stores
	bus    bus
	closed sync.Once
}

// backend is what differs between the engines: how stores come into being.
type backend interface {
	name() Engine
	open(ctx context.Context, key string) (store, error) // ErrNoStore when absent; migrates unless read-only
	create(ctx context.Context, key string) error        // idempotent
	drop(ctx context.Context, key string) error
	keys(ctx context.Context) ([]string, error) // towns, sorted
	// exists reports whether the store is there.
	exists(ctx context.Context, key string) (bool, error)
	// restoreFile and restoreRows make a store that does not exist from a snapshot.
	restoreFile(ctx context.Context, key, path string) error
	restoreRows(ctx context.Context, key string, rows *rowReader) error
	ping(ctx context.Context) error
	close() error
}

// store is one town's open database.
type store interface {
	// write runs fn with exclusive right to write and returns after the commit is durable.
	write(ctx context.Context, fn func(querier) error) error
	// read runs fn on one snapshot.
	read(ctx context.Context, fn func(context.Context, querier) error) error
	// broken reports that the store must be closed and opened anew before its next use.
	broken() bool
	close() error
}

// Open opens the installation and creates or migrates its central store. With ReadOnly the central
// store must exist. A folder in use by another process is refused with that process's name.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	b, err := openBackend(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if b.name() == PostgreSQL {
		cfg.MaxOpen = math.MaxInt // a store is a name there
	}
	db := &DB{cfg: cfg, engine: b}
	db.stores = newStores(b, cfg)
	if !cfg.ReadOnly {
		if err := b.create(ctx, Central); err != nil {
			return nil, errors.Join(fmt.Errorf("central store: %w", err), db.Close())
		}
	}
	return db, nil
}

func openBackend(ctx context.Context, cfg Config) (backend, error) {
	if cfg.DatabaseURL != "" {
		return openPostgres(ctx, cfg)
	}
	return openSQLite(cfg)
}

// Close waits for running transactions and closes all stores. Closing again does nothing.
func (db *DB) Close() error {
	var err error
	db.closed.Do(func() {
		db.stores.closeAll()
		err = db.engine.close()
	})
	return err
}

// Engine tells which database system is below. Only storage, job and search may ask.
func (db *DB) Engine() Engine { return db.engine.name() }

// Dir is the folder of files (blobs, SQLite files).
func (db *DB) Dir() string { return db.cfg.Dir }

// Clock is the clock transactions take their instant from.
func (db *DB) Clock() clock.Clock { return db.cfg.Clock }

// Log is the logger the DB was opened with.
func (db *DB) Log() *slog.Logger { return db.cfg.Log }

// CreateMandant creates the town's empty store and migrates it. Running it again is harmless.
func (db *DB) CreateMandant(ctx context.Context, key string) error {
	if !ValidKey(key) {
		return fmt.Errorf("storage: %q is no valid key of a town", key)
	}
	if db.cfg.ReadOnly {
		return ErrReadOnly
	}
	if err := db.engine.create(ctx, key); err != nil {
		return fmt.Errorf("create store %s: %w", key, err)
	}
	return nil
}

// DropMandant deletes the town's store with everything in it. It must not be in use.
// The documented, released act that allows it is the caller's business.
func (db *DB) DropMandant(ctx context.Context, key string) error {
	if !ValidKey(key) || db.cfg.ReadOnly {
		return fmt.Errorf("drop store %q: %w", key, ErrReadOnly)
	}
	db.stores.closeOne(key)
	return db.engine.drop(ctx, key)
}

// Mandanten lists the keys of all towns that have a store, sorted.
func (db *DB) Mandanten(ctx context.Context) ([]string, error) { return db.engine.keys(ctx) }

// MigrateAll opens every town once, which brings it to this program's schema, and tells progress after
// each. A town that fails does not stop the others: it goes on answering ErrUnavailable. The returned
// error joins all failures.
func (db *DB) MigrateAll(ctx context.Context, progress func(key string, err error)) error {
	keys, err := db.Mandanten(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		_, release, err := db.stores.acquire(ctx, key)
		if err == nil {
			release()
		}
		progress(key, err)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Ping tells whether the database answers: the central store is read once.
func (db *DB) Ping(ctx context.Context) error { return db.engine.ping(ctx) }

type insideKey struct{}

// Write runs fn in a transaction with exclusive right to write on the store of scope and returns nil
// after it is durable. See the package comment for what fn may do.
func (db *DB) Write(ctx context.Context, scope Scope, fn func(*Tx) error) error {
	if ctx.Value(insideKey{}) != nil {
		return ErrNested
	}
	if db.cfg.ReadOnly {
		return ErrReadOnly
	}
	st, release, err := db.stores.acquire(ctx, scope.Mandant)
	if err != nil {
		return err
	}
	defer release()
	var last *Tx // of the run that was committed
	inner := context.WithValue(context.WithoutCancel(ctx), insideKey{}, true)
	err = st.write(ctx, func(q querier) error {
		tx := db.newTx(inner, scope, q, true)
		defer tx.end()
		last = tx
		defer db.watch(scope)()
		if err := tx.finish(fn(tx)); err != nil {
			return err
		}
		return tx.insertAccessed(tx.accessed)
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", storeName(scope.Mandant), err)
	}
	for _, f := range last.after {
		f()
	}
	db.bus.send(last.signals)
	return nil
}

// Read runs fn on one snapshot of the store of scope. Ids given to Tx.Accessed are stored before Read
// returns; if that fails, Read fails and nothing may be shown.
func (db *DB) Read(ctx context.Context, scope Scope, fn func(*Tx) error) error {
	if ctx.Value(insideKey{}) != nil {
		return ErrNested
	}
	st, release, err := db.stores.acquire(ctx, scope.Mandant)
	if err != nil {
		return err
	}
	defer release()
	var last *Tx
	err = st.read(ctx, func(ctx context.Context, q querier) error {
		tx := db.newTx(context.WithValue(ctx, insideKey{}, true), scope, q, false)
		defer tx.end()
		last = tx
		return tx.finish(fn(tx))
	})
	if err == nil && len(last.accessed) > 0 {
		err = db.logAccess(ctx, st, scope, last.accessed)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", storeName(scope.Mandant), err)
	}
	for _, f := range last.after {
		f()
	}
	return nil
}

// logAccess stores who read what, grouped with the other writers' commits.
func (db *DB) logAccess(ctx context.Context, st store, scope Scope, ids []string) error {
	if db.cfg.ReadOnly {
		return fmt.Errorf("access log: %w", ErrReadOnly)
	}
	inner := context.WithValue(context.WithoutCancel(ctx), insideKey{}, true)
	err := st.write(ctx, func(q querier) error {
		tx := db.newTx(inner, scope, q, true)
		return tx.finish(tx.insertAccessed(ids))
	})
	if err != nil {
		return fmt.Errorf("access log: %w", err)
	}
	return nil
}

// watch measures a Write: the returned function logs a slow one; one that does not end is reported
// while it runs, with all stacks, because it holds up the town.
func (db *DB) watch(scope Scope) func() {
	start := db.cfg.Clock.Now()
	alarm := time.AfterFunc(db.cfg.StuckWrite, func() {
		db.cfg.Log.Error("write does not end", "mandant", scope.Mandant, "after", db.cfg.StuckWrite, "stacks", stacks())
	})
	return func() {
		alarm.Stop()
		if d := db.cfg.Clock.Now().Sub(start); d > db.cfg.SlowWrite {
			db.cfg.Log.Warn("slow write", "mandant", scope.Mandant, "took", d, "caller", caller())
		}
	}
}

func storeName(key string) string {
	if key == Central {
		return "central store"
	}
	return key
}
