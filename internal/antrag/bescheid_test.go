package antrag_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/clock"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// explained is the catalogue key of a refusal.
func explained(err error) string {
	var e *problem.Explained
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

func get(t *testing.T, w *antragtest.World, antragID string) (a antrag.Antrag) {
	t.Helper()
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) (err error) { a, err = antrag.Get(tx, antragID); return err })
	return a
}

func bescheid(t *testing.T, w *antragtest.World, id string) (b antrag.Bescheid) {
	t.Helper()
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) (err error) { b, err = antrag.GetBescheid(tx, id); return err })
	return b
}

func view(t *testing.T, w *antragtest.World, antragID string) (e antrag.Einsicht) {
	t.Helper()
	w.As("citizen").Read(t, func(tx *storage.Tx) (err error) { e, err = antrag.ForCitizen(tx, antragID); return err })
	return e
}

func queued(t *testing.T, w *antragtest.World) (all []antrag.Sendung) {
	t.Helper()
	w.As(w.Post).Read(t, func(tx *storage.Tx) (err error) { all, err = antrag.Postausgang(tx); return err })
	return all
}

func post(t *testing.T, w *antragtest.World, on clock.Date) antrag.Sendung {
	t.Helper()
	all := queued(t, w)
	if len(all) != 1 {
		t.Fatalf("%d letters wait", len(all))
	}
	w.Must(t, w.Post, func(tx *storage.Tx) error { return antrag.MarkPosted(tx, []string{all[0].ID}, on) })
	return all[0]
}

func acts(e antrag.Einsicht) string {
	var out []string
	for _, x := range e.Verlauf {
		out = append(out, x.Act)
	}
	return strings.Join(out, " ")
}

// TestBescheidByLetter is the main path of the clerk: decide, release, print, post, Bekanntgabe.
func TestBescheidByLetter(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r, b := w.Decided(t)
	if b.State != antrag.Freigegeben || b.Weg != antrag.WegBrief || b.Bekanntgabe != "" {
		t.Fatalf("released %+v", b)
	}
	a := get(t, w, r.AntragID)
	if a.Stand.State != antrag.Entschieden || a.Vorgang.Status != akte.Erledigt || konto.StaffID(w.Clerk) != a.Vorgang.BearbeiterID {
		t.Errorf("antrag %+v, vorgang %s", a.Stand, a.Vorgang.Status)
	}
	e := view(t, w, r.AntragID)
	if len(e.Dokumente) != 1 { // the application only: the Bescheid comes by letter
		t.Errorf("the applicant sees %d documents", len(e.Dokumente))
	}

	letters := queued(t, w)
	if len(letters) != 1 || letters[0].Empfaenger != "Mira Tannhof" || letters[0].Betreff != "Hundesteuerbescheid" {
		t.Fatalf("queue %+v", letters)
	}
	var druck *antrag.Druck
	w.As(w.Post).Read(t, func(tx *storage.Tx) (err error) {
		druck, err = antrag.PlanDruck(tx, []string{letters[0].ID})
		return err
	})
	file, err := w.Antraege.Print(t.Context(), druck, true)
	if err != nil || !strings.HasPrefix(string(file), "%PDF") {
		t.Fatalf("printed %d bytes, %v", len(file), err)
	}
	w.Must(t, w.Post, func(tx *storage.Tx) error { return antrag.MarkPrinted(tx, []string{letters[0].ID}) })

	x := post(t, w, "2026-11-20")                                                               // a Friday
	if b = bescheid(t, w, b.ID); b.State != antrag.Versandt || b.Bekanntgabe != "2026-11-24" || // Abgaben: Tuesday
		b.Paragraph != "§ 122 Abs. 2 Nr. 1 AO" || b.RemedyEnd != "2026-12-24" {
		t.Errorf("posted %s, Bekanntgabe %s (%s), remedy until %s", b.State, b.Bekanntgabe, b.Paragraph, b.RemedyEnd)
	}
	if got := acts(view(t, w, r.AntragID)); got != "posted decided begun submitted" {
		t.Errorf("history %q", got)
	}
	if len(queued(t, w)) != 0 {
		t.Error("a posted letter still waits")
	}

	// A wrong tick is undone before the Bekanntgabe, not after.
	w.Must(t, w.Post, func(tx *storage.Tx) error { return antrag.UndoPosted(tx, x.ID) })
	if b = bescheid(t, w, b.ID); b.State != antrag.Freigegeben || b.Bekanntgabe != "" || b.RemedyEnd != "" || len(queued(t, w)) != 1 {
		t.Errorf("undone: %+v", b)
	}
	// One that names a day long past is undone on the day it was made.
	w.Clock.Set(clock.Date("2026-11-30").Time())
	post(t, w, "2026-11-23")
	w.Must(t, w.Post, func(tx *storage.Tx) error { return antrag.UndoPosted(tx, x.ID) })
	post(t, w, "2026-11-23")
	w.Clock.Advance(24 * 3600e9)
	if err := w.Do(w.Post, func(tx *storage.Tx) error { return antrag.UndoPosted(tx, x.ID) }); explained(err) != "antrag.schon_bekannt" {
		t.Errorf("undo after the Bekanntgabe: %v", err)
	}
	var posted []antrag.Sendung
	w.As(w.Post).Read(t, func(tx *storage.Tx) (err error) { posted, err = antrag.PostedOn(tx, "2026-11-23"); return err })
	if len(posted) != 1 || posted[0].PostedBy != w.Post {
		t.Errorf("posted on the day: %+v", posted)
	}
}

