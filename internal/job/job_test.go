package job_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/job"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

type payload struct{ N int }

func enqueue(t *testing.T, s *storagetest.Store, n int, opts ...job.Option) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) error { return job.Enqueue(tx, "test", payload{n}, opts...) })
}

// recorder is a handler that notes what it got and answers with fail.
type recorder struct {
	mu   sync.Mutex
	got  []string
	fail func(n, attempt int) error
}

func (r *recorder) handle(_ context.Context, run *job.Run) error {
	var p payload
	if err := run.Decode(&p); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, fmt.Sprintf("%s %d/%d", run.Mandant, p.N, run.Attempts))
	if r.fail != nil {
		return r.fail(p.N, run.Attempts)
	}
	return nil
}

func (r *recorder) want(t *testing.T, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if diff := cmp.Diff(want, r.got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func setup(t *testing.T) (*storagetest.Store, *job.Runner, *recorder) {
	t.Helper()
	s := storagetest.New(t)
	rec := &recorder{}
	r := job.NewRunner(s.DB)
	r.Register("test", rec.handle)
	return s, r, rec
}

func drain(t *testing.T, s *storagetest.Store, r *job.Runner) {
	t.Helper()
	if _, err := r.Drain(context.Background(), s.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
}

func jobs(t *testing.T, s *storagetest.Store, state string) []job.Job {
	t.Helper()
	var out []job.Job
	s.Read(t, func(tx *storage.Tx) error {
		var err error
		out, err = job.List(tx, state)
		return err
	})
	return out
}

func TestExistsOnlyIfCommitted(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		return errors.Join(job.Enqueue(tx, "test", payload{1}), errors.New("no"))
	})
	if err == nil {
		t.Fatal("error was lost")
	}
	enqueue(t, s, 2)
	drain(t, s, r)
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 2/1")
	if left := jobs(t, s, job.Ready); len(left) != 0 {
		t.Errorf("jobs are left: %v", left)
	}
}

func TestDueAndOrder(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	enqueue(t, s, 1, job.At(s.Clock.Now().Add(time.Hour)))
	enqueue(t, s, 2)
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 2/1")
	s.Clock.Advance(time.Hour)
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 2/1", "wiesenbrueck 1/1")
}

func TestUnique(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	enqueue(t, s, 1, job.Unique("k"))
	enqueue(t, s, 2, job.Unique("k"))
	rec.fail = func(n, attempt int) error {
		if n == 1 && attempt == 1 { // what is enqueued while one runs is not lost
			s.Write(t, func(tx *storage.Tx) error { return job.Enqueue(tx, "test", payload{3}, job.Unique("k")) })
		}
		return nil
	}
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 1/1", "wiesenbrueck 3/1")
}

func TestRetryThenDead(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	r.MaxAttempts = 3
	rec.fail = func(int, int) error { return errors.New("Drucker brennt") }
	enqueue(t, s, 1)
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 1/1")
	if left := jobs(t, s, job.Ready); len(left) != 1 || left[0].LastError != "Drucker brennt" || !left[0].Due.Equal(s.Clock.Now().Add(10*time.Second)) {
		t.Errorf("after the first attempt: %+v", left)
	}
	s.Clock.Advance(10 * time.Second)
	drain(t, s, r)
	s.Clock.Advance(40 * time.Second)
	drain(t, s, r)
	s.Clock.Advance(24 * time.Hour)
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 1/1", "wiesenbrueck 1/2", "wiesenbrueck 1/3")
	dead := jobs(t, s, job.Dead)
	if len(dead) != 1 || dead[0].LastError != "Drucker brennt" {
		t.Fatalf("dead jobs: %+v", dead)
	}
	rec.fail = nil
	s.Write(t, func(tx *storage.Tx) error { return job.Retry(tx, dead[0].ID) })
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 1/1", "wiesenbrueck 1/2", "wiesenbrueck 1/3", "wiesenbrueck 1/1")
}

func TestPermanentErrorsAndDelete(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	r.Register("panics", func(context.Context, *job.Run) error { panic("boom") })
	rec.fail = func(int, int) error { return job.Permanent(errors.New("falsch")) }
	enqueue(t, s, 1)
	s.Write(t, func(tx *storage.Tx) error {
		return errors.Join(job.Enqueue(tx, "test", "no payload"), job.Enqueue(tx, "panics", nil), job.Enqueue(tx, "unknown", nil))
	})
	drain(t, s, r)
	dead := jobs(t, s, job.Dead)
	if len(dead) != 2 {
		t.Errorf("dead: %+v, want two", dead)
	}
	var errs []string
	for _, j := range jobs(t, s, job.Ready) {
		errs = append(errs, j.LastError)
	}
	if got := strings.Join(errs, "; "); !strings.Contains(got, "panic: boom") || !strings.Contains(got, "no handler for kind unknown") {
		t.Errorf("waiting for another attempt: %s", got)
	}
	s.Write(t, func(tx *storage.Tx) error { return job.Delete(tx, dead[0].ID) })
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error { return job.Delete(tx, dead[0].ID) })
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("delete again: got %v, want NotFound", err)
	}
}

