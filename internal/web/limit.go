package web

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxCallers bounds the memory of a limit; beyond it everybody starts with a full allowance again.
const maxCallers = 50_000

// limit slows down one route per town and address. Addresses are kept in memory only, as hashes under a random seed
// that dies with the process.
type limit struct {
	every time.Duration
	burst int

	mu      sync.Mutex
	seed    maphash.Seed
	callers map[uint64]*rate.Limiter
}

// Limit lets one address call this route n times at once and then once each interval; what is more gets 429. For forms
// that store or send something without a sign-in.
func (r *Route) Limit(n int, every time.Duration) *Route {
	r.limit = &limit{every: every, burst: n, seed: maphash.MakeSeed(), callers: map[uint64]*rate.Limiter{}}
	return r
}

// wait is how long the caller must wait; 0 lets him in.
func (l *limit) wait(now time.Time, town string, addr netip.Addr) time.Duration {
	if l == nil {
		return 0
	}
	if addr.Is6() { // whoever has one IPv6 address has a /64 of them
		if p, err := addr.Prefix(64); err == nil {
			addr = p.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := maphash.String(l.seed, town+" "+addr.String())
	c, ok := l.callers[key]
	if !ok {
		if len(l.callers) >= maxCallers {
			clear(l.callers)
		}
		c = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.callers[key] = c
	}
	if c.AllowN(now, 1) {
		return 0
	}
	return l.every
}