func TestMarkPostedRefuses(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	w.Decided(t)
	id := queued(t, w)[0].ID
	for day, key := range map[clock.Date]string{"2026-11-21": "antrag.tag_zukunft", "2026-11-19": "antrag.tag_vor_freigabe", "": "antrag.tag_zukunft"} {
		var f problem.Fields
		if err := w.Do(w.Post, func(tx *storage.Tx) error { return antrag.MarkPosted(tx, []string{id}, day) }); !errors.As(err, &f) || f[0].Key != key {
			t.Errorf("%q: %v", day, err)
		}
	}
	if err := w.Do(w.Stranger, func(tx *storage.Tx) error { return antrag.MarkPosted(tx, []string{id}, "2026-11-20") }); !errors.Is(err, problem.NotFound) {
		t.Errorf("another unit: %v", err)
	}
}

// retrieval makes a service of general law whose applicant consented and has an account.
func retrieval(t *testing.T, w *antragtest.World) (string, func(*antrag.Submission)) {
	t.Helper()
	var account string
	w.Must(t, "system", func(tx *storage.Tx) error {
		account = tx.NewID()
		_, err := tx.Exec(`insert into buerger (id, mail, mail_folded, created_at, seen_at) values ($1, 'mira.tannhof@post.example', 'mira.tannhof@post.example', 0, 0)`, account)
		return err
	})
	return account, func(s *antrag.Submission) {
		s.Slug, s.ConsentAbruf, s.BuergerID = "baumfaellung", true, account
	}
}

