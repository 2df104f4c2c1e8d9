package antrag_test

import (
	"errors"
	"strings"
	"testing"

	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

func clockDate(s string) clock.Date { return clock.Date(s) }

// TestWhoMayWhat: every act with every kind of person. What one may not read does not exist (404 as for a wrong id);
// what one may read but not do is forbidden. No act leaves anything behind when refused.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	type what func(w *antragtest.World, tx *storage.Tx, antragID, bescheidID, letterID string) error
	acts := []struct {
		name string
		may  string // actors that may, of "clerk colleague head post stranger auditor admin citizen portal"
		do   what
	}{
		{"read", "clerk colleague head auditor", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			_, err := antrag.Get(tx, id)
			return err
		}},
		{"read as applicant", "citizen", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			_, err := antrag.ForCitizen(tx, id)
			return err
		}},
		{"take over", "clerk", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error { return antrag.TakeOver(tx, id) }},
		{"ask", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			return antrag.Ask(tx, id, "Bitte", "2026-12-24", nil)
		}},
		{"write", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			return antrag.SendMessage(tx, id, "Guten Tag", nil)
		}},
		{"reply", "citizen", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			return antrag.Reply(tx, id, "Guten Tag", nil, false)
		}},
		{"withdraw", "citizen", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error { return antrag.Withdraw(tx, id, "") }},
		{"decide", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			_, err := antrag.Decide(tx, id, antrag.Bewilligt)
			return err
		}},
		{"correct the address", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			return antrag.CorrectApplicant(tx, id, antrag.Applicant{Name: "Mira Tannhof"}, "Tippfehler")
		}},
		{"mail a link", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error { return antrag.SendAccessLink(tx, id) }},
		{"replace the code", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error { return antrag.ReplaceCode(tx, id) }},
		{"see the history", "clerk colleague head auditor", func(_ *antragtest.World, tx *storage.Tx, id, _, _ string) error {
			_, _, err := antrag.Timeline(tx, id, "")
			return err
		}},
		{"recall", "clerk colleague head", func(_ *antragtest.World, tx *storage.Tx, _, bescheid, _ string) error {
			_, err := antrag.Recall(tx, bescheid, "Fehler")
			return err
		}},
		{"post", "clerk colleague head post", func(_ *antragtest.World, tx *storage.Tx, _, _, letter string) error {
			return antrag.MarkPosted(tx, []string{letter}, "2026-11-20")
		}},
		{"change a template", "", func(_ *antragtest.World, tx *storage.Tx, _, _, _ string) error {
			return antrag.SaveVorlage(tx, antrag.Vorlage{Entscheidung: antrag.Bewilligt, Titel: "a", Tenor: "b", Begruendung: "c"})
		}},
		{"confirm a legal rule", "admin", func(_ *antragtest.World, tx *storage.Tx, _, _, _ string) error {
			return antrag.ConfirmRule(tx, "bw-widerspruch")
		}},
	}
	w := antragtest.New(t)
	open := w.Submit(t)
	_, decided := w.Decided(t)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error { return antrag.TakeOver(tx, open.AntragID) })
	letter := queued(t, w)[0].ID
	people := map[string]string{"clerk": w.Clerk, "colleague": w.Colleague, "head": w.Head, "post": w.Post, "stranger": w.Stranger,
		"auditor": w.Auditor, "admin": w.Admin, "citizen": "citizen", "portal": "portal:1"}
	undo := errors.New("undo")
	for _, a := range acts {
		for name, actor := range people {
			err := w.Do(actor, func(tx *storage.Tx) error {
				if err := a.do(w, tx, open.AntragID, decided.ID, letter); err != nil {
					return err
				}
				return undo // allowed; nothing stays for the next person
			})
			allowed := errors.Is(err, undo)
			if want := contains(a.may, name); allowed != want {
				t.Errorf("%s: %s may = %v, want %v (%v)", a.name, name, allowed, want, err)
			}
			refused := errors.Is(err, problem.Forbidden) || errors.Is(err, problem.NotFound) || a.name == "take over" && errors.Is(err, problem.Conflict)
			if !allowed && !refused {
				t.Errorf("%s by %s: %v", a.name, name, err)
			}
		}
	}
}

func contains(words, word string) bool {
	for _, w := range strings.Fields(words) {
		if w == word {
			return true
		}
	}
	return false
}

func calendarBW() clock.Calendar { return clock.Calendar{Land: "BW"} }
