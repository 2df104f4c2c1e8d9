package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver
)

// maxReaders is how many snapshots of one file are read at once.
const maxReaders = 4

// sqliteBackend keeps one file per store.
type sqliteBackend struct {
	cfg    Config
	lock   *folderLock
	commit func(key string) error // I/O seam: tests make a commit fail here

	mu sync.Mutex // create, drop
}

func openSQLite(cfg Config) (*sqliteBackend, error) {
	if cfg.Dir == "" {
		return nil, errors.New("storage: no folder given")
	}
	b := &sqliteBackend{cfg: cfg, commit: func(string) error { return nil }}
	if cfg.ReadOnly {
		return b, nil
	}
	if err := os.MkdirAll(filepath.Join(cfg.Dir, "mandant"), 0o700); err != nil {
		return nil, err
	}
	var err error
	b.lock, err = lockFolder(cfg.Dir)
	return b, err
}

func (b *sqliteBackend) name() Engine { return SQLite }

func (b *sqliteBackend) path(key string) string {
	if key == Central {
		return filepath.Join(b.cfg.Dir, "central.db")
	}
	return filepath.Join(b.cfg.Dir, "mandant", key, "store.db")
}

func (b *sqliteBackend) keys(context.Context) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(b.cfg.Dir, "mandant"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if _, err := os.Stat(b.path(e.Name())); err == nil && ValidKey(e.Name()) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, err
}

// create builds the file beside its place and renames it, so a store exists whole or not at all.
func (b *sqliteBackend) create(ctx context.Context, key string) error {
	if exists, err := b.exists(ctx, key); exists || err != nil {
		return err
	}
	return b.install(key, func(tmp string) error { return b.build(ctx, key, tmp) })
}

func (b *sqliteBackend) build(ctx context.Context, key, path string) error {
	if t := b.cfg.Templates; t != nil {
		return t.copyTo(path, key, func(path string) error { return b.migrateNew(ctx, key, path) })
	}
	return b.migrateNew(ctx, key, path)
}

func (b *sqliteBackend) migrateNew(ctx context.Context, key, path string) error {
	db, err := sql.Open("sqlite", b.dsn(path, "mode=rwc", "_pragma=journal_mode(WAL)"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(migrate(ctx, db, SQLite, key), db.Close())
}

func (b *sqliteBackend) drop(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if key == Central {
		path := b.path(key)
		for _, f := range []string{path, path + "-wal", path + "-shm"} {
			if err := removeIfExists(f); err != nil {
				return err
			}
		}
		return syncDir(b.cfg.Dir)
	}
	if err := os.RemoveAll(filepath.Dir(b.path(key))); err != nil {
		return err
	}
	return syncDir(filepath.Join(b.cfg.Dir, "mandant"))
}

func (b *sqliteBackend) ping(ctx context.Context) error {
	if _, err := os.Stat(b.path(Central)); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return ctx.Err()
}

func (b *sqliteBackend) close() error { return b.lock.release() }

// dsn names a file for the driver. secure_delete overwrites what is deleted: lawful deletion must not
// leave the text in free pages.
func (b *sqliteBackend) dsn(path string, params ...string) string {
	sync := "FULL"
	if b.cfg.NoSync {
		sync = "OFF"
	}
	q := "_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=synchronous(" + sync + ")&_pragma=secure_delete(1)&_pragma=temp_store(memory)"
	for _, p := range params {
		q += "&" + p
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q}).String()
}

func (b *sqliteBackend) open(ctx context.Context, key string) (store, error) {
	path := b.path(key)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoStore
	}
	s := &sqliteStore{readers: make(chan *preparedConn, maxReaders)}
	var err error
	if s.readDB, err = sql.Open("sqlite", b.dsn(path, "mode=rw", "_pragma=query_only(1)")); err != nil {
		return nil, err
	}
	if b.cfg.ReadOnly {
		pending, err := schemaState(ctx, s.readDB, SQLite, key)
		if err == nil && pending {
			err = errOldSchema
		}
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		return s, nil
	}
	if err := b.openWriter(ctx, s, key, path); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (b *sqliteBackend) openWriter(ctx context.Context, s *sqliteStore, key, path string) error {
	var err error
	if s.writeDB, err = sql.Open("sqlite", b.dsn(path, "mode=rw", "_pragma=journal_mode(WAL)")); err != nil {
		return err
	}
	s.writeDB.SetMaxOpenConns(1)
	pending, err := schemaState(ctx, s.writeDB, SQLite, key)
	if err != nil {
		return err
	}
	if pending {
		if err := migrate(ctx, s.writeDB, SQLite, key); err != nil {
			return err
		}
	}
	conn, err := s.writeDB.Conn(ctx)
	if err != nil {
		return err
	}
	pc := newPreparedConn(conn)
	// What an earlier process or a failed fsync left in the WAL goes into the file now, with an fsync of
	// its own; a new commit must not stand behind a page that never reached the disk.
	if err := checkpoint(ctx, conn); err != nil {
		return errors.Join(err, pc.close())
	}
	s.writer = startWriter(pc, func() error { return b.commit(key) })
	return nil
}

func checkpoint(ctx context.Context, conn *sql.Conn) error {
	var busy, pages, moved int
	if err := conn.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil // busy: a reader of another process; the log stays and is sound
}

// sqliteStore is one open file: a writer and up to maxReaders snapshots.
type sqliteStore struct {
	writeDB, readDB *sql.DB
	writer          *writer // nil when read-only

	readers chan *preparedConn // idle ones
	opened  atomic.Int32
}

func (s *sqliteStore) broken() bool { return s.writer != nil && s.writer.failed.Load() }

func (s *sqliteStore) write(ctx context.Context, fn func(querier) error) error {
	return s.writer.write(ctx, fn)
}

// read runs fn on a snapshot. fn may be interrupted by ctx: nothing is lost with a Read.
func (s *sqliteStore) read(ctx context.Context, fn func(context.Context, querier) error) error {
	c, err := s.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { s.readers <- c }()
	if err := c.run("begin"); err != nil {
		return classify(err)
	}
	defer func() { _ = c.run("rollback") }() // nothing was written
	return fn(ctx, c)
}

// reader takes an idle connection, opens another one, or waits.
func (s *sqliteStore) reader(ctx context.Context) (*preparedConn, error) {
	select {
	case c := <-s.readers:
		return c, nil
	default:
	}
	if s.opened.Add(1) <= maxReaders {
		conn, err := s.readDB.Conn(ctx)
		if err != nil {
			s.opened.Add(-1)
			return nil, classify(err)
		}
		return newPreparedConn(conn), nil
	}
	s.opened.Add(-1)
	select {
	case c := <-s.readers:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *sqliteStore) close() error {
	var errs []error
	if s.writer != nil {
		s.writer.close()
	}
	for range s.opened.Load() {
		errs = append(errs, (<-s.readers).close())
	}
	errs = append(errs, s.readDB.Close())
	if s.writer != nil {
		errs = append(errs, s.writer.conn.close())
	}
	if s.writeDB != nil {
		errs = append(errs, s.writeDB.Close())
	}
	return errors.Join(errs...)
}

// syncDir makes a rename or a new file durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
