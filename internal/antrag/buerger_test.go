package antrag_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/konto"
	"rathaus/internal/mail"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

func TestVerifyCode(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t)
	other := w.Submit(t)
	for _, c := range []struct {
		number, code string
		ok           bool
	}{
		{r.Vorgangsnummer, r.Abholcode, true},
		{strings.ToLower(strings.ReplaceAll(r.Vorgangsnummer, "-", " ")), strings.ToLower(strings.ReplaceAll(r.Abholcode, "-", "")), true},
		{r.Vorgangsnummer, other.Abholcode, false},
		{other.Vorgangsnummer, r.Abholcode, false},
		{r.Vorgangsnummer, "", false},
		{"WB-0000-0000", r.Abholcode, false},
		{"", "", false},
	} {
		var got string
		err := w.Do("citizen", func(tx *storage.Tx) (err error) {
			got, err = w.Antraege.VerifyCode(tx, c.number, c.code)
			return err
		})
		if c.ok && (err != nil || got != r.AntragID) || !c.ok && !errors.Is(err, antrag.ErrCode) {
			t.Errorf("%q %q: %q, %v", c.number, c.code, got, err)
		}
	}
	// The other town has its own keys and cases.
	err := w.In("sturmkoog").DB.Read(t.Context(), w.In("sturmkoog").As("citizen").Scope, func(tx *storage.Tx) error {
		_, err := w.Antraege.VerifyCode(tx, r.Vorgangsnummer, r.Abholcode)
		return err
	})
	if !errors.Is(err, antrag.ErrCode) {
		t.Errorf("the other town opens it: %v", err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	account, _ := retrieval(t, w)
	coded := w.Submit(t)
	linked := w.Submit(t, func(s *antrag.Submission) { s.BuergerID = account })
	w.As("citizen").Read(t, func(tx *storage.Tx) error {
		for _, c := range []struct {
			number string
			proof  antrag.Proof
			want   string
		}{
			{coded.Vorgangsnummer, antrag.Proof{Antraege: []string{coded.AntragID}}, coded.AntragID},
			{strings.ToLower(coded.Vorgangsnummer), antrag.Proof{Antraege: []string{coded.AntragID}}, coded.AntragID},
			{linked.Vorgangsnummer, antrag.Proof{BuergerID: account}, linked.AntragID},
			{coded.Vorgangsnummer, antrag.Proof{BuergerID: account}, ""},
			{coded.Vorgangsnummer, antrag.Proof{Antraege: []string{linked.AntragID}}, ""},
			{coded.Vorgangsnummer, antrag.Proof{}, ""}, // no account is not everybody without one
			{"WB-0000-0000", antrag.Proof{Antraege: []string{coded.AntragID}}, ""},
		} {
			got, err := antrag.Resolve(tx, c.number, c.proof)
			if got != c.want || (c.want == "") != errors.Is(err, problem.NotFound) {
				t.Errorf("%s with %+v: %q, %v", c.number, c.proof, got, err)
			}
		}
		return nil
	})
}

func TestNachforderungStopsTheClock(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t) // Friday, Frist 4 December
	w.Clock.Advance(3 * 24 * time.Hour)
	ask := func(tx *storage.Tx) error {
		return antrag.Ask(tx, r.AntragID, "Es fehlt der Vertrag mit dem Tierheim.", "2026-12-07", nil)
	}
	w.Must(t, w.Clerk, ask)
	if err := w.Do(w.Clerk, ask); explained(err) != "antrag.nachforderung_offen" {
		t.Errorf("asked twice: %v", err)
	}
	a := get(t, w, r.AntragID)
	if !a.Stand.Asked || a.Stand.State != antrag.InBearbeitung || a.Vorgang.Status != akte.Wartet {
		t.Errorf("asked: %+v, %s", a.Stand, a.Vorgang.Status)
	}
	e := view(t, w, r.AntragID)
	if e.Offen == nil || e.Offen.Frist != "2026-12-07" || len(e.Nachrichten) != 1 || e.Nachrichten[0].Nachforderung == nil || e.Nachrichten[0].AuthorName == "" {
		t.Fatalf("the applicant sees %+v", e)
	}
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { _, err := antrag.Decide(tx, r.AntragID, antrag.Bewilligt); return err }); explained(err) != "antrag.nachforderung_offen" {
		t.Errorf("decided while waiting: %v", err)
	}
	w.Clock.Advance(2 * 24 * time.Hour) // two workdays
	proof := w.File(t, "tierheim-vertrag.pdf", "%PDF proof")
	w.Must(t, "citizen", func(tx *storage.Tx) error {
		return antrag.Reply(tx, r.AntragID, "Gern, hier ist er.", []antrag.Datei{proof}, true)
	})
	a = get(t, w, r.AntragID)
	if a.Stand.Asked || a.Vorgang.Status != akte.Bearbeitung || a.Vorgang.Frist != "2026-12-08" {
		t.Errorf("answered: %+v, %s, Frist %s", a.Stand, a.Vorgang.Status, a.Vorgang.Frist)
	}
	e = view(t, w, r.AntragID)
	if e.Offen != nil || len(e.Nachrichten) != 2 || len(e.Nachrichten[1].Dokumente) != 1 || e.Nachrichten[1].Dokumente[0].FileName != "tierheim-vertrag.pdf" {
		t.Errorf("thread %+v", e.Nachrichten)
	}
	if got := acts(e); got != "answered asked begun submitted" {
		t.Errorf("history %q", got)
	}
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) error {
		d, err := antrag.HandlingTime(tx, a)
		if d != 3*24*time.Hour {
			t.Errorf("handling time %s", d)
		}
		return err
	})
	if err := w.Do("citizen", func(tx *storage.Tx) error { return antrag.Reply(tx, r.AntragID, "noch was", nil, true) }); !errors.Is(err, problem.Conflict) {
		t.Errorf("answered twice: %v", err)
	}
	if err := w.Do("citizen", func(tx *storage.Tx) error { return antrag.Reply(tx, r.AntragID, " ", nil, false) }); !errors.As(err, new(problem.Fields)) {
		t.Errorf("empty message: %v", err)
	}
}

