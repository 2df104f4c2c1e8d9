package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var embedded embed.FS

// migrations returns the files of one kind of store on one engine, flat: migrations/platform plus
// migrations/town or migrations/central, without the other engine's files.
func migrations(engine Engine, key string) (memFS, error) {
	kind := "town"
	if key == Central {
		kind = "central"
	}
	out := memFS{}
	for _, dir := range []string{"platform", kind} {
		entries, err := fs.ReadDir(embedded, path.Join("migrations", dir))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := e.Name()
			if !strings.HasSuffix(name, ".sql") || !forEngine(name, engine) {
				continue
			}
			b, err := embedded.ReadFile(path.Join("migrations", dir, name))
			if err != nil {
				return nil, err
			}
			if _, ok := out[name]; ok {
				return nil, fmt.Errorf("migration %s stands in two folders", name)
			}
			out[name] = b
		}
	}
	return out, nil
}

func forEngine(name string, engine Engine) bool {
	for _, e := range []Engine{SQLite, PostgreSQL} {
		if strings.HasSuffix(name, "."+string(e)+".sql") {
			return e == engine
		}
	}
	return true
}

// versions lists the migration numbers in m, ascending.
func (m memFS) versions() ([]int64, error) {
	var out []int64
	for name := range m {
		v, err := version(name)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	slices.Sort(out)
	for i := 1; i < len(out); i++ {
		if out[i] == out[i-1] {
			return nil, fmt.Errorf("migration number %d is used twice", out[i])
		}
	}
	return out, nil
}

// rowSource is a *sql.DB, *sql.Conn or *sql.Tx.
type rowSource interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

var errOldSchema = errors.New("storage: schema is older than this program: run migrate first")

// applied reads which migrations a store has; empty for a new one.
func applied(ctx context.Context, db rowSource, engine Engine) (map[int64]bool, error) {
	exists := `select count(*) from sqlite_master where name = 'goose_db_version'`
	if engine == PostgreSQL {
		exists = `select count(*) from information_schema.tables where table_name = 'goose_db_version' and table_schema = current_schema()`
	}
	var n int
	if err := db.QueryRowContext(ctx, exists).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `select version_id from goose_db_version where version_id > 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int64]bool{}
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out[v] = true
	}
	return out, rows.Err()
}

// schemaState compares a store with this program's migrations.
func schemaState(ctx context.Context, db rowSource, engine Engine, key string) (pending bool, err error) {
	files, err := migrations(engine, key)
	if err != nil {
		return false, err
	}
	known, err := files.versions()
	if err != nil {
		return false, err
	}
	have, err := applied(ctx, db, engine)
	if err != nil {
		return false, err
	}
	for _, v := range known {
		if !have[v] {
			pending = true
		}
		delete(have, v)
	}
	if len(have) > 0 { // a newer program was here
		var min int64
		if err := db.QueryRowContext(ctx, `select number from store_meta where name = 'min_code'`).Scan(&min); err != nil {
			return false, fmt.Errorf("store_meta: %w", err)
		}
		if min > CodeVersion {
			return false, fmt.Errorf("%w: it needs generation %d, this is %d", ErrNewerSchema, min, CodeVersion)
		}
	}
	return pending, nil
}

// migrate brings a store to this program's schema.
func migrate(ctx context.Context, db *sql.DB, engine Engine, key string) error {
	files, err := migrations(engine, key)
	if err != nil {
		return err
	}
	return files.run(ctx, db, engine)
}

// migrateTo brings a new store to an older schema: only the listed migrations.
func migrateTo(ctx context.Context, db *sql.DB, engine Engine, key string, versions []int64) error {
	files, err := migrations(engine, key)
	if err != nil {
		return err
	}
	for name := range files {
		if v, err := version(name); err != nil || !slices.Contains(versions, v) {
			delete(files, name)
		}
	}
	if len(files) == 0 {
		return errors.New("storage: no migration of the snapshot is known here")
	}
	return files.run(ctx, db, engine)
}

func (m memFS) run(ctx context.Context, db *sql.DB, engine Engine) error {
	dialect := goose.DialectSQLite3
	if engine == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	// Out of order: modules number their files in ranges of their own.
	p, err := goose.NewProvider(dialect, db, m, goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// version is the number a file's name begins with.
func version(name string) (int64, error) {
	digits, _, _ := strings.Cut(name, "_")
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("migration %s: name must begin with a number", name)
	}
	return v, nil
}

func (m memFS) has(v int64) bool {
	for name := range m {
		if n, err := version(name); err == nil && n == v {
			return true
		}
	}
	return false
}

func isOneEngine(name string) bool {
	return strings.HasSuffix(name, "."+string(SQLite)+".sql") || strings.HasSuffix(name, "."+string(PostgreSQL)+".sql")
}

// oneEngine lists the numbers of files written for one engine.
func (m memFS) oneEngine() []int64 {
	var out []int64
	for _, name := range m.names() {
		if v, err := version(name); err == nil && isOneEngine(name) {
			out = append(out, v)
		}
	}
	return out
}

var createTable = regexp.MustCompile(`(?m)^create table (\w+)`)

// oneEngineTables names the tables made in such files.
func (m memFS) oneEngineTables() map[string]bool {
	out := map[string]bool{}
	for name, text := range m {
		if !isOneEngine(name) {
			continue
		}
		for _, found := range createTable.FindAllSubmatch(text, -1) {
			out[string(found[1])] = true
		}
	}
	return out
}
