package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

const (
	insertRow = `insert into store_meta (name, number, text) values ($1, $2, '')`
	maxRow    = `select coalesce(max(number), 0) from store_meta where name <> 'min_code'`
	namesSQL  = `select name from store_meta where name <> 'min_code' order by name`
)

func insert(tx *storage.Tx, name string) error {
	_, err := tx.Exec(insertRow, name, 1)
	return err
}

func names(t *testing.T, s *storagetest.Store) []string {
	t.Helper()
	var out []string
	s.Read(t, func(tx *storage.Tx) error {
		var err error
		out, err = storage.List(tx, storage.Value[string], namesSQL)
		return err
	})
	return out
}

func wantNames(t *testing.T, s *storagetest.Store, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, names(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestTownsAreSeparate(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "a") })
	wantNames(t, s, "a")
	wantNames(t, s.In(storagetest.Sturmkoog))
	keys, err := s.DB.Mandanten(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{storagetest.Sturmkoog, storagetest.Wiesenbrueck}, keys); diff != "" {
		t.Errorf("towns (-want +got):\n%s", diff)
	}
}

func TestUnknownStore(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	for _, key := range []string{"nirgendwo", "../wiesenbrueck", "A", "a_b", strings.Repeat("a", 41)} {
		err := s.DB.Read(context.Background(), storage.Scope{Mandant: key}, func(*storage.Tx) error { return nil })
		if !errors.Is(err, storage.ErrNoStore) || !errors.Is(err, problem.NotFound) {
			t.Errorf("%q: got %v, want ErrNoStore", key, err)
		}
	}
}

func TestCreateAndDropMandant(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	ctx := context.Background()
	dorf := s.In("neudorf")
	for range 2 { // again is harmless
		if err := s.DB.CreateMandant(ctx, "neudorf"); err != nil {
			t.Fatal(err)
		}
		dorf.Write(t, func(tx *storage.Tx) error {
			_, err := tx.Exec(`insert into store_meta (name, number, text) values ('a', 1, '') on conflict (name) do nothing`)
			return err
		})
	}
	wantNames(t, dorf, "a")
	if err := s.DB.DropMandant(ctx, "neudorf"); err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Read(ctx, dorf.Scope, func(*storage.Tx) error { return nil }); !errors.Is(err, storage.ErrNoStore) {
		t.Errorf("after drop: got %v, want ErrNoStore", err)
	}
	if err := s.DB.CreateMandant(ctx, "../x"); err == nil {
		t.Error("a key that leaves its folder was accepted")
	}
}

func TestErrorRollsBack(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	mine := errors.New("mine")
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		return errors.Join(insert(tx, "a"), mine)
	})
	if !errors.Is(err, mine) {
		t.Errorf("got %v, want the function's error", err)
	}
	wantNames(t, s)
}

func TestPanicRollsBackAndGoesOn(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	got := func() (p any) {
		defer func() { p = recover() }()
		_ = s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_ = insert(tx, "a")
			panic("boom")
		})
		return nil
	}()
	if got != "boom" {
		t.Errorf("recovered %v, want the function's panic", got)
	}
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "b") })
	wantNames(t, s, "b")
}

func TestGoexitRollsBack(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_ = insert(tx, "a")
			runtime.Goexit()
			return nil
		})
	})
	wg.Wait()
	s.Write(t, func(tx *storage.Tx) error { return insert(tx, "b") })
	wantNames(t, s, "b")
}