func TestSettleWithoutAnswer(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.Ask(tx, r.AntragID, "Bitte anrufen.", "2026-12-07", nil) })
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.Settle(tx, r.AntragID) })
	if a := get(t, w, r.AntragID); a.Stand.Asked || a.Vorgang.Status != akte.Bearbeitung {
		t.Errorf("settled: %+v", a.Stand)
	}
	for _, until := range []string{"", "2026-11-20", "gestern"} {
		err := w.Do(w.Clerk, func(tx *storage.Tx) error { return antrag.Ask(tx, r.AntragID, "x", clockDate(until), nil) })
		var f problem.Fields
		if !errors.As(err, &f) || f[0].Path != "frist" {
			t.Errorf("until %q: %v", until, err)
		}
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error {
		b, err := antrag.Decide(tx, r.AntragID, antrag.Bewilligt)
		if err != nil {
			return err
		}
		b, err = antrag.SaveDraft(tx, b.ID, antrag.BescheidEdit{Version: b.Version, Weg: b.Weg, Text: antrag.BescheidText{Titel: "a", Tenor: "b", Begruendung: "c"}})
		if err != nil {
			return err
		}
		return antrag.AskMitzeichnung(tx, b.ID, konto.StaffID(w.Head), "", "")
	})
	w.Must(t, "citizen", func(tx *storage.Tx) error {
		return antrag.Withdraw(tx, r.AntragID, "Der Hund bleibt doch im Tierheim.")
	})
	a := get(t, w, r.AntragID)
	if a.Stand.State != antrag.Zurueckgezogen || a.Vorgang.Status != akte.Erledigt || a.WithdrawnAt.IsZero() {
		t.Errorf("withdrawn: %+v", a)
	}
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) error {
		all, err := antrag.Bescheide(tx, r.AntragID)
		if len(all) != 1 || all[0].State != antrag.Verworfen {
			t.Errorf("drafts %+v", all)
		}
		blockers, err2 := akte.CloseBlockers(tx, a.VorgangID)
		if len(blockers) > 0 {
			t.Errorf("the case cannot be closed: %v", blockers)
		}
		return errors.Join(err, err2)
	})
	if err := w.Do("citizen", func(tx *storage.Tx) error { return antrag.Withdraw(tx, r.AntragID, "") }); explained(err) != "antrag.zurueckgezogen" {
		t.Errorf("withdrawn twice: %v", err)
	}
	done, _ := w.Decided(t)
	if err := w.Do("citizen", func(tx *storage.Tx) error { return antrag.Withdraw(tx, done.AntragID, "") }); explained(err) != "antrag.entschieden" {
		t.Errorf("withdrawn after the decision: %v", err)
	}
}

