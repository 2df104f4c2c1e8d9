package konto_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"rathaus/internal/konto"
	"rathaus/internal/konto/kontotest"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

const goodPassword = "Kutsche rollt durch Nebel"

// door is a town with one clerk who has a password.
type door struct {
	*storagetest.Store
	gate  *konto.Gate
	actor string
}

func newDoor(t *testing.T) door {
	t.Helper()
	s := town(t)
	d := door{Store: s, gate: kontotest.Gate(t, s)}
	d.actor = kontotest.StaffWith(t, s, konto.Mitarbeiter{Login: "petersen", Name: "Jana Petersen", Mail: "j.petersen@wiesenbrueck.example"})
	kontotest.Staff(t, s, "admin", konto.Administration, "verwaltung")
	kontotest.Password(t, s, d.gate, d.actor, goodPassword)
	return d
}

func (d door) verify(t *testing.T, login, password string, from konto.Origin) (konto.Verified, error) {
	t.Helper()
	var c konto.Credentials
	d.Read(t, func(tx *storage.Tx) (err error) { c, err = konto.FindCredentials(tx, login); return err })
	return d.gate.Verify(context.Background(), c, password, from)
}

// signIn is the whole first step with the right password.
func (d door) signIn(t *testing.T) (string, konto.Sitzung) {
	t.Helper()
	v, err := d.verify(t, "petersen", goodPassword, konto.Origin{Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	var token string
	var s konto.Sitzung
	d.Write(t, func(tx *storage.Tx) (err error) {
		token, s, err = d.gate.SignIn(tx, v, "Firefox unter Linux")
		return err
	})
	v.Succeeded()
	return token, s
}

func (d door) resume(t *testing.T, kind konto.SessionKind, token string) (konto.Sitzung, error) {
	t.Helper()
	var s konto.Sitzung
	err := d.DB.Read(context.Background(), d.Scope, func(tx *storage.Tx) (err error) {
		s, err = konto.Resume(tx, kind, token)
		return err
	})
	return s, err
}

// enrol sets up the second factor and returns its secret and a staff session.
func (d door) enrol(t *testing.T) (secret, token string) {
	t.Helper()
	_, pending := d.signIn(t)
	d.Write(t, func(tx *storage.Tx) error {
		raw, err := d.gate.BeginTOTP(tx, pending)
		secret = konto.TOTPSecret(raw)
		return err
	})
	code, err := konto.TOTPCode(secret, d.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.Write(t, func(tx *storage.Tx) (err error) {
		token, _, err = d.gate.ConfirmTOTP(tx, pending, code, "x")
		return err
	})
	return secret, token
}

func TestSignInWithSecondFactor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, token := d.enrol(t)
	s, err := d.resume(t, konto.SessionStaff, token)
	if err != nil || s.Actor() != d.actor {
		t.Fatalf("session after setting up: %+v, %v", s, err)
	}
	d.Clock.Advance(time.Minute)
	pendingToken, pending := d.signIn(t)
	if pending.Kind != konto.SessionPending || pending.Actor() != "" {
		t.Fatalf("after the password: %+v", pending)
	}
	if _, err := d.resume(t, konto.SessionStaff, pendingToken); !errors.Is(err, problem.NotFound) {
		t.Errorf("a pending session opens the desk: %v", err)
	}
	complete := func(code string) (token string, err error) {
		err = write(d.Store, func(tx *storage.Tx) (err error) {
			token, _, err = d.gate.Complete(tx, pendingToken, code, "x")
			return err
		})
		return token, err
	}
	var f problem.Fields
	if _, err := complete("000000"); !errors.As(err, &f) || f[0].Path != "code" {
		t.Errorf("wrong code: %v", err)
	}
	code, _ := konto.TOTPCode(secret, d.Clock.Now())
	staffToken, err := complete(code[:3] + " " + code[3:])
	if err != nil {
		t.Fatal(err)
	}
	if staffToken == pendingToken {
		t.Error("the token did not change")
	}
	if _, err := d.resume(t, konto.SessionPending, pendingToken); !errors.Is(err, problem.NotFound) {
		t.Errorf("the old token lives on: %v", err)
	}
	if _, err := d.resume(t, konto.SessionStaff, staffToken); err != nil {
		t.Error(err)
	}
}

func TestCodeWorksOnceAndForAWhile(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, _ := d.enrol(t)
	try := func(code string) error {
		token, _ := d.signIn(t)
		return write(d.Store, func(tx *storage.Tx) error {
			_, _, err := d.gate.Complete(tx, token, code, "x")
			return err
		})
	}
	now := d.Clock.Now()
	used, _ := konto.TOTPCode(secret, now)
	if err := try(used); err == nil {
		t.Error("the code that set up the factor worked again")
	}
	next, _ := konto.TOTPCode(secret, now.Add(30*time.Second))
	if err := try(next); err != nil { // a phone 30 s ahead
		t.Error(err)
	}
	if err := try(next); err == nil {
		t.Error("a code worked twice")
	}
	d.Clock.Advance(5 * time.Minute)
	for offset, want := range map[time.Duration]bool{-time.Minute: false, time.Minute: false} {
		code, _ := konto.TOTPCode(secret, d.Clock.Now().Add(offset))
		if got := try(code) == nil; got != want {
			t.Errorf("code of %v: %v", offset, got)
		}
	}
	late, _ := konto.TOTPCode(secret, d.Clock.Now().Add(-30*time.Second))
	if err := try(late); err != nil {
		t.Errorf("code of the period before: %v", err)
	}
}

func TestPasswordAloneCannotReplaceSecondFactor(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.enrol(t)
	_, pending := d.signIn(t)
	err := write(d.Store, func(tx *storage.Tx) error { _, err := d.gate.BeginTOTP(tx, pending); return err })
	if !errors.Is(err, problem.Forbidden) {
		t.Errorf("BeginTOTP: %v", err)
	}
}

func TestSecondFactorOptional(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.Write(t, func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		p.Switches.SecondFactorOptional = true
		if err != nil {
			return err
		}
		return mandant.SetProfil(tx, p)
	})
	if _, s := d.signIn(t); s.Kind != konto.SessionStaff {
		t.Errorf("without factor where it is optional: %s", s.Kind)
	}
	d.Write(t, func(tx *storage.Tx) error {
		return d.gate.SetTOTP(tx, konto.StaffID(d.actor), []byte("12345678901234567890"))
	})
	if _, s := d.signIn(t); s.Kind != konto.SessionPending {
		t.Errorf("who has a factor needs it always: %s", s.Kind)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	from := konto.Origin{Address: "192.0.2.1"}
	for _, c := range [][2]string{{"petersen", "falsch"}, {"unbekannt", goodPassword}, {"", ""}, {"admin", ""}, {"petersen", strings.Repeat("x", 5000)}} {
		if _, err := d.verify(t, c[0], c[1], from); !errors.Is(err, konto.ErrRefused) {
			t.Errorf("%q: %v", c[0], err)
		}
	}
	v, err := d.verify(t, " PETERSEN ", goodPassword, from)
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(s *storagetest.Store) error {
		return write(s, func(tx *storage.Tx) error { _, _, err := d.gate.SignIn(tx, v, ""); return err })
	}
	if err := signIn(d.In(storagetest.Sturmkoog)); err == nil {
		t.Error("proof of one town opened another")
	}
	kontotest.Password(t, d.Store, d.gate, d.actor, "Regen fällt auf Dächer")
	if err := signIn(d.Store); !errors.Is(err, konto.ErrRefused) {
		t.Errorf("proof of a password changed meanwhile: %v", err)
	}
	if err := write(d.Store, func(tx *storage.Tx) error { _, _, err := d.gate.SignIn(tx, konto.Verified{}, ""); return err }); !errors.Is(err, konto.ErrRefused) {
		t.Errorf("an empty proof: %v", err)
	}
}

// Every attempt costs a hash, so that the time does not tell which logins exist.
func TestUnknownAccountCostsTheSame(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, login := range []string{"petersen", "unbekannt", "admin"} { // admin has no password yet
		var c konto.Credentials
		d.Read(t, func(tx *storage.Tx) (err error) { c, err = konto.FindCredentials(tx, login); return err })
		if _, err := d.gate.Verify(cancelled, c, "falsch", konto.Origin{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: answered without hashing: %v", login, err)
		}
	}
}

// Guessing is slowed down by account and by address; the owner's own browser stays free; time heals all.
func TestThrottle(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var throttled *konto.ThrottledError
	failures := 0
	for i := range 50 {
		_, err := d.verify(t, "petersen", "falsch", konto.Origin{Address: fmt.Sprintf("192.0.2.%d", i)})
		if errors.As(err, &throttled) {
			break
		}
		failures++
	}
	if failures == 0 || failures > 20 || throttled == nil || throttled.Wait <= 0 {
		t.Fatalf("account: %d failures before the throttle, %v", failures, throttled)
	}
	if _, err := d.verify(t, "petersen", goodPassword, konto.Origin{Address: "198.51.100.7"}); !errors.As(err, &throttled) {
		t.Errorf("from elsewhere: %v", err)
	}
	known := konto.Origin{Address: "198.51.100.7", Device: d.gate.Device(storagetest.Wiesenbrueck, "petersen", d.Clock.Now())}
	if _, err := d.verify(t, "petersen", goodPassword, known); err != nil {
		t.Errorf("the owner's browser is kept out: %v", err)
	}
	for name, device := range map[string]string{
		"other account": d.gate.Device(storagetest.Wiesenbrueck, "admin", d.Clock.Now()),
		"other town":    d.gate.Device(storagetest.Sturmkoog, "petersen", d.Clock.Now()),
		"old":           d.gate.Device(storagetest.Wiesenbrueck, "petersen", d.Clock.Now().AddDate(-1, 0, 0)),
		"forged":        "AAAA", "none": "",
	} {
		if _, err := d.verify(t, "petersen", goodPassword, konto.Origin{Device: device}); !errors.As(err, &throttled) {
			t.Errorf("device cookie (%s): %v", name, err)
		}
	}
	d.Clock.Advance(2 * time.Minute)
	if _, err := d.verify(t, "petersen", goodPassword, konto.Origin{Address: "198.51.100.7"}); err != nil {
		t.Errorf("two minutes later: %v", err)
	}
	failures = 0
	for i := range 100 {
		_, err := d.verify(t, fmt.Sprintf("name%d", i), "falsch", konto.Origin{Address: "203.0.113.9"})
		if errors.As(err, &throttled) {
			break
		}
		failures++
	}
	if failures == 0 || failures > 20 {
		t.Errorf("address: %d failures before the throttle", failures)
	}
}

// Signing in again and again with the right password costs nothing.
func TestSuccessGivesTheTryBack(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for range 30 {
		d.signIn(t)
	}
}

func TestOldHashIsRenewed(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	stronger, err := konto.NewGate(context.Background(), kontotest.Keys(t), d.Clock, konto.NewHasher(konto.Cost{MemoryKiB: 16, Passes: 1, Lanes: 1}, 1))
	if err != nil {
		t.Fatal(err)
	}
	old := d.gate
	d.gate = stronger
	d.signIn(t)
	d.gate = old
	v, err := d.verify(t, "petersen", goodPassword, konto.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	d.gate = stronger
	d.signIn(t)
	// The proof made with yesterday's parameters is for a hash that was replaced again.
	if err := write(d.Store, func(tx *storage.Tx) error { _, _, err := stronger.SignIn(tx, v, ""); return err }); err != nil && !errors.Is(err, konto.ErrRefused) {
		t.Error(err)
	}
}

func TestResetByCode(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.enrol(t)
	var code string
	d.As(kontotest.Staff(t, d.Store, "chefin", konto.Administration, "verwaltung")).Write(t, func(tx *storage.Tx) (err error) {
		code, err = konto.IssueCode(tx, konto.StaffID(d.actor))
		return err
	})
	ctx := context.Background()
	if _, err := d.gate.NewPassword(ctx, "Passwort2026"); err == nil {
		t.Error("a common password was taken")
	}
	p, err := d.gate.NewPassword(ctx, "Regen fällt auf Dächer", "petersen")
	if err != nil {
		t.Fatal(err)
	}
	reset := func(code string) error {
		return write(d.Store, func(tx *storage.Tx) error { _, err := konto.ResetPassword(tx, code, p); return err })
	}
	if err := reset("AAAAA-AAAAA"); !errors.Is(err, problem.NotFound) {
		t.Errorf("wrong code: %v", err)
	}
	if err := reset(" " + strings.ToLower(strings.ReplaceAll(code, "-", " "))); err != nil {
		t.Fatalf("code typed carelessly: %v", err)
	}
	if err := reset(code); !errors.Is(err, problem.NotFound) {
		t.Errorf("code used twice: %v", err)
	}
	if _, err := d.resume(t, konto.SessionStaff, token); !errors.Is(err, problem.NotFound) {
		t.Errorf("old session after a reset: %v", err)
	}
	if _, err := d.verify(t, "petersen", goodPassword, konto.Origin{}); !errors.Is(err, konto.ErrRefused) {
		t.Errorf("old password: %v", err)
	}
	if _, err := d.verify(t, "petersen", "Regen fällt auf Dächer", konto.Origin{}); err != nil {
		t.Errorf("new password: %v", err)
	}
	if err := reset(""); !errors.Is(err, problem.NotFound) {
		t.Errorf("empty code: %v", err)
	}
}

func TestRequestResetTellsNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, login := range []string{"unbekannt", "admin", "petersen"} { // unknown, without mail, with mail
		d.Write(t, func(tx *storage.Tx) error { return konto.RequestReset(tx, login) })
	}
	mails := outbox(t, d.Store)
	if len(mails) != 1 || mails[0].To != "j.petersen@wiesenbrueck.example" {
		t.Fatalf("mails %+v", mails)
	}
	if strings.Contains(mails[0].Text, "Petersen") || strings.Contains(mails[0].Text, "petersen") {
		t.Error("the mail names the person")
	}
	var code string
	for line := range strings.Lines(mails[0].Text) {
		if c, ok := strings.CutPrefix(line, "Einmalcode: "); ok {
			code = c
		}
	}
	d.Clock.Advance(59 * time.Minute)
	d.Read(t, func(tx *storage.Tx) error { _, err := konto.ByCode(tx, code); return err })
	d.Clock.Advance(2 * time.Minute)
	d.Read(t, func(tx *storage.Tx) error {
		if _, err := konto.ByCode(tx, code); !errors.Is(err, problem.NotFound) {
			t.Errorf("after an hour: %v", err)
		}
		return nil
	})
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.enrol(t)
	here, _ := d.resume(t, konto.SessionStaff, token)
	v, err := d.verify(t, "petersen", goodPassword, konto.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.gate.NewPassword(context.Background(), "Regen fällt auf Dächer")
	if err != nil {
		t.Fatal(err)
	}
	change := func(actor string, p konto.NewPassword) error {
		return write(d.As(actor), func(tx *storage.Tx) error { return konto.ChangePassword(tx, v, p, here.ID) })
	}
	other := kontotest.Staff(t, d.Store, "okafor", konto.Sachbearbeitung)
	if err := change(other, p); !errors.Is(err, konto.ErrRefused) {
		t.Errorf("with another's proof: %v", err)
	}
	if err := change(d.actor, konto.NewPassword{}); err == nil {
		t.Error("no password was taken for one")
	}
	if err := change(d.actor, p); err != nil {
		t.Fatal(err)
	}
	if _, err := d.resume(t, konto.SessionStaff, token); err != nil {
		t.Errorf("the session one sits in ended: %v", err)
	}
}

func TestClearTOTP(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, token := d.enrol(t)
	id := konto.StaffID(d.actor)
	if err := write(d.As(d.actor), func(tx *storage.Tx) error { return konto.ClearTOTP(tx, id) }); !errors.Is(err, problem.Forbidden) {
		t.Errorf("by a clerk: %v", err)
	}
	d.Write(t, func(tx *storage.Tx) error { return konto.ClearTOTP(tx, id) })
	if _, err := d.resume(t, konto.SessionStaff, token); !errors.Is(err, problem.NotFound) {
		t.Errorf("session: %v", err)
	}
	d.enrol(t)
}

func TestSecretsAreNotStoredInClear(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, token := d.enrol(t)
	d.Read(t, func(tx *storage.Tx) error {
		rows, err := storage.List(tx, storage.Value[string], `select password_hash || ' ' || totp_sealed || ' ' || totp_pending from mitarbeiter
			union all select token_hash from sitzung`)
		for _, row := range rows {
			if strings.Contains(row, secret) || strings.Contains(row, token) || strings.Contains(row, goodPassword) {
				t.Error("a secret lies in the store in clear")
			}
		}
		return err
	})
	// Another installation's key does not open what this one sealed.
	foreign, err := seal.New("test", []byte(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	pendingToken, _ := d.signIn(t)
	g := *d.gate
	g.Keys = foreign
	if err := write(d.Store, func(tx *storage.Tx) error { _, _, err := g.Complete(tx, pendingToken, "000000", ""); return err }); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("foreign key: %v", err)
	}
}
