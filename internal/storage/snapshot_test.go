package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// seed gives a store rows of every kind: references within a table in the wrong order, null, umlauts.
func seed(t *testing.T, s *storagetest.Store) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) error {
		for _, q := range []string{
			`create table node (id text not null primary key, parent_id text references node (id), size bigint not null, note text)`,
			`insert into node (id, parent_id, size, note) values ('z', null, 9007199254740993, 'Straße "1" <b> \ ' || '
')`,
			`insert into node (id, parent_id, size, note) values ('a', 'z', -1, null)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return insert(tx, "row")
	})
}

func nodes(t *testing.T, s *storagetest.Store) []string {
	t.Helper()
	var out []string
	s.Read(t, func(tx *storage.Tx) error {
		var err error
		out, err = storage.List(tx, func(r storage.Scanner) (string, error) {
			var id string
			var parent, note *string
			var size int64
			err := r.Scan(&id, &parent, &size, &note)
			text := func(p *string) string {
				if p == nil {
					return "null"
				}
				return *p
			}
			return fmt.Sprint(id, " ", text(parent), " ", size, " ", text(note)), err
		}, `select id, parent_id, size, note from node order by id`)
		return err
	})
	return out
}

// TestSnapshotOfFile: a SQLite file is copied while others write, and restored under another key.
func TestSnapshotOfFile(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	seed(t, s)
	stop := busy(t, s)
	dir := t.TempDir()
	info, err := s.DB.Snapshot(t.Context(), s.Scope.Mandant, dir, false)
	stop()
	if err != nil {
		t.Fatal(err)
	}
	if info.File != "store.db" || info.Tables["node"] != 2 || info.Tables["store_meta"] < 2 || len(info.Migrations) < 3 {
		t.Errorf("info %+v", info)
	}
	if err := s.DB.RestoreSnapshot(t.Context(), "neudorf", dir); err != nil {
		t.Fatal(err)
	}
	copied := s.In("neudorf")
	if diff := cmp.Diff(nodes(t, s), nodes(t, copied)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if n := int64(len(names(t, copied))); n != info.Tables["store_meta"]-1 {
		t.Errorf("%d rows restored, the snapshot counted %d", n, info.Tables["store_meta"]-1)
	}
	copied.Write(t, func(tx *storage.Tx) error { return insert(tx, "works") })
	if _, err := s.DB.Snapshot(t.Context(), s.Scope.Mandant, dir, false); !errors.Is(err, storage.ErrExists) {
		t.Errorf("second snapshot into the folder: got %v, want ErrExists", err)
	}
	if err := s.DB.RestoreSnapshot(t.Context(), "neudorf", dir); !errors.Is(err, storage.ErrExists) {
		t.Errorf("restore over a store: got %v, want ErrExists", err)
	}
}

// TestSnapshotOfRows works on both engines and from each to SQLite.
func TestSnapshotOfRows(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(*storage.Tx) error { return nil })
	stop := busy(t, s)
	dir := t.TempDir()
	info, err := s.DB.Snapshot(t.Context(), s.Scope.Mandant, dir, true)
	stop()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DB.RestoreSnapshot(t.Context(), "neudorf", dir); err != nil {
		t.Fatal(err)
	}
	if n := int64(len(names(t, s.In("neudorf")))); n != info.Tables["store_meta"]-1 {
		t.Errorf("%d rows restored, the snapshot counted %d", n, info.Tables["store_meta"]-1)
	}
	s.In("neudorf").Write(t, func(tx *storage.Tx) error { return insert(tx, "works") })
	lite := newSQLite(t)
	if err := lite.DB.RestoreSnapshot(t.Context(), "neudorf", dir); err != nil {
		t.Fatal(err)
	}
	if n := int64(len(names(t, lite.In("neudorf")))); n != info.Tables["store_meta"]-1 {
		t.Errorf("%d rows on SQLite, the snapshot counted %d", n, info.Tables["store_meta"]-1)
	}
}

// busy writes until stopped.
func busy(t *testing.T, s *storagetest.Store) (stop func()) {
	t.Helper()
	var ended atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !ended.Load() {
				s.Write(t, func(tx *storage.Tx) error { return insert(tx, tx.NewID()) })
			}
		})
	}
	return func() { ended.Store(true); wg.Wait() }
}

// TestDamagedSnapshotLeavesNothing: cut short, changed or foreign files are refused and no store is made.
func TestDamagedSnapshotLeavesNothing(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "row") })
	dir := t.TempDir()
	if _, err := s.DB.Snapshot(t.Context(), s.Scope.Mandant, dir, true); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "store.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for name, text := range map[string]string{
		"cut short":       strings.Join(lines[:len(lines)-1], ""),
		"row missing":     strings.Replace(string(whole), `["row",1,""]`+"\n", "", 1),
		"value missing":   strings.Replace(string(whole), `["row",1,""]`, `["row",1]`, 1),
		"wrong value":     strings.Replace(string(whole), `["row",1,""]`, `["row",{},""]`, 1),
		"unknown table":   strings.Replace(string(whole), `{"table":"store_meta"`, `{"table":"nothing"`, 1),
		"no name":         strings.Replace(string(whole), `{"table":"store_meta"`, `{"table":"x; drop table job"`, 1),
		"no such format":  strings.Replace(string(whole), `rathaus-store-1`, `rathaus-store-9`, 1),
		"newer migration": strings.Replace(string(whole), `"migrations":[`, `"migrations":[99999,`, 1),
		"empty":           "",
	} {
		if text == string(whole) {
			t.Fatalf("%s: nothing was changed in %.300s", name, whole)
		}
		bad := t.TempDir()
		if err := os.WriteFile(filepath.Join(bad, "store.jsonl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.DB.RestoreSnapshot(t.Context(), "neudorf", bad); err == nil {
			t.Errorf("%s: was restored", name)
		} else if name == "newer migration" && !errors.Is(err, storage.ErrNewerSchema) {
			t.Errorf("%s: got %v, want ErrNewerSchema", name, err)
		}
		keys, err := s.DB.Mandanten(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{s.Scope.Mandant}, keys); diff != "" {
			t.Errorf("%s: stores (-want +got):\n%s", name, diff)
		}
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "store.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.DB.RestoreSnapshot(t.Context(), "neudorf", dir); err == nil {
		t.Error("was restored")
	}
}

// TestRestoreInstallation: the central store and a town into an empty place.
func TestRestoreInstallation(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	seed(t, s)
	central := s.In(storage.Central)
	central.Write(t, func(tx *storage.Tx) error { return insert(tx, "central") })
	from := map[string]string{storage.Central: t.TempDir(), s.Scope.Mandant: t.TempDir()}
	for key, dir := range from {
		if _, err := s.DB.Snapshot(t.Context(), key, dir, false); err != nil {
			t.Fatal(err)
		}
	}
	cfg := storage.Config{Dir: t.TempDir(), Log: s.Config.Log}
	if err := storage.Restore(t.Context(), cfg, from); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	restored := &storagetest.Store{DB: db, Scope: s.Scope}
	if diff := cmp.Diff(nodes(t, s), nodes(t, restored)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	wantNames(t, restored.In(storage.Central), "central")
	if err := storage.Restore(t.Context(), s.Config, from); err == nil {
		t.Error("an installation in use was restored over")
	}
}
