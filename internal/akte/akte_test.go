package akte_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/akte"
	"rathaus/internal/akte/aktetest"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func do(s *storagetest.Store, fn func(tx *storage.Tx) error) error {
	return s.DB.Write(context.Background(), s.Scope, fn)
}

func TestFilingRules(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	file := func(f akte.Filing) (a akte.Akte) {
		t.Helper()
		f.EinheitID = o.UnitID
		o.Write(t, func(tx *storage.Tx) (err error) { a, err = akte.FileUnder(tx, f); return err })
		return a
	}
	yearly := file(akte.Filing{Plan: "22.30", Sammelakte: true})
	if yearly.Aktenzeichen != "22.30-2026" || yearly.Betreff != "Hundesteuer 2026" {
		t.Errorf("Sammelakte = %q %q", yearly.Aktenzeichen, yearly.Betreff)
	}
	if again := file(akte.Filing{Plan: "22.30", Sammelakte: true}); again.ID != yearly.ID {
		t.Error("a second Sammelakte of the same year was made")
	}
	own := file(akte.Filing{Plan: "22.30", Key: "Kassenzeichen 4711", Betreff: "Hundesteuer Tannhof"})
	if own.Aktenzeichen != "22.30-00001" {
		t.Errorf("own Akte = %q", own.Aktenzeichen)
	}
	if same := file(akte.Filing{Plan: "22.30", Key: " kassenzeichen 4711"}); same.ID != own.ID {
		t.Error("the same key made another Akte")
	}
	if other := file(akte.Filing{Plan: "22.30", Key: "4712"}); other.Aktenzeichen != "22.30-00002" {
		t.Errorf("second own Akte = %q", other.Aktenzeichen)
	}
	o.Clock.Set(clock.Date("2027-01-02").Time())
	if next := file(akte.Filing{Plan: "22.30", Sammelakte: true}); next.Aktenzeichen != "22.30-2027" {
		t.Errorf("Sammelakte of the next year = %q", next.Aktenzeichen)
	}
	err := do(o.Store, func(tx *storage.Tx) error {
		_, err := akte.FileUnder(tx, akte.Filing{Plan: "22", Sammelakte: true, EinheitID: o.UnitID})
		return err
	})
	if !errors.Is(err, problem.Conflict) {
		t.Errorf("filing under a heading = %v, want Conflict", err)
	}
}

