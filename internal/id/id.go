// Package id makes identifiers: UUIDv7 for rows, Crockford base32 for numbers people type, random secrets.
package id

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"strings"
	"time"
)

// Source makes ids from a random stream; the zero value reads crypto/rand.
type Source struct{ Rand io.Reader }

func (s Source) read(b []byte) {
	r := s.Rand
	if r == nil {
		r = rand.Reader
	}
	if _, err := io.ReadFull(r, b); err != nil {
		panic("id: random source failed: " + err.Error()) // no id can be trusted any more
	}
}

// UUID returns a UUIDv7 (RFC 9562) for the instant now, in lower-case text form.
func (s Source) UUID(now time.Time) string {
	var b [16]byte
	s.read(b[6:])
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Secret returns n random bytes as lower-case hex.
func (s Source) Secret(n int) string {
	b := make([]byte, n)
	s.read(b)
	return hex.EncodeToString(b)
}

// alphabet is Crockford's base32: no I, L, O, U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Number returns n random Crockford characters.
func (s Source) Number(n int) string {
	b := make([]byte, n)
	s.read(b)
	return crock(b)
}

func crock(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = alphabet[c&31]
	}
	return string(out)
}

// Encode writes the bytes as Crockford base32, most significant bit first, without padding.
func Encode(b []byte) string {
	var sb strings.Builder
	var acc uint
	var bits uint
	for _, c := range b {
		acc = acc<<8 | uint(c)
		bits += 8
		for bits >= 5 {
			bits -= 5
			sb.WriteByte(alphabet[acc>>bits&31])
		}
	}
	if bits > 0 {
		sb.WriteByte(alphabet[acc<<(5-bits)&31])
	}
	return sb.String()
}

// Normal brings a number typed by a person to its stored form: case, blanks and hyphens are
// forgiven, O means 0, I and L mean 1.
func Normal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			r -= 32
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		if strings.ContainsRune(alphabet, r) {
			return r
		}
		return -1
	}, s)
}

// Grouped inserts a hyphen after every n characters: "7K4M92QX" → "7K4M-92QX".
func Grouped(s string, n int) string {
	var parts []string
	for len(s) > n {
		parts, s = append(parts, s[:n]), s[n:]
	}
	return strings.Join(append(parts, s), "-")
}
