package konto_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/konto/kontotest"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func town(t *testing.T) *storagetest.Store {
	t.Helper()
	s := storagetest.New(t)
	mandanttest.Fill(t, s)
	return s
}

func write(s *storagetest.Store, fn func(tx *storage.Tx) error) error {
	return s.DB.Write(context.Background(), s.Scope, fn)
}

func has(t *testing.T, s *storagetest.Store, right konto.Right, einheitID string) bool {
	t.Helper()
	var ok bool
	s.Read(t, func(tx *storage.Tx) (err error) {
		ok, err = konto.Has(tx, right, einheitID)
		return err
	})
	return ok
}

// The whole permission model as one table. A change here is a change of who may do what in a town hall.
func TestRightsOfRoles(t *testing.T) {
	t.Parallel()
	const table = `
right                  sachbearbeitung leitung poststelle redaktion administration archiv revision
vorgang.read           x x - - - x x
vorgang.read_protected - x - - - - x
vorgang.intake         x x x - - - -
vorgang.edit           x x - - - - -
vorgang.assign         - x - - - - -
vorgang.forward        x x x - - - -
vorgang.sign           - x - - - - -
vorgang.close          x x - - - - -
vorgang.reopen         - x - - - - -
post.send              x x x - - - -
catalogue.edit         - - - x - - -
plan.manage            - - - - - x -
staff.manage           - - - - x - -
town.manage            - - - - x - -
keys.manage            - - - - x - -
jobs.manage            - - - - x - -
deputies.manage        - x - - x - -
audit.read             - - - - x - x
vorgang.protect         - x - - - - -`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	roles := strings.Fields(lines[0])[1:]
	if len(lines)-1 != len(konto.Rights()) || len(roles) != len(konto.Rollen()) {
		t.Fatalf("the table has %d rights and %d roles, the code %d and %d", len(lines)-1, len(roles), len(konto.Rights()), len(konto.Rollen()))
	}
	for _, line := range lines[1:] {
		f := strings.Fields(line)
		if !slices.Contains(konto.Rights(), konto.Right(f[0])) {
			t.Errorf("unknown right %s", f[0])
		}
		for i, role := range roles {
			if got, want := konto.Rolle(role).Grants(konto.Right(f[0])), f[i+1] == "x"; got != want {
				t.Errorf("%s for %s: %v, the table says %v", f[0], role, got, want)
			}
		}
	}
}

// A role on a unit covers the units below it and nothing else.
func TestRightsFollowTheTree(t *testing.T) {
	t.Parallel()
	s := town(t)
	bau := s.As(kontotest.Staff(t, s, "bau", konto.Sachbearbeitung, "bauamt"))
	root := s.As(kontotest.Staff(t, s, "alles", konto.Sachbearbeitung, "verwaltung"))
	none := s.As(kontotest.Staff(t, s, "neu", konto.Sachbearbeitung))
	for unit, want := range map[string][3]bool{
		"bauamt":     {true, true, false},
		"tiefbauamt": {true, true, false},
		"steueramt":  {false, true, false},
		"verwaltung": {false, true, false},
	} {
		id := mandanttest.Einheit(t, s, unit)
		for i, who := range []*storagetest.Store{bau, root, none} {
			if got := has(t, who, konto.EditVorgang, id); got != want[i] {
				t.Errorf("%s, person %d: %v", unit, i, got)
			}
		}
	}
	if !has(t, bau, konto.EditVorgang, "") || has(t, none, konto.EditVorgang, "") || has(t, bau, konto.ManageStaff, "") {
		t.Error("a right anywhere is counted wrong")
	}
	if has(t, bau, konto.EditVorgang, "gibt-es-nicht") {
		t.Error("right on a unit that does not exist")
	}
	units := func(s *storagetest.Store, r konto.Right) int {
		var ids []string
		s.Read(t, func(tx *storage.Tx) (err error) {
			ids, err = konto.Units(tx, r)
			return err
		})
		return len(ids)
	}
	got := []int{units(bau, konto.ReadVorgang), units(bau, konto.ManageTown), units(root, konto.ReadVorgang), units(none, konto.ReadVorgang),
		units(s, konto.ReadVorgang), units(s.As(konto.CitizenActor), konto.ReadVorgang)}
	if diff := cmp.Diff([]int{3, 0, 13, 0, 13, 0}, got); diff != "" {
		t.Errorf("units: %s", diff)
	}
}

