package antrag_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/antrag"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

func TestGoldenBelehrung(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	wiesenbrueck := antrag.Stelle{Behoerde: "Stadt Wiesenbrück", Anschrift: "Marktplatz 1, 00000 Wiesenbrück"}
	sturmkoog := antrag.Stelle{Behoerde: "Gemeinde Sturmkoog", Anschrift: "Deichstraße 4, 00000 Sturmkoog",
		Gericht: "Verwaltungsgericht Nebelstedt", Gerichtsanschrift: "Gerichtsstraße 2, 00000 Nebelstedt"}
	for _, c := range []struct {
		file  string
		area  leistung.Rechtsgebiet
		land  string
		place antrag.Stelle
		art   string
	}{
		{"belehrung_bw_allgemein.txt", leistung.RechtVerwaltung, "BW", wiesenbrueck, "Widerspruch"},
		{"belehrung_bw_hundesteuer.txt", leistung.RechtAbgaben, "BW", wiesenbrueck, "Widerspruch"},
		{"belehrung_nw_allgemein.txt", leistung.RechtVerwaltung, "NW", sturmkoog, "Klage"},
	} {
		rule, err := rules.Remedy(c.area, c.land, "2026-11-20")
		if err != nil {
			t.Fatal(err)
		}
		text, err := rule.Belehrung(c.place)
		if err != nil {
			t.Fatal(err)
		}
		if rule.ArtName() != c.art || rule.Months != 1 || rule.State != antrag.Unchecked {
			t.Errorf("%s: %s, %d months, state %s", c.file, rule.ArtName(), rule.Months, rule.State)
		}
		if rule.Hinweis != "" {
			text += "\n\n" + rule.Hinweis
		}
		golden(t, c.file, rule.Title()+"\n\n"+text+"\n")
	}
}

func TestRemedyWithoutRuleOrPlace(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	if _, err := rules.Remedy(leistung.RechtVerwaltung, "BY", "2026-11-20"); !errors.Is(err, antrag.ErrNoRule) {
		t.Errorf("Bavaria: %v", err)
	}
	klage, err := rules.Remedy(leistung.RechtVerwaltung, "NW", "2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	_, err = klage.Belehrung(antrag.Stelle{Behoerde: "Gemeinde Sturmkoog", Anschrift: "Deichstraße 4"})
	var e *problem.Explained
	if !errors.As(err, &e) || e.Key != "antrag.gericht_fehlt" || !errors.Is(err, problem.Conflict) {
		t.Errorf("missing court: %v", err)
	}
	own := antrag.Rechtsbehelf{Key: "eigene", Art: "widerspruch", Laender: []string{"BY"}, Rechtsgebiet: leistung.RechtVerwaltung, Months: 1, Text: "…"}
	rules.Rechtsbehelf = append([]antrag.Rechtsbehelf{own}, rules.Rechtsbehelf...)
	if got, err := rules.Remedy(leistung.RechtVerwaltung, "BY", "2026-11-20"); err != nil || got.Key != "eigene" {
		t.Errorf("own rule: %v, %v", got.Key, err)
	}
}
