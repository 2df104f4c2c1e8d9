// Package leistungtest fills the stores of a test with the catalogue of services.
package leistungtest

import (
	"testing"

	"rathaus/internal/leistung"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// Fill gives the store of s.Scope.Mandant its profile, units and the catalogue of its Land.
func Fill(t testing.TB, s *storagetest.Store) {
	t.Helper()
	mandanttest.Fill(t, s)
	m, _ := mandanttest.Town(s.Scope.Mandant)
	s.As("system").Write(t, func(tx *storage.Tx) error {
		_, err := leistung.Seed(tx, m.Land)
		return err
	})
}
