package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"rathaus/internal/storage"
)

// Handler does the work of one job. It may be called twice for the same job.
type Handler func(ctx context.Context, run *Run) error

// Run is one attempt at a job.
type Run struct {
	Job
	Mandant string

	db        *storage.DB
	completed bool
}

// Decode reads the payload; an unreadable one is a permanent error.
func (r *Run) Decode(v any) error {
	if err := json.Unmarshal([]byte(r.Payload), v); err != nil {
		return Permanent(fmt.Errorf("payload of %s: %w", r.Kind, err))
	}
	return nil
}

// Scope is the job's own: its town, acting as "job:KIND".
func (r *Run) Scope() storage.Scope {
	return storage.Scope{Mandant: r.Mandant, Actor: "job:" + r.Kind}
}

// Write runs fn in a Write on the job's store.
func (r *Run) Write(ctx context.Context, fn func(*storage.Tx) error) error {
	return r.db.Write(ctx, r.Scope(), fn)
}

// Read runs fn in a Read on the job's store.
func (r *Run) Read(ctx context.Context, fn func(*storage.Tx) error) error {
	return r.db.Read(ctx, r.Scope(), fn)
}

// Complete ends the job in tx, so that its effect and its end are one. problem.Conflict when the lease
// was lost to another attempt: the Write must fail then.
func (r *Run) Complete(tx *storage.Tx) error {
	if err := finish(tx, r.Job); err != nil {
		return err
	}
	tx.AfterCommit(func() { r.completed = true })
	return nil
}

// Runner claims and runs the jobs of all stores. Register everything, then Start.
type Runner struct {
	Workers     int           // jobs at once; 0 = 4
	PerStore    int           // jobs at once of one store, so that no town starves the others; 0 = 2
	Lease       time.Duration // 0 = 2 min; prolonged while the handler works
	Sweep       time.Duration // how often every store is visited; 0 = 60 s
	MaxAttempts int           // 0 = 12, over about two days

	db       *storage.DB
	kinds    map[string]Handler
	periodic map[string]func(time.Time) time.Time

	schedule schedule
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// NewRunner returns a Runner for the stores of db.
func NewRunner(db *storage.DB) *Runner {
	r := &Runner{
		Workers: 4, PerStore: 2, Lease: 2 * time.Minute, Sweep: time.Minute, MaxAttempts: 12,
		db: db, kinds: map[string]Handler{}, periodic: map[string]func(time.Time) time.Time{},
	}
	r.schedule.init()
	return r
}

// Register sets the handler of a kind. Registering a kind twice is a programming error.
func (r *Runner) Register(kind string, h Handler) {
	if r.kinds[kind] != nil {
		panic("job: kind registered twice: " + kind)
	}
	r.kinds[kind] = h
}

// Periodic registers a kind that runs by itself in every store: next tells the time of the run after t.
// A run missed while the program was off is made up once. Its payload is null.
func (r *Runner) Periodic(kind string, next func(t time.Time) time.Time, h Handler) {
	r.Register(kind, h)
	r.periodic[kind] = next
}

// Start begins to work in the background until Stop.
func (r *Runner) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.db.Listen(func(s storage.Signal) {
		if s.Topic == topic {
			r.schedule.wake(s.Mandant, s.Due)
		}
	})
	r.wg.Go(func() { r.sweepLoop(ctx) })
	r.wg.Go(func() { r.dispatch(ctx) })
}

// Stop takes no further jobs, cancels the handlers' context and waits for them.
func (r *Runner) Stop() {
	if r.cancel != nil {
		r.cancel()
	}
	r.wg.Wait()
}

// dispatch hands due stores to workers.
func (r *Runner) dispatch(ctx context.Context) {
	free := make(chan struct{}, max(r.Workers, 1))
	for {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		mandant, ok := r.schedule.take(ctx, r.db.Clock(), max(r.PerStore, 1))
		if !ok {
			return
		}
		r.wg.Go(func() {
			defer func() { <-free }()
			r.turn(ctx, mandant)
		})
	}
}

// turn runs one due job of the store. Before it begins, the store is offered to the next free worker;
// who finds nothing due schedules the store's next job.
func (r *Runner) turn(ctx context.Context, mandant string) {
	defer r.schedule.done(mandant)
	jobs, err := r.claim(ctx, mandant, 1)
	switch {
	case err != nil:
	case len(jobs) == 0:
		err = r.scheduleNext(ctx, mandant)
	default:
		r.schedule.wake(mandant, r.db.Clock().Now())
		err = r.attempt(ctx, mandant, jobs[0])
	}
	if err != nil && ctx.Err() == nil {
		r.db.Log().Warn("jobs", "mandant", mandant, "err", err) // the next sweep tries again
	}
}