func TestRightsOfOtherActors(t *testing.T) {
	t.Parallel()
	s := town(t)
	unit := mandanttest.Einheit(t, s, "steueramt")
	for actor, want := range map[string][]konto.Right{
		"system": konto.Rights(), "job:mail.send": konto.Rights(),
		konto.CitizenActor: {konto.IntakeVorgang}, "portal:k1": {konto.IntakeVorgang},
		"": nil, "staff:": nil, "staff:unbekannt": nil, "systemx": nil, "citizens": nil,
	} {
		var got []konto.Right
		for _, r := range konto.Rights() {
			if has(t, s.As(actor), r, unit) {
				got = append(got, r)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("actor %q: %s", actor, diff)
		}
	}
	err := write(s.As(konto.CitizenActor), func(tx *storage.Tx) error { return konto.Require(tx, konto.EditVorgang, unit) })
	if !errors.Is(err, problem.Forbidden) {
		t.Errorf("Require: %v", err)
	}
}

func TestDisabledAccountHasNoRights(t *testing.T) {
	t.Parallel()
	s := town(t)
	actor := kontotest.Staff(t, s, "petersen", konto.Leitung, "ordnungsamt")
	unit := mandanttest.Einheit(t, s, "ordnungsamt")
	kontotest.Staff(t, s, "chefin", konto.Administration, "verwaltung")
	s.Write(t, func(tx *storage.Tx) error { return konto.SetActive(tx, konto.StaffID(actor), false) })
	if has(t, s.As(actor), konto.EditVorgang, unit) || has(t, s.As(actor), konto.EditVorgang, "") {
		t.Error("a disabled account kept its rights")
	}
	if err := write(s.As(actor), func(tx *storage.Tx) error { _, err := konto.Acting(tx); return err }); !errors.Is(err, problem.Forbidden) {
		t.Errorf("Acting: %v", err)
	}
}

// behalf returns a store whose transactions are by deputy for represented.
func behalf(s *storagetest.Store, deputy, represented string) *storagetest.Store {
	c := s.As(deputy)
	c.Scope.OnBehalfOf = represented
	return c
}

func TestDeputyActsOnBehalf(t *testing.T) {
	t.Parallel()
	s := town(t)
	petersen := kontotest.Staff(t, s, "petersen", konto.Leitung, "ordnungsamt")
	okafor := kontotest.Staff(t, s, "okafor", konto.Sachbearbeitung, "steueramt")
	ordnung, steuer := mandanttest.Einheit(t, s, "ordnungsamt"), mandanttest.Einheit(t, s, "steueramt")
	if has(t, behalf(s, okafor, petersen), konto.EditVorgang, ordnung) {
		t.Error("no deputyship, yet rights")
	}
	today := clock.DateOf(s.Clock.Now())
	var v konto.Vertretung
	s.As(petersen).Write(t, func(tx *storage.Tx) (err error) {
		v, err = konto.AddVertretung(tx, konto.Vertretung{RepresentedID: konto.StaffID(petersen), DeputyID: konto.StaffID(okafor),
			From: today, To: today.AddDays(2)})
		return err
	})
	d := behalf(s, okafor, petersen)
	if !has(t, d, konto.ReopenVorgang, ordnung) {
		t.Error("the deputy lacks the represented person's right")
	}
	if has(t, d, konto.EditVorgang, steuer) {
		t.Error("own rights count while representing")
	}
	if !has(t, s.As(okafor), konto.EditVorgang, steuer) || has(t, s.As(okafor), konto.EditVorgang, ordnung) {
		t.Error("in the own name the deputyship must change nothing")
	}
	if has(t, d, konto.ManageDeputies, "") {
		t.Error("administration was delegated")
	}
	if has(t, behalf(s, petersen, okafor), konto.EditVorgang, steuer) {
		t.Error("the deputyship works backwards")
	}
	d.Read(t, func(tx *storage.Tx) error {
		who, err := konto.Effective(tx)
		if who != konto.StaffID(petersen) {
			t.Errorf("effective %s", who)
		}
		me, _ := konto.Acting(tx)
		if me.Login != "okafor" {
			t.Errorf("acting %s: a deputy acts on behalf, never as", me.Login)
		}
		return err
	})
	for _, days := range []int{-1, 3} {
		at := s.Clock.Now()
		s.Clock.Set(at.AddDate(0, 0, days))
		if has(t, d, konto.EditVorgang, ordnung) {
			t.Errorf("%+d days: outside its dates the deputyship counts", days)
		}
		s.Clock.Set(at)
	}
	s.As(petersen).Write(t, func(tx *storage.Tx) error { return konto.EndVertretung(tx, v.ID) })
	if has(t, d, konto.EditVorgang, ordnung) {
		t.Error("an ended deputyship counts")
	}
}

func TestVertretungRules(t *testing.T) {
	t.Parallel()
	s := town(t)
	petersen := kontotest.Staff(t, s, "petersen", konto.Sachbearbeitung, "ordnungsamt")
	okafor := kontotest.Staff(t, s, "okafor", konto.Sachbearbeitung, "ordnungsamt")
	brandt := kontotest.Staff(t, s, "brandt", konto.Leitung, "ordnungsamt")
	today := clock.DateOf(s.Clock.Now())
	good := konto.Vertretung{RepresentedID: konto.StaffID(petersen), DeputyID: konto.StaffID(okafor), From: today, To: today.AddDays(5)}
	add := func(actor string, change func(*konto.Vertretung)) error {
		v := good
		change(&v)
		return write(s.As(actor), func(tx *storage.Tx) error { _, err := konto.AddVertretung(tx, v); return err })
	}
	keep := func(*konto.Vertretung) {}
	if err := add(okafor, keep); !errors.Is(err, problem.Forbidden) {
		t.Errorf("the deputy made himself deputy: %v", err)
	}
	for _, actor := range []string{petersen, brandt} {
		if err := add(actor, keep); err != nil {
			t.Errorf("%s: %v", actor, err)
		}
	}
	for name, c := range map[string]struct {
		change func(*konto.Vertretung)
		path   string
	}{
		"self":         {func(v *konto.Vertretung) { v.DeputyID = v.RepresentedID }, "deputy"},
		"nobody":       {func(v *konto.Vertretung) { v.DeputyID = "nein" }, "deputy"},
		"no first day": {func(v *konto.Vertretung) { v.From = "" }, "from"},
		"no last day":  {func(v *konto.Vertretung) { v.To = "2026-02-30" }, "to"},
		"backwards":    {func(v *konto.Vertretung) { v.To = v.From.AddDays(-1) }, "to"},
		"past":         {func(v *konto.Vertretung) { v.From, v.To = today.AddDays(-9), today.AddDays(-1) }, "to"},
		"endless":      {func(v *konto.Vertretung) { v.To = today.AddYears(2) }, "to"},
	} {
		var f problem.Fields
		if err := add(petersen, c.change); !errors.As(err, &f) || f[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.As(okafor).Read(t, func(tx *storage.Tx) error {
		who, err := konto.Vertreten(tx)
		if len(who) != 1 || who[0].Login != "petersen" {
			t.Errorf("may represent %+v", who)
		}
		list, _ := konto.Vertretungen(tx, konto.StaffID(okafor))
		if len(list) != 2 || !list[0].Current(today) {
			t.Errorf("list %+v", list)
		}
		d, _, _ := konto.DeputyOf(tx, konto.StaffID(petersen))
		if d.Login != "okafor" {
			t.Errorf("deputy %s", d.Login)
		}
		return err
	})
}

func TestPeopleWith(t *testing.T) {
	t.Parallel()
	s := town(t)
	kontotest.Staff(t, s, "petersen", konto.Sachbearbeitung, "ordnungsamt")
	kontotest.Staff(t, s, "brandt", konto.Leitung, "verwaltung")
	kontotest.Staff(t, s, "post", konto.Poststelle, "verwaltung")
	kontotest.Staff(t, s, "steuer", konto.Sachbearbeitung, "steueramt")
	s.Read(t, func(tx *storage.Tx) error {
		people, err := konto.PeopleWith(tx, konto.EditVorgang, mandanttest.Einheit(t, s.As("system"), "ordnungsamt"))
		var logins []string
		for _, p := range people {
			logins = append(logins, p.Login)
		}
		if !slices.Equal(logins, []string{"brandt", "petersen"}) {
			t.Errorf("people %v", logins)
		}
		return err
	})
}

func TestMitarbeiter(t *testing.T) {
	t.Parallel()
	s := town(t)
	admin := kontotest.Staff(t, s, "admin", konto.Administration, "verwaltung")
	clerk := kontotest.Staff(t, s, "petersen", konto.Sachbearbeitung, "ordnungsamt")
	create := func(actor string, m konto.Mitarbeiter) error {
		return write(s.As(actor), func(tx *storage.Tx) error { _, err := konto.Create(tx, m); return err })
	}
	if err := create(clerk, konto.Mitarbeiter{Login: "x.y", Name: "X"}); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk made an account: %v", err)
	}
	if err := create(admin, konto.Mitarbeiter{Login: " T.Okafor ", Name: "Tobi  Okafor", Mail: "t.okafor@wiesenbrueck.example"}); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]konto.Mitarbeiter{
		"login": {Login: "Ä b", Name: "x"}, "login ": {Login: "t.okafor", Name: "x"}, "name": {Login: "neu"}, "mail": {Login: "neu", Name: "x", Mail: "x"},
	} {
		var f problem.Fields
		if err := create(admin, m); !errors.As(err, &f) || f[0].Path != strings.TrimSpace(name) {
			t.Errorf("%q: %v", name, err)
		}
	}
	var m konto.Mitarbeiter
	s.Read(t, func(tx *storage.Tx) (err error) { m, err = konto.ByLogin(tx, "T.OKAFOR"); return err })
	if m.Name != "Tobi Okafor" || m.ShortName() != "T. Okafor" || !m.Active || m.HasPassword || m.HasTOTP || !m.CreatedAt.Equal(s.Clock.Now()) {
		t.Errorf("%+v", m)
	}
	m.Title = "Sachbearbeiter"
	update := func() error { return write(s.As(admin), func(tx *storage.Tx) error { return konto.Update(tx, m) }) }
	if err := update(); err != nil {
		t.Error(err)
	}
	if err := update(); !errors.Is(err, problem.Conflict) {
		t.Errorf("outdated version: %v", err)
	}
	own := s.As(konto.StaffActor(m.ID))
	if err := write(own, func(tx *storage.Tx) error { return konto.UpdateOwn(tx, "12-345", "2.07", m.Mail, 2) }); err != nil {
		t.Error(err)
	}
	err := write(behalf(s, konto.StaffActor(m.ID), clerk), func(tx *storage.Tx) error { return konto.UpdateOwn(tx, "", "", "", 3) })
	if !errors.Is(err, problem.Forbidden) {
		t.Errorf("own account while representing: %v", err)
	}
}

func TestLastAdministratorStays(t *testing.T) {
	t.Parallel()
	s := town(t)
	admin := kontotest.Staff(t, s, "admin", konto.Administration, "verwaltung")
	id := konto.StaffID(admin)
	if err := write(s.As(admin), func(tx *storage.Tx) error { return konto.SetActive(tx, id, false) }); !errors.Is(err, problem.Conflict) {
		t.Errorf("disabled: %v", err)
	}
	if err := write(s.As(admin), func(tx *storage.Tx) error { return konto.SetRollen(tx, id, nil) }); !errors.Is(err, problem.Conflict) {
		t.Errorf("roles taken: %v", err)
	}
	if !has(t, s.As(admin), konto.ManageStaff, "") {
		t.Error("the refused act left traces")
	}
	kontotest.Staff(t, s, "zweite", konto.Administration, "verwaltung")
	if err := write(s.As(admin), func(tx *storage.Tx) error { return konto.SetRollen(tx, id, nil) }); err != nil {
		t.Errorf("with a second one: %v", err)
	}
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	s := town(t)
	first := func(actor string) (code string, err error) {
		err = write(s.As(actor), func(tx *storage.Tx) (err error) {
			_, code, err = konto.FirstAdministrator(tx, konto.Mitarbeiter{Login: "verwaltung", Name: "Vera Walt"})
			return err
		})
		return code, err
	}
	if _, err := first("staff:x"); !errors.Is(err, problem.Forbidden) {
		t.Errorf("by staff: %v", err)
	}
	code, err := first("system")
	if err != nil {
		t.Fatal(err)
	}
	s.Read(t, func(tx *storage.Tx) error {
		m, err := konto.ByCode(tx, code)
		if m.Login != "verwaltung" {
			t.Errorf("code of %q", m.Login)
		}
		return err
	})
	if _, err := first("system"); !errors.Is(err, problem.Conflict) {
		t.Errorf("second first administrator: %v", err)
	}
	s.Clock.Advance(8 * 24 * time.Hour)
	s.Read(t, func(tx *storage.Tx) error {
		if _, err := konto.ByCode(tx, code); !errors.Is(err, problem.NotFound) {
			t.Errorf("code after eight days: %v", err)
		}
		return nil
	})
}
