package konto_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/konto/kontotest"
	"rathaus/internal/mail"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func outbox(t *testing.T, s *storagetest.Store) []mail.Entry {
	t.Helper()
	var all []mail.Entry
	s.Read(t, func(tx *storage.Tx) (err error) { all, err = mail.List(tx, ""); return err })
	return all
}

func start(t *testing.T, s *storagetest.Store, kind konto.SessionKind, subject string) (token string, v konto.Sitzung) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) (err error) {
		token, v, err = konto.Start(tx, kind, subject, "Firefox unter Linux")
		return err
	})
	return token, v
}

func TestSessionTimeouts(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	id := konto.StaffID(d.actor)
	for name, c := range map[string]struct {
		kind      konto.SessionKind
		step      time.Duration // between two requests
		total     time.Duration
		wantAlive bool
	}{
		"staff in use":        {konto.SessionStaff, 50 * time.Minute, 11 * time.Hour, true},
		"staff after a shift": {konto.SessionStaff, 50 * time.Minute, 13 * time.Hour, false},
		"staff idle":          {konto.SessionStaff, 61 * time.Minute, time.Hour, false},
		"pending":             {konto.SessionPending, 4 * time.Minute, 9 * time.Minute, true},
		"pending too long":    {konto.SessionPending, 4 * time.Minute, 12 * time.Minute, false},
		"vorgang":             {konto.SessionVorgang, 29 * time.Minute, 3 * time.Hour, true},
		"vorgang idle":        {konto.SessionVorgang, 31 * time.Minute, 31 * time.Minute, false},
	} {
		begin := d.Clock.Now()
		token, _ := start(t, d.Store, c.kind, id)
		alive := true
		for passed := time.Duration(0); passed < c.total && alive; passed += c.step {
			d.Clock.Advance(min(c.step, max(c.total-passed, time.Minute)))
			s, err := d.resume(t, c.kind, token)
			alive = err == nil
			if alive && s.NeedsTouch(d.Clock.Now()) {
				d.Write(t, func(tx *storage.Tx) error { return konto.Touch(tx, s) })
			}
		}
		if alive != c.wantAlive {
			t.Errorf("%s: alive %v", name, alive)
		}
		d.Clock.Set(begin)
	}
}

func TestSessionsDoNotMix(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, _ := start(t, d.Store, konto.SessionVorgang, konto.StaffID(d.actor))
	for _, kind := range []konto.SessionKind{konto.SessionStaff, konto.SessionPending, konto.SessionBuerger} {
		if _, err := d.resume(t, kind, token); !errors.Is(err, problem.NotFound) {
			t.Errorf("a Vorgang's token as %s: %v", kind, err)
		}
	}
	for _, chosen := range []string{"", "0", token + "x", strings.ToLower(token)} {
		if _, err := d.resume(t, konto.SessionVorgang, chosen); !errors.Is(err, problem.NotFound) {
			t.Errorf("token %q: %v", chosen, err)
		}
	}
	err := d.DB.Read(context.Background(), d.In(storagetest.Sturmkoog).Scope, func(tx *storage.Tx) error {
		_, err := konto.Resume(tx, konto.SessionVorgang, token)
		return err
	})
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("on another town's host: %v", err)
	}
	if len(token) != 26 {
		t.Errorf("token of %d characters", len(token))
	}
}

func TestSessionsListedAndEnded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	me, other := konto.StaffID(d.actor), kontotest.Staff(t, d.Store, "okafor", konto.Sachbearbeitung)
	first, a := start(t, d.Store, konto.SessionStaff, me)
	second, _ := start(t, d.Store, konto.SessionStaff, me)
	third, c := start(t, d.Store, konto.SessionStaff, me)
	_, foreign := start(t, d.Store, konto.SessionStaff, konto.StaffID(other))
	mine := d.As(d.actor)
	count := func() int {
		var n int
		mine.Read(t, func(tx *storage.Tx) error {
			list, err := konto.Sessions(tx, konto.SessionStaff, me)
			n = len(list)
			return err
		})
		return n
	}
	if count() != 3 {
		t.Errorf("%d sessions", count())
	}
	if err := write(mine, func(tx *storage.Tx) error { return konto.End(tx, foreign.ID) }); !errors.Is(err, problem.NotFound) {
		t.Errorf("ended another's session: %v", err)
	}
	mine.Write(t, func(tx *storage.Tx) error { return konto.End(tx, a.ID) })
	if _, err := d.resume(t, konto.SessionStaff, first); err == nil {
		t.Error("an ended session lives")
	}
	mine.Write(t, func(tx *storage.Tx) error { return konto.EndOthers(tx, c.ID) })
	if _, err := d.resume(t, konto.SessionStaff, second); err == nil {
		t.Error("an ended session lives")
	}
	if count() != 1 {
		t.Errorf("%d sessions", count())
	}
	for range 2 { // signing out twice is no error
		d.Write(t, func(tx *storage.Tx) error { return konto.SignOut(tx, third) })
	}
	if count() != 0 {
		t.Errorf("%d sessions", count())
	}
}

func TestDisablingEndsSessionsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	token, _ := start(t, d.Store, konto.SessionStaff, konto.StaffID(d.actor))
	set := func(active bool) {
		d.Write(t, func(tx *storage.Tx) error { return konto.SetActive(tx, konto.StaffID(d.actor), active) })
	}
	set(false)
	if _, err := d.resume(t, konto.SessionStaff, token); !errors.Is(err, problem.NotFound) {
		t.Errorf("session of a disabled account: %v", err)
	}
	if _, err := d.verify(t, "petersen", goodPassword, konto.Origin{}); !errors.Is(err, konto.ErrRefused) {
		t.Errorf("login of a disabled account: %v", err)
	}
	set(true)
	if _, err := d.resume(t, konto.SessionStaff, token); !errors.Is(err, problem.NotFound) {
		t.Errorf("the session came back to life: %v", err)
	}
}

func TestRepresentInSession(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	okafor := kontotest.Staff(t, d.Store, "okafor", konto.Sachbearbeitung)
	token, s := start(t, d.Store, konto.SessionStaff, konto.StaffID(okafor))
	represent := func(actor, id string) error {
		return write(d.As(actor), func(tx *storage.Tx) error { return konto.Represent(tx, s, id) })
	}
	if err := represent(okafor, konto.StaffID(d.actor)); !errors.Is(err, problem.Forbidden) {
		t.Errorf("without deputyship: %v", err)
	}
	today := clock.DateOf(d.Clock.Now())
	var v konto.Vertretung
	d.As(d.actor).Write(t, func(tx *storage.Tx) (err error) {
		v, err = konto.AddVertretung(tx, konto.Vertretung{RepresentedID: konto.StaffID(d.actor), DeputyID: konto.StaffID(okafor), From: today, To: today})
		return err
	})
	if err := represent(d.actor, konto.StaffID(okafor)); !errors.Is(err, problem.Forbidden) {
		t.Errorf("in another's session: %v", err)
	}
	if err := represent(okafor, konto.StaffID(d.actor)); err != nil {
		t.Fatal(err)
	}
	if s, err := d.resume(t, konto.SessionStaff, token); err != nil || s.Represents() != d.actor || s.Actor() != okafor {
		t.Errorf("session %+v, %v", s, err)
	}
	d.As(d.actor).Write(t, func(tx *storage.Tx) error { return konto.EndVertretung(tx, v.ID) })
	if s, err := d.resume(t, konto.SessionStaff, token); err != nil || s.Represents() != "" {
		t.Errorf("after its end: %+v, %v", s, err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	start(t, d.Store, konto.SessionVorgang, "a")
	d.Clock.Advance(5 * time.Hour)
	token, _ := start(t, d.Store, konto.SessionVorgang, "a")
	d.Write(t, konto.Sweep)
	d.Read(t, func(tx *storage.Tx) error {
		n, err := storage.Get(tx, storage.Value[int64], `select count(*) from sitzung`)
		if n != 1 {
			t.Errorf("%d rows after the sweep", n)
		}
		return err
	})
	d.Write(t, func(tx *storage.Tx) error { return konto.EndSubject(tx, konto.SessionVorgang, "a") })
	if _, err := d.resume(t, konto.SessionVorgang, token); err == nil {
		t.Error("EndSubject left a session")
	}
}

func TestBuerger(t *testing.T) {
	t.Parallel()
	s := town(t)
	citizen := s.As(konto.CitizenActor)
	var f problem.Fields
	if err := write(citizen, func(tx *storage.Tx) error { return konto.RequestLink(tx, "kein at") }); !errors.As(err, &f) || f[0].Path != "mail" {
		t.Errorf("no address: %v", err)
	}
	link := func() string {
		citizen.Write(t, func(tx *storage.Tx) error { return konto.RequestLink(tx, " mara.vogt@beispiel.example ") })
		text := outbox(t, s)[0].Text
		_, rest, _ := strings.Cut(text, "/konto/anmelden/")
		code, _, _ := strings.Cut(rest, "\n")
		return code
	}
	code := link()
	citizen.Read(t, func(tx *storage.Tx) error { return konto.CheckLink(tx, code) })
	if same := link(); same != code {
		t.Error("a second mail within a minute")
	}
	var first, again konto.Sitzung
	confirm := func(code string, into *konto.Sitzung) error {
		return write(citizen, func(tx *storage.Tx) (err error) {
			_, *into, err = konto.ConfirmLink(tx, code, "x")
			return err
		})
	}
	if err := confirm(code, &first); err != nil {
		t.Fatal(err)
	}
	if err := confirm(code, &again); !errors.Is(err, problem.NotFound) {
		t.Errorf("link used twice: %v", err)
	}
	s.Clock.Advance(2 * time.Minute)
	if err := confirm(link(), &again); err != nil || again.Subject != first.Subject || first.Kind != konto.SessionBuerger {
		t.Errorf("second login: %+v, %v", again, err)
	}
	s.Clock.Advance(2 * time.Minute)
	late := link()
	s.Clock.Advance(31 * time.Minute)
	if err := confirm(late, &again); !errors.Is(err, problem.NotFound) {
		t.Errorf("link after half an hour: %v", err)
	}
	if err := write(citizen, func(tx *storage.Tx) error {
		return konto.DeleteBuerger(tx, konto.Sitzung{Kind: konto.SessionVorgang, Subject: first.Subject})
	}); !errors.Is(err, problem.Forbidden) {
		t.Errorf("deleted by another kind of session: %v", err)
	}
	citizen.Write(t, func(tx *storage.Tx) error { return konto.DeleteBuerger(tx, first) })
	citizen.Read(t, func(tx *storage.Tx) error {
		if _, err := konto.GetBuerger(tx, first.Subject); !errors.Is(err, problem.NotFound) {
			t.Errorf("after deletion: %v", err)
		}
		return nil
	})
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	create := func(actor, name string) (key string, k konto.APIKey, err error) {
		err = write(d.As(actor), func(tx *storage.Tx) (err error) {
			key, k, err = konto.CreateAPIKey(tx, name)
			return err
		})
		return key, k, err
	}
	if _, _, err := create(d.actor, "Portal"); !errors.Is(err, problem.Forbidden) {
		t.Errorf("by a clerk: %v", err)
	}
	if _, _, err := create("system", " "); err == nil {
		t.Error("a key without a name")
	}
	key, k, err := create("system", "Serviceportal des Landes")
	if err != nil {
		t.Fatal(err)
	}
	by := func(header string) error {
		return d.DB.Read(context.Background(), d.Scope, func(tx *storage.Tx) error {
			got, err := konto.ByAPIKey(tx, header)
			if err == nil && got.ID != k.ID {
				t.Errorf("key %+v", got)
			}
			return err
		})
	}
	for header, want := range map[string]error{
		"Bearer " + key: nil, "bearer " + key: nil, key: problem.Forbidden, "Basic " + key: problem.Forbidden,
		"Bearer ": problem.Forbidden, "": problem.Forbidden, "Bearer " + key + "0": problem.Forbidden,
	} {
		if err := by(header); !errors.Is(err, want) {
			t.Errorf("%q: %v", header, err)
		}
	}
	if !strings.HasPrefix(key, k.Hint) || len(k.Hint) > 12 {
		t.Errorf("hint %q", k.Hint)
	}
	d.Write(t, func(tx *storage.Tx) error { return konto.RevokeAPIKey(tx, k.ID) })
	if err := by("Bearer " + key); !errors.Is(err, problem.Forbidden) {
		t.Errorf("revoked: %v", err)
	}
	d.Read(t, func(tx *storage.Tx) error {
		all, err := konto.APIKeys(tx)
		if len(all) != 1 || all[0].RevokedAt.IsZero() {
			t.Errorf("list %+v", all)
		}
		return err
	})
}
