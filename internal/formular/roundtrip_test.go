package formular_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"rathaus/internal/formular"
	"rathaus/internal/htmlform"
)

// everyKind is a form with each kind of field, once and repeated, nested and conditional.
func everyKind() []formular.Element {
	optional, many := formular.Occurs{Max: 1}, formular.Occurs{Max: formular.Unbounded}
	options := []formular.Option{{Value: "a", Label: "A"}, {Value: "b&\"c\"", Label: "<B>"}, {Value: "3", Label: "drei"}}
	plain := func() []formular.Element {
		return []formular.Element{
			{Key: "zeile", Kind: formular.Text, Label: "Zeile", Occurs: optional},
			{Key: "absatz", Kind: formular.Textarea, Label: "Absatz", Occurs: optional},
			{Key: "anzahl", Kind: formular.Integer, Label: "Anzahl", Occurs: optional},
			{Key: "flaeche", Kind: formular.Decimal, Label: "Fläche", Unit: "m²", Occurs: optional},
			{Key: "betrag", Kind: formular.Money, Label: "Betrag", Occurs: optional},
			{Key: "tag", Kind: formular.Date, Label: "Tag", Occurs: optional},
			{Key: "zeit", Kind: formular.Time, Label: "Zeit", Occurs: optional},
			{Key: "termin", Kind: formular.DateTime, Label: "Termin", Occurs: optional},
			{Key: "ja", Kind: formular.Bool, Label: "Ja?", Occurs: optional},
			{Key: "haken", Kind: formular.Bool, Label: "Haken", Display: "checkbox", Occurs: optional},
			{Key: "wahl", Kind: formular.Choice, Label: "Wahl", Options: options, Occurs: optional},
			{Key: "liste", Kind: formular.Choice, Label: "Liste", Display: "select", Options: options, Occurs: optional},
			{Key: "mehrere", Kind: formular.MultiChoice, Label: "Mehrere", Options: options, Occurs: formular.Occurs{Max: 3}},
			{Key: "foto", Kind: formular.File, Label: "Foto", Occurs: optional, Upload: &formular.Upload{Later: true}},
			{Key: "ort", Kind: formular.Address, Label: "Ort", Occurs: optional},
			{Key: "iban", Kind: formular.IBAN, Label: "IBAN", Occurs: optional},
			{Key: "mail", Kind: formular.Email, Label: "E-Mail", Occurs: optional},
			{Key: "telefon", Kind: formular.Phone, Label: "Telefon", Occurs: optional},
			{Key: "chip", Kind: formular.Text, Label: "Chip", Digits: 15, Occurs: optional},
		}
	}
	inner := plain()
	inner = append(inner, formular.Element{Key: "grund", Kind: formular.Text, Label: "Grund", Occurs: optional, ShownIf: "hier.wahl == 'a'"},
		formular.Element{Key: "tiere", Kind: formular.Group, Label: "Tiere", Occurs: many, Elements: []formular.Element{{Key: "name", Kind: formular.Text, Label: "Name"}}})
	out := plain()
	return append(out,
		formular.Element{Key: "hinweis", Kind: formular.Note, Label: "Hinweis", Hint: "Nur Text."},
		formular.Element{Key: "grund", Kind: formular.Text, Label: "Grund", Occurs: optional, ShownIf: "wahl == 'a'"},
		formular.Element{Key: "namen", Kind: formular.Text, Label: "Namen", Occurs: many},
		formular.Element{Key: "tage", Kind: formular.Date, Label: "Tage", Occurs: many},
		formular.Element{Key: "orte", Kind: formular.Address, Label: "Orte", Occurs: many},
		formular.Element{Key: "gruppe", Kind: formular.Group, Label: "Gruppe", Occurs: optional, Elements: inner},
		formular.Element{Key: "reihe", Kind: formular.Group, Label: "Reihe", Occurs: many, Elements: inner})
}

// line draws text of one line as it is stored: trimmed, no control characters.
func line(t *rapid.T, name string) string {
	return strings.TrimSpace(rapid.StringOf(rapid.RuneFrom([]rune("aZäß0 \"'<>&;=.,-–🐕"))).Draw(t, name))
}