func (r *Runner) scheduleNext(ctx context.Context, mandant string) error {
	var due time.Time
	err := r.db.Read(ctx, storage.Scope{Mandant: mandant, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		due, err = next(tx)
		return err
	})
	if err == nil && !due.IsZero() {
		r.schedule.wake(mandant, due)
	}
	return err
}

// Drain plans the periodic kinds of a store, runs its due jobs until none is left and returns how many
// ran; for tests, the demo and commands. It needs no Start.
func (r *Runner) Drain(ctx context.Context, mandant string) (int, error) {
	if err := r.visit(ctx, mandant, false); err != nil {
		return 0, err
	}
	for total := 0; ; {
		jobs, err := r.claim(ctx, mandant, 16)
		if err != nil || len(jobs) == 0 {
			return total, err
		}
		for _, j := range jobs {
			if err := r.attempt(ctx, mandant, j); err != nil {
				return total, err
			}
			total++
		}
	}
}

// claim takes up to limit due jobs of a store.
func (r *Runner) claim(ctx context.Context, mandant string, limit int) ([]Job, error) {
	var jobs []Job
	err := r.db.Write(ctx, storage.Scope{Mandant: mandant, Actor: "system"}, func(tx *storage.Tx) error {
		var err error
		jobs, err = claim(tx, limit, r.Lease)
		return err
	})
	return jobs, err
}

// attempt calls the handler and records the outcome.
func (r *Runner) attempt(ctx context.Context, mandant string, j Job) error {
	run := &Run{Job: j, Mandant: mandant, db: r.db}
	stop := r.heartbeat(run)
	cause := r.call(ctx, run)
	stop()
	if run.completed {
		return r.plan(ctx, run)
	}
	if cause != nil && ctx.Err() != nil {
		cause = fmt.Errorf("stopped: %w", cause)
	}
	// The outcome is recorded although the runner is being stopped.
	err := run.Write(context.WithoutCancel(ctx), func(tx *storage.Tx) error {
		if cause != nil {
			again := j.Attempts < r.MaxAttempts && !isPermanent(cause)
			return failed(tx, j, cause, again, pause(j.Attempts))
		}
		return finish(tx, j)
	})
	if cause != nil {
		r.db.Log().Warn("job failed", "mandant", mandant, "kind", j.Kind, "job", j.ID, "attempt", j.Attempts, "err", cause)
		r.schedule.wake(mandant, r.db.Clock().Now().Add(pause(j.Attempts)))
	}
	return errors.Join(err, r.plan(ctx, run))
}

// call runs the handler; a panic is an error.
func (r *Runner) call(ctx context.Context, run *Run) (err error) {
	h := r.kinds[run.Kind]
	if h == nil {
		return fmt.Errorf("no handler for kind %s", run.Kind)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			r.db.Log().Error("job panicked", "mandant", run.Mandant, "kind", run.Kind, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return h(ctx, run)
}

// heartbeat prolongs the lease until the returned function is called.
func (r *Runner) heartbeat(run *Run) func() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(r.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				err := run.Write(ctx, func(tx *storage.Tx) error { return extend(tx, run.Job, r.Lease) })
				if err != nil && ctx.Err() == nil {
					r.db.Log().Warn("job lease", "job", run.ID, "err", err)
				}
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

// pause before the attempt after n: 10 s, 40 s, 3 min, 11 min, 43 min, 3 h, then 6 h.
func pause(n int) time.Duration {
	d := 10 * time.Second
	for range n - 1 {
		if d *= 4; d > 6*time.Hour {
			return 6 * time.Hour
		}
	}
	return d
}

// plan enqueues the next run of a periodic kind.
func (r *Runner) plan(ctx context.Context, run *Run) error {
	if r.periodic[run.Kind] == nil {
		return nil
	}
	return run.Write(context.WithoutCancel(ctx), func(tx *storage.Tx) error { return r.planIn(tx, run.Kind) })
}

func (r *Runner) planIn(tx *storage.Tx, kind string) error {
	return Enqueue(tx, kind, nil, At(r.periodic[kind](tx.Now())), Unique("periodic:"+kind))
}

// Kinds lists the registered kinds, sorted.
func (r *Runner) Kinds() []string { return slices.Sorted(maps.Keys(r.kinds)) }
