package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	pgConns        = 24               // connections of one server
	pgReaders      = 8                // of these, for reading one town: a flood on one leaves room for the others
	pgConnLifetime = 10 * time.Minute // cached plans of hundreds of schemas are given back
	pgConnect      = 5 * time.Second
	pgRetries      = 5
)

// pgBackend keeps one schema per store, owned by a role of the same name that cannot log in.
type pgBackend struct {
	cfg   Config
	serve *sql.DB
	login string // user of DatabaseURL
}

// prefixPattern leaves room for an underscore and the key within PostgreSQL's 63 bytes.
var prefixPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,20}$`)

func openPostgres(ctx context.Context, cfg Config) (*pgBackend, error) {
	if !prefixPattern.MatchString(cfg.Prefix) {
		return nil, fmt.Errorf("storage: prefix %q: a lower-case letter, then up to 20 letters, digits, underscores", cfg.Prefix)
	}
	pc, err := pgConfig(cfg.DatabaseURL)
	if err != nil {
		return nil, err
	}
	b := &pgBackend{cfg: cfg, login: pc.User, serve: stdlib.OpenDB(*pc)}
	b.serve.SetMaxOpenConns(pgConns)
	b.serve.SetMaxIdleConns(pgConns)
	b.serve.SetConnMaxLifetime(pgConnLifetime)
	if err := b.serve.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("storage: database does not answer: %w: %w", ErrUnavailable, err), b.serve.Close())
	}
	return b, nil
}

// pgConfig parses a URL; its password never appears in an error.
func pgConfig(url string) (*pgx.ConnConfig, error) {
	pc, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("storage: database URL: %w", err)
	}
	if pc.ConnectTimeout == 0 {
		pc.ConnectTimeout = pgConnect
	}
	// A server cut off in the middle of a Write must not hold its town's lock for ever.
	if _, ok := pc.RuntimeParams["idle_in_transaction_session_timeout"]; !ok {
		pc.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	}
	pc.RuntimeParams["application_name"] = "rathaus"
	return pc, nil
}

func (b *pgBackend) name() Engine { return PostgreSQL }

// schema is the name of the store's schema and role.
func (b *pgBackend) schema(key string) string {
	if key == Central {
		return b.cfg.Prefix + "__central"
	}
	return b.cfg.Prefix + "_" + key
}

func (b *pgBackend) keys(ctx context.Context) ([]string, error) {
	rows, err := b.serve.QueryContext(ctx, `select nspname from pg_namespace where starts_with(nspname, $1)`, b.cfg.Prefix+"_")
	if err != nil {
		return nil, classify(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if key := strings.TrimPrefix(name, b.cfg.Prefix+"_"); ValidKey(key) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out, rows.Err()
}

func (b *pgBackend) ping(ctx context.Context) error {
	if err := b.serve.PingContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

func (b *pgBackend) close() error { return b.serve.Close() }

func (b *pgBackend) open(ctx context.Context, key string) (store, error) {
	s := b.store(key)
	var exists bool
	if err := b.serve.QueryRowContext(ctx, `select exists (select from pg_namespace where nspname = $1)`, s.role).Scan(&exists); err != nil {
		return nil, err
	}
	if !exists {
		return nil, ErrNoStore
	}
	pending, err := s.pending(ctx, key)
	if err != nil {
		return nil, err
	}
	switch {
	case !pending:
	case b.cfg.ReadOnly:
		return nil, errOldSchema
	default:
		if err := b.migrate(ctx, key); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (b *pgBackend) store(key string) *pgStore {
	return &pgStore{
		db: b.serve, path: pgx.Identifier{b.schema(key)}.Sanitize(), role: b.schema(key),
		turn: make(chan struct{}, 1), readers: make(chan struct{}, pgReaders),
	}
}

// pending reports whether the schema lacks migrations.
func (s *pgStore) pending(ctx context.Context, key string) (pending bool, err error) {
	err = s.inTx(ctx, pgRead, func(q querier) error {
		pending, err = schemaState(ctx, q.(pgQuerier).conn, PostgreSQL, key)
		return err
	})
	return pending, err
}

// pgStore is one town's schema, reached over the shared pool.
type pgStore struct {
	db      *sql.DB
	path    string // quoted
	role    string
	turn    chan struct{} // this process's Writes queue here, not on connections
	readers chan struct{}
}

// How transactions begin, in one round trip; %[1]s is the quoted path, %[2]s the role, both from checked
// keys. The settings end with the transaction. The role has rights on its own schema only: a forgotten
// scope meets "permission denied", not another town's rows.
const (
	pgScope = `; select set_config('search_path', '%[1]s', true), set_config('role', '%[2]s', true)`
	// SQLite's snapshot.
	pgRead = `begin isolation level repeatable read read only` + pgScope
	// One Write per town in the whole installation.
	pgWrite = `begin` + pgScope + `, set_config('statement_timeout', '60000', true), pg_advisory_xact_lock(hashtextextended('%[2]s', 0))`
)

func (s *pgStore) broken() bool { return false }
func (s *pgStore) close() error { return nil }

// write runs fn under the town's lock, again when PostgreSQL asks for it.
func (s *pgStore) write(ctx context.Context, fn func(querier) error) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	return s.again(ctx, pgWrite, fn)
}

// read runs fn on one snapshot, as SQLite gives it.
func (s *pgStore) read(ctx context.Context, fn func(context.Context, querier) error) error {
	select {
	case s.readers <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.readers }()
	return s.again(ctx, pgRead, func(q querier) error { return fn(ctx, q) })
}

// again runs a transaction until PostgreSQL no longer asks for another try.
func (s *pgStore) again(ctx context.Context, begin string, fn func(querier) error) error {
	for attempt := 1; ; attempt++ {
		err := s.inTx(ctx, begin, fn)
		if err == nil || !isRetryable(err) || attempt == pgRetries {
			return classify(err)
		}
	}
}

// inTx waits for a connection and for the town's lock as long as ctx lives. From there on only fn
// decides: a Write is never cut in the middle.
func (s *pgStore) inTx(ctx context.Context, begin string, fn func(querier) error) error {
	conn, err := s.begin(ctx, fmt.Sprintf(begin, s.path, s.role))
	if err != nil {
		return err
	}
	// Also after panic and Goexit. A connection that cannot even roll back is thrown away by the pool.
	defer conn.Close()
	done := false
	defer func() {
		if !done {
			_, _ = simple(context.WithoutCancel(ctx), conn, `rollback`)
		}
	}()
	if err := fn(pgQuerier{conn}); err != nil {
		return err
	}
	done = true
	tag, err := simple(context.WithoutCancel(ctx), conn, `commit`)
	if err == nil && tag != "COMMIT" {
		err = errors.New(tag + " instead")
	}
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// begin tries another connection when the pool's was dead: nothing has happened on it yet.
func (s *pgStore) begin(ctx context.Context, begin string) (*sql.Conn, error) {
	for attempt := 1; ; attempt++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if _, err = simple(ctx, conn, begin); err == nil {
			return conn, nil
		}
		_ = conn.Close() // the error of interest is err
		if attempt == 3 || ctx.Err() != nil || !isAway(err) {
			return nil, err
		}
	}
}

// simple sends statements without parameters, several in one round trip.
func simple(ctx context.Context, conn *sql.Conn, statements string) (tag string, err error) {
	err = conn.Raw(func(driver any) error {
		t, err := driver.(*stdlib.Conn).Conn().Exec(ctx, statements)
		tag = t.String()
		return err
	})
	return tag, err
}

type pgQuerier struct{ conn *sql.Conn }

func (q pgQuerier) engine() Engine { return PostgreSQL }

func (q pgQuerier) exec(ctx context.Context, query string, args []any) (int64, error) {
	r, err := q.conn.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (q pgQuerier) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return q.conn.QueryContext(ctx, query, args...)
}
