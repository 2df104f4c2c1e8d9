package job

import (
	"context"
	"errors"
	"time"

	"rathaus/internal/storage"
)

// sweepLoop visits every store after start and then regularly: jobs enqueued by another server,
// leases that ended, periodic kinds of new towns.
func (r *Runner) sweepLoop(ctx context.Context) {
	first := true
	for {
		if err := r.sweep(ctx, first); err != nil && ctx.Err() == nil {
			r.db.Log().Warn("job sweep", "err", err)
		}
		first = false
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.Sweep):
		}
	}
}

func (r *Runner) sweep(ctx context.Context, first bool) error {
	towns, err := r.db.Mandanten(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range append([]string{storage.Central}, towns...) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, r.visit(ctx, m, first))
	}
	return errors.Join(errs...)
}

// visit schedules a store. Work that writes is done only when there is some.
func (r *Runner) visit(ctx context.Context, mandant string, first bool) error {
	scope := storage.Scope{Mandant: mandant, Actor: "system"}
	var missing []string
	var due time.Time
	running := 0
	err := r.db.Read(ctx, scope, func(tx *storage.Tx) error {
		missing = missing[:0]
		var err error
		for kind := range r.periodic {
			n, err := storage.Get(tx, storage.Value[int], `select count(*) from job where kind = $1 and state <> $2`, kind, Dead)
			if err != nil {
				return err
			}
			if n == 0 {
				missing = append(missing, kind)
			}
		}
		if running, err = Count(tx, Running); err != nil {
			return err
		}
		due, err = next(tx)
		return err
	})
	if err != nil {
		return err
	}
	// On SQLite this process is the only one: what is running at start was left by a dead one.
	orphaned := first && running > 0 && r.db.Engine() == storage.SQLite
	if len(missing) > 0 || orphaned {
		err = r.db.Write(ctx, scope, func(tx *storage.Tx) error {
			for _, kind := range missing {
				if err := r.planIn(tx, kind); err != nil {
					return err
				}
			}
			if orphaned {
				if err := release(tx); err != nil {
					return err
				}
			}
			var err error
			due, err = next(tx)
			return err
		})
	}
	if err == nil && !due.IsZero() {
		r.schedule.wake(mandant, due)
	}
	return err
}
