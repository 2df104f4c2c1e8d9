package job

import (
	"context"
	"sync"
	"time"

	"rathaus/internal/clock"
)

// schedule knows in memory when each store is to be visited next, so nobody polls hundreds of stores.
type schedule struct {
	mu      sync.Mutex
	due     map[string]time.Time
	working map[string]int
	changed chan struct{} // holds one token when something changed
}

func (s *schedule) init() {
	s.due = map[string]time.Time{}
	s.working = map[string]int{}
	s.changed = make(chan struct{}, 1)
}

func (s *schedule) notify() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// wake says that the store has something due at t.
func (s *schedule) wake(mandant string, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.due[mandant]; !ok || t.Before(old) {
		s.due[mandant] = t
		s.notify()
	}
}

// done gives the store's place back.
func (s *schedule) done(mandant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working[mandant]--; s.working[mandant] <= 0 {
		delete(s.working, mandant)
	}
	s.notify()
}

// take waits for a store that is due and has less than limit jobs running, and removes its time: the
// taker schedules it anew. False when ctx ends.
func (s *schedule) take(ctx context.Context, c clock.Clock, limit int) (string, bool) {
	for {
		mandant, wait := s.earliest(c.Now(), limit)
		if wait == 0 {
			return mandant, true
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return "", false
		case <-s.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// earliest returns a due store, or how long to wait for the next one.
func (s *schedule) earliest(now time.Time, limit int) (string, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait, best, found := time.Minute, "", false
	for m, t := range s.due {
		if s.working[m] >= limit {
			continue
		}
		if d := t.Sub(now); d < wait {
			wait, best, found = d, m, true
		}
	}
	if !found || wait > 0 {
		return "", max(wait, time.Millisecond)
	}
	delete(s.due, best)
	s.working[best]++
	return best, 0
}
