package antrag_test

import (
	"errors"
	"testing"

	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// TestTownRules: the town confirms shipped rules and enters its own, which go first.
func TestTownRules(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	own := antrag.Bekanntgaberegel{Key: "eigene-brief", Weg: antrag.WegBrief, Rechtsgebiet: leistung.RechtAbgaben, Laender: []string{"BW"}, Days: 5, Paragraph: "§ 1 Satzung"}
	w.Must(t, w.Admin, func(tx *storage.Tx) error {
		return errors.Join(antrag.ConfirmRule(tx, "bw-widerspruch"), antrag.EnterBekanntgabe(tx, own), antrag.ConfirmRule(tx, "eigene-brief"))
	})
	w.Read(t, func(tx *storage.Tx) error {
		rules, status, err := antrag.Rules(tx)
		if err != nil {
			return err
		}
		if !status["bw-widerspruch"].Confirmed() || status["bw-widerspruch"].Own || status["nw-klage"].Confirmed() || !status["eigene-brief"].Own {
			t.Errorf("status %+v", status)
		}
		got, err := rules.Announce(antrag.Zustellung{Weg: antrag.WegBrief, Rechtsgebiet: leistung.RechtAbgaben, Calendar: calendarBW(), Start: "2026-11-16"})
		if got.Day != "2026-11-21" || got.Rule.Paragraph != "§ 1 Satzung" {
			t.Errorf("own rule: %+v", got)
		}
		return err
	})
	if err := w.Do(w.Admin, func(tx *storage.Tx) error { return antrag.ConfirmRule(tx, "erfunden") }); !errors.Is(err, problem.NotFound) {
		t.Errorf("unknown rule: %v", err)
	}
	var f problem.Fields
	if err := w.Do(w.Admin, func(tx *storage.Tx) error { return antrag.EnterRechtsbehelf(tx, antrag.Rechtsbehelf{Key: "x"}) }); !errors.As(err, &f) || len(f) != 4 {
		t.Errorf("incomplete rule: %v", err)
	}
}
