package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// migrating is storagetest.New without templates: stores are made and brought up by goose.
func migrating(t *testing.T) *storagetest.Store {
	t.Helper()
	return storagetest.New(t, func(c *storage.Config) { c.Templates = nil })
}

func TestOldStoreIsMigratedOnFirstUse(t *testing.T) {
	t.Parallel()
	s := migrating(t)
	for _, key := range []string{"alt", "aelter"} {
		if err := storage.MakeOlder(t.Context(), s.DB, key, 1, 2); err != nil {
			t.Fatal(err)
		}
	}
	count := func(tx *storage.Tx) error {
		_, err := storage.Get(tx, storage.Value[int], `select count(*) from job`) // of migration 3
		return err
	}
	s.In("alt").Read(t, count)
	var done []string
	err := s.DB.MigrateAll(t.Context(), func(key string, err error) { done = append(done, key) })
	if diff := cmp.Diff([]string{"aelter", "alt"}, done); diff != "" || err != nil {
		t.Errorf("%v; migrated (-want +got):\n%s", err, diff)
	}
	s.In("aelter").Read(t, count)
}

// TestFailedMigrationIsOneTownsProblem: its town answers 503, keeps its rows, and is tried again.
func TestFailedMigrationIsOneTownsProblem(t *testing.T) {
	t.Parallel()
	s := migrating(t)
	if err := storage.MakeOlder(t.Context(), s.DB, "alt", 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	alt := s.In("alt")
	alt.Write(t, func(tx *storage.Tx) error { return insert(tx, "kept") })
	alt.Write(t, func(tx *storage.Tx) error { // as if the last migration had been broken off by hand
		for _, q := range []string{`delete from goose_db_version where version_id = 3`, `update store_meta set text = 'x' where name = 'kept'`} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	storage.Forget(s.DB, "alt")
	for range 2 {
		err := s.DB.Read(context.Background(), alt.Scope, func(*storage.Tx) error { return nil })
		if !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	}
	if err := s.DB.MigrateAll(t.Context(), func(string, error) {}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("MigrateAll: got %v, want the failure", err)
	}
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "other town") })
}

// TestNewerStore: a schema of a newer program is used as long as it says that this one may.
func TestNewerStore(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`insert into goose_db_version (version_id, is_applied) values (99999, ` + map[storage.Engine]string{storage.SQLite: "1", storage.PostgreSQL: "true"}[tx.Engine()] + `)`)
		return err
	})
	storage.Forget(s.DB, s.Scope.Mandant)
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`update store_meta set number = $1 where name = 'min_code'`, storage.CodeVersion+1)
		return err
	})
	storage.Forget(s.DB, s.Scope.Mandant)
	err := s.DB.Read(context.Background(), s.Scope, func(*storage.Tx) error { return nil })
	if !errors.Is(err, storage.ErrNewerSchema) || !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("got %v, want ErrNewerSchema", err)
	}
}

// TestTemplateEqualsMigration: the short way to a new schema in tests gives what goose gives.
func TestTemplateEqualsMigration(t *testing.T) {
	t.Parallel()
	schema := func(s *storagetest.Store) (out []string) {
		s.Write(t, func(*storage.Tx) error { return nil })
		s.Read(t, func(tx *storage.Tx) error {
			query := `select sql from sqlite_master where sql is not null order by name`
			if tx.Engine() == storage.PostgreSQL {
				query = `select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable from information_schema.columns
					where table_schema = current_schema() order by 1`
			}
			var err error
			out, err = storage.List(tx, storage.Value[string], query)
			return err
		})
		return out
	}
	if diff := cmp.Diff(schema(migrating(t)), schema(storagetest.New(t))); diff != "" {
		t.Errorf("schema (-goose +template):\n%s", diff)
	}
}
