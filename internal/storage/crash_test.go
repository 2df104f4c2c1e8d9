package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"rathaus/internal/clock"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// childEnv names what the test binary does instead of testing, and where.
const childEnv = "RATHAUS_STORAGE_CHILD"

func TestMain(m *testing.M) {
	task, arg, ok := strings.Cut(os.Getenv(childEnv), ":")
	if !ok {
		os.Exit(m.Run())
	}
	tasks := map[string]func(string) error{"write": childWrites, "limit": childMeetsLimit}
	if err := tasks[task](arg); err != nil {
		fmt.Println("child:", err)
		os.Exit(1)
	}
}

func child(ctx context.Context, task, arg string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+task+":"+arg)
	return cmd
}

// TestKill: rows acknowledged by a process that is killed with -9 are all there.
func TestKill(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t, func(c *storage.Config) { c.NoSync = false })
	s.Write(t, func(*storage.Tx) error { return nil }) // the store exists
	if err := s.DB.Close(); err != nil {               // and the folder is free
		t.Fatal(err)
	}
	cmd := child(t.Context(), "write", s.Config.Dir+","+s.Config.Prefix)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewScanner(out)
	for len(acknowledged) < 500 && lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // what it had printed before it died
		acknowledged = append(acknowledged, lines.Text())
	}
	_ = cmd.Wait() // killed
	if len(acknowledged) < 500 {
		t.Fatalf("child ended early: %q", acknowledged)
	}
	cfg := s.Config
	cfg.Clock = s.Clock
	db, err := storage.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	there := map[string]bool{}
	for _, n := range names(t, &storagetest.Store{DB: db, Scope: s.Scope}) {
		there[n] = true
	}
	for _, n := range acknowledged {
		if !there[n] {
			t.Errorf("acknowledged row %q is lost", n)
		}
	}
}

func childConfig(arg string) storage.Config {
	dir, prefix, _ := strings.Cut(arg, ",")
	return storage.Config{
		Dir: dir, Prefix: prefix, DatabaseURL: os.Getenv("TEST_DATABASE_URL"),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// childWrites prints each row's name after it was acknowledged, from four callers, until killed.
func childWrites(arg string) error {
	db, err := storage.Open(context.Background(), childConfig(arg))
	if err != nil {
		return err
	}
	scope := storage.Scope{Mandant: storagetest.Wiesenbrueck, Actor: "system"}
	errs := make(chan error)
	for caller := range 4 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d", caller, i)
				if err := db.Write(context.Background(), scope, func(tx *storage.Tx) error { return insert(tx, name) }); err != nil {
					errs <- err
					return
				}
				fmt.Println(name)
			}
		}()
	}
	return <-errs
}

// TestRealWriteError: the kernel refuses to write (file size limit) in the middle of Writes; nothing
// acknowledged is lost, nothing refused appears twice, and the store works again after reopening.
func TestRealWriteError(t *testing.T) {
	t.Parallel()
	s := newSQLite(t)
	s.Write(t, func(*storage.Tx) error { return nil })
	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := child(t.Context(), "limit", s.Dir).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func childMeetsLimit(dir string) error {
	signal.Ignore(syscall.SIGXFSZ) // so that write(2) returns an error
	cfg := childConfig(dir)
	cfg.DatabaseURL = ""
	fake := clock.NewFake(storagetest.Start())
	cfg.Clock = fake
	db, err := storage.Open(context.Background(), cfg)
	if err != nil {
		return err
	}
	scope := storage.Scope{Mandant: storagetest.Wiesenbrueck, Actor: "system"}
	write := func(name string) error {
		return db.Write(context.Background(), scope, func(tx *storage.Tx) error { return insert(tx, name) })
	}
	if err := write("first"); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	low := syscall.Rlimit{Cur: 600 << 10, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
		return err
	}
	acknowledged, refused := writeUntilRefused(write)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if refused == nil || !errors.Is(refused, storage.ErrUnavailable) {
		return fmt.Errorf("refused with %v, want ErrUnavailable", refused)
	}
	if err := write("while closed"); !errors.Is(err, storage.ErrUnavailable) {
		return fmt.Errorf("closed store: got %v, want ErrUnavailable", err)
	}
	fake.Advance(storage.ReopenPause)
	if err := write("after"); err != nil {
		return fmt.Errorf("after reopening: %w", err)
	}
	return checkRows(db, scope, append(acknowledged, "first", "after"))
}

// writeUntilRefused writes from four callers until one is refused.
func writeUntilRefused(write func(string) error) (acknowledged []string, refused error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for caller := range 4 {
		wg.Go(func() {
			for i := range 1000 {
				name := fmt.Sprintf("%d-%d", caller, i)
				err := write(name)
				mu.Lock()
				if err != nil {
					refused = err
				} else {
					acknowledged = append(acknowledged, name)
				}
				stop := refused != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	return acknowledged, refused
}

func checkRows(db *storage.DB, scope storage.Scope, want []string) error {
	return db.Read(context.Background(), scope, func(tx *storage.Tx) error {
		list, err := storage.List(tx, storage.Value[string], namesSQL)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, n := range list {
			there[n] = true
		}
		for _, n := range want {
			if !there[n] {
				return fmt.Errorf("acknowledged row %q is lost", n)
			}
		}
		ok, err := storage.Get(tx, storage.Value[string], `pragma integrity_check`)
		if err == nil && ok != "ok" {
			err = errors.New(ok)
		}
		return err
	})
}
