package konto_test

import (
	"net/url"
	"testing"
	"time"

	"rathaus/internal/konto"
)

// RFC 6238 appendix B, SHA-1, the last six of its eight digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := konto.TOTPSecret([]byte("12345678901234567890"))
	for unix, want := range map[int64]string{
		59:          "287082",
		1111111109:  "081804",
		1111111111:  "050471",
		1234567890:  "005924",
		2000000000:  "279037",
		20000000000: "353130",
	} {
		got, err := konto.TOTPCode(secret, time.Unix(unix, 0))
		if err != nil || got != want {
			t.Errorf("at %d: %q, %v, want %q", unix, got, err, want)
		}
	}
}

func TestTOTPURI(t *testing.T) {
	t.Parallel()
	raw := konto.TOTPURI([]byte("12345678901234567890"), "Stadt Wiesenbrück", "j.petersen")
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Stadt Wiesenbrück:j.petersen" ||
		q.Get("issuer") != "Stadt Wiesenbrück" || q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Errorf("URI %q", raw)
	}
}

func TestTOTPCodeRefusesNoSecret(t *testing.T) {
	t.Parallel()
	if _, err := konto.TOTPCode("!!", time.Unix(0, 0)); err == nil {
		t.Error("accepted")
	}
}
