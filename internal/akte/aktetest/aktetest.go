// Package aktetest builds small offices for tests: units, people with roles, an Aktenplan, Vorgaenge.
package aktetest

import (
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// Office is a town with units and staff. The people are actors for Scope.Actor.
type Office struct {
	*storagetest.Store
	Clerk, Colleague, Head, Stranger, Post, Auditor string // actors
	UnitID, OtherID                                 string // steueramt, ordnungsamt
}

// New returns an office in a fresh store; options are those of storagetest.New.
func New(t testing.TB, options ...func(*storage.Config)) *Office {
	t.Helper()
	o := &Office{Store: storagetest.New(t, options...)}
	o.Write(t, func(tx *storage.Tx) error {
		if err := mandant.SeedEinheiten(tx); err != nil {
			return err
		}
		if err := akte.SeedAktenplan(tx); err != nil {
			return err
		}
		tax, err := mandant.EinheitByKey(tx, "steueramt")
		if err != nil {
			return err
		}
		order, err := mandant.EinheitByKey(tx, "ordnungsamt")
		if err != nil {
			return err
		}
		o.UnitID, o.OtherID = tax.ID, order.ID
		for _, p := range []struct {
			at    *string
			login string
			rolle konto.Rolle
			unit  string
		}{
			{&o.Clerk, "clerk", konto.Sachbearbeitung, tax.ID},
			{&o.Colleague, "colleague", konto.Sachbearbeitung, tax.ID},
			{&o.Head, "head", konto.Leitung, tax.ID},
			{&o.Stranger, "stranger", konto.Sachbearbeitung, order.ID},
			{&o.Post, "post", konto.Poststelle, tax.ID},
			{&o.Auditor, "auditor", konto.Revision, tax.ID},
		} {
			m, err := konto.Create(tx, konto.Mitarbeiter{Login: p.login, Name: "Test " + p.login}, konto.RolleAn{Rolle: p.rolle, EinheitID: p.unit})
			if err != nil {
				return err
			}
			*p.at = konto.StaffActor(m.ID)
		}
		return nil
	})
	return o
}

// Vorgang opens one in the yearly Sammelakte of the Hundesteuer, as the system.
func (o *Office) Vorgang(t testing.TB, change ...func(*akte.NewVorgang)) akte.Vorgang {
	t.Helper()
	var v akte.Vorgang
	o.As("system").Write(t, func(tx *storage.Tx) error {
		a, err := akte.FileUnder(tx, akte.Filing{Plan: "22.30", Sammelakte: true, EinheitID: o.UnitID})
		if err != nil {
			return err
		}
		n := akte.NewVorgang{AkteID: a.ID, EinheitID: o.UnitID, Betreff: "Hund anmelden: Fenja", Art: "antrag",
			Bezug: "hundesteuer-anmelden", BezugName: "Hund anmelden", Beteiligter: "Mira Tannhof", Frist: "2026-12-04"}
		for _, c := range change {
			c(&n)
		}
		v, err = akte.OpenVorgang(tx, n)
		return err
	})
	return v
}
