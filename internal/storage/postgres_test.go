package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// newPostgres is storagetest.New for what only PostgreSQL can show.
func newPostgres(t *testing.T, options ...func(*storage.Config)) *storagetest.Store {
	t.Helper()
	if os.Getenv("TEST_DATABASE_URL") == "" {
		t.Skip("about PostgreSQL; runs with TEST_DATABASE_URL")
	}
	return storagetest.New(t, options...)
}

// TestOtherTownIsDenied: within a town's transaction no statement reaches another schema.
func TestOtherTownIsDenied(t *testing.T) {
	t.Parallel()
	s := newPostgres(t)
	s.In(storagetest.Sturmkoog).Write(t, func(tx *storage.Tx) error { return insert(tx, "secret") })
	s.Write(t, func(*storage.Tx) error { return nil })
	other := s.Config.Prefix + "_" + storagetest.Sturmkoog
	for _, query := range []string{
		`select name from ` + other + `.store_meta`,
		`select name from ` + s.Config.Prefix + `__central.store_meta`,
	} {
		err := s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := storage.List(tx, storage.Value[string], query)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: got %v, want permission denied", query, err)
		}
	}
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		_, err := tx.Exec(`create temporary table store_meta (name text)`)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("temporary table: got %v, want permission denied", err)
	}
}

// TestLoginsNeedNoSuperuser: a login without any right but membership serves; one that may create roles
// and schemas creates.
func TestLoginsNeedNoSuperuser(t *testing.T) {
	t.Parallel()
	s := newPostgres(t, func(c *storage.Config) {
		serving, admin := c.Prefix+"_login", c.Prefix+"_admin"
		asAdmin(t, c.DatabaseURL, `create role `+serving+` login nosuperuser noinherit nocreaterole nocreatedb password 'x'`)
		asAdmin(t, c.DatabaseURL, `create role `+admin+` login nosuperuser noinherit createrole nocreatedb password 'x'`)
		name, err := query(t, c.DatabaseURL, `select current_database()`)
		if err != nil {
			t.Fatal(err)
		}
		asAdmin(t, c.DatabaseURL, `grant create on database "`+name+`" to `+admin)
		url := c.DatabaseURL
		t.Cleanup(func() { asAdmin(t, url, `revoke create on database "`+name+`" from `+admin) })
		c.DatabaseURL, c.AdminURL = withUser(t, url, serving), withUser(t, url, admin)
	})
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "a") })
	wantNames(t, s, "a")
	_, err := query(t, s.Config.DatabaseURL, `select name from `+s.Config.Prefix+`_wiesenbrueck.store_meta`)
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("the login without a town: got %v, want permission denied", err)
	}
}

func TestRetryWhenAskedFor(t *testing.T) {
	t.Parallel()
	s := newPostgres(t)
	for _, code := range []string{"40001", "40P01", "0A000"} {
		var runs atomic.Int32
		s.Write(t, func(tx *storage.Tx) error {
			if runs.Add(1) < 3 {
				_, err := tx.Exec(`do $$ begin raise sqlstate '` + code + `'; end $$`)
				return err
			}
			return insert(tx, code)
		})
		if runs.Load() != 3 {
			t.Errorf("%s: ran %d times, want 3", code, runs.Load())
		}
	}
	wantNames(t, s, "0A000", "40001", "40P01")
}

// TestDeadConnection: a backend that dies in the middle is ErrUnavailable and nothing is stored; the
// next Write gets another connection.
func TestDeadConnection(t *testing.T) {
	t.Parallel()
	s := newPostgres(t)
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		if err := insert(tx, "a"); err != nil {
			return err
		}
		pid, err := storage.Get(tx, storage.Value[int], `select pg_backend_pid()`)
		if err != nil {
			return err
		}
		if _, err := query(t, s.Config.DatabaseURL, `select pg_terminate_backend($1)::text`, pid); err != nil {
			return err
		}
		return insert(tx, "b")
	})
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "c") })
	wantNames(t, s, "c")
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	_, err := storage.Open(context.Background(), storage.Config{
		Dir: t.TempDir(), DatabaseURL: "postgres://nobody:geheim@127.0.0.1:1/x?sslmode=disable",
	})
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if err != nil && strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// TestTwoServers: two DBs on one database number without gaps or doubles.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	s := newPostgres(t)
	s.Write(t, func(*storage.Tx) error { return nil })
	second, err := storage.Open(context.Background(), s.Config)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	const each = 50
	var wg sync.WaitGroup
	for _, db := range []*storage.DB{s.DB, second} {
		in := &storagetest.Store{DB: db, Scope: s.Scope}
		wg.Go(func() {
			for range each {
				in.Write(t, func(tx *storage.Tx) error {
					last, err := storage.Get(tx, storage.Value[int64], maxRow)
					if err != nil {
						return err
					}
					_, err = tx.Exec(insertRow, tx.NewID(), last+1)
					return err
				})
			}
		})
	}
	wg.Wait()
	s.Read(t, func(tx *storage.Tx) error {
		n, err := storage.Get(tx, storage.Value[int], `select count(distinct number) from store_meta where name <> 'min_code'`)
		if n != 2*each {
			t.Errorf("%d numbers, want %d", n, 2*each)
		}
		return err
	})
}

// TestChangedTable: statements cached before a migration of another server still work after it.
func TestChangedTable(t *testing.T) {
	t.Parallel()
	s := newPostgres(t)
	read := func() {
		s.Read(t, func(tx *storage.Tx) error {
			_, err := storage.List(tx, func(r storage.Scanner) (string, error) {
				var name, text string
				err := r.Scan(&name, new(int64), &text)
				return name, err
			}, `select m.name, m.number, m.text from store_meta m order by m.name`)
			return err
		})
	}
	read()
	read()
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`alter table store_meta add column extra text`)
		return err
	})
	read()
}

func withUser(t *testing.T, address, user string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, "x")
	return u.String()
}

func asAdmin(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, url, statement string, args ...any) (string, error) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out string
	err = db.QueryRowContext(context.Background(), statement, args...).Scan(&out)
	return out, err
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newPostgres(t) // the tests' own login is a superuser
	list, err := s.DB.Check(t.Context())
	if err != nil || len(list) == 0 || !strings.Contains(list[0], "Superuser") {
		t.Errorf("got %v, %v", list, err)
	}
}