func TestNumbersAreUniqueUnderManyCallers(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	const callers, each = 8, 5
	seen := make(chan string, callers*each)
	done := make(chan error, callers)
	for range callers {
		go func() {
			var err error
			for range each {
				var v akte.Vorgang
				err = errors.Join(err, do(o.Store, func(tx *storage.Tx) error {
					a, err := akte.FileUnder(tx, akte.Filing{Plan: "22.30", Sammelakte: true, EinheitID: o.UnitID})
					if err != nil {
						return err
					}
					v, err = akte.OpenVorgang(tx, akte.NewVorgang{AkteID: a.ID, EinheitID: o.UnitID, Betreff: "x", Art: "antrag"})
					return err
				}))
				seen <- v.Zeichen
			}
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	close(seen)
	numbers := map[string]bool{}
	for z := range seen {
		numbers[z] = true
	}
	for i := 1; i <= callers*each; i++ {
		if z := fmt.Sprintf("22.30-2026/%05d", i); !numbers[z] {
			t.Errorf("number %s was not given out", z)
		}
	}
}

// TestRights says who may do what to an open Vorgang of the Steueramt.
func TestRights(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	acts := []struct {
		name string
		act  func(tx *storage.Tx, v akte.Vorgang) error
		may  []string
	}{
		{"read", func(tx *storage.Tx, v akte.Vorgang) error { _, err := akte.GetVorgang(tx, v.ID); return err }, []string{"clerk", "head", "auditor"}},
		{"take over", func(tx *storage.Tx, v akte.Vorgang) error { return akte.TakeOver(tx, v.ID) }, []string{"clerk", "head"}},
		{"give back", func(tx *storage.Tx, v akte.Vorgang) error { return akte.GiveBack(tx, v.ID) }, []string{"clerk", "head"}},
		{"assign", func(tx *storage.Tx, v akte.Vorgang) error { return akte.Assign(tx, v.ID, konto.StaffID(o.Clerk)) }, []string{"head"}},
		{"forward", func(tx *storage.Tx, v akte.Vorgang) error { return akte.Forward(tx, v.ID, o.OtherID, "falsches Amt") }, []string{"clerk", "head", "post"}},
		{"note", func(tx *storage.Tx, v akte.Vorgang) error { return akte.AddNotiz(tx, v.ID, "Notiz") }, []string{"clerk", "head"}},
		{"wiedervorlage", func(tx *storage.Tx, v akte.Vorgang) error {
			return akte.SetWiedervorlage(tx, v.ID, "2026-12-01", "prüfen")
		}, []string{"clerk", "head"}},
		{"frist", func(tx *storage.Tx, v akte.Vorgang) error { return akte.SetFrist(tx, v.ID, "2026-12-24", "") }, []string{"clerk", "head"}},
		{"step", func(tx *storage.Tx, v akte.Vorgang) error {
			_, err := akte.AddSchritt(tx, v.ID, akte.Ask{Art: akte.Stellungnahme, EinheitID: o.OtherID, Verfuegung: "Bitte äußern"})
			return err
		}, []string{"clerk", "head"}},
		{"document", func(tx *storage.Tx, v akte.Vorgang) error {
			_, err := akte.AddDokument(tx, akte.NewDokument{VorgangID: v.ID, Titel: "Brief", Art: akte.Eingang, Blob: blob.Ref{ID: tx.NewID()}})
			return err
		}, []string{"clerk", "head", "post"}},
		{"close", func(tx *storage.Tx, v akte.Vorgang) error { return akte.CloseVorgang(tx, v.ID) }, []string{"clerk", "head"}},
	}
	people := map[string]string{"clerk": o.Clerk, "head": o.Head, "stranger": o.Stranger, "post": o.Post, "auditor": o.Auditor}
	for _, a := range acts {
		for name, actor := range people {
			v := o.Vorgang(t)
			err := do(o.As(actor), func(tx *storage.Tx) error { return a.act(tx, v) })
			allowed := false
			for _, m := range a.may {
				allowed = allowed || m == name
			}
			if allowed && err != nil {
				t.Errorf("%s may %s: %v", name, a.name, err)
			}
			if !allowed && !errors.Is(err, problem.NotFound) {
				t.Errorf("%s may not %s: got %v, want NotFound", name, a.name, err)
			}
		}
	}
}

func TestTakenByOtherIsConflict(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	v := o.Vorgang(t)
	o.As(o.Clerk).Write(t, func(tx *storage.Tx) error { return akte.TakeOver(tx, v.ID) })
	err := do(o.As(o.Colleague), func(tx *storage.Tx) error { return akte.TakeOver(tx, v.ID) })
	if !errors.Is(err, problem.Conflict) {
		t.Errorf("second take-over = %v, want Conflict", err)
	}
	o.As(o.Clerk).Read(t, func(tx *storage.Tx) error {
		got, err := akte.GetVorgang(tx, v.ID)
		if got.BearbeiterID != konto.StaffID(o.Clerk) || got.Status != akte.Bearbeitung {
			t.Errorf("after take-over: %q %q", got.BearbeiterID, got.Status)
		}
		return err
	})
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	v := o.Vorgang(t)
	ask := func(actor, to string) (x akte.Schritt, err error) {
		err = do(o.As(actor), func(tx *storage.Tx) error {
			x, err = akte.AddSchritt(tx, v.ID, akte.Ask{Art: akte.Mitzeichnung, MitarbeiterID: konto.StaffID(to), Verfuegung: "Bitte mitzeichnen"})
			return err
		})
		return x, err
	}
	if _, err := ask(o.Head, o.Head); err == nil {
		t.Error("asking oneself for a Mitzeichnung was accepted")
	}
	x, err := ask(o.Clerk, o.Head)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(actor, status, remark string) error {
		return do(o.As(actor), func(tx *storage.Tx) error { return akte.AnswerSchritt(tx, x.ID, status, remark) })
	}
	if err := answer(o.Clerk, akte.StepDone, ""); !errors.Is(err, problem.Conflict) {
		t.Errorf("own Mitzeichnung = %v, want Conflict", err)
	}
	if err := answer(o.Stranger, akte.StepDone, ""); !errors.Is(err, problem.NotFound) {
		t.Errorf("stranger's Mitzeichnung = %v, want NotFound", err)
	}
	if err := answer(o.Head, akte.StepRefused, ""); err == nil {
		t.Error("refusal without a reason was accepted")
	}
	if err := do(o.As(o.Clerk), func(tx *storage.Tx) error { return akte.CloseVorgang(tx, v.ID) }); !errors.Is(err, problem.Conflict) {
		t.Errorf("close with an open step = %v, want Conflict", err)
	}
	if err := answer(o.Head, akte.StepDone, "in Ordnung"); err != nil {
		t.Fatal(err)
	}
	if err := answer(o.Head, akte.StepRefused, "doch nicht"); !errors.Is(err, problem.Conflict) {
		t.Errorf("a done step changed: %v", err)
	}
	o.As(o.Clerk).Read(t, func(tx *storage.Tx) error {
		got, err := akte.GetVorgang(tx, v.ID)
		if got.Status != akte.Bearbeitung {
			t.Errorf("status after Mitzeichnung = %q", got.Status)
		}
		return err
	})
}

// TestNeedToKnowByTask: a Stellungnahme opens the Vorgang for the unit that is asked, and stands in its list.
func TestNeedToKnowByTask(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	v := o.Vorgang(t)
	o.As(o.Clerk).Write(t, func(tx *storage.Tx) error {
		_, err := akte.AddSchritt(tx, v.ID, akte.Ask{Art: akte.Stellungnahme, EinheitID: o.OtherID, Verfuegung: "Bedenken?"})
		return err
	})
	o.As(o.Stranger).Read(t, func(tx *storage.Tx) error {
		if _, err := akte.GetVorgang(tx, v.ID); err != nil {
			return err
		}
		l, err := akte.Inbox(tx, akte.InboxFilter{View: akte.ViewMitzeichnung})
		if len(l.Rows) != 1 || l.Rows[0].ID != v.ID {
			t.Errorf("asked for an opinion, listed are %d Vorgaenge", len(l.Rows))
		}
		return err
	})
}

func TestInboxPagesForwardsAndBack(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	const n = 60
	for i := range n {
		o.Vorgang(t, func(v *akte.NewVorgang) { v.Frist = clock.Date("2026-11-10").AddDays(i / 2) })
	}
	page := func(cursor string) (l akte.List) {
		o.As(o.Clerk).Read(t, func(tx *storage.Tx) (err error) {
			l, err = akte.Inbox(tx, akte.InboxFilter{View: akte.ViewEinheit, Cursor: cursor})
			return err
		})
		return l
	}
	var all []string
	var pages [][]string
	for cursor, first := "", true; first || cursor != ""; first = false {
		l := page(cursor)
		var ids []string
		for _, v := range l.Rows {
			ids = append(ids, v.ID)
		}
		all, pages, cursor = append(all, ids...), append(pages, ids), l.Next
		if len(pages) == 3 && l.Prev != "" {
			back := page(l.Prev)
			var ids []string
			for _, v := range back.Rows {
				ids = append(ids, v.ID)
			}
			if diff := cmp.Diff(pages[1], ids); diff != "" {
				t.Errorf("page two reached backwards differs:\n%s", diff)
			}
		}
	}
	distinct := map[string]bool{}
	for _, id := range all {
		distinct[id] = true
	}
	if len(all) != n || len(distinct) != n {
		t.Errorf("paging saw %d rows, %d distinct, want %d", len(all), len(distinct), n)
	}
	if l := page("verdorben"); len(l.Rows) != akte.PageSize || l.Rows[0].ID != all[0] {
		t.Error("a stale cursor does not show page one")
	}
	o.As(o.Clerk).Read(t, func(tx *storage.Tx) error {
		late, err := akte.Count(tx, akte.InboxFilter{View: akte.ViewUeberfaellig})
		if late != 20 {
			t.Errorf("overdue = %d, want 20 (10 days of 2)", late)
		}
		return err
	})
	o.As(o.Stranger).Read(t, func(tx *storage.Tx) error {
		count, err := akte.Count(tx, akte.InboxFilter{View: akte.ViewEinheit})
		if count != 0 {
			t.Errorf("another office counts %d of our Vorgaenge", count)
		}
		return err
	})
}

func TestViews(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	mine, again, sign := o.Vorgang(t), o.Vorgang(t), o.Vorgang(t)
	o.As(o.Clerk).Write(t, func(tx *storage.Tx) error {
		if err := akte.TakeOver(tx, mine.ID); err != nil {
			return err
		}
		if err := akte.SetWiedervorlage(tx, again.ID, "2026-11-20", "nachsehen"); err != nil {
			return err
		}
		if _, err := akte.AddSchritt(tx, mine.ID, akte.Ask{Art: akte.Stellungnahme, MitarbeiterID: konto.StaffID(o.Head), Verfuegung: "bitte"}); err != nil {
			return err
		}
		_, err := akte.AddSchritt(tx, sign.ID, akte.Ask{Art: akte.Mitzeichnung, EinheitID: o.UnitID, Verfuegung: "bitte"})
		return err
	})
	for _, c := range []struct {
		actor string
		view  akte.View
		want  []string
	}{
		{o.Clerk, akte.ViewMeine, []string{mine.ID}},
		{o.Clerk, akte.ViewOhne, []string{again.ID, sign.ID}},
		{o.Clerk, akte.ViewWieder, []string{again.ID}},
		{o.Head, akte.ViewMitzeichnung, []string{mine.ID, sign.ID}},
		{o.Clerk, akte.ViewMitzeichnung, nil},
	} {
		o.As(c.actor).Read(t, func(tx *storage.Tx) error {
			l, err := akte.Inbox(tx, akte.InboxFilter{View: c.view})
			var got []string
			for _, v := range l.Rows {
				got = append(got, v.ID)
			}
			slices.Sort(got) // same Frist, same instant: by chance of their ids
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("view %s (-want +got):\n%s", c.view, diff)
			}
			return err
		})
	}
}

func TestReopenIsARightOfItsOwn(t *testing.T) {
	t.Parallel()
	o := aktetest.New(t)
	v := o.Vorgang(t)
	o.As(o.Clerk).Write(t, func(tx *storage.Tx) error { return akte.CloseVorgang(tx, v.ID) })
	if err := do(o.As(o.Clerk), func(tx *storage.Tx) error { return akte.ReopenVorgang(tx, v.ID, "Nachtrag") }); !errors.Is(err, problem.NotFound) {
		t.Errorf("clerk reopens: %v", err)
	}
	o.As(o.Head).Write(t, func(tx *storage.Tx) error { return akte.ReopenVorgang(tx, v.ID, "Nachtrag") })
}

func TestShippedPlan(t *testing.T) {
	t.Parallel()
	plan, err := akte.ShippedPlan()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, p := range plan {
		if p.AktenErlaubt {
			files++
			if p.AufbewahrungJahre <= 0 || p.AufbewahrungGrund == "" || p.Archivwert == "" {
				t.Errorf("%s %s: retention is incomplete", p.Nummer, p.Titel)
			}
		}
	}
	if files < 40 {
		t.Errorf("only %d positions may hold Akten", files)
	}
}