func draw(t *rapid.T, e formular.Element, name string) any {
	switch e.Kind {
	case formular.Group:
		m := map[string]any{}
		drawAll(t, e.Elements, m, name+".")
		if len(m) == 1 && m["haken"] == false && e.Occurs.Norm().Max == 1 {
			return nil // a box left alone is no answer to an optional group
		}
		return m
	case formular.Textarea:
		return strings.TrimSpace(line(t, name) + "\n\n" + line(t, name+"2"))
	case formular.Integer:
		return float64(rapid.Int64Range(-1e12, 1e12).Draw(t, name))
	case formular.Decimal:
		return fmt.Sprintf("%d.%d", rapid.IntRange(-9999, 9999).Draw(t, name), rapid.IntRange(0, 9999).Draw(t, name+"2"))
	case formular.Money:
		return fmt.Sprintf("%d.%02d", rapid.IntRange(0, 1e9).Draw(t, name), rapid.IntRange(0, 99).Draw(t, name+"2"))
	case formular.Date:
		return string(today.AddDays(rapid.IntRange(-40000, 40000).Draw(t, name)))
	case formular.Time:
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, name), rapid.IntRange(0, 59).Draw(t, name+"2"))
	case formular.DateTime:
		return string(today.AddDays(rapid.IntRange(-400, 400).Draw(t, name))) + "T14:05"
	case formular.Bool:
		return rapid.Bool().Draw(t, name)
	case formular.Choice:
		return rapid.SampledFrom(e.Options).Draw(t, name).Value
	case formular.MultiChoice:
		var list []any
		for _, o := range e.Options {
			if rapid.Bool().Draw(t, name+o.Value) {
				list = append(list, o.Value)
			}
		}
		return list
	case formular.File:
		return line(t, name)
	case formular.Address:
		m := map[string]any{}
		for _, p := range formular.AddressParts() {
			if s := line(t, name+p); s != "" {
				m[p] = s
			}
		}
		return m
	case formular.IBAN:
		return "DE02120300000000202051"
	case formular.Phone:
		return "+4930" + fmt.Sprint(rapid.IntRange(10000, 99999999).Draw(t, name))
	}
	if e.Digits > 0 {
		return fmt.Sprintf("%0*d", e.Digits, rapid.Int64Range(0, 999999999999999).Draw(t, name))
	}
	return line(t, name)
}

func drawAll(t *rapid.T, elements []formular.Element, into map[string]any, prefix string) {
	for _, e := range elements {
		if e.Display == "checkbox" { // what is not ticked is false, so there is always an answer
			into[e.Key] = rapid.Bool().Draw(t, prefix+e.Key)
			continue
		}
		if e.Kind == formular.Note || rapid.IntRange(0, 2).Draw(t, prefix+e.Key+"?") == 0 {
			continue
		}
		if e.Kind == formular.File && rapid.Bool().Draw(t, prefix+e.Key+"later") {
			into[e.Key+formular.LaterSuffix] = true
			continue
		}
		if !e.Occurs.Repeated() || e.Kind == formular.MultiChoice {
			into[e.Key] = draw(t, e, prefix+e.Key)
			continue
		}
		var list []any
		for i := range rapid.IntRange(1, 3).Draw(t, prefix+e.Key+"#") {
			if v := draw(t, e, fmt.Sprintf("%s%s.%d", prefix, e.Key, i)); !formular.Empty(v) || e.Kind == formular.Group {
				list = append(list, v)
			}
		}
		into[e.Key] = list
	}
}

// posted is what a browser sends for the controls in a piece of HTML, without pressing a named button.
func posted(t testing.TB, markup string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			control(n, form)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return form
}

func attr(n *html.Node, key string) (string, bool) {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if i < 0 {
		return "", false
	}
	return n.Attr[i].Val, true
}

