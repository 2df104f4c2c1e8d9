// Package kontotest gives tests employees with roles.
package kontotest

import (
	"bytes"
	"context"
	"testing"

	"rathaus/internal/konto"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// Staff creates an employee with one role on each of the units (by key) and returns the actor for storagetest.Store.As.
// The town must have been filled with mandanttest.Fill.
func Staff(t testing.TB, s *storagetest.Store, login string, rolle konto.Rolle, units ...string) string {
	t.Helper()
	var roles []konto.RolleAn
	for _, key := range units {
		roles = append(roles, konto.RolleAn{Rolle: rolle, EinheitID: mandanttest.Einheit(t, s, key)})
	}
	return StaffWith(t, s, konto.Mitarbeiter{Login: login, Name: "Person " + login}, roles...)
}

// StaffWith creates an employee with the roles and returns the actor.
func StaffWith(t testing.TB, s *storagetest.Store, m konto.Mitarbeiter, roles ...konto.RolleAn) string {
	t.Helper()
	s.As("system").Write(t, func(tx *storage.Tx) (err error) {
		m, err = konto.Create(tx, m, roles...)
		return err
	})
	return konto.StaffActor(m.ID)
}

// Keys returns a fixed key ring.
func Keys(t testing.TB) *seal.Keys {
	t.Helper()
	k, err := seal.New("test", bytes.Repeat([]byte{42}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Gate returns a Gate whose hashes cost next to nothing.
func Gate(t testing.TB, s *storagetest.Store) *konto.Gate {
	t.Helper()
	g, err := konto.NewGate(context.Background(), Keys(t), s.Clock, konto.NewHasher(konto.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, 4))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Password sets an account's password.
func Password(t testing.TB, s *storagetest.Store, g *konto.Gate, actor, password string) {
	t.Helper()
	p, err := g.NewPassword(context.Background(), password)
	if err != nil {
		t.Fatal(err)
	}
	s.As("system").Write(t, func(tx *storage.Tx) error { return konto.SetPassword(tx, konto.StaffID(actor), p) })
}
