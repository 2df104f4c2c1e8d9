package storage_test

import (
	"context"
	"errors"
	"testing"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

const insertNote = `insert into read_log (id, at, actor, on_behalf_of, object_id) values ($1, 0, '', '', '')`

func count(t *testing.T, s *storagetest.Store) int {
	t.Helper()
	var n int
	s.Read(t, func(tx *storage.Tx) error {
		var err error
		n, err = storage.Get(tx, storage.Value[int], `select count(*) from read_log`)
		return err
	})
	return n
}

func TestWriteThenRead(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(insertNote, "a")
		return err
	})
	if n := count(t, s); n != 1 {
		t.Errorf("got %d rows, want 1", n)
	}
	if n := count(t, s.In(storagetest.Sturmkoog)); n != 0 {
		t.Errorf("the other town has %d rows, want 0", n)
	}
}

func TestUnknownStore(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	for _, key := range []string{"nirgendwo", "../wiesenbrueck", "A", "a_b"} {
		err := s.DB.Read(context.Background(), storage.Scope{Mandant: key}, func(*storage.Tx) error { return nil })
		if !errors.Is(err, storage.ErrNoStore) || !errors.Is(err, problem.NotFound) {
			t.Errorf("%q: got %v, want ErrNoStore", key, err)
		}
	}
}
