package konto

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost are the parameters of argon2id. The zero value means DefaultCost.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is OWASP's first recommendation: 19 MiB, 2 passes, 1 lane (about 30 ms on a small server).
func DefaultCost() Cost { return Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

const (
	saltLength = 16
	hashLength = 32
)

var errHashFormat = errors.New("konto: not an argon2id hash")

// Hasher makes and checks password hashes, a few at a time: each takes 19 MiB, and a flood of logins
// must not take the memory of the town hall. Safe for concurrent use.
type Hasher struct {
	cost  Cost
	slots chan struct{}
}

// NewHasher returns a Hasher that works on at most parallel hashes at once.
func NewHasher(cost Cost, parallel int) *Hasher {
	if cost == (Cost{}) {
		cost = DefaultCost()
	}
	return &Hasher{cost: cost, slots: make(chan struct{}, max(1, parallel))}
}

// Hash returns the PHC string of a password: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
// It waits for a free slot; the context ends the wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("konto: random source: %w", err)
	}
	sum, err := h.sum(ctx, password, salt, h.cost, hashLength)
	if err != nil {
		return "", err
	}
	return encodePHC(h.cost, salt, sum), nil
}

// Verify reports whether the password belongs to the PHC string.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (bool, error) {
	cost, salt, want, err := decodePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := h.sum(ctx, password, salt, cost, uint32(len(want)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// Outdated reports whether a hash was made with other parameters than today's.
func (h *Hasher) Outdated(phc string) bool {
	cost, _, _, err := decodePHC(phc)
	return err != nil || cost != h.cost
}

func (h *Hasher) sum(ctx context.Context, password string, salt []byte, c Cost, length uint32) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(normalPassword(password)), salt, c.Passes, c.MemoryKiB, c.Lanes, length), nil
}

func encodePHC(c Cost, salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

// decodePHC also bounds the parameters: a manipulated row must not be able to ask for all memory.
func decodePHC(phc string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHashFormat
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, errHashFormat
	}
	if c.MemoryKiB > 1<<20 || c.Passes == 0 || c.Passes > 64 || c.Lanes == 0 {
		return c, nil, nil, errHashFormat
	}
	b := base64.RawStdEncoding
	if salt, err = b.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errHashFormat
	}
	if sum, err = b.DecodeString(parts[5]); err != nil || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, errHashFormat
	}
	return c, salt, sum, nil
}
