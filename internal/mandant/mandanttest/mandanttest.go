// Package mandanttest fills the stores of a test with the invented towns.
package mandanttest

import (
	"testing"

	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// Town returns the invented town of a storagetest key, with a complete letterhead.
func Town(key string) (mandant.Mandant, mandant.Profil) {
	m := mandant.Mandant{Key: storagetest.Wiesenbrueck, AGS: "08999001", Name: "Wiesenbrück", Land: "BW", Population: 18_240,
		Hosts: []string{"127.0.0.1", "localhost"}}
	p := mandant.Profil{
		Official: "Stadt Wiesenbrück", Motto: "Digitales Rathaus", BaseURL: "http://localhost:8080",
		Street: "Marktplatz 1", PostCode: "00000", City: "Wiesenbrück", Phone: "00000 123-0", Mail: "rathaus@wiesenbrueck.example",
		Hours:     "Mo bis Fr 8 bis 12 Uhr\nDo auch 14 bis 18 Uhr",
		Bank:      mandant.Bank{Name: "Sparkasse Wiesenbrück", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001", CreditorID: "DE98ZZZ09999999999"},
		Signatory: mandant.Signatory{Name: "Dr. Elke Sommer-Roth", Office: "Bürgermeisterin"},
		Court:     mandant.Court{Name: "Verwaltungsgericht Wiesenbrück", Street: "Gerichtsweg 2", PostCode: "00000", City: "Wiesenbrück"},
		Theme:     mandant.Theme{Hue: 200, Chroma: .075, AccentHue: 82, Radius: .375, Crest: "bruecke"},
		Impressum: "Stadt Wiesenbrück, vertreten durch die Bürgermeisterin", Datenschutz: "datenschutz@wiesenbrueck.example",
	}
	if key != storagetest.Sturmkoog {
		return m, p
	}
	m = mandant.Mandant{Key: storagetest.Sturmkoog, AGS: "05999002", Name: "Sturmkoog", Land: "NW", Population: 7310,
		Hosts: []string{"sturmkoog.localhost"}}
	p.Official, p.Motto, p.BaseURL = "Gemeinde Sturmkoog", "Rathaus hinterm Deich", "http://sturmkoog.localhost:8080"
	p.City, p.Mail, p.Datenschutz = "Sturmkoog", "rathaus@sturmkoog.example", "datenschutz@sturmkoog.example"
	p.Theme = mandant.Theme{Hue: 262, Chroma: .13, AccentHue: 38, Radius: 0, Crest: "leuchtturm"}
	return m, p
}

// Fill gives the store of s.Scope.Mandant its profile and units, as mandant add does.
func Fill(t testing.TB, s *storagetest.Store) {
	t.Helper()
	m, p := Town(s.Scope.Mandant)
	s.As("system").Write(t, func(tx *storage.Tx) error { return mandant.Fill(tx, m, p) })
}

// Einheit returns the id of the unit with the key.
func Einheit(t testing.TB, s *storagetest.Store, key string) string {
	t.Helper()
	var id string
	s.Read(t, func(tx *storage.Tx) error {
		e, err := mandant.EinheitByKey(tx, key)
		id = e.ID
		return err
	})
	return id
}