// TestLostLease: a job whose holder vanished runs again; the first holder cannot complete it any more.
func TestLostLease(t *testing.T) {
	t.Parallel()
	s, r, rec := setup(t)
	var late error
	other := job.NewRunner(s.DB)
	other.Register("test", rec.handle)
	first := true
	r2 := job.NewRunner(s.DB)
	r2.Register("test", func(ctx context.Context, run *job.Run) error {
		if first {
			first = false
			s.Clock.Advance(3 * time.Minute) // asleep beyond the lease
			drain(t, s, other)
		}
		late = run.Write(ctx, func(tx *storage.Tx) error { return run.Complete(tx) })
		return late
	})
	enqueue(t, s, 1)
	if _, err := r2.Drain(context.Background(), s.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(late, problem.Conflict) {
		t.Errorf("completing a lost job: got %v, want Conflict", late)
	}
	drain(t, s, r)
	rec.want(t, "wiesenbrueck 1/2")
}

func TestCompleteWithItsEffect(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	r := job.NewRunner(s.DB)
	r.Register("test", func(ctx context.Context, run *job.Run) error {
		return run.Write(ctx, func(tx *storage.Tx) error {
			if tx.Scope().Actor != "job:test" {
				t.Errorf("acts as %s", tx.Scope().Actor)
			}
			return errors.Join(job.Enqueue(tx, "next", nil), run.Complete(tx))
		})
	})
	r.Register("next", func(context.Context, *job.Run) error { return nil })
	enqueue(t, s, 1)
	drain(t, s, r)
	if left := jobs(t, s, job.Ready); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

// TestRunsInTheBackground: a commit wakes the runner; several towns; the sweep finds what was there before.
func TestRunsInTheBackground(t *testing.T) {
	t.Parallel()
	s, r, _ := setup(t)
	var done atomic.Int32
	r.Register("count", func(context.Context, *job.Run) error { done.Add(1); return nil })
	add := func(in *storagetest.Store, n int) {
		for range n {
			in.Write(t, func(tx *storage.Tx) error { return job.Enqueue(tx, "count", nil) })
		}
	}
	add(s, 3) // before the start
	r.Start()
	defer r.Stop()
	add(s, 10)
	add(s.In(storagetest.Sturmkoog), 10)
	add(s.In(storage.Central), 2)
	deadline := time.After(20 * time.Second)
	for done.Load() < 25 {
		select {
		case <-deadline:
			t.Fatalf("%d of 25 jobs ran", done.Load())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func TestStopWaitsAndKeepsTheJob(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	r := job.NewRunner(s.DB)
	begun := make(chan struct{})
	r.Register("test", func(ctx context.Context, _ *job.Run) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	enqueue(t, s, 1)
	r.Start()
	<-begun
	r.Stop()
	if left := jobs(t, s, job.Ready); len(left) != 1 {
		t.Errorf("after Stop %d jobs wait, want the interrupted one", len(left))
	}
}

func TestPeriodic(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(*storage.Tx) error { return nil }) // the town exists
	r := job.NewRunner(s.DB)
	var runs atomic.Int32
	r.Periodic("nightly", func(after time.Time) time.Time { return after.Truncate(24 * time.Hour).Add(24 * time.Hour) },
		func(context.Context, *job.Run) error { runs.Add(1); return nil })
	if err := r.SweepOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	drain(t, s, r)
	if runs.Load() != 0 {
		t.Error("ran before its time")
	}
	s.Clock.Advance(72 * time.Hour) // the program was off
	drain(t, s, r)
	if err := r.SweepOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	drain(t, s, r)
	if runs.Load() != 1 {
		t.Errorf("ran %d times, want a missed run made up once", runs.Load())
	}
	if left := jobs(t, s, job.Ready); len(left) != 1 {
		t.Errorf("%d runs are planned, want 1", len(left))
	}
}
