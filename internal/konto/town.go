package konto

import (
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// SaveProfil is mandant.SetProfil for people: it needs ManageTown.
func SaveProfil(tx *storage.Tx, p mandant.Profil) error {
	if err := Require(tx, ManageTown, ""); err != nil {
		return err
	}
	return mandant.SetProfil(tx, p)
}

// SaveEinheit is mandant.SaveEinheit for people: it needs ManageTown.
func SaveEinheit(tx *storage.Tx, e mandant.Einheit) (mandant.Einheit, error) {
	if err := Require(tx, ManageTown, ""); err != nil {
		return e, err
	}
	return mandant.SaveEinheit(tx, e)
}