func TestNestedIsRefused(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	nop := func(*storage.Tx) error { return nil }
	for name, outer := range map[string]func(context.Context, storage.Scope, func(*storage.Tx) error) error{"write": s.DB.Write, "read": s.DB.Read} {
		err := outer(context.Background(), s.Scope, func(tx *storage.Tx) error {
			if err := s.DB.Write(tx.Context(), s.Scope, nop); !errors.Is(err, storage.ErrNested) {
				t.Errorf("Write in %s: got %v, want ErrNested", name, err)
			}
			if err := s.DB.Read(tx.Context(), s.Scope, nop); !errors.Is(err, storage.ErrNested) {
				t.Errorf("Read in %s: got %v, want ErrNested", name, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestFailedStatementEndsTheTransaction(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		if err := insert(tx, "a"); err != nil {
			return err
		}
		if err := insert(tx, "a"); !errors.Is(err, storage.ErrDuplicate) {
			t.Errorf("second insert: got %v, want ErrDuplicate", err)
		}
		if err := insert(tx, "b"); !errors.Is(err, storage.ErrDuplicate) {
			t.Errorf("statement after a failed one: got %v, want its error", err)
		}
		return nil // as if nothing had happened
	})
	if !errors.Is(err, storage.ErrDuplicate) {
		t.Errorf("got %v, want ErrDuplicate", err)
	}
	wantNames(t, s)
}

func TestGet(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error { return errors.Join(insert(tx, "a"), insert(tx, "b")) })
	s.Read(t, func(tx *storage.Tx) error {
		if _, err := storage.Get(tx, storage.Value[string], namesSQL); err == nil {
			t.Error("Get of two rows succeeded")
		}
		if _, err := storage.Get(tx, storage.Value[string], `select name from store_meta where name = $1`, "c"); !errors.Is(err, problem.NotFound) {
			t.Errorf("got %v, want NotFound", err)
		}
		v, err := storage.Get(tx, storage.Value[string], `select name from store_meta where name = $1`, "b")
		if v != "b" {
			t.Errorf("got %q, want b", v)
		}
		return err
	})
}

func TestStatementInsideScanIsRefused(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Read(t, func(tx *storage.Tx) error {
		err := storage.Each(tx, func(storage.Scanner) error {
			_, err := storage.Get(tx, storage.Value[int], `select count(*) from store_meta`)
			return err
		}, `select name from store_meta`)
		if err == nil {
			t.Error("a query inside a scan function succeeded")
		}
		return nil
	})
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	err := s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error { return insert(tx, "a") })
	if !errors.Is(err, storage.ErrReadOnly) {
		t.Errorf("Exec in Read: got %v, want ErrReadOnly", err)
	}
	err = s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error {
		_, err := storage.Get(tx, storage.Value[string], `insert into store_meta (name, number, text) values ('a', 1, '') returning name`)
		return err
	})
	if err == nil {
		t.Error("insert as a query in Read succeeded")
	}
	wantNames(t, s)
}

// TestReadIsASnapshot: what is committed meanwhile is not seen.
func TestReadIsASnapshot(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Read(t, func(tx *storage.Tx) error {
		before, err := storage.Get(tx, storage.Value[int], `select count(*) from store_meta`)
		if err != nil {
			return err
		}
		s.Write(t, func(tx *storage.Tx) error { return insert(tx, "a") })
		after, err := storage.Get(tx, storage.Value[int], `select count(*) from store_meta`)
		if before != after {
			t.Errorf("count went from %d to %d inside one Read", before, after)
		}
		return err
	})
}

// TestNumbersAreUnique: read the last number, write the next, 16 callers at once.
func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	const callers, each = 16, 20
	numbers := make([][]int64, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for k := range each {
				var n int64
				s.Write(t, func(tx *storage.Tx) error {
					last, err := storage.Get(tx, storage.Value[int64], maxRow)
					if err != nil {
						return err
					}
					n = last + 1
					_, err = tx.Exec(insertRow, fmt.Sprintf("%d-%d", i, k), n)
					return err
				})
				numbers[i] = append(numbers[i], n)
			}
		})
	}
	wg.Wait()
	seen := map[int64]bool{}
	for _, list := range numbers {
		for _, n := range list {
			if seen[n] || n < 1 || n > callers*each {
				t.Errorf("number %d given twice or out of range", n)
			}
			seen[n] = true
		}
	}
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error { return nil }) // the store is open
	busy, leave := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		s.Write(t, func(tx *storage.Tx) error {
			close(busy)
			<-leave
			return nil
		})
	})
	<-busy
	ctx, cancel := context.WithCancel(context.Background())
	answer := make(chan error, 1)
	wg.Go(func() {
		answer <- s.DB.Write(ctx, s.Scope, func(tx *storage.Tx) error { return insert(tx, "late") })
	})
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled while another one works", err)
	}
	close(leave)
	wg.Wait()
	wantNames(t, s)
}

