package storage

import (
	"sync"
	"time"
)

// Signal tells listeners in this process that a commit left something to do.
type Signal struct {
	Mandant string
	Topic   string    // "job"
	Due     time.Time // when it is to be done
}

type bus struct {
	mu        sync.RWMutex
	listeners []func(Signal)
}

// Listen calls f after each commit that signalled. f must not block. There is no way to stop
// listening: listeners live as long as the DB.
func (db *DB) Listen(f func(Signal)) {
	db.bus.mu.Lock()
	defer db.bus.mu.Unlock()
	db.bus.listeners = append(db.bus.listeners, f)
}

func (b *bus) send(signals []Signal) {
	if len(signals) == 0 {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, s := range signals {
		for _, f := range b.listeners {
			f(s)
		}
	}
}
