package storagetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver

	"rathaus/internal/storage"
)

// engine selects PostgreSQL when TEST_DATABASE_URL is set; a server that does not answer fails the
// test. The test gets a prefix of its own and its schemas and roles are dropped at the end.
func engine(t testing.TB, cfg *storage.Config) {
	t.Helper()
	url := os.Getenv("TEST_DATABASE_URL")
	if url == "" {
		return
	}
	random := make([]byte, 6)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	cfg.DatabaseURL = url
	cfg.Prefix = "t" + hex.EncodeToString(random)
	t.Cleanup(func() { dropAll(t, url, cfg.Prefix) })
}

// Database returns where a test opens stores by itself: both empty for SQLite, else the server of TEST_DATABASE_URL and
// a prefix of its own, whose schemas and roles are dropped at the end.
func Database(t testing.TB) (url, prefix string) {
	t.Helper()
	var cfg storage.Config
	engine(t, &cfg)
	return cfg.DatabaseURL, cfg.Prefix
}

// dropAll removes the schemas and roles of a prefix.
func dropAll(t testing.TB, url, prefix string) {
	t.Helper()
	ctx := context.Background()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `select rolname from pg_roles where starts_with(rolname, $1)`, prefix+"_")
	if err != nil {
		t.Error(err)
		return
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Error(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	for _, name := range names {
		n := pgx.Identifier{name}.Sanitize()
		if _, err := db.ExecContext(ctx, `drop schema if exists `+n+` cascade; drop role `+n); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	}
}
