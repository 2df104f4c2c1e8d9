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
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// newSQLite is storagetest.New for what only SQLite can show, whatever TEST_DATABASE_URL says.
func newSQLite(t *testing.T, options ...func(*storage.Config)) *storagetest.Store {
	t.Helper()
	return storagetest.New(t, append(options, func(c *storage.Config) { c.DatabaseURL = "" })...)
}

// together runs the functions as Writes of one batch: the first holds the writer until all others wait.
func together(t *testing.T, s *storagetest.Store, fns ...func(*storage.Tx) error) []error {
	t.Helper()
	s.Write(t, func(*storage.Tx) error { return nil }) // the store is open
	errs := make([]error, len(fns))
	held, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() {
			errs[i] = errUnwound // unless Write returns
			defer func() { _ = recover() }()
			errs[i] = s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
				if i == 0 {
					once.Do(func() { close(held); <-leave })
				}
				return fn(tx)
			})
		})
		if i == 0 {
			<-held
			continue
		}
		for storage.Waiting(s.DB, s.Scope.Mandant) < i {
			time.Sleep(100 * time.Microsecond)
		}
	}
	close(leave)
	wg.Wait()
	return errs
}

var errUnwound = errors.New("the function did not return")

func TestBatchLosesOnlyTheGuilty(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	mine := errors.New("mine")
	errs := together(t, s,
		func(tx *storage.Tx) error { return insert(tx, "a") },
		func(tx *storage.Tx) error { return errors.Join(insert(tx, "b"), mine) },
		func(tx *storage.Tx) error { _ = insert(tx, "c"); panic("boom") },
		func(tx *storage.Tx) error { return insert(tx, "a") }, // duplicate of a share in the same batch
		func(tx *storage.Tx) error { return insert(tx, "d") },
	)
	for i, want := range []error{nil, mine, errUnwound, storage.ErrDuplicate, nil} {
		if !errors.Is(errs[i], want) {
			t.Errorf("call %d: got %v, want %v", i, errs[i], want)
		}
	}
	wantNames(t, s, "a", "d")
}

// TestLostBatchRunsAgain: a statement that makes SQLite roll everything back costs the others nothing.
func TestLostBatchRunsAgain(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "old") })
	runs := make([]atomic.Int32, 3)
	rollbackAll := func(tx *storage.Tx) error {
		runs[1].Add(1)
		_, err := tx.Exec(`insert or rollback into store_meta (name, number, text) values ('old', 1, '')`)
		return err
	}
	errs := together(t, s,
		func(tx *storage.Tx) error { runs[0].Add(1); return insert(tx, "a") },
		rollbackAll,
		func(tx *storage.Tx) error { runs[2].Add(1); return insert(tx, "c") },
	)
	if errs[0] != nil || errs[2] != nil || !errors.Is(errs[1], storage.ErrDuplicate) {
		t.Errorf("got %v, want the second alone to fail", errs)
	}
	if runs[0].Load() != 2 {
		t.Errorf("the first ran %d times, want again after the loss", runs[0].Load())
	}
	wantNames(t, s, "a", "c", "old")
}

// TestFailedSync: an fsync that fails on COMMIT is answered with ErrUnavailable, never acknowledged
// later, and the store is opened anew before the next use; what was acknowledged before is there.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	var broken atomic.Bool
	var commits atomic.Int32
	storage.FailCommit(s.DB, func(string) error {
		commits.Add(1)
		if broken.Load() {
			return storage.ErrIO()
		}
		return nil
	})
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "before") })
	errs := together(t, s,
		func(tx *storage.Tx) error { broken.Store(true); commits.Store(0); return insert(tx, "a") },
		func(tx *storage.Tx) error { return insert(tx, "b") },
	)
	for i, err := range errs {
		if !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("call %d: got %v, want ErrUnavailable", i, err)
		}
	}
	if n := commits.Load(); n != 1 {
		t.Errorf("%d commits were tried, want 1: a failed batch must not run again", n)
	}
	broken.Store(false)
	nop := func(*storage.Tx) error { return nil }
	if err := s.DB.Write(context.Background(), s.Scope, nop); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Write to a failed store: got %v, want ErrUnavailable", err)
	}
	if err := s.DB.Read(context.Background(), s.Scope, nop); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Read of a failed store: got %v, want ErrUnavailable", err)
	}
	s.In(storagetest.Sturmkoog).Write(t, nop) // the other town works
	s.Clock.Advance(storage.ReopenPause)
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "later") })
	wantNames(t, s, "before", "later")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	s.Write(t, func(tx *storage.Tx) error {
		pages, err := storage.Get(tx, storage.Value[int], `pragma page_count`)
		if err != nil {
			return err
		}
		_, err = storage.Get(tx, storage.Value[int], fmt.Sprintf(`pragma max_page_count = %d`, pages+20))
		return err
	})
	fat := strings.Repeat("x", 16<<10)
	stored := 0
	var err error
	for err == nil && stored < 100 {
		err = s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := tx.Exec(`insert into store_meta (name, number, text) values ($1, 1, $2)`, fmt.Sprintf("n%02d", stored), fat)
			return err
		})
		if err == nil {
			stored++
		}
	}
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("after %d rows: got %v, want ErrUnavailable", stored, err)
	}
	if got := len(names(t, s)); got != stored {
		t.Errorf("%d rows are there, %d were acknowledged", got, stored)
	}
	// Room again: the store works without being opened anew.
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`delete from store_meta where name like 'n%'`)
		return err
	})
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "small") })
	wantNames(t, s, "small")
}