func TestBescheidByRetrieval(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	w.Clock.Set(clock.Date("2026-03-02").Time().Add(9 * 3600e9))
	account, consent := retrieval(t, w)
	r, b := decideTree(t, w, consent)
	if b.Weg != antrag.WegAbruf || b.FetchUntil != "2026-03-12" || len(queued(t, w)) != 0 {
		t.Fatalf("released %+v", b)
	}
	fetch := func(login antrag.Anmeldung) error {
		return w.Do("citizen", func(tx *storage.Tx) error { _, err := antrag.Fetch(tx, r.AntragID, b.ID, login); return err })
	}
	for _, login := range []antrag.Anmeldung{{}, {BuergerID: "other", Trust: leistung.TrustHoch}, {BuergerID: account, Trust: leistung.TrustNone}} {
		if err := fetch(login); explained(err) != "antrag.anmeldung_noetig" {
			t.Errorf("%+v: %v", login, err)
		}
	}
	if e := view(t, w, r.AntragID); len(e.Dokumente) != 1 || e.Bescheid == nil || e.Bescheid.State != antrag.Freigegeben {
		t.Errorf("before the retrieval the applicant sees %d documents", len(e.Dokumente))
	}
	w.Clock.Set(clock.Date("2026-03-05").Time().Add(20 * 3600e9))
	good := antrag.Anmeldung{BuergerID: account, Trust: leistung.TrustNormal}
	if err := errors.Join(fetch(good), fetch(good)); err != nil {
		t.Fatal(err)
	}
	if b = bescheid(t, w, b.ID); b.State != antrag.Abgerufen || b.Bekanntgabe != "2026-03-06" || b.RemedyEnd != "2026-04-07" || b.Paragraph != "§ 41 Abs. 2a VwVfG" {
		t.Errorf("fetched: %+v", b)
	}
	if e := view(t, w, r.AntragID); len(e.Dokumente) != 2 || acts(e) != "fetched provided decided begun submitted" {
		t.Errorf("after the retrieval: %d documents, %s", len(e.Dokumente), acts(e))
	}
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { _, err := antrag.Recall(tx, b.ID, "Fehler"); return err }); explained(err) != "antrag.schon_versandt" {
		t.Errorf("recall after the retrieval: %v", err)
	}
}

func decideTree(t *testing.T, w *antragtest.World, change ...func(*antrag.Submission)) (antrag.Receipt, antrag.Bescheid) {
	t.Helper()
	w.Clerk = w.Gardener
	return w.Decided(t, change...)
}