// TestWithoutMail: who has no mail address gets letters, and still has the code.
func TestWithoutMail(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t, func(s *antrag.Submission) { delete(s.Answers["person"].(map[string]any), "mail") })
	w.Must(t, w.Clerk, func(tx *storage.Tx) error {
		return antrag.Ask(tx, r.AntragID, "Bitte senden Sie uns den Vertrag.", "2026-12-07", nil)
	})
	letters := queued(t, w)
	if len(letters) != 1 || letters[0].Art != antrag.SendungNachricht {
		t.Fatalf("queue %+v", letters)
	}
	w.As(w.Post).Read(t, func(tx *storage.Tx) error {
		druck, err := antrag.PlanDruck(tx, []string{letters[0].ID})
		if err != nil {
			return err
		}
		_, err = w.Antraege.Print(t.Context(), druck, false)
		return err
	})
	if err := w.Do(w.Clerk, func(tx *storage.Tx) error { return antrag.SendAccessLink(tx, r.AntragID) }); explained(err) != "antrag.ohne_mail" {
		t.Errorf("link by mail: %v", err)
	}
	w.Must(t, w.Clerk, func(tx *storage.Tx) error {
		a, err := antrag.Get(tx, r.AntragID)
		if err != nil {
			return err
		}
		a.Applicant.Mail = "mira.neu@post.example"
		return antrag.CorrectApplicant(tx, a.ID, a.Applicant, "am Telefon genannt")
	})
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.SendMessage(tx, r.AntragID, "Danke für den Anruf.", nil) })
	w.Read(t, func(tx *storage.Tx) error {
		mails, err := mail.List(tx, "")
		if len(mails) != 1 || mails[0].To != "mira.neu@post.example" || strings.Contains(mails[0].Text, "Anruf") {
			t.Errorf("mails %+v", mails)
		}
		return err
	})
}

func TestLostCode(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t)
	w.Must(t, "citizen", func(tx *storage.Tx) error { return antrag.RequestAccessLink(tx, r.Vorgangsnummer) })
	w.Must(t, "citizen", func(tx *storage.Tx) error { return antrag.RequestAccessLink(tx, "WB-0000-0000") })
	var secret string
	w.Read(t, func(tx *storage.Tx) error {
		mails, err := mail.List(tx, "")
		if len(mails) != 2 {
			t.Fatalf("%d mails", len(mails))
		}
		for _, m := range mails {
			if _, rest, ok := strings.Cut(m.Text, "/zugang/"); ok {
				secret, _, _ = strings.Cut(rest, "\n")
			}
		}
		return err
	})
	open := func() (id string, err error) {
		err = w.Do("citizen", func(tx *storage.Tx) (err error) { id, err = antrag.OpenByLink(tx, secret); return err })
		return id, err
	}
	if id, err := open(); err != nil || id != r.AntragID {
		t.Fatalf("%q, %v", id, err)
	}
	if _, err := open(); !errors.Is(err, problem.NotFound) {
		t.Errorf("the link opens twice: %v", err)
	}

	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.ReplaceCode(tx, r.AntragID) })
	verify := func(code string) error {
		return w.Do("citizen", func(tx *storage.Tx) error { _, err := w.Antraege.VerifyCode(tx, r.Vorgangsnummer, code); return err })
	}
	if err := verify(r.Abholcode); !errors.Is(err, antrag.ErrCode) {
		t.Errorf("the old code still opens: %v", err)
	}
	if err := verify(w.Antraege.Code("wiesenbrueck", get(t, w, r.AntragID))); err != nil {
		t.Errorf("the new code: %v", err)
	}
	letters := queued(t, w)
	if len(letters) != 1 || letters[0].Art != antrag.SendungZugang {
		t.Fatalf("queue %+v", letters)
	}
}

func TestAccountLinksOnce(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	account, _ := retrieval(t, w)
	r := w.Submit(t)
	link := func(id string) error {
		return w.Do("citizen", func(tx *storage.Tx) error { return antrag.Link(tx, r.AntragID, id) })
	}
	if err := errors.Join(link(account), link(account)); err != nil {
		t.Fatal(err)
	}
	if err := link("other"); explained(err) != "antrag.anderes_konto" {
		t.Errorf("a second account: %v", err)
	}
	w.Read(t, func(tx *storage.Tx) error {
		mine, err := antrag.Cases(tx, antrag.Proof{BuergerID: account, Antraege: []string{r.AntragID}})
		none, err2 := antrag.Cases(tx, antrag.Proof{})
		if len(mine) != 1 || mine[0].ID != r.AntragID || len(none) != 0 {
			t.Errorf("own cases %+v", mine)
		}
		return errors.Join(err, err2)
	})
}
