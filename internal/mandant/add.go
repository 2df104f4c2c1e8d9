package mandant

import (
	"context"
	"errors"
	"fmt"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// System is the actor of commands and start-up.
const System = "system"

// Add brings a Mandant into service: registers it, creates its store, fills profile and units, marks it
// bereit. No transaction spans the two stores, so each step is finished before the next and finds out by
// itself what an interrupted run has already done: Add may be run again until it succeeds, and again after
// that. It begins transactions itself and is called by commands, never by a module. p completes the
// profile; name, AGS, Land and population come from m.
func Add(ctx context.Context, db *storage.DB, m Mandant, p Profil) error {
	central := storage.Scope{Mandant: storage.Central, Actor: System}
	town := storage.Scope{Mandant: m.Key, Actor: System}
	err := db.Write(ctx, central, func(tx *storage.Tx) error { return Register(tx, m) })
	if err != nil {
		return fmt.Errorf("register %s: %w", m.Key, err)
	}
	if err := db.CreateMandant(ctx, m.Key); err != nil {
		return err
	}
	err = db.Write(ctx, town, func(tx *storage.Tx) error { return Fill(tx, m, p) })
	if err != nil {
		return fmt.Errorf("fill %s: %w", m.Key, err)
	}
	err = db.Write(ctx, central, func(tx *storage.Tx) error {
		now, err := Get(tx, m.Key)
		if err != nil || now.State != Angelegt {
			return err // a closed town is not opened by running mandant add again
		}
		return SetState(tx, m.Key, Bereit)
	})
	if err != nil {
		return fmt.Errorf("put %s into service: %w", m.Key, err)
	}
	return nil
}

// Fill gives a town's store its profile and units where they are missing; nothing present is changed.
func Fill(tx *storage.Tx, m Mandant, p Profil) error {
	_, err := GetProfil(tx)
	if errors.Is(err, problem.NotFound) {
		p.Key, p.Name, p.AGS, p.Land, p.Population, p.Version = m.Key, m.Name, m.AGS, m.Land, m.Population, 0
		if p.Official == "" {
			p.Official = m.Name
		}
		if p.Theme == (Theme{}) {
			p.Theme = DefaultTheme()
		}
		err = SetProfil(tx, p)
	}
	if err != nil {
		return err
	}
	return SeedEinheiten(tx)
}