func TestUnfetchedBescheidGoesByLetter(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	w.Clock.Set(clock.Date("2026-03-02").Time().Add(9 * 3600e9))
	account, consent := retrieval(t, w)
	r, b := decideTree(t, w, consent)

	runner := job.NewRunner(w.DB)
	antrag.Register(runner)
	runner.Register(mail.Kind, func(ctx context.Context, run *job.Run) error { return nil })
	drain := func() {
		t.Helper()
		if _, err := runner.Drain(t.Context(), w.Scope.Mandant); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Set(clock.Date("2026-03-12").Time().Add(23 * 3600e9)) // the tenth day
	drain()
	if b = bescheid(t, w, b.ID); b.Weg != antrag.WegAbruf {
		t.Fatal("the provision ended too early")
	}
	w.Clock.Set(clock.Date("2026-03-13").Time())
	late := w.Do("citizen", func(tx *storage.Tx) error {
		_, err := antrag.Fetch(tx, r.AntragID, b.ID, antrag.Anmeldung{BuergerID: account, Trust: leistung.TrustNormal})
		return err
	})
	if explained(late) != "antrag.abruf_vorbei" {
		t.Errorf("fetched on the eleventh day: %v", late)
	}
	drain()
	b = bescheid(t, w, b.ID)
	letters := queued(t, w)
	if b.Weg != antrag.WegBrief || b.State != antrag.Freigegeben || b.Bekanntgabe != "" || len(letters) != 1 {
		t.Fatalf("lapsed: %+v, %d letters", b, len(letters))
	}
	post(t, w, "2026-03-13")
	if b = bescheid(t, w, b.ID); b.Bekanntgabe != "2026-03-17" || b.Paragraph != "§ 41 Abs. 2 Satz 1 LVwVfG" {
		t.Errorf("posted after all: %s (%s)", b.Bekanntgabe, b.Paragraph)
	}
	if got := acts(view(t, w, r.AntragID)); got != "posted lapsed provided decided begun submitted" {
		t.Errorf("history %q", got)
	}
}

func TestReleaseRefuses(t *testing.T) {
	t.Parallel()
	draft := func(t *testing.T, w *antragtest.World, e antrag.Entscheidung, change ...func(*antrag.Submission)) antrag.Bescheid {
		t.Helper()
		r := w.Submit(t, change...)
		var b antrag.Bescheid
		w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) { b, err = antrag.Decide(tx, r.AntragID, e); return err })
		return b
	}
	t.Run("gaps", func(t *testing.T) {
		t.Parallel()
		w := antragtest.New(t)
		b := draft(t, w, antrag.Abgelehnt)
		if _, err := w.Release(w.Clerk, b.ID); explained(err) != "antrag.luecken" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("letterhead", func(t *testing.T) {
		t.Parallel()
		w := antragtest.New(t)
		b := draft(t, w, antrag.Bewilligt)
		w.Must(t, "system", func(tx *storage.Tx) error {
			p, err := mandant.GetProfil(tx)
			if err != nil {
				return err
			}
			p.Signatory, p.Bank.IBAN = mandant.Signatory{}, ""
			return mandant.SetProfil(tx, p)
		})
		fill(t, w, b)
		_, err := w.Release(w.Clerk, b.ID)
		var e *problem.Explained
		if !errors.As(err, &e) || e.Key != "antrag.briefkopf" || !strings.Contains(e.Args[0].(string), "IBAN") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("address", func(t *testing.T) {
		t.Parallel()
		w := antragtest.New(t)
		b := draft(t, w, antrag.Bewilligt, func(s *antrag.Submission) { delete(s.Answers["person"].(map[string]any), "anschrift") })
		fill(t, w, b)
		if _, err := w.Release(w.Clerk, b.ID); explained(err) != "antrag.adresse_fehlt" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("changed between plan and release", func(t *testing.T) {
		t.Parallel()
		w := antragtest.New(t)
		b := fill(t, w, draft(t, w, antrag.Bewilligt))
		var f *antrag.Freigabe
		w.As(w.Clerk).Read(t, func(tx *storage.Tx) (err error) { f, err = antrag.PlanRelease(tx, b.ID); return err })
		if err := w.Antraege.PrepareRelease(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		fill(t, w, b)
		if err := w.Do(w.Clerk, func(tx *storage.Tx) error { _, err := antrag.Release(tx, f); return err }); explained(err) != "problem.conflict" {
			t.Errorf("got %v", err)
		}
	})
}

// fill writes a complete text into a draft.
func fill(t *testing.T, w *antragtest.World, b antrag.Bescheid) antrag.Bescheid {
	t.Helper()
	b = bescheid(t, w, b.ID)
	w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) {
		b, err = antrag.SaveDraft(tx, b.ID, antrag.BescheidEdit{Version: b.Version, Weg: b.Weg, Gebuehr: b.Gebuehr,
			Text: antrag.BescheidText{Titel: "Hundesteuerbescheid", Tenor: "Ihr Hund ist angemeldet.", Begruendung: "Sie halten einen Hund."}})
		return err
	})
	return b
}

func TestFourEyes(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t)
	var b antrag.Bescheid
	w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) { b, err = antrag.Decide(tx, r.AntragID, antrag.Bewilligt); return err })
	b = fill(t, w, b)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.AskMitzeichnung(tx, b.ID, konto.StaffID(w.Head), "", "") })
	b = bescheid(t, w, b.ID)
	if _, err := w.Release(w.Clerk, b.ID); explained(err) != "antrag.mitzeichnung_fehlt" {
		t.Errorf("released without the second pair of eyes: %v", err)
	}
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { return akte.AnswerSchritt(tx, b.SchrittID, akte.StepDone, "") }); err == nil {
		t.Error("the clerk co-signed the own draft")
	}
	// A change after the co-signature takes it back.
	w.Must(t, w.Head, func(tx *storage.Tx) error { return akte.AnswerSchritt(tx, b.SchrittID, akte.StepDone, "") })
	b = fill(t, w, b)
	if b.SchrittID != "" {
		t.Error("the co-signature survives a change")
	}
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.AskMitzeichnung(tx, b.ID, konto.StaffID(w.Head), "", "") })
	b = bescheid(t, w, b.ID)
	w.Must(t, w.Head, func(tx *storage.Tx) error { return akte.AnswerSchritt(tx, b.SchrittID, akte.StepDone, "einverstanden") })
	if b, err := w.Release(w.Clerk, b.ID); err != nil || b.State != antrag.Freigegeben {
		t.Errorf("co-signed: %v", err)
	}
}

