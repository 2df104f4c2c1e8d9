package formular_test

import (
	"strings"
	"testing"

	"rathaus/internal/formular"
	"rathaus/internal/htmlform"
)

func render(t *testing.T, f *formular.Form, a formular.Answers) string {
	t.Helper()
	r, err := htmlform.New(func(key string) string { return key }, "")
	if err != nil {
		t.Fatal(err)
	}
	say := func(s string) string { return s }
	out, err := r.HTML(f.Fields(f.Abschnitte[0], formular.Page{Today: today, Answers: a, AddWord: say, RemoveWord: say, AddressWord: say,
		Size: func(int64) string { return "1 kB" }, FileHint: func([]string, int64) string { return "PDF" }}))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestIDs: no id stands twice, whatever is repeated.
func TestIDs(t *testing.T) {
	t.Parallel()
	many := formular.Occurs{Min: 1, Max: 3}
	f := compile(t,
		formular.Element{Key: "namen", Kind: formular.Text, Label: "Name", Occurs: many},
		formular.Element{Key: "tage", Kind: formular.Date, Label: "Tag", Occurs: many},
		formular.Element{Key: "orte", Kind: formular.Address, Label: "Ort", Occurs: many},
		formular.Element{Key: "hunde", Kind: formular.Group, Label: "Hund", Occurs: many, Elements: []formular.Element{{Key: "art", Kind: formular.Choice, Label: "Art",
			Options: []formular.Option{{Value: "a", Label: "A", Hint: "erste"}, {Value: "b", Label: "B", Hint: "zweite"}}}}},
		formular.Element{Key: "belege", Kind: formular.File, Label: "Beleg", Occurs: many})
	html := render(t, f, formular.Answers{"namen": []any{"a", "b"}, "hunde": []any{map[string]any{"art": "a"}, map[string]any{}}})
	seen := map[string]bool{}
	for _, part := range strings.Split(html, ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if seen[id] {
			t.Errorf("id %s stands twice", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"f-namen-1", "f-tage-0", "f-orte-0-plz", "f-hunde-1-art", "f-belege"} {
		if !seen[id] {
			t.Errorf("no control %s", id)
		}
	}
	if !strings.Contains(html, `name="belege" multiple`) {
		t.Error("a field for several files takes one only")
	}
}

// TestImpossibleDay: what was typed is shown again, also from a draft.
func TestImpossibleDay(t *testing.T) {
	t.Parallel()
	f := compile(t, formular.Element{Key: "tag", Kind: formular.Date, Label: "Tag"})
	html := render(t, f, formular.Answers{"tag": "31.2.2026"})
	if !strings.Contains(html, `value="31"`) || !strings.Contains(html, `value="2026"`) {
		t.Errorf("the day is lost: %s", html)
	}
}

func TestExpectedFee(t *testing.T) {
	t.Parallel()
	f, err := formular.Compile(formular.Definition{Key: "probe", Version: "1", Title: "Probe", Abschnitte: []formular.Abschnitt{{Key: "eins", Title: "Eins", Elements: []formular.Element{
		{Key: "tage", Kind: formular.Integer, Label: "Tage"}}}}, Gebuehr: &formular.Gebuehr{Cents: "tage * 500", Text: "{tage} Tage, zusammen {gebuehr}", FreeText: "Das kostet nichts.", Label: "Gebühr"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		answers formular.Answers
		text    string
		open    int
	}{
		{formular.Answers{"tage": 3.0}, "3 Tage, zusammen 15,00\u00a0€", 0},
		{formular.Answers{"tage": 0.0}, "Das kostet nichts.", 0},
		{formular.Answers{}, "", 1},
	} {
		fee, ok := f.ExpectedFee(today, c.answers)
		if !ok || fee.Text != c.text || len(fee.Open) != c.open {
			t.Errorf("%v: %+v", c.answers, fee)
		}
	}
}
