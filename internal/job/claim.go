package job

import (
	"fmt"
	"time"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// claim takes up to n due jobs for lease. A running job whose lease has ended is due again.
func claim(tx *storage.Tx, n int, lease time.Duration) ([]Job, error) {
	now := storage.Millis(tx.Now())
	jobs, err := storage.List(tx, scan, `select `+columns+` from job
		where (state = $1 and due_at <= $2) or (state = $3 and lease_until <= $2)
		order by due_at, id limit $4`, Ready, now, Running, n)
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	for i := range jobs {
		jobs[i].Attempts++
		// The unique key is given up: a job enqueued from now on sees what this one may have missed.
		_, err := tx.Exec(`update job set state = $1, attempts = $2, lease_until = $3, unique_key = null, changed_at = $4 where id = $5`,
			Running, jobs[i].Attempts, now+lease.Milliseconds(), now, jobs[i].ID)
		if err != nil {
			return nil, fmt.Errorf("claim job %s: %w", jobs[i].ID, err)
		}
	}
	return jobs, nil
}

// next returns when the next job of the store is due; zero when none waits.
func next(tx *storage.Tx) (time.Time, error) {
	ready, err := storage.Get(tx, storage.Value[int64], `select coalesce(min(due_at), 0) from job where state = $1`, Ready)
	if err != nil {
		return time.Time{}, err
	}
	leased, err := storage.Get(tx, storage.Value[int64], `select coalesce(min(lease_until), 0) from job where state = $1`, Running)
	if err != nil {
		return time.Time{}, err
	}
	if ready == 0 || leased != 0 && leased < ready {
		ready = leased
	}
	return storage.Time(ready), nil
}

// extend prolongs the lease of a running job. attempt guards against a claim by somebody else.
func extend(tx *storage.Tx, j Job, lease time.Duration) error {
	now := storage.Millis(tx.Now())
	_, err := tx.Exec(`update job set lease_until = $1, changed_at = $2 where id = $3 and state = $4 and attempts = $5`,
		now+lease.Milliseconds(), now, j.ID, Running, j.Attempts)
	return err
}

// finish deletes a job that is done; problem.Conflict when it is no longer this attempt's.
func finish(tx *storage.Tx, j Job) error {
	n, err := tx.Exec(`delete from job where id = $1 and state = $2 and attempts = $3`, j.ID, Running, j.Attempts)
	if err == nil && n == 0 {
		err = problem.Conflict
	}
	if err != nil {
		return fmt.Errorf("complete job %s: %w", j.ID, err)
	}
	return nil
}

// release takes jobs back that a dead process of this installation had claimed. Only where one process
// owns the store.
func release(tx *storage.Tx) error {
	_, err := tx.Exec(`update job set lease_until = $1 where state = $2`, storage.Millis(tx.Now()), Running)
	return err
}

// failed records an attempt that ended with cause: again after pause, or dead.
func failed(tx *storage.Tx, j Job, cause error, again bool, pause time.Duration) error {
	state, now := Dead, storage.Millis(tx.Now())
	if again {
		state = Ready
	}
	_, err := tx.Exec(`update job set state = $1, due_at = $2, last_error = $3, changed_at = $4 where id = $5 and state = $6 and attempts = $7`,
		state, now+pause.Milliseconds(), short(cause.Error()), now, j.ID, Running, j.Attempts)
	if err != nil {
		return fmt.Errorf("job %s failed: %w", j.ID, err)
	}
	return nil
}

// short bounds an error text at a rune's beginning.
func short(s string) string {
	const max = 500
	if len(s) <= max {
		return s
	}
	end := max
	for end > 0 && s[end]&0xc0 == 0x80 {
		end--
	}
	return s[:end] + "…"
}
