package formular_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/problem"
)

const today = clock.Date("2026-11-20")

func compile(t testing.TB, elements ...formular.Element) *formular.Form {
	t.Helper()
	f, err := formular.Compile(formular.Definition{Key: "probe", Version: "1", Title: "Probe", Abschnitte: []formular.Abschnitt{{Key: "eins", Title: "Eins", Elements: elements}}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func paths(f *formular.Form, a formular.Answers) []string {
	_, problems := f.Check(today, a)
	out := []string{}
	for _, p := range problems {
		out = append(out, p.Path+" "+p.Key)
	}
	return out
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		e    formular.Element
		good []any
		bad  map[any]string
	}{
		{"text", formular.Element{Kind: formular.Text, MaxLength: 5}, []any{"Fenja"}, map[any]string{"zu lang": "problem.too_long", 3.0: "formular.wrong_shape"}},
		{"integer", formular.Element{Kind: formular.Integer, Min: "1", Max: "9"}, []any{1.0, "9"}, map[any]string{10.0: "formular.max", 0.0: "formular.min", "x": "problem.whole_number", 1.5: "problem.whole_number"}},
		{"decimal", formular.Element{Kind: formular.Decimal}, []any{"12.5", "12,5"}, map[any]string{"viel": "problem.number"}},
		{"money", formular.Element{Kind: formular.Money, Max: "100"}, []any{"96.00", "12.5", "7"}, map[any]string{"12,50 Euro": "problem.money", "100.01": "formular.max"}},
		{"date", formular.Element{Kind: formular.Date, Max: "heute", Min: "heute-1j"}, []any{"2026-11-20"}, map[any]string{"2026-11-21": "formular.date_future", "2025-11-19": "formular.date_min", "2026-02-30": "problem.date"}},
		{"time", formular.Element{Kind: formular.Time}, []any{"14:05"}, map[any]string{"24:00": "formular.time"}},
		{"datetime", formular.Element{Kind: formular.DateTime}, []any{"2026-11-03T14:05"}, map[any]string{"2026-11-03": "formular.datetime"}},
		{"bool", formular.Element{Kind: formular.Bool}, []any{true, false}, map[any]string{"ja": "formular.choose"}},
		{"choice", formular.Element{Kind: formular.Choice, Options: []formular.Option{{Value: "a", Label: "A"}}}, []any{"a"}, map[any]string{"b": "problem.choice"}},
		{"iban", formular.Element{Kind: formular.IBAN}, []any{"DE02 1203 0000 0000 2020 51", "de02120300000000202051"}, map[any]string{"DE03120300000000202051": "problem.iban", "DE02": "problem.iban"}},
		{"email", formular.Element{Kind: formular.Email}, []any{"mira@post.example"}, map[any]string{"mira": "problem.email", "mira@post": "problem.email", "Mira <mira@post.example>": "problem.email"}},
		{"phone", formular.Element{Kind: formular.Phone}, []any{"030 23125-140", "+49 30 23125140"}, map[any]string{"12": "problem.phone"}},
		{"digits", formular.Element{Kind: formular.Text, Digits: 15}, []any{"276 098 106 412 388"}, map[any]string{"276098106412": "formular.digits", "27609810641238X": "formular.digits_only"}},
		{"pattern", formular.Element{Kind: formular.Text, Pattern: `[A-Z]{1,3}-[A-Z]{1,2} \d{1,4}`}, []any{"WB-K 12"}, map[any]string{"wbk12": "formular.pattern"}},
		{"address", formular.Element{Kind: formular.Address}, []any{map[string]any{"strasse": "Lindenstraße", "hausnummer": "12", "plz": "00000", "ort": "Wiesenbrück"}}, nil},
	} {
		c.e.Key, c.e.Label = "feld", c.name
		f := compile(t, c.e)
		for _, v := range c.good {
			if got := paths(f, formular.Answers{"feld": v}); len(got) > 0 {
				t.Errorf("%s: %v is good, got %v", c.name, v, got)
			}
		}
		for v, want := range c.bad {
			if got := paths(f, formular.Answers{"feld": v}); !slices.Equal(got, []string{"feld " + want}) {
				t.Errorf("%s: %v: got %v, want %s", c.name, v, got, want)
			}
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	f := compile(t,
		formular.Element{Key: "art", Kind: formular.Choice, Label: "Art", Options: []formular.Option{{Value: "hund"}, {Value: "katze"}}},
		formular.Element{Key: "chip", Kind: formular.Text, Label: "Chip", ShownIf: "art == 'hund'"},
		formular.Element{Key: "marke", Kind: formular.Text, Label: "Marke", ShownIf: "chip == 'x'"},
		formular.Element{Key: "grund", Kind: formular.Text, Label: "Grund", RequiredIf: "art == 'katze'"},
		formular.Element{Key: "von", Kind: formular.Date, Label: "Von", Occurs: formular.Occurs{Max: 1}},
		formular.Element{Key: "bis", Kind: formular.Date, Label: "Bis", Occurs: formular.Occurs{Max: 1}, Checks: []formular.Check{{That: "wert >= von", Message: "Das Ende liegt vor dem Beginn."}}},
	)
	for _, c := range []struct {
		name string
		in   formular.Answers
		want []string
	}{
		{"shown fields are required", formular.Answers{"art": "hund"}, []string{"chip problem.required"}},
		{"hidden ones are not", formular.Answers{"art": "katze", "grund": "so"}, []string{}},
		{"required if", formular.Answers{"art": "katze"}, []string{"grund formular.required_because"}},
		{"check", formular.Answers{"art": "katze", "grund": "so", "von": "2026-11-10", "bis": "2026-11-09"}, []string{"bis formular.text"}},
		{"check with one side open", formular.Answers{"art": "katze", "grund": "so", "bis": "2026-11-09"}, []string{}},
		{"unknown key", formular.Answers{"art": "katze", "grund": "so", "fell": "rot"}, []string{"fell formular.unknown_field"}},
	} {
		if diff := cmp.Diff(c.want, paths(f, c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	clean := f.Clean(today, formular.Answers{"art": "katze", "chip": "x", "marke": "9", "grund": "so"})
	if diff := cmp.Diff(formular.Answers{"art": "katze", "grund": "so"}, clean); diff != "" {
		t.Errorf("hidden values, also those hidden by hidden ones, stay (-want +got):\n%s", diff)
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	f := compile(t, formular.Element{Key: "hunde", Kind: formular.Group, Label: "Hunde", Occurs: formular.Occurs{Min: 1, Max: 2}, ItemLabel: "Hund", Elements: []formular.Element{
		{Key: "name", Kind: formular.Text, Label: "Name"},
		{Key: "listenhund", Kind: formular.Bool, Label: "Gefährlich"},
		{Key: "nummer", Kind: formular.Text, Label: "Nummer", ShownIf: "hier.listenhund"},
	}})
	entry := func(name string, extra ...any) map[string]any {
		m := map[string]any{"name": name, "listenhund": false}
		for i := 0; i+1 < len(extra); i += 2 {
			m[extra[i].(string)] = extra[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		in   formular.Answers
		want []string
	}{
		"none":       {formular.Answers{}, []string{"hunde formular.no_entry"}},
		"two":        {formular.Answers{"hunde": []any{entry("a"), entry("b")}}, []string{}},
		"three":      {formular.Answers{"hunde": []any{entry("a"), entry("b"), entry("c")}}, []string{"hunde formular.too_many"}},
		"inner":      {formular.Answers{"hunde": []any{entry("a"), entry("b", "listenhund", true)}}, []string{"hunde.1.nummer problem.required"}},
		"no list":    {formular.Answers{"hunde": entry("a")}, []string{"hunde formular.wrong_shape"}},
		"not object": {formular.Answers{"hunde": []any{"a"}}, []string{"hunde.0 formular.wrong_shape"}},
	} {
		if diff := cmp.Diff(c.want, paths(f, c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestDecode: what the controls post is read back as answers.
func TestDecode(t *testing.T) {
	t.Parallel()
	f := compile(t,
		formular.Element{Key: "name", Kind: formular.Text, Label: "Name"},
		formular.Element{Key: "tag", Kind: formular.Date, Label: "Tag"},
		formular.Element{Key: "summe", Kind: formular.Money, Label: "Summe"},
		formular.Element{Key: "wege", Kind: formular.MultiChoice, Label: "Wege", Options: []formular.Option{{Value: "a"}, {Value: "b"}}},
		formular.Element{Key: "hunde", Kind: formular.Group, Label: "Hunde", Occurs: formular.Occurs{Max: formular.Unbounded}, Elements: []formular.Element{{Key: "name", Kind: formular.Text, Label: "Name"}}},
		formular.Element{Key: "ort", Kind: formular.Address, Label: "Ort"},
	)
	got := f.Decode(today, f.Abschnitte[0], formular.Answers{}, url.Values{"name": {" Fenja "}, "tag.t": {"3"}, "tag.m": {"11"}, "tag.j": {"2026"}, "summe": {"1.234,5"},
		"wege": {"a", "b"}, "hunde.0.name": {"A"}, "hunde.1.name": {"B"}, "ort.strasse": {"Am Wehr"}, "ort.plz": {"00000"}, "fremd": {"x"}})
	want := formular.Answers{"name": "Fenja", "tag": "2026-11-03", "summe": "1234.50", "wege": []any{"a", "b"},
		"hunde": []any{map[string]any{"name": "A"}, map[string]any{"name": "B"}}, "ort": map[string]any{"strasse": "Am Wehr", "plz": "00000"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decode (-want +got):\n%s", diff)
	}
	wrong := f.Decode(today, f.Abschnitte[0], formular.Answers{}, url.Values{"tag.t": {"31"}, "tag.m": {"2"}, "tag.j": {"2026"}})
	if got := paths(f, wrong); !slices.Contains(got, "tag problem.date") {
		t.Errorf("an impossible day: %v", got)
	}
	more := f.AddEntry(got, "hunde")
	if list := more.At("hunde").([]any); len(list) != 3 {
		t.Errorf("after adding: %d entries", len(list))
	}
	less := f.RemoveEntry(got, "hunde.0")
	if less.At("hunde.0.name") != "B" {
		t.Errorf("after removing: %v", less.At("hunde"))
	}
}

// TestWhyRequired: a field that only some must fill in says what makes it necessary.
func TestWhyRequired(t *testing.T) {
	t.Parallel()
	f := compile(t,
		formular.Element{Key: "art", Kind: formular.Choice, Label: "Wer stellt den Antrag?", Output: "Antrag von", Options: []formular.Option{{Value: "privat", Label: "Privatperson"}, {Value: "firma", Label: "Firma"}}},
		formular.Element{Key: "firma", Kind: formular.Text, Label: "Firma", Occurs: formular.Occurs{Max: 1}, RequiredIf: "art == 'firma'"},
		formular.Element{Key: "tiere", Kind: formular.Group, Label: "Tiere", Occurs: formular.Occurs{Max: 5}, Elements: []formular.Element{
			{Key: "alter", Kind: formular.Integer, Label: "Alter"},
			{Key: "tierarzt", Kind: formular.Choice, Label: "Tierarzt", Occurs: formular.Occurs{Max: 1}, RequiredIf: "hier.alter > 10", Options: []formular.Option{{Value: "a", Label: "A"}}}}})
	_, problems := f.Check(today, formular.Answers{"art": "firma", "tiere": []any{map[string]any{"alter": 3.0}, map[string]any{"alter": 12.0}}})
	want := problem.Fields{
		{Path: "firma", Key: "formular.required_because", Args: []any{"Antrag von ist „Firma“"}},
		{Path: "tiere.1.tierarzt", Key: "formular.required_because", Args: []any{"Alter (12) ist größer als 10"}},
	}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSound: slips that compile are found when a form is stored.
func TestSound(t *testing.T) {
	t.Parallel()
	text := func(change func(*formular.Element)) formular.Element {
		e := formular.Element{Key: "a", Kind: formular.Text, Label: "A"}
		change(&e)
		return e
	}
	for name, c := range map[string]struct {
		element formular.Element
		roles   formular.Roles
		want    string // "" when nothing is wrong
	}{
		"fine":            {text(func(e *formular.Element) { e.Pattern = "[a-z]+" }), formular.Roles{Name: []string{"a"}, Subject: "Antrag: {a}"}, ""},
		"role":            {text(func(*formular.Element) {}), formular.Roles{Mail: "mail"}, `no element "mail"`},
		"placeholder":     {text(func(*formular.Element) {}), formular.Roles{Subject: "Antrag: {b}"}, `no element "b"`},
		"pattern":         {text(func(e *formular.Element) { e.Pattern = "(" }), formular.Roles{}, "pattern"},
		"bound of a text": {text(func(e *formular.Element) { e.Max = "5" }), formular.Roles{}, "bounds no text"},
		"bound of a day":  {text(func(e *formular.Element) { e.Kind, e.Max = formular.Date, "morgen" }), formular.Roles{}, "bounds no date"},
		"length":          {text(func(e *formular.Element) { e.MinLength, e.MaxLength = 5, 3 }), formular.Roles{}, "minLength"},
		"option twice": {text(func(e *formular.Element) {
			e.Kind, e.Options = formular.Choice, []formular.Option{{Value: "x"}, {Value: "x"}}
		}), formular.Roles{}, "stands twice"},
		"default no option": {text(func(e *formular.Element) {
			e.Kind, e.Default, e.Options = formular.Choice, "y", []formular.Option{{Value: "x"}}
		}), formular.Roles{}, "none of the options"},
		"too many choices": {text(func(e *formular.Element) {
			e.Kind, e.Occurs, e.Options = formular.MultiChoice, formular.Occurs{Min: 2, Max: 3}, []formular.Option{{Value: "x"}}
		}), formular.Roles{}, "choices"},
		"empty group": {text(func(e *formular.Element) { e.Kind = formular.Group }), formular.Roles{}, "without elements"},
		"message elsewhere": {text(func(e *formular.Element) {
			e.Checks = []formular.Check{{That: "wert != 'x'", Message: "Nein.", Path: "b"}}
		}), formular.Roles{}, `no element "b"`},
		"check, no message": {text(func(e *formular.Element) { e.Checks = []formular.Check{{That: "wert != 'x'"}} }), formular.Roles{}, "no message"},
		"impossible occurs": {text(func(e *formular.Element) { e.Occurs = formular.Occurs{Min: 3, Max: 2} }), formular.Roles{}, "impossible"},
	} {
		d := formular.Definition{Key: "x", Version: "1", Title: "X", Roles: c.roles, Abschnitte: []formular.Abschnitt{{Key: "s", Title: "S", Elements: []formular.Element{c.element}}}}
		err := d.Sound()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestTypedNumbers: numbers as people type them, and what is refused rather than guessed.
func TestTypedNumbers(t *testing.T) {
	t.Parallel()
	f := compile(t,
		formular.Element{Key: "g", Kind: formular.Integer, Label: "G", Occurs: formular.Occurs{Max: 1}},
		formular.Element{Key: "d", Kind: formular.Decimal, Label: "D", Occurs: formular.Occurs{Max: 1}},
		formular.Element{Key: "m", Kind: formular.Money, Label: "M", Occurs: formular.Occurs{Max: 1}},
	)
	for _, c := range []struct {
		key, typed string
		want       any // nil: refused
	}{
		{"g", "1.500", 1500.0}, {"g", "12 000", 12000.0}, {"g", "-3", -3.0}, {"g", "1.5", nil}, {"g", "1,5", nil}, {"g", "zwei", nil},
		{"d", "1.234,5", "1234.5"}, {"d", "12,5", "12.5"}, {"d", "12.5", "12.5"}, {"d", "1.234", "1234"}, {"d", "1e5", nil}, {"d", "0x10", nil}, {"d", "1,2,3", nil},
		{"m", "12,50 €", "12.50"}, {"m", "12.50", "12.50"}, {"m", "12,5", "12.50"}, {"m", "1.250", "1250.00"}, {"m", "1.250,00", "1250.00"}, {"m", "12,505", nil}, {"m", "12.5.0", nil},
	} {
		answers := f.Decode(today, f.Abschnitte[0], formular.Answers{}, url.Values{c.key: {c.typed}})
		clean, problems := f.Check(today, answers)
		switch {
		case c.want == nil && len(problems) != 1:
			t.Errorf("%s %q: %v, %v; want it refused", c.key, c.typed, clean, problems)
		case c.want != nil && (len(problems) > 0 || clean[c.key] != c.want):
			t.Errorf("%s %q = %v, %v; want %v", c.key, c.typed, clean[c.key], problems, c.want)
		}
	}
}

// TestWrongShapes: answers of another portal that have not the shape of the form are refused, never dropped.
func TestWrongShapes(t *testing.T) {
	t.Parallel()
	optional := formular.Occurs{Max: 1}
	f := compile(t,
		formular.Element{Key: "wer", Kind: formular.Group, Label: "Wer", Occurs: optional, Elements: []formular.Element{{Key: "name", Kind: formular.Text, Label: "Name"}}},
		formular.Element{Key: "ort", Kind: formular.Address, Label: "Ort", Occurs: optional},
		formular.Element{Key: "zahl", Kind: formular.Integer, Label: "Zahl", Occurs: optional},
		formular.Element{Key: "foto", Kind: formular.File, Label: "Foto", Occurs: optional},
	)
	for name, c := range map[string]struct {
		in   formular.Answers
		want []string
	}{
		"text for a group":          {formular.Answers{"wer": "ich"}, []string{"wer formular.wrong_shape"}},
		"list for a group":          {formular.Answers{"wer": []any{map[string]any{"name": "a"}}}, []string{"wer formular.wrong_shape"}},
		"number for a text":         {formular.Answers{"wer": map[string]any{"name": 3.0}}, []string{"wer.name formular.wrong_shape"}},
		"text for an address":       {formular.Answers{"ort": "Am Wehr 3"}, []string{"ort formular.wrong_shape"}},
		"unknown part of one":       {formular.Answers{"ort": map[string]any{"strasse": "Am Wehr", "hausnummer": "3", "plz": "00000", "ort": "W", "etage": "2"}}, []string{"ort.etage formular.unknown_field"}},
		"fraction":                  {formular.Answers{"zahl": 1.5}, []string{"zahl problem.whole_number"}},
		"later where it cannot be":  {formular.Answers{"foto_nachreichen": true}, []string{"foto_nachreichen formular.unknown_field"}},
		"later of something else":   {formular.Answers{"zahl_nachreichen": true}, []string{"zahl_nachreichen formular.unknown_field"}},
		"nothing wrong, all absent": {formular.Answers{}, []string{}},
	} {
		if diff := cmp.Diff(c.want, paths(f, c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestFeeThatCannotBeComputed names what it hangs on, and never says that nothing is to be paid.
func TestFeeThatCannotBeComputed(t *testing.T) {
	t.Parallel()
	f, err := formular.Compile(formular.Definition{Key: "x", Version: "1", Title: "X", Gebuehr: &formular.Gebuehr{Cents: "10000 / teile"},
		Abschnitte: []formular.Abschnitt{{Key: "s", Title: "S", Elements: []formular.Element{{Key: "teile", Kind: formular.Integer, Label: "Teile"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, answers := range []formular.Answers{{}, {"teile": 0.0}} {
		if _, missing, ok := f.Fee(today, answers); !ok || !slices.Equal(missing, []string{"teile"}) {
			t.Errorf("%v: missing %v", answers, missing)
		}
	}
	if cents, missing, _ := f.Fee(today, formular.Answers{"teile": 4.0}); cents != 2500 || len(missing) > 0 {
		t.Errorf("fee %d, missing %v", cents, missing)
	}
}

// TestComputedFields have the kind they are declared with.
func TestComputedFields(t *testing.T) {
	t.Parallel()
	f := compile(t,
		formular.Element{Key: "n", Kind: formular.Integer, Label: "N"},
		formular.Element{Key: "doppelt", Kind: formular.Integer, Label: "D", Hidden: true, Value: "n * 2"},
		formular.Element{Key: "betrag", Kind: formular.Money, Label: "B", Locked: true, Value: "n * 150"},
		formular.Element{Key: "viel", Kind: formular.Bool, Label: "V", Hidden: true, Value: "n > 2"},
		formular.Element{Key: "grund", Kind: formular.Text, Label: "G", ShownIf: "viel && betrag > 100 && doppelt == 6"},
	)
	clean, problems := f.Check(today, formular.Answers{"n": 3.0, "grund": "so"})
	want := formular.Answers{"n": 3.0, "doppelt": 6.0, "betrag": "4.50", "viel": true, "grund": "so"}
	if diff := cmp.Diff(want, clean); diff != "" || len(problems) > 0 {
		t.Errorf("computed (-want +got):\n%s%v", diff, problems)
	}
}

// TestConditionsInACircle come to an end, and the same one each time.
func TestConditionsInACircle(t *testing.T) {
	t.Parallel()
	optional := formular.Occurs{Max: 1}
	f := compile(t,
		formular.Element{Key: "a", Kind: formular.Text, Label: "A", Occurs: optional, ShownIf: "!beantwortet(b)"},
		formular.Element{Key: "b", Kind: formular.Text, Label: "B", Occurs: optional, ShownIf: "!beantwortet(a)"},
	)
	in := formular.Answers{"a": "x", "b": "y"}
	first := f.Clean(today, in)
	if again := f.Clean(today, in); !cmp.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
	if alone := f.Clean(today, formular.Answers{"a": "x"}); !cmp.Equal(alone, formular.Answers{"a": "x"}) {
		t.Errorf("one alone: %v", alone)
	}
}

// TestOwnForms: each shipped form compiles, its example is valid, and fits the JSON Schema given to other portals.
func TestOwnForms(t *testing.T) {
	t.Parallel()
	own, err := formular.Own()
	if err != nil {
		t.Fatal(err)
	}
	examples, err := formular.Examples()
	if err != nil {
		t.Fatal(err)
	}
	for _, slug := range []string{"hundesteuer-anmelden", "hundesteuer-abmelden", "bewohnerparkausweis", "strassensperrung", "sondernutzung", "sperrmuell", "sepa-mandat", "hallenanmietung", "baumfaellung"} {
		d, ok := own[slug]
		if !ok {
			t.Errorf("%s: no form", slug)
			continue
		}
		f, err := formular.Compile(d)
		if err := errors.Join(err, d.Sound()); err != nil {
			t.Error(err)
			continue
		}
		example, ok := examples[slug]
		if !ok {
			t.Errorf("%s: no example", slug)
			continue
		}
		clean, problems := f.Check(today, example)
		if len(problems) > 0 {
			t.Errorf("%s: example: %v", slug, problems)
		}
		if diff := cmp.Diff(example, clean); diff != "" {
			t.Errorf("%s: the example is not in its stored form (-example +clean):\n%s", slug, diff)
		}
		if _, missing, ok := f.Fee(today, example); ok && len(missing) > 0 {
			t.Errorf("%s: the fee is open: %v", slug, missing)
		}
		raw, err := f.AnswersSchema()
		if err != nil {
			t.Fatal(err)
		}
		checkSchema(t, slug, raw, example)
	}
}

func checkSchema(t *testing.T, slug string, raw []byte, example formular.Answers) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("antworten.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("antworten.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(map[string]any(example)); err != nil {
		t.Errorf("%s: example against the schema: %v", slug, err)
	}
}
