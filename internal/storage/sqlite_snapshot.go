package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// copyInto writes a compacted copy of one state of the store to path and makes it durable.
func (b *sqliteBackend) copyInto(ctx context.Context, key, path string) error {
	// A connection of its own: VACUUM INTO runs neither in a transaction nor with query_only.
	db, err := sql.Open("sqlite", b.dsn(b.path(key), "mode=rw"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, "vacuum into $1", path)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return syncFile(path)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// readCopy opens a file nobody else uses.
func (b *sqliteBackend) readCopy(ctx context.Context, path string, fn func(querier) error) error {
	db, err := sql.Open("sqlite", b.dsn(path, "mode=ro", "_pragma=query_only(1)"))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	c := newPreparedConn(conn)
	return errors.Join(fn(c), c.close())
}

func (b *sqliteBackend) exists(_ context.Context, key string) (bool, error) {
	_, err := os.Stat(b.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (b *sqliteBackend) restoreFile(ctx context.Context, key, path string) error {
	return b.install(key, func(tmp string) error {
		if err := copyFile(path, tmp); err != nil {
			return err
		}
		return b.readCopy(ctx, tmp, func(q querier) error {
			tx := &Tx{ctx: ctx, q: q}
			ok, err := Get(tx, Value[string], `pragma quick_check(1)`)
			if err == nil && ok != "ok" {
				err = errors.New(ok)
			}
			return err
		})
	})
}

// restoreRows fills a new file of the schema the rows were taken from, then brings it to today's.
func (b *sqliteBackend) restoreRows(ctx context.Context, key string, rows *rowReader) error {
	return b.install(key, func(tmp string) error {
		db, err := sql.Open("sqlite", b.dsn(tmp, "mode=rwc", "_pragma=foreign_keys(0)"))
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(1)
		err = migrateTo(ctx, db, SQLite, key, rows.header.Migrations)
		if err == nil {
			err = b.fill(ctx, db, rows)
		}
		if err == nil {
			err = migrate(ctx, db, SQLite, key)
		}
		return errors.Join(err, db.Close())
	})
}

func (b *sqliteBackend) fill(ctx context.Context, db *sql.DB, rows *rowReader) error {
	sqlTx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer sqlTx.Rollback() // no effect after Commit
	for {
		t, err := rows.table()
		if err != nil {
			return err
		}
		if t == nil {
			break
		}
		if err := fillTable(ctx, sqlTx, t, rows); err != nil {
			return fmt.Errorf("table %s: %w", t.Table, err)
		}
	}
	var bad int
	if err := sqlTx.QueryRowContext(ctx, `select count(*) from pragma_foreign_key_check`).Scan(&bad); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d rows refer to rows that are missing", bad)
	}
	return sqlTx.Commit()
}

func fillTable(ctx context.Context, sqlTx *sql.Tx, t *tableLine, rows *rowReader) error {
	if err := checkNames(t); err != nil {
		return err
	}
	if _, err := sqlTx.ExecContext(ctx, `delete from `+t.Table); err != nil {
		return err
	}
	places := make([]string, len(t.Columns))
	for i := range places {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	insert, err := sqlTx.PrepareContext(ctx, `insert into `+t.Table+` (`+joined(t.Columns)+`) values (`+strings.Join(places, ", ")+`)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for {
		row, err := rows.row(len(t.Columns))
		if err != nil || row == nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return rows.wrong(err)
		}
	}
}

// checkNames keeps anything but a name out of the statements a snapshot leads to.
func checkNames(t *tableLine) error {
	for _, n := range append([]string{t.Table}, t.Columns...) {
		if !namePattern.MatchString(n) {
			return fmt.Errorf("%q is no name", n)
		}
	}
	return nil
}

// install builds a store beside its place and renames it when it is complete and durable.
func (b *sqliteBackend) install(key string, build func(tmp string) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := b.path(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".new"
	for _, old := range []string{tmp, tmp + "-wal", tmp + "-shm", tmp + "-journal"} {
		if err := removeIfExists(old); err != nil {
			return err
		}
	}
	if err := build(tmp); err != nil {
		return errors.Join(err, removeIfExists(tmp))
	}
	if err := os.Chmod(tmp, 0o600); err != nil { // SQLite makes it readable to all; log and index take the file's mode
		return err
	}
	if b.cfg.NoSync {
		return os.Rename(tmp, path)
	}
	if err := syncFile(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Join(b.cfg.Dir, "mandant"), b.cfg.Dir} {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