func TestRecallAndCorrect(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r, first := w.Decided(t)
	var draft antrag.Bescheid
	w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) {
		draft, err = antrag.Recall(tx, first.ID, "falscher Betrag")
		return err
	})
	if draft.State != antrag.Entwurf || draft.Text != first.Text || get(t, w, r.AntragID).Stand.State != antrag.InBearbeitung || len(queued(t, w)) != 0 {
		t.Fatalf("recalled: %+v", draft)
	}
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { return antrag.Reopen(tx, r.AntragID, "x") }); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk reopens: %v", err)
	}
	second, err := w.Release(w.Clerk, draft.ID)
	if err != nil {
		t.Fatal(err)
	}
	post(t, w, "2026-11-20")

	// After posting only a new Bescheid helps, and only the Leitung takes the case up again.
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { _, err := antrag.Recall(tx, second.ID, "x"); return err }); explained(err) != "antrag.schon_versandt" {
		t.Errorf("recall after posting: %v", err)
	}
	w.Must(t, w.Head, func(tx *storage.Tx) error { return antrag.Reopen(tx, r.AntragID, "Rechenfehler") })
	var third antrag.Bescheid
	w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) {
		third, err = antrag.Decide(tx, r.AntragID, antrag.Teilweise)
		return err
	})
	if third.ErsetztID != second.ID {
		t.Errorf("the new Bescheid replaces %q", third.ErsetztID)
	}
	fill(t, w, third)
	var preview antrag.Brief
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) (err error) { preview, err = antrag.Preview(tx, third.ID); return err })
	if !preview.Entwurf || !strings.Contains(preview.Text(), "ersetzt den Bescheid vom 20. November 2026") || preview.Belehrung == nil {
		t.Errorf("preview:\n%s", preview.Text())
	}
	if _, err := w.Release(w.Clerk, third.ID); err != nil {
		t.Fatal(err)
	}
	if got := bescheid(t, w, second.ID).State; got != antrag.Ersetzt {
		t.Errorf("the old one is %s", got)
	}
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { _, err := antrag.Recall(tx, third.ID, "doch nicht"); return err })
	if got := bescheid(t, w, second.ID).State; got != antrag.Versandt {
		t.Errorf("after the recall of its successor the old one is %s", got)
	}
}

func TestFeeAndTemplates(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	_, consent := retrieval(t, w)
	_, b := decideTree(t, w, consent, func(s *antrag.Submission) { s.ConsentAbruf = false })
	g := b.Gebuehr
	if g.Cents != 4500 || len(g.Kassenzeichen) != 11 || !strings.HasPrefix(g.Kassenzeichen, "2026000001") || g.Faellig != "2026-12-21" {
		t.Errorf("fee %+v", g)
	}
	for _, v := range antrag.ShippedVorlagen() {
		if v.Titel == "" || v.Tenor == "" || v.Begruendung == "" {
			t.Errorf("template %s %s is incomplete", v.Leistung, v.Entscheidung)
		}
	}
	own := antrag.Vorlage{Leistung: "baumfaellung", Entscheidung: antrag.Bewilligt, Titel: "Erlaubnis", Tenor: "Ja, {name}.", Begruendung: "Darum in {ort}."}
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { return antrag.SaveVorlage(tx, own) }); !errors.Is(err, problem.Forbidden) {
		t.Errorf("a clerk changes templates: %v", err)
	}
	w.Must(t, "system", func(tx *storage.Tx) error { return antrag.SaveVorlage(tx, own) })
	r := w.Submit(t, consent)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error {
		b, err := antrag.Decide(tx, r.AntragID, antrag.Bewilligt)
		if b.Text.Tenor != "Ja, Mira Tannhof." || b.Text.Begruendung != "Darum in Wiesenbrück." {
			t.Errorf("draft %+v", b.Text)
		}
		return err
	})
}
