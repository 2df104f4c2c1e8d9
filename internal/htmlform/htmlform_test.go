package htmlform_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"rathaus/internal/htmlform"
)

// every is a field of each kind, without and with hint and message.
func every() []htmlform.Field {
	options := []htmlform.Option{{Value: "a", Label: "A", Hint: "mit Hinweis"}, {Value: `"b"`, Label: "<b>"}}
	var out []htmlform.Field
	for _, k := range []htmlform.Kind{htmlform.Input, htmlform.Textarea, htmlform.Radios, htmlform.Select, htmlform.Checks, htmlform.Check, htmlform.Date, htmlform.File} {
		plain := htmlform.Field{Kind: k, Name: string(k), Label: "Feld " + string(k), Type: "text", Options: options}
		wrong := plain
		wrong.Name, wrong.Hint, wrong.Error, wrong.Help, wrong.Law = "g."+string(k), "So geht es.", "Bitte prüfen.", "Darum.", []string{"§ 8 Satzung"}
		wrong.Later = k == htmlform.File
		wrong.Files = []htmlform.Upload{{ID: "1", Name: "foto.jpg", Size: "1,4 MB"}}
		optional := plain
		optional.Name, optional.Optional = "o."+string(k), true
		out = append(out, plain, wrong, optional)
	}
	entry := htmlform.Field{Kind: htmlform.Group, Name: "hunde.0", Label: "Hund 1", Remove: "Hund 1 entfernen", Fields: []htmlform.Field{{Kind: htmlform.Input, Type: "text", Name: "hunde.0.name", Label: "Name"}}}
	return append(out,
		htmlform.Field{Kind: htmlform.Note, Name: "n", Label: "Hinweis", Hint: "Nur Text."},
		htmlform.Field{Kind: htmlform.Fixed, Name: "f", Label: "Kasse", Value: "12"},
		htmlform.Field{Kind: htmlform.Repeat, Name: "hunde", Label: "Hunde", Hint: "Alle.", Error: "Zu viele.", Add: "Hund hinzufügen", Fields: []htmlform.Field{entry}})
}

func render(t *testing.T, foreign string, fields ...htmlform.Field) *html.Node {
	t.Helper()
	r, err := htmlform.New(func(key string) string { return "[" + key + "]" }, foreign)
	if err != nil {
		t.Fatal(err)
	}
	markup, err := r.HTML(fields)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(markup)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func all(n *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(n, cascadia.MustCompile(selector))
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

// TestNamesAndReferences: every control has a label or a legend, every reference leads to an id, and no id stands twice.
func TestNamesAndReferences(t *testing.T) {
	t.Parallel()
	doc := render(t, "", every()...)
	ids := map[string]int{}
	for _, n := range all(doc, "[id]") {
		ids[attr(n, "id")]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %s stands %d times", id, n)
		}
	}
	for _, selector := range []string{"aria-describedby", "aria-labelledby", "for"} {
		for _, n := range all(doc, "["+selector+"]") {
			for _, id := range strings.Fields(attr(n, selector)) {
				if ids[id] == 0 {
					t.Errorf("%s of %s leads nowhere: %s", selector, attr(n, "id"), id)
				}
			}
		}
	}
	labelled := map[string]bool{}
	for _, n := range all(doc, "label[for]") {
		labelled[attr(n, "for")] = strings.TrimSpace(text(n)) != ""
	}
	for _, n := range all(doc, "input, select, textarea") {
		if !labelled[attr(n, "id")] {
			t.Errorf("control %s has no label", attr(n, "name"))
		}
	}
	for _, n := range all(doc, "fieldset") {
		if first := n.FirstChild; first == nil || first.Data != "legend" {
			t.Error("a fieldset does not begin with its legend")
		}
	}
	if n := len(all(doc, "[style], style, script, [onclick], [placeholder]")); n > 0 {
		t.Errorf("%d elements with style, script or placeholder", n)
	}
}

// TestOrder: label, hint, message, control; so that a screen reader and a glance meet them in this order.
func TestOrder(t *testing.T) {
	t.Parallel()
	for _, f := range every() {
		if !strings.HasPrefix(f.Name, "g.") {
			continue
		}
		doc := render(t, "", f)
		var got []string
		for _, n := range all(doc, "legend, label[for='"+f.ID()+"'], .kern-hint[id='"+f.ID()+"-hinweis'], .kern-error, [id='"+f.ID()+"']") {
			what := n.Data
			switch {
			case strings.Contains(attr(n, "class"), "kern-hint"):
				what = "hint"
			case strings.Contains(attr(n, "class"), "kern-error"):
				what = "message"
			case n.Data == "input" || n.Data == "select" || n.Data == "textarea":
				what = "control"
			}
			got = append(got, what)
		}
		want := []string{"label", "hint", "message", "control"}
		switch f.Kind {
		case htmlform.Radios, htmlform.Checks:
			want = []string{"legend", "hint", "message", "control", "label"}
		case htmlform.Date:
			want = []string{"legend", "hint", "message", "label", "control"}
		case htmlform.Check: // the box is one line with its label
			want = []string{"message", "control", "label", "hint"}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Kind, diff)
		}
	}
}