func TestCancelledDuringItsTurnIsCommitted(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	err := s.DB.Write(ctx, s.Scope, func(tx *storage.Tx) error {
		cancel()
		return insert(tx, "a")
	})
	if err != nil {
		t.Errorf("got %v, want the Write to end as it would", err)
	}
	wantNames(t, s, "a")
}

func TestAfterCommitAndSignal(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	var got []string
	s.DB.Listen(func(sig storage.Signal) { got = append(got, "signal "+sig.Mandant+" "+sig.Topic) })
	step := func(fail error) error {
		return s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			tx.AfterCommit(func() { got = append(got, "after") })
			tx.Signal("job", tx.Now())
			return fail
		})
	}
	if err := step(errors.New("no")); err == nil {
		t.Error("error was lost")
	}
	if err := step(nil); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"after", "signal wiesenbrueck job"}, got); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
}

func TestAccessedIsStoredBeforeReadReturns(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t).As("staff:1")
	s.Read(t, func(tx *storage.Tx) error {
		tx.Accessed("vorgang-1")
		tx.Accessed("vorgang-1")
		tx.Accessed("vorgang-2")
		return nil
	})
	s.Write(t, func(tx *storage.Tx) error {
		tx.Accessed("vorgang-3")
		return nil
	})
	s.Read(t, func(tx *storage.Tx) error {
		got, err := storage.List(tx, func(r storage.Scanner) (string, error) {
			var actor, object string
			err := r.Scan(&actor, &object)
			return actor + " " + object, err
		}, `select actor, object_id from read_log order by object_id`)
		if diff := cmp.Diff([]string{"staff:1 vorgang-1", "staff:1 vorgang-2", "staff:1 vorgang-3"}, got); diff != "" {
			t.Errorf("read log (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestReadFailsWhenItsLogCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`drop table read_log`)
		return err
	})
	err := s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error {
		tx.Accessed("vorgang-1")
		return nil
	})
	if err == nil {
		t.Error("Read succeeded without its log")
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	type kind string
	ok := []any{"a", kind("b"), 1, int32(2), true, nil, (*string)(nil)}
	for _, arg := range ok {
		s.Read(t, func(tx *storage.Tx) error {
			_, err := storage.List(tx, storage.Value[int], `select 1 from store_meta where name = $1`, fmt.Sprint(arg))
			return err
		})
	}
	for name, arg := range map[string]any{"time": time.Unix(0, 0), "NUL": "a\x00b", "not UTF-8": "a\xff", "struct": struct{}{}} {
		err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := tx.Exec(`update store_meta set text = $1`, arg)
			return err
		})
		if err == nil {
			t.Errorf("%s was accepted as an argument", name)
		}
	}
}

func TestTxIsUselessAfterwards(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	var kept *storage.Tx
	s.Write(t, func(tx *storage.Tx) error { kept = tx; return nil })
	if err := insert(kept, "a"); err == nil {
		t.Error("a Tx kept beyond its function still works")
	}
}

func TestSlowWriteIsLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	s := storagetest.New(t, func(c *storage.Config) {
		c.Log = slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil))
		c.StuckWrite = 10 * time.Millisecond
	})
	text := func() string { mu.Lock(); defer mu.Unlock(); return log.String() }
	s.Write(t, func(tx *storage.Tx) error { return nil })
	if text() != "" {
		t.Errorf("a quick Write was logged: %s", text())
	}
	s.Write(t, func(tx *storage.Tx) error {
		s.Clock.Advance(60 * time.Millisecond)
		for !strings.Contains(text(), "does not end") {
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	if !strings.Contains(text(), "slow write") || !strings.Contains(text(), "TestSlowWriteIsLogged") {
		t.Errorf("the slow Write or its caller is missing: %.300s", text())
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Müller": "mueller", "STRASSE": "strasse", "Straße": "strasse", "Ærø": "aeroe", "Łódź": "lodz",
		"  Am\tAlten\n Markt ": "am alten markt", "Mu\u0308ller": "mueller", "": "",
	} {
		if got := storage.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMillis(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 8, 0, 0, 5e6, time.UTC)
	if got := storage.Time(storage.Millis(now)); !got.Equal(now) {
		t.Errorf("got %v, want %v", got, now)
	}
	if storage.Millis(time.Time{}) != 0 || !storage.Time(0).IsZero() {
		t.Error("the zero time is not 0")
	}
}