func control(n *html.Node, form url.Values) {
	name, _ := attr(n, "name")
	value, _ := attr(n, "value")
	kind, _ := attr(n, "type")
	_, checked := attr(n, "checked")
	_, selected := attr(n, "selected")
	switch {
	case n.Data == "option" && selected:
		parent, _ := attr(n.Parent, "name")
		form.Add(parent, value)
	case n.Data == "textarea":
		text := ""
		if n.FirstChild != nil {
			text = n.FirstChild.Data
		}
		form.Add(name, strings.ReplaceAll(text, "\n", "\r\n"))
	case n.Data != "input" || kind == "file":
	case kind == "radio" || kind == "checkbox":
		if checked {
			form.Add(name, value)
		}
	default:
		form.Add(name, value)
	}
}

func page(answers formular.Answers) formular.Page {
	say := func(s string) string { return s }
	return formular.Page{Today: today, Answers: answers, AddWord: say, RemoveWord: say, AddressWord: say, Yes: "Ja", No: "Nein",
		Size: func(int64) string { return "" }, FileHint: func([]string, int64) string { return "" }}
}

// TestRoundTrip: what a page shows, sent back untouched, gives the same answers. So nobody loses or changes an answer by
// opening a page again.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	f := compile(t, everyKind()...)
	renderer, err := htmlform.New(func(key string) string { return key }, "")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		drawn := formular.Answers{}
		drawAll(rt, everyKind(), drawn, "")
		stored := f.Clean(today, drawn)
		markup, err := renderer.HTML(f.Fields(f.Abschnitte[0], page(stored)))
		if err != nil {
			rt.Fatal(err)
		}
		again := f.Clean(today, f.Decode(today, f.Abschnitte[0], stored, posted(t, string(markup))))
		if diff := cmp.Diff(stored, again); diff != "" {
			rt.Fatalf("(-shown +sent back):\n%s", diff)
		}
	})
}

// FuzzDecode: no post, however made, panics or gives answers whose cleaned form is not stable.
func FuzzDecode(f *testing.F) {
	f.Add("zeile=Fenja&tag.t=3&tag.m=11&tag.j=2026&reihe.0.ort.plz=00000&reihe.7.tiere.1.name=x")
	f.Add("namen.99999999999999999999=a&namen.-1=b&gruppe=x&reihe=y&ort.=1&haken=ja&mehrere=a&mehrere=b")
	f.Add("termin=3.11.2026+14:05&anzahl=1.500&betrag=1.250,00+%E2%82%AC&flaeche=1e5&chip=276+098&foto_nachreichen=ja")
	form := compile(f, everyKind()...)
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		answers := form.Decode(today, form.Abschnitte[0], formular.Answers{}, values)
		for name := range values {
			form.AddEntry(answers, name)
			form.RemoveEntry(answers, name)
			form.LabelAt(name)
		}
		clean, _ := form.Check(today, answers)
		form.Sections(today, clean, true)
		if again := form.Clean(today, clean); !cmp.Equal(clean, again) {
			t.Errorf("cleaning twice (-once +twice):\n%s", cmp.Diff(clean, again))
		}
	})
}

// FuzzParse: no file, however made, panics; what compiles can be shown and checked.
func FuzzParse(f *testing.F) {
	own, err := formular.Own()
	if err != nil {
		f.Fatal(err)
	}
	for _, slug := range []string{"sperrmuell", "hundesteuer-anmelden"} {
		data, err := json.Marshal(own[slug])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"key":"x","version":"1","title":"X","roles":{},"abschnitte":[{"key":"s","title":"S","elements":[{"key":"a","kind":"multichoice","label":"A","options":[{"value":"1","label":"1"}],"occurs":"2:*","default":[1]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := formular.Parse(data)
		if err != nil {
			return
		}
		form, err := formular.Compile(d)
		if err != nil {
			return
		}
		_, _ = form.Check(today, formular.Answers{})
		for _, a := range form.Shown(today, formular.Answers{}) {
			form.Fields(a, page(form.Prefilled(today, a, formular.Answers{}, nil)))
		}
		if _, err := form.AnswersSchema(); err != nil {
			t.Error(err)
		}
	})
}