// TestWrong: a wrong field says so to every reader, and the summary's link reaches its first control.
func TestWrong(t *testing.T) {
	t.Parallel()
	for _, f := range every() {
		if !strings.HasPrefix(f.Name, "g.") {
			continue
		}
		doc := render(t, "", f)
		if got := text(all(doc, ".kern-error .kern-body")[0]); got != f.Error {
			t.Errorf("%s: message %q", f.Kind, got)
		}
		target := all(doc, "[id='"+htmlform.ID(f.Name)+"']")
		if len(target) != 1 || !slices.Contains([]string{"input", "select", "textarea"}, target[0].Data) {
			t.Errorf("%s: the link of the summary leads to no control", f.Kind)
			continue
		}
		described := false
		for n := target[0]; n != nil && !described; n = n.Parent {
			described = strings.Contains(attr(n, "aria-describedby"), f.ID()+"-fehler")
		}
		if !described {
			t.Errorf("%s: the message does not describe the control", f.Kind)
		}
	}
}

func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	doc := render(t, "",
		htmlform.Field{Kind: htmlform.Input, Type: "text", Name: "zeile", Label: "Z", Value: `"><script>x</script>`},
		htmlform.Field{Kind: htmlform.Textarea, Name: "absatz", Label: "A", Value: "\nzweite </textarea> Zeile"},
		htmlform.Field{Kind: htmlform.Select, Name: "liste", Label: "L", Value: "b", Options: []htmlform.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}},
		htmlform.Field{Kind: htmlform.Checks, Name: "viele", Label: "V", Chosen: []string{"b"}, Options: []htmlform.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}},
		htmlform.Field{Kind: htmlform.Radios, Name: "eine", Label: "E", Value: "a", Options: []htmlform.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}}},
		htmlform.Field{Kind: htmlform.Date, Name: "tag", Label: "T", Parts: []string{"31", "2", "2026"}},
		htmlform.Field{Kind: htmlform.File, Name: "foto", Label: "F", Later: true, IsLater: true, Multiple: true, Accept: ".pdf", Files: []htmlform.Upload{{ID: "7", Name: "a.pdf", Size: "3 kB"}}})
	for selector, want := range map[string]string{
		"#f-zeile":                "\"><script>x</script>",
		"#f-liste [selected]":     "b",
		"[name=viele][checked]":   "b",
		"[name=eine][checked]":    "a",
		"[name='tag.t']":          "31",
		"[name='tag.m']":          "2",
		"[name='tag.j']":          "2026",
		"button[name=loeschen]":   "7",
		"[name=foto_nachreichen]": "ja",
	} {
		got := all(doc, selector)
		if len(got) != 1 || attr(got[0], "value") != want {
			t.Errorf("%s: %d found, want one with %q", selector, len(got), want)
		}
	}
	if got := text(all(doc, "textarea")[0]); got != "\nzweite </textarea> Zeile" {
		t.Errorf("textarea %q", got)
	}
	if len(all(doc, "script")) > 0 {
		t.Error("a value became markup")
	}
	if f := all(doc, "input[type=file][multiple]")[0]; attr(f, "accept") != ".pdf" {
		t.Errorf("accept %q", attr(f, "accept"))
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	doc := render(t, "de", every()...)
	optional := 0
	for _, f := range every() {
		if f.Optional && f.Kind != htmlform.Check {
			optional++
		}
	}
	if got := len(all(doc, ".kern-label__optional")); got < optional {
		t.Errorf("%d fields are marked as optional, want %d", got, optional)
	}
	for _, n := range all(doc, "button") {
		if attr(n, "type") != "submit" {
			t.Errorf("button %q works only with a script", text(n))
		}
	}
	if got := attr(all(doc, "button[name=hinzufuegen]")[0], "value"); got != "hunde" {
		t.Errorf("add button for %q", got)
	}
	if got := attr(all(doc, "button[name=entfernen]")[0], "value"); got != "hunde.0" {
		t.Errorf("remove button for %q", got)
	}
	if len(all(doc, "label span[lang=de]")) == 0 || len(all(doc, ".kern-hint[lang=de]")) == 0 {
		t.Error("German texts on a page in another language are not marked")
	}
	if len(all(doc, "details")) == 0 || !strings.Contains(text(all(doc, "details")[0]), "§ 8 Satzung") {
		t.Error("the legal basis stands nowhere")
	}
}
