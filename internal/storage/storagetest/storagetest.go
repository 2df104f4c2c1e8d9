// Package storagetest gives each test stores of its own, on SQLite or, with TEST_DATABASE_URL, on PostgreSQL.
package storagetest

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/storage"
)

// The two invented towns every test has. A store is made when first used.
const (
	Wiesenbrueck = "wiesenbrueck"
	Sturmkoog    = "sturmkoog"
)

// templates holds the migrated stores of this process, so that a new one is a copy.
var templates = &storage.Templates{}

// Store is an installation for one test, closed at its end.
type Store struct {
	DB    *storage.DB
	Clock *clock.Fake   // stands at Start
	Scope storage.Scope // Wiesenbrueck, Actor "system"
	Dir   string
	// Config is what DB was opened with, for tests that open it again.
	Config storage.Config
}

// Start is where a test's clock stands: Friday, 20 November 2026, 09:00 in Berlin.
func Start() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) }

// New returns fresh stores. Options change the configuration before it is opened.
func New(t testing.TB, options ...func(*storage.Config)) *Store {
	t.Helper()
	fake := clock.NewFake(Start())
	cfg := storage.Config{
		Dir:         t.TempDir(),
		Clock:       fake,
		Log:         slog.New(slog.NewTextHandler(io.Discard, nil)),
		CreateOnUse: []string{Wiesenbrueck, Sturmkoog},
		Templates:   templates,
		NoSync:      true,
	}
	engine(t, &cfg)
	for _, o := range options {
		o(&cfg)
	}
	db, err := storage.Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("open storage: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close storage: %v", err)
		}
	})
	return &Store{DB: db, Clock: fake, Scope: storage.Scope{Mandant: Wiesenbrueck, Actor: "system"}, Dir: cfg.Dir, Config: cfg}
}

// As returns a copy of s whose Write and Read act as actor ("staff:UUID").
func (s *Store) As(actor string) *Store {
	c := *s
	c.Scope.Actor = actor
	return &c
}

// In returns a copy of s for another town.
func (s *Store) In(mandant string) *Store {
	c := *s
	c.Scope.Mandant = mandant
	return &c
}

// Write runs fn in a Write as s.Scope and fails the test on an error.
func (s *Store) Write(t testing.TB, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.DB.Write(context.Background(), s.Scope, fn); err != nil {
		t.Fatal(err)
	}
}

// Read runs fn in a Read as s.Scope and fails the test on an error.
func (s *Store) Read(t testing.TB, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := s.DB.Read(context.Background(), s.Scope, fn); err != nil {
		t.Fatal(err)
	}
}
