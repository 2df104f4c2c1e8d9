// Package job runs work after the transaction that asked for it: a job exists if and only if that
// transaction commits, and it is delivered at least once.
//
//	err := job.Enqueue(tx, "mail.send", payload, job.At(tx.Now().Add(time.Hour)))
//
// Jobs are rows of one table per store. A [Runner] claims due rows with a lease, calls the handler
// registered for the kind outside any transaction and deletes the row. A handler may be called twice
// (crash, lost lease), so it is idempotent, or makes its effect and [Run.Complete] in one Write. A
// failed job is tried again with growing pauses; after its last attempt it is dead, with the reason,
// until an administrator retries or deletes it.
//
// One Write runs at a time per store, so claiming needs no row locks on either engine.
package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// States of a job. A job that is done has no row.
const (
	Ready   = "ready"
	Running = "running"
	Dead    = "dead"
)

// topic is the storage signal of an enqueued job.
const topic = "job"

// Option changes how a job is enqueued.
type Option func(*options)

type options struct {
	due    time.Time
	unique string
}

// At delays the job until t.
func At(t time.Time) Option { return func(o *options) { o.due = t } }

// Unique enqueues nothing when a job with this key waits already. A job that has been claimed does not
// count: what it has read may be old.
func Unique(key string) Option { return func(o *options) { o.unique = key } }

// Enqueue adds a job in tx. payload is stored as JSON: ids, no personal data.
func Enqueue(tx *storage.Tx, kind string, payload any, opts ...Option) error {
	o := options{due: tx.Now()}
	for _, opt := range opts {
		opt(&o)
	}
	b, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	var unique any
	if o.unique != "" {
		unique = o.unique
	}
	_, err = tx.Exec(`insert into job (id, kind, payload, unique_key, state, due_at, attempts, lease_until, last_error, created_at, created_by, changed_at)
		values ($1, $2, $3, $4, $5, $6, 0, 0, '', $7, $8, $7) on conflict (unique_key) do nothing`,
		tx.NewID(), kind, string(b), unique, Ready, storage.Millis(o.due), storage.Millis(tx.Now()), tx.Scope().Actor)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	tx.Signal(topic, o.due)
	return nil
}

// Job is a row as the administration page shows it.
type Job struct {
	ID        string
	Kind      string
	State     string
	Due       time.Time
	Attempts  int
	LastError string
	CreatedAt time.Time
	CreatedBy string
	Payload   string // JSON
}

const columns = `id, kind, payload, state, due_at, attempts, last_error, created_at, created_by`

func scan(s storage.Scanner) (Job, error) {
	var j Job
	var due, created int64
	err := s.Scan(&j.ID, &j.Kind, &j.Payload, &j.State, &due, &j.Attempts, &j.LastError, &created, &j.CreatedBy)
	j.Due, j.CreatedAt = storage.Time(due), storage.Time(created)
	return j, err
}

// List returns up to 100 jobs of a state, those due first in front.
func List(tx *storage.Tx, state string) ([]Job, error) {
	jobs, err := storage.List(tx, scan, `select `+columns+` from job where state = $1 order by due_at, id limit 100`, state)
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return jobs, nil
}

// Count returns how many jobs are in a state.
func Count(tx *storage.Tx, state string) (int, error) {
	n, err := storage.Get(tx, storage.Value[int], `select count(*) from job where state = $1`, state)
	if err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return n, nil
}

// Retry makes a dead job ready at once, with all its attempts anew; problem.NotFound when it is not dead.
func Retry(tx *storage.Tx, id string) error {
	n, err := tx.Exec(`update job set state = $1, attempts = 0, due_at = $2, changed_at = $2 where id = $3 and state = $4`,
		Ready, storage.Millis(tx.Now()), id, Dead)
	if err == nil && n == 0 {
		err = problem.NotFound
	}
	if err != nil {
		return fmt.Errorf("retry job %s: %w", id, err)
	}
	tx.Signal(topic, tx.Now())
	return nil
}

// Delete removes a dead job; problem.NotFound when it is not dead.
func Delete(tx *storage.Tx, id string) error {
	n, err := tx.Exec(`delete from job where id = $1 and state = $2`, id, Dead)
	if err == nil && n == 0 {
		err = problem.NotFound
	}
	if err != nil {
		return fmt.Errorf("delete job %s: %w", id, err)
	}
	return nil
}

// permanent marks an error that no further attempt can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent wraps a handler's error so that the job is dead at once.
func Permanent(err error) error { return permanent{err} }

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}
