package rule_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rathaus/internal/rule"
)

func env(t testing.TB) *rule.Env {
	t.Helper()
	e, err := rule.New(map[string]rule.Type{"person.alter": rule.Integer, "hund.gefaehrlich": rule.Text, "hund.seit": rule.Day, "flaeche": rule.Decimal,
		"betrag": rule.Money, "ja": rule.Bool, "wege": rule.Texts, "hunde": rule.Entries, "lose": rule.Entries},
		map[string]rule.Shape{"hunde": {Fields: map[string]rule.Type{"name": rule.Text, "alter": rule.Integer, "ort.plz": rule.Text, "ort.lage.etage": rule.Integer},
			Lists: map[string]rule.Shape{"impfungen": {Fields: map[string]rule.Type{"tag": rule.Day}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestThreeValues(t *testing.T) {
	t.Parallel()
	e := env(t)
	for _, c := range []struct {
		source string
		values rule.Values
		want   rule.State
	}{
		{"person.alter < 18", rule.Values{"person.alter": int64(16)}, rule.Met},
		{"person.alter < 18", rule.Values{"person.alter": int64(18)}, rule.NotMet},
		{"person.alter < 18", nil, rule.Open},
		{"person.alter < 18 || ja", rule.Values{"ja": true}, rule.Met},
		{"person.alter < 18 && ja", rule.Values{"ja": false}, rule.NotMet},
		{"person.alter < 18 && ja", rule.Values{"ja": true}, rule.Open},
		{"hund.gefaehrlich == 'ja'", rule.Values{"hund.gefaehrlich": "ja"}, rule.Met},
		{"hund.seit <= heute", rule.Values{"hund.seit": "2026-11-03"}, rule.Met},
		{"hund.seit > plus_tage(heute, 14)", rule.Values{"hund.seit": "2026-12-05"}, rule.Met},
		{"jahre(hund.seit, heute) >= 18", rule.Values{"hund.seit": "2008-11-21"}, rule.NotMet},
		{"jahre(hund.seit, heute) >= 18", rule.Values{"hund.seit": "2008-11-20"}, rule.Met},
		{"size(hunde) > 1", rule.Values{"hunde": []map[string]any{{"name": "a"}, {"name": "b"}}}, rule.Met},
		{"hunde.exists(h, h.name == 'b')", rule.Values{"hunde": []map[string]any{{"name": "a"}, {"name": "b"}}}, rule.Met},
		{"hunde.all(h, h.alter > 3)", rule.Values{"hunde": []map[string]any{{"name": "a"}}}, rule.Open},
		{"hunde.exists(h, h.alter > 3)", rule.Values{"hunde": []map[string]any{{"name": "a"}, {"alter": int64(4)}}}, rule.Met},
		{"hunde.exists(h, h.ort.plz == '00000')", rule.Values{"hunde": []map[string]any{{"ort": map[string]any{"plz": "00000"}}}}, rule.Met},
		{"hunde.all(h, h.ort.plz == '00000')", rule.Values{"hunde": []map[string]any{{"name": "a"}}}, rule.Open},
		{"hunde.exists(h, has(h.alter) && h.alter > 3)", rule.Values{"hunde": []map[string]any{{"name": "a"}}}, rule.NotMet},
		{"hunde.exists(h, h.impfungen.exists(i, i.tag < heute))", rule.Values{"hunde": []map[string]any{{"impfungen": []map[string]any{{"tag": "2026-01-02"}}}}}, rule.Met},
		{"hunde.map(h, h.alter).exists(a, a > 3)", rule.Values{"hunde": []map[string]any{{"alter": int64(4)}}}, rule.Met},
		{"hunde[0].alter > 3", rule.Values{"hunde": []map[string]any{{"alter": int64(4)}}}, rule.Met},
		{"hunde[1].alter > 3", rule.Values{"hunde": []map[string]any{{"alter": int64(4)}}}, rule.Open},
		{"lose.exists(l, l.irgendwas == 1)", rule.Values{"lose": []map[string]any{{"irgendwas": int64(1)}}}, rule.Met},
		{"'post' in wege", rule.Values{"wege": []string{"post"}}, rule.Met},
		{"werktage('BW', '2026-12-23', '2026-12-28') == 2", nil, rule.Met},
		{"plus_werktage('BW', '2026-12-23', 2) == '2026-12-28'", nil, rule.Met},
		{"flaeche > 20", rule.Values{"flaeche": 20.5}, rule.Met},
		{"beantwortet(hund.seit)", nil, rule.NotMet},
		{"beantwortet(hund.seit)", rule.Values{"hund.seit": "2026-11-03"}, rule.Met},
		{"!beantwortet(hund.seit) || hund.seit > heute", nil, rule.Met},
	} {
		r, err := e.Condition(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if got := r.Eval("2026-11-20", c.values); got != c.want {
			t.Errorf("%s with %v = %v, want %v", c.source, c.values, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	e := env(t)
	for _, source := range []string{"person.alter", "person.alter == 'x'", "unbekannt > 3", "person.", "1 + 1 == 2 &&",
		"hunde.exists(h, h.nmae == 'b')", "hunde.exists(h, h.name > 3)", "hunde.exists(h, h.ort == 'x')", "hunde[0].ort.ort == 'x'",
		"hunde.all(a, hunde.all(b, hunde.all(c, hunde.all(d, true))))", strings.Repeat("ja && ", 1000) + "ja"} {
		if _, err := e.Condition(source); err == nil {
			t.Errorf("%.40s: accepted", source)
		}
	}
	if _, err := e.Condition("hunde.all(a, hunde.all(b, hunde.all(c, hunde.all(d, true))))"); !errors.Is(err, rule.ErrCost) {
		t.Errorf("nested loops: %v, want ErrCost", err)
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	r, err := env(t).Amount("hund.gefaehrlich == 'ja' ? 60000 : runden(prozent(betrag, 19), 100)")
	if err != nil {
		t.Fatal(err)
	}
	if got, _, ok := r.Cents("2026-11-20", rule.Values{"hund.gefaehrlich": "nein", "betrag": int64(12345)}); !ok || got != 2300 {
		t.Errorf("amount = %d, %v; want 2300 (19 %% of 123.45 is 23.46, full euros 23)", got, ok)
	}
	_, missing, ok := r.Cents("2026-11-20", rule.Values{"hund.gefaehrlich": "nein"})
	if ok || !slices.Contains(missing, "betrag") {
		t.Errorf("open amount: missing = %v, ok = %v", missing, ok)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"person.alter": "Alter", "hund.gefaehrlich": "Gefährlich", "betrag": "Betrag", "hund.seit": "Aufnahme", "ja": "Zweithund",
		"wege": "Wege", "hunde": "Hunde", "flaeche": "Fläche"}
	w := rule.Words{Label: func(n string) string { return labels[n] }, Value: func(n string, v any) string {
		if n == "wege" && v == "post" {
			return "Brief"
		}
		return ""
	}}
	for _, c := range []struct {
		source string
		values rule.Values
		want   string
	}{
		{"person.alter < 18", rule.Values{"person.alter": int64(16)}, "Alter (16) ist kleiner als 18"},
		{"person.alter >= 18", rule.Values{"person.alter": int64(16)}, "Alter (16) ist kleiner als 18"},
		{"!(person.alter < 18)", rule.Values{"person.alter": int64(20)}, "Alter (20) ist mindestens 18"},
		{"18 > person.alter", rule.Values{"person.alter": int64(16)}, "Alter (16) ist kleiner als 18"},
		{"person.alter < 18 && hund.gefaehrlich == 'ja'", rule.Values{"person.alter": int64(16), "hund.gefaehrlich": "ja"}, "Alter (16) ist kleiner als 18 und Gefährlich ist „ja“"},
		{"person.alter < 18 && hund.gefaehrlich == 'ja'", rule.Values{"person.alter": int64(16), "hund.gefaehrlich": "nein"}, "Gefährlich (nein) ist nicht „ja“"},
		{"person.alter < 18 || ja", rule.Values{"person.alter": int64(20), "ja": true}, "Zweithund ist „ja“"},
		{"person.alter < 18 || ja", rule.Values{"person.alter": int64(20), "ja": false}, "Alter (20) ist mindestens 18 und Zweithund ist „nein“"},
		{"ja == false", rule.Values{"ja": false}, "Zweithund ist „nein“"},
		{"betrag > 100000", rule.Values{"betrag": int64(123456)}, "Betrag (1.234,56\u00a0€) ist größer als 1.000,00\u00a0€"},
		{"hund.seit < plus_tage(heute, -7)", rule.Values{"hund.seit": "2026-11-03"}, "Aufnahme (3.11.2026) ist früher als der berechnete Wert (13.11.2026)"},
		{"hund.seit <= heute", rule.Values{"hund.seit": "2026-12-03"}, "Aufnahme (3.12.2026) ist später als heute (20.11.2026)"},
		{"hund.gefaehrlich in ['ja', 'unklar']", rule.Values{"hund.gefaehrlich": "nein"}, "Gefährlich (nein) ist keines von: „ja“, „unklar“"},
		{"'post' in wege", rule.Values{"wege": []string{"post"}}, "Wege enthält „Brief“"},
		{"size(hunde) > 1", rule.Values{"hunde": []map[string]any{{"name": "a"}, {"name": "b"}}}, "Anzahl „Hunde“ (2) ist größer als 1"},
		{"hunde.exists(h, h.name == 'c')", rule.Values{"hunde": []map[string]any{{"name": "a"}}}, "die Bedingung zu „Hunde“ ist nicht erfüllt"},
		{"ja ? person.alter < 18 : true", rule.Values{"ja": true, "person.alter": int64(16)}, "Zweithund ist „ja“ und Alter (16) ist kleiner als 18"},
		{"flaeche > 20", rule.Values{"flaeche": 12.5}, "Fläche (12,5) ist höchstens 20"},
		{"beantwortet(betrag)", nil, "Betrag ist nicht angegeben"},
		{"person.alter < 18", nil, "Alter ist noch offen"},
		{"true", nil, ""},
	} {
		r, err := env(t).Condition(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		if got := r.Reason("2026-11-20", c.values, w); got != c.want {
			t.Errorf("%s with %v: %q, want %q", c.source, c.values, got, c.want)
		}
	}
}

// TestPercent: whole and broken percentages, half away from zero, and no silent overflow.
func TestPercent(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int64{"prozent(9600, 50)": 4800, "prozent(betrag, 7.5)": 93, "prozent(-betrag, 7.5)": -93, "prozent(1, 50)": 1,
		"prozent(-1, 50)": -1, "prozent(1000, 0.1)": 1, "prozent(9000000000000000000, 100)": 9000000000000000000} {
		r, err := env(t).Amount(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got, _, ok := r.Cents("2026-11-20", rule.Values{"betrag": int64(1234)}); !ok || got != want {
			t.Errorf("%s = %d, %v; want %d", source, got, ok, want)
		}
	}
	r, err := env(t).Amount("prozent(9000000000000000000, 200)")
	if err != nil {
		t.Fatal(err)
	}
	if got, _, ok := r.Cents("2026-11-20", nil); ok {
		t.Errorf("an amount beyond int64 = %d", got)
	}
}

// TestRounding: runden gives a multiple and is never further than half a step away.
func TestRounding(t *testing.T) {
	t.Parallel()
	r, err := env(t).Amount("runden(betrag, 50)")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.Int64Range(-1e12, 1e12).Draw(t, "betrag")
		got, _, ok := r.Cents("2026-11-20", rule.Values{"betrag": in})
		if diff := got - in; !ok || got%50 != 0 || diff > 25 || diff < -25 {
			t.Fatalf("runden(%d, 50) = %d, %v", in, got, ok)
		}
	})
}

func FuzzCondition(f *testing.F) {
	f.Add("person.alter < 18")
	f.Add("hunde.exists(h, h.name == 'b')")
	e := env(f)
	f.Fuzz(func(t *testing.T, source string) {
		r, err := e.Condition(source)
		if err == nil {
			r.Eval("2026-11-20", nil)
			r.Reason("2026-11-20", rule.Values{"person.alter": int64(16), "hunde": []map[string]any{{"name": "b"}}}, rule.Words{})
		}
	})
}
