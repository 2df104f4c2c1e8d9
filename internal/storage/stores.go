package storage

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// reopenPause is how long a store that met an I/O error stays closed before the next attempt.
const reopenPause = 5 * time.Second

// stores keeps open stores by key, closing the least recently used beyond max.
type stores struct {
	engine   backend
	cfg      Config
	onDemand map[string]bool

	mu     sync.Mutex
	idle   sync.Cond // a handle lost its last user
	open   map[string]*handle
	recent *list.List // of *handle, most recent first
	closed bool

	closing sync.WaitGroup // evicted stores on their way out
}

// handle is one store being opened, open or broken.
type handle struct {
	key   string
	refs  int
	at    *list.Element
	ready chan struct{} // closed when opening has ended
	store store
	err   error
	retry time.Time // a failed or broken store is not opened anew before
}

func newStores(b backend, cfg Config) *stores {
	s := &stores{engine: b, cfg: cfg, onDemand: map[string]bool{}, open: map[string]*handle{}, recent: list.New()}
	s.idle.L = &s.mu
	for _, k := range cfg.CreateOnUse {
		s.onDemand[k] = true
	}
	return s
}

// acquire returns the open store of key and a function that must be called when done with it.
func (s *stores) acquire(ctx context.Context, key string) (store, func(), error) {
	if key != Central && !ValidKey(key) {
		return nil, nil, fmt.Errorf("store %q: %w", key, ErrNoStore)
	}
	h, opener, err := s.handle(key)
	if err != nil {
		return nil, nil, err
	}
	if opener {
		s.openHandle(ctx, h)
	}
	select {
	case <-h.ready:
	case <-ctx.Done():
		s.release(h)
		return nil, nil, ctx.Err()
	}
	if h.err != nil {
		err := h.err
		s.release(h)
		return nil, nil, err
	}
	return h.store, func() { s.release(h) }, nil
}

// handle finds or registers the handle of key, counted; opener tells the caller to open it.
func (s *stores) handle(key string) (h *handle, opener bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false, ErrClosed
	}
	h = s.open[key]
	if h != nil && h.isBroken() {
		if h.retry.IsZero() {
			h.retry = s.cfg.Clock.Now().Add(reopenPause)
		}
		if h.refs > 0 || s.cfg.Clock.Now().Before(h.retry) {
			return nil, false, fmt.Errorf("store %s is closed after an I/O error: %w", storeName(key), ErrUnavailable)
		}
		s.forget(h)
		s.closeStore(h)
		h = nil
	}
	if h == nil {
		h = &handle{key: key, ready: make(chan struct{})}
		h.at = s.recent.PushFront(h)
		s.open[key] = h
		opener = true
		s.evict()
	}
	h.refs++
	s.recent.MoveToFront(h.at)
	return h, opener, nil
}

func (h *handle) isBroken() bool { return h.store != nil && h.store.broken() }

// openHandle opens the store outside the lock; others wait on ready. The opener's ctx must not end the
// opening for the others, so it is kept from cancelling.
func (s *stores) openHandle(ctx context.Context, h *handle) {
	st, err := s.engine.open(context.WithoutCancel(ctx), h.key)
	if errors.Is(err, ErrNoStore) && s.onDemand[h.key] {
		if err = s.engine.create(context.WithoutCancel(ctx), h.key); err == nil {
			st, err = s.engine.open(context.WithoutCancel(ctx), h.key)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h.store = st
	if err != nil {
		h.err = fmt.Errorf("open %s: %w", storeName(h.key), openError(err))
		s.forget(h) // the next caller tries again
	}
	close(h.ready)
}

// openError: a town that exists and cannot be opened or migrated answers 503, the others run on.
func openError(err error) error {
	if errors.Is(err, ErrNoStore) || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func (s *stores) forget(h *handle) {
	if s.open[h.key] == h {
		delete(s.open, h.key)
		s.recent.Remove(h.at)
	}
}

func (s *stores) release(h *handle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.refs--
	if h.refs == 0 {
		s.idle.Broadcast()
	}
	s.evict()
}

// evict closes idle stores beyond the limit. Caller holds mu.
func (s *stores) evict() {
	for e := s.recent.Back(); e != nil && len(s.open) > s.cfg.MaxOpen; {
		h := e.Value.(*handle)
		e = e.Prev()
		if h.refs == 0 && h.store != nil && !h.store.broken() {
			s.forget(h)
			s.closing.Go(func() { s.closeStore(h) }) // its checkpoint must not hold up the others
		}
	}
}

func (s *stores) closeStore(h *handle) {
	if h.store == nil {
		return
	}
	if err := h.store.close(); err != nil {
		s.cfg.Log.Error("close store", "store", storeName(h.key), "err", err)
	}
	h.store = nil
}

// closeOne waits for the store's users and closes it.
func (s *stores) closeOne(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := s.open[key]; h != nil; h = s.open[key] {
		if h.refs > 0 {
			s.idle.Wait()
			continue
		}
		s.forget(h)
		s.closeStore(h)
	}
}

// closeAll refuses new users, waits for the running ones and closes everything.
func (s *stores) closeAll() {
	defer s.closing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for len(s.open) > 0 {
		waiting := false
		for _, h := range s.open {
			if h.refs > 0 {
				waiting = true
				continue
			}
			s.forget(h)
			s.closeStore(h)
		}
		if waiting {
			s.idle.Wait()
		}
	}
}
