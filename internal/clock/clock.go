// Package clock is the only source of time. Instants are UTC; days and deadlines are counted in Europe/Berlin.
package clock

import (
	"sync"
	"time"
	_ "time/tzdata" // a scratch container has no zone files
)

// Clock tells the time; tests and the demo bring their own.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now returns the current instant in UTC, cut to milliseconds as stored.
func (System) Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Fake is a clock that moves only when told to. Safe for concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake returns a clock standing at now.
func NewFake(now time.Time) *Fake { return &Fake{now: now.UTC()} }

// Now returns where the clock stands.
func (f *Fake) Now() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }

// Set moves the clock to t, also backwards.
func (f *Fake) Set(t time.Time) { f.mu.Lock(); defer f.mu.Unlock(); f.now = t.UTC() }

// Advance moves the clock forward.
func (f *Fake) Advance(d time.Duration) { f.mu.Lock(); defer f.mu.Unlock(); f.now = f.now.Add(d) }

// Berlin is the zone of German days and deadlines.
func Berlin() *time.Location { return berlin }

var berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) // embedded above
	}
	return l
}()
