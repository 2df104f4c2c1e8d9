package app

import (
	"context"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/mail"
	"rathaus/internal/storage"
)

// nightly is when a town cleans up: half past two, in Germany.
func nightly(t time.Time) time.Time {
	local := t.In(clock.Berlin())
	next := time.Date(local.Year(), local.Month(), local.Day(), 2, 30, 0, 0, clock.Berlin())
	if !next.After(t) {
		next = time.Date(local.Year(), local.Month(), local.Day()+1, 2, 30, 0, 0, clock.Berlin())
	}
	return next.UTC()
}

// registerHousekeeping makes known what each town does by itself at night: ended sessions and codes go, sent mails,
// drafts nobody has touched for a month with their uploads.
func (p *program) registerHousekeeping() {
	p.runner.Periodic("haus.aufraeumen", nightly, func(ctx context.Context, run *job.Run) error {
		return run.Write(ctx, func(tx *storage.Tx) error {
			if err := konto.Sweep(tx); err != nil {
				return err
			}
			if err := mail.Sweep(tx); err != nil {
				return err
			}
			if _, err := p.office.Forms.RemindDrafts(tx); err != nil {
				return err
			}
			_, err := formular.ExpireDrafts(tx)
			return err
		})
	})
}
