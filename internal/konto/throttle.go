package konto

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"rathaus/internal/clock"
)

// A bucket holds tries; each try takes one, a success gives it back, time refills.
type bucket struct {
	tries float64
	at    time.Time
}

// Limits of the throttle: tries at once, and how long until one more is allowed.
const (
	triesAccount  = 10
	refillAccount = time.Minute
	triesAddress  = 20
	refillAddress = 30 * time.Second
	triesDevice   = 10 // of a browser that has signed in to this account before
	refillDevice  = 15 * time.Second
	maxBuckets    = 200_000 // some 20 MB; beyond it full buckets are dropped first, then everything
)

// Throttle slows down guessing of passwords and codes, by account and by address. It never locks
// anybody out for good: every bucket refills, and a browser that signed in to the account before has
// a bucket of its own, so that guessing by others does not keep the owner out.
//
// It lives in memory only. Names and addresses are kept as HMACs under a key that changes daily, so
// that a memory dump or a log line tells nobody's login or address.
type Throttle struct {
	mu      sync.Mutex
	clock   clock.Clock
	day     clock.Date
	key     [32]byte
	buckets map[[16]byte]*bucket
}

// NewThrottle returns an empty throttle.
func NewThrottle(c clock.Clock) *Throttle {
	return &Throttle{clock: c, buckets: map[[16]byte]*bucket{}}
}

// Try is one counted attempt.
type Try struct {
	t    *Throttle
	keys [][16]byte
}

// source says who tries; an empty account or address does not count: town and purpose keep towns and kinds of login apart.
type source struct {
	town, purpose, account, address string
	device                          bool // proved to be a browser of the account's owner
}

// begin counts an attempt. It returns false, without counting, when a bucket is empty, with the time to wait.
func (t *Throttle) begin(s source) (Try, time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	t.turnDay(now)
	type limit struct {
		key    [16]byte
		tries  float64
		refill time.Duration
	}
	var limits []limit
	if s.device {
		limits = []limit{{t.name("device", s.town, s.purpose, s.account), triesDevice, refillDevice}}
	} else {
		if s.account != "" {
			limits = append(limits, limit{t.name("account", s.town, s.purpose, s.account), triesAccount, refillAccount})
		}
		if s.address != "" {
			limits = append(limits, limit{t.name("address", s.address), triesAddress, refillAddress})
		}
	}
	var wait time.Duration
	for _, l := range limits {
		b := t.bucket(l.key, l.tries, l.refill, now)
		if b.tries < 1 {
			wait = max(wait, time.Duration((1-b.tries)*float64(l.refill)))
		}
	}
	if wait > 0 {
		return Try{}, wait, false
	}
	try := Try{t: t}
	for _, l := range limits {
		t.buckets[l.key].tries--
		try.keys = append(try.keys, l.key)
	}
	return try, 0, true
}

// Succeeded gives the attempt back. A failed attempt needs no call.
func (y Try) Succeeded() {
	if y.t == nil {
		return
	}
	y.t.mu.Lock()
	defer y.t.mu.Unlock()
	for _, k := range y.keys {
		if b := y.t.buckets[k]; b != nil {
			b.tries++
		}
	}
}

func (t *Throttle) bucket(key [16]byte, full float64, refill time.Duration, now time.Time) *bucket {
	b := t.buckets[key]
	if b == nil {
		t.makeRoom(now)
		b = &bucket{tries: full, at: now}
		t.buckets[key] = b
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.tries = min(full, b.tries+float64(passed)/float64(refill))
	}
	b.at = now
	return b
}

// makeRoom keeps the memory bounded when an attacker uses ever new names.
func (t *Throttle) makeRoom(now time.Time) {
	if len(t.buckets) < maxBuckets {
		return
	}
	for k, b := range t.buckets {
		if now.Sub(b.at) > time.Duration(triesAddress)*refillAccount {
			delete(t.buckets, k)
		}
	}
	if len(t.buckets) >= maxBuckets {
		clear(t.buckets)
	}
}

// turnDay takes a new key each day; yesterday's names cannot be computed again.
func (t *Throttle) turnDay(now time.Time) {
	today := clock.DateOf(now)
	if t.day == today {
		return
	}
	if _, err := rand.Read(t.key[:]); err != nil {
		panic("konto: random source failed: " + err.Error())
	}
	t.day = today
	clear(t.buckets)
}

func (t *Throttle) name(parts ...string) [16]byte {
	m := hmac.New(sha256.New, t.key[:])
	for _, p := range parts {
		m.Write([]byte{byte(len(p) >> 8), byte(len(p))})
		m.Write([]byte(p))
	}
	return [16]byte(m.Sum(nil)[:16])
}
