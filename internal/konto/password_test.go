package konto_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
)

// cheap makes a hash in well under a millisecond; only tests use it.
func cheap() *konto.Hasher {
	return konto.NewHasher(konto.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, 4)
}

func TestHashVerify(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	full := konto.NewHasher(konto.Cost{}, 1)
	phc, err := full.Hash(ctx, "x")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") || full.Outdated(phc) {
		t.Errorf("PHC string %q", phc)
	}
	h := cheap()
	if !h.Outdated(phc) {
		t.Error("Outdated does not compare the parameters")
	}
	if phc, err = h.Hash(ctx, "Brückenzoll am Sägewerk"); err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"Brückenzoll am Sägewerk": true,
		// the same letters as composed by another keyboard
		"Bru\u0308ckenzoll am Sa\u0308gewerk": true,
		"brückenzoll am sägewerk":             false,
		"":                                    false,
	} {
		if got, err := h.Verify(ctx, phc, password); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
}

// Reference value of the argon2 command line tool (phc-winner-argon2): argon2 somesalt -id -t 2 -m 16 -p 1.
func TestVerifyReferenceHash(t *testing.T) {
	t.Parallel()
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, err := cheap().Verify(context.Background(), phc, "password")
	if err != nil || !ok {
		t.Errorf("reference hash: %v, %v", ok, err)
	}
}

func TestVerifyRefusesStrangeHashes(t *testing.T) {
	t.Parallel()
	for _, phc := range []string{"", "x", "$2a$10$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=8,t=1,p=1$AAAA",
		"$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"} {
		if _, err := cheap().Verify(context.Background(), phc, "x"); err == nil {
			t.Errorf("%q was accepted as a hash", phc)
		}
	}
}

func TestHasherBoundsConcurrency(t *testing.T) {
	t.Parallel()
	h := konto.NewHasher(konto.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := h.Hash(context.Background(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.Hash(cancelled, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has gone away still costs a hash: %v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	own := []string{"j.petersen", "Jana Petersen", "Wiesenbrück"}
	for password, key := range map[string]string{
		"Kutsche rollt durch Nebel":             "",
		"korrekt pferd batterie heftklammer":    "",
		"Tq7#vLm2pZx9":                          "",
		"Sägespäne! im Februar":                 "",
		"elf Zeichen":                           "konto.password_short",
		strings.Repeat("Läuferin am Ufer ", 20): "konto.password_long",
		"aaaaaaaaaaaa":                          "konto.password_common",
		"abababababab":                          "konto.password_common",
		"123456789012":                          "konto.password_common",
		"20.11.2026 08:00":                      "konto.password_common",
		"qwertzuiopü1":                          "konto.password_common",
		"qwertzuiopüa":                          "konto.password_common",
		"abcdefghijklm":                         "konto.password_common",
		"Passwort2026!":                         "konto.password_common",
		"P@55w0rt-2026":                         "konto.password_common",
		"Sommerurlaub26":                        "konto.password_common",
		"Rathaus-Admin-1":                       "konto.password_common",
		"Willkommen2026":                        "konto.password_common",
		"Petersen-Jana-77":                      "konto.password_own",
		"Wiesenbrück2026!!":                     "konto.password_own",
	} {
		p := konto.CheckPassword("password", password, own...)
		got := ""
		if len(p) > 0 {
			got = p[0].Key
		}
		if got != key || len(p) > 1 {
			t.Errorf("%q: %v, want %q", password, p, key)
		}
	}
	var fields problem.Fields = konto.CheckPassword("neu", "kurz")
	if fields[0].Path != "neu" {
		t.Errorf("path %q", fields[0].Path)
	}
}
