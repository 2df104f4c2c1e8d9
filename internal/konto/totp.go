package konto

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default; authenticator apps know nothing else reliably
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	totpPeriod = 30 * time.Second
	totpDigits = 6
	totpSecret = 20 // bytes, the length of SHA-1 (RFC 4226 4.R6)
	totpSkew   = 1  // periods before and after that are accepted
)

// totpCode computes RFC 6238's value for one time step.
func totpCode(secret []byte, step int64, digits int) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	m := hmac.New(sha1.New, secret)
	m.Write(counter[:])
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	mod := uint32(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

func totpStep(now time.Time) int64 { return now.Unix() / int64(totpPeriod/time.Second) }

// matchTOTP returns the time step a code belongs to, or false. Steps up to and including used are
// refused: a code seen over a shoulder or in a log does not work a second time.
func matchTOTP(secret []byte, code string, now time.Time, used int64) (int64, bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, code)
	found, ok := int64(0), false
	for d := int64(-totpSkew); d <= totpSkew; d++ {
		step := totpStep(now) + d
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, step, totpDigits)), []byte(code)) == 1 && step > used && !ok {
			found, ok = step, true
		}
	}
	return found, ok
}

// TOTPSecret writes the key as authenticator apps and people type it.
func TOTPSecret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// TOTPURI is the address behind the QR code (Key URI format).
func TOTPURI(secret []byte, issuer, login string) string {
	v := url.Values{"secret": {TOTPSecret(secret)}, "issuer": {issuer}}
	// Apps show "+" literally: blanks must be %20.
	return "otpauth://totp/" + url.PathEscape(issuer+":"+login) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}

// TOTPCode computes the current code of a secret in its written form; for the demo's and the tests' logins.
func TOTPCode(written string, now time.Time) (string, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(written, " ", "")))
	if err != nil {
		return "", fmt.Errorf("konto: no TOTP secret: %w", err)
	}
	return totpCode(secret, totpStep(now), totpDigits), nil
}