func TestLeastRecentlyUsedIsClosed(t *testing.T) {
	t.Parallel()
	s := newSQLite(t, func(c *storage.Config) { c.MaxOpen = 2 })
	for range 3 {
		for _, key := range []string{storagetest.Wiesenbrueck, storagetest.Sturmkoog, storage.Central} {
			in := s.In(key)
			in.Write(t, func(tx *storage.Tx) error {
				_, err := tx.Exec(`insert into store_meta (name, number, text) values ('n', 1, '') on conflict (name) do update set number = store_meta.number + 1`)
				return err
			})
			if n := storage.OpenStores(s.DB); n > 2 {
				t.Errorf("%d stores are open, want at most 2", n)
			}
		}
	}
	s.Read(t, func(tx *storage.Tx) error {
		n, err := storage.Get(tx, storage.Value[int], `select number from store_meta where name = 'n'`)
		if n != 3 {
			t.Errorf("got %d, want 3", n)
		}
		return err
	})
}

func TestFolderHasOneProcess(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	_, err := storage.Open(context.Background(), storage.Config{Dir: s.Dir})
	var locked *storage.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("second Open: got %v, want LockedError", err)
	}
	if want := fmt.Sprintf("(pid %d)", os.Getpid()); !strings.Contains(locked.Error(), want) || !strings.Contains(locked.Error(), s.Dir) {
		t.Errorf("%q does not name folder and process", locked)
	}
}

func TestReadOnlyBesideTheServer(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "a") })
	side, err := storage.Open(context.Background(), storage.Config{Dir: s.Dir, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer side.Close()
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "b") })
	wantNames(t, &storagetest.Store{DB: side, Scope: s.Scope}, "a", "b")
	err = side.Write(context.Background(), s.Scope, func(tx *storage.Tx) error { return insert(tx, "c") })
	if !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("Write: got %v, want ErrReadOnly", err)
	}
	err = side.Read(context.Background(), s.Scope, func(tx *storage.Tx) error { tx.Accessed("v"); return nil })
	if !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("a Read to be logged: got %v, want ErrReadOnly", err)
	}
}

// TestHalfMadeStoreIsNoStore: a crash during creation leaves a file that is made anew.
func TestHalfMadeStoreIsNoStore(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	dir := filepath.Join(s.Dir, "mandant", "neudorf")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "store.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := s.DB.Mandanten(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), keys); diff != "" {
		t.Errorf("towns (-want +got):\n%s", diff)
	}
	if err := s.DB.CreateMandant(context.Background(), "neudorf"); err != nil {
		t.Fatal(err)
	}
	s.In("neudorf").Write(t, func(tx *storage.Tx) error { return insert(tx, "a") })
}

func TestDeletedTextLeavesTheFile(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	const secret = "Kanarienvogel-4711"
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, secret) })
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`delete from store_meta where name = $1`, secret)
		return err
	})
	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"store.db", "store.db-wal"} {
		b, err := os.ReadFile(filepath.Join(s.Dir, "mandant", s.Scope.Mandant, name))
		if err == nil && strings.Contains(string(b), secret) {
			t.Errorf("%s still holds the deleted text", name)
		}
	}
}
