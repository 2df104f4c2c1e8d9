package ui_test

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"rathaus/internal/i18n"
	"rathaus/internal/web/htmlcheck"
	"rathaus/internal/web/ui"
)

func load(t *testing.T, lang i18n.Lang) *template.Template {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	set, err := template.New("").Funcs(ui.Funcs(texts, lang)).ParseFS(ui.Templates(), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// render executes a component as pages do, inside a body.
func render(t *testing.T, name string, arg any) *htmlcheck.Doc {
	t.Helper()
	set := load(t, i18n.De)
	tmpl := set.Lookup(name)
	if tmpl == nil {
		t.Fatalf("no component %s", name)
	}
	if err := templatecheck.CheckHTML(tmpl, arg); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, arg); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if strings.Contains(b.String(), "⟨") || strings.Contains(b.String(), "ZgotmplZ") {
		t.Errorf("%s: %s", name, b.String())
	}
	return htmlcheck.Parse(t, &b)
}

func TestComponents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 17, 13, 5, 0, 0, time.UTC)

	doc := render(t, "timeline", []ui.Event{
		{State: ui.Open, When: "danach", Title: "Schlusszeichnung"},
		{State: ui.Now, Time: at, Who: "T. Okafor für J. Petersen", Title: "Mitzeichnung", Link: &ui.Link{Href: "/x"}},
		{State: ui.Done, Day: "2026-11-03", Title: "Eingegangen", Lines: []string{"eins", "zwei <b>"}},
	})
	doc.Want("li.now small", "17.11.2026, 14:05 Uhr · T. Okafor für J. Petersen")
	doc.Want("li.now .kern-sr-only", "aktueller Stand:")
	doc.Want("li.open small", "danach")
	doc.Want("li:last-child p", "einszwei <b>")
	if got := doc.Attrs("time", "datetime"); got[0] != "2026-11-17T14:05:00+01:00" || got[1] != "2026-11-03" {
		t.Errorf("datetime %q", got)
	}

	doc = render(t, "pager", ui.Pager{Next: "?ab=x", Text: "25 von mehr als 1.000"})
	doc.Want("nav.pager a[rel=next]", "Weitere")
	doc.WantNone("a[rel=prev]")

	doc = render(t, "facts", []ui.Fact{{Name: "Frist", Value: "heute", Class: "soon", Note: "Baubeginn"}, {Name: "Gebühr", Value: template.HTML("<b>8</b>")}})
	doc.Want("dd.soon", "heute Baubeginn")
	doc.WantCount("dd b", 1)
	render(t, "pairs", []ui.Fact{{Name: "Frist", Value: "heute"}}).Want("dl.pairs dt", "Frist")

	file := ui.FileItem{Link: ui.Link{Text: "Bescheid", Href: "/d"}, Type: "PDF", Note: "84 kB", Current: true}
	render(t, "files", []ui.FileItem{file}).Want("ul.files li[data-type=PDF][aria-current=true] a", "Bescheid")
	render(t, "files-small", []ui.FileItem{file}).Want("ul.files-small span", "84 kB")
	render(t, "thread", []ui.Message{{From: "Sie", Mine: true, At: at, Lines: []string{"Gern."}, Files: []ui.FileItem{file}}}).Want("li.mine header", "Sie17.11.2026")

	tabs := ui.Tabs{Label: "Bereiche", Items: []ui.NavItem{{Link: ui.Link{Text: "Dokumente", Href: "/x"}, Current: "page", Count: "6"}}}
	render(t, "tabs", tabs).Want("ul.tabs a[aria-current=page]", "Dokumente 6")
	render(t, "views", tabs).Want("ul.views .count", "6")

	doc = render(t, "steps", ui.Steps{Label: "Abschnitte", Title: "Hund", Now: "Schritt 2 von 3: Hund", List: []ui.Step{
		{Number: 1, Link: ui.Link{Text: "Person", Href: "/1"}, State: ui.Done, Note: "erledigt"},
		{Number: 2, Link: ui.Link{Text: "Hund"}, State: ui.Now}, {Number: 3, Link: ui.Link{Text: "Prüfen"}, State: ui.Open}}})
	doc.WantCount("ol.steps", 2)
	doc.Want(".steps-wide li[aria-current=step]", "Hund")
	doc.WantCount(".steps-wide a", 1)

	render(t, "badge", ui.Badge{Kind: "success", Text: "Entschieden"}).Want(".kern-badge--success .kern-label", "Entschieden")
	render(t, "state", ui.State{Kind: "work", Text: "In Bearbeitung"}).Want(".state-work", "In Bearbeitung")
	render(t, "answers", ui.Answers{ID: "a1", Title: "Hund", Change: "/x", Rows: []ui.Fact{{Name: "Rufname", Value: "Fenja"}}}).Want("section[aria-labelledby=a1] header a", "Ändern: Hund")
	render(t, "bar", ui.Bar{Percent: 47, Late: 7}).WantCount("svg rect", 3)
	render(t, "alert", ui.Notice{Kind: "success", Text: "Gespeichert."}).Want(".kern-alert--success[role=status]", "Gespeichert.")
	render(t, "button-link", ui.Link{Text: "Los", Href: "/x"}).Want("a.kern-btn--primary", "Los")
	render(t, "button-link-secondary", ui.Link{Text: "Los", Href: "/x"}).Want("a.kern-btn--secondary", "Los")
	render(t, "submit", "Senden").Want("button.kern-btn--primary[type=submit]", "Senden")
	render(t, "submit-secondary", "Senden").Want("button.kern-btn--secondary", "Senden")
}

func TestField(t *testing.T) {
	t.Parallel()
	page := ui.Page{Problems: []ui.Problem{{Path: "hund.chip", Text: "Bitte alle 15 Ziffern eingeben."}, {Text: "Allgemein"}},
		Values: url.Values{"hund.chip": {"276 098"}, "geheim": {"x"}, "ja": {"ja"}}}
	field := func(name string, options ...any) ui.Field {
		f, err := ui.NewField(page, name, "Chipnummer", options...)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	doc := render(t, "input", field("hund.chip", "hint", "15 Ziffern", "inputmode", "numeric", "optional", true, "value", "stored"))
	if got := doc.Attr("input", "value"); got != "276 098" {
		t.Errorf("value %q, want what was typed", got)
	}
	if got := doc.Attr("input", "aria-describedby"); got != "f-hund-chip-hinweis f-hund-chip-fehler" {
		t.Errorf("aria-describedby %q", got)
	}
	doc.Want("#f-hund-chip-fehler", "Bitte alle 15 Ziffern")
	doc.Want("label[for=f-hund-chip] .kern-label__optional", "freiwillig")

	doc = render(t, "input", field("geheim", "type", "password"))
	if doc.Has("input[value]") {
		t.Error("a password is sent back to the browser")
	}
	options := []ui.Option{{Value: "a", Text: "A"}, {Value: "b", Text: "B"}}
	render(t, "select", field("neu", "options", options)).WantCount("option", 2)
	doc = render(t, "select", field("hund.chip", "options", options))
	doc.WantCount("select[aria-invalid=true]", 1)
	doc = render(t, "radios", field("wahl", "options", options))
	doc.WantCount("fieldset input[type=radio]", 2)
	doc = render(t, "checkbox", field("ja"))
	doc.WantCount("input[type=checkbox][checked]", 1)
	doc = render(t, "textarea", field("hund.chip", "rows", 6, "maxlength", 500))
	doc.Want("textarea[rows='6'][maxlength='500']", "276 098")
	doc = render(t, "errors", page)
	doc.Want(".error-list li a[href='#f-hund-chip']", "Bitte alle 15")
	doc.Want("#fehler h2", "2 Angaben fehlen noch")
	doc.WantCount("#fehler[role=alert][tabindex='-1'][autofocus]", 1)

	if _, err := ui.NewField(page, "x", "X", "hnit", "tippfehler"); err == nil {
		t.Error("unknown option is accepted")
	}
	if _, err := ui.NewField(page, "x", "X", "rows", "sechs"); err == nil {
		t.Error("option of a wrong type is accepted")
	}
}

func TestPhoneHref(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]template.URL{"030 23125-100": "tel:+4930" + "23125100", "+49 30 1": "tel:+49301", "115": "tel:115"} {
		if got := (ui.Town{Phone: phone}).PhoneHref(); got != want {
			t.Errorf("PhoneHref(%q) = %q, want %q", phone, got, want)
		}
	}
}

func TestTheme(t *testing.T) {
	t.Parallel()
	wild := ui.Theme{Hue: -10, Chroma: 9, AccentHue: 720, Radius: -1, Crest: "?"}
	if got, want := wild.CSS(), ":root{--town-hue:350;--town-chroma:0.140;--town-accent-hue:0;--town-radius:0.000rem}\n"; got != want {
		t.Errorf("CSS %q, want the limits %q", got, want)
	}
	if a, b := (ui.Theme{Hue: 1}).Hash(), (ui.Theme{Hue: 2}).Hash(); a == b {
		t.Error("two themes have one address")
	}
	for _, name := range []string{"schild", "bruecke", "leuchtturm"} {
		theme := ui.Theme{Crest: name}
		htmlcheck.Parse(t, strings.NewReader(string(theme.CrestSVG()))).WantCount("svg[aria-hidden=true] .crest-line", 1)
		if strings.Contains(theme.Icon(), "class=") {
			t.Error("the icon has no style sheet, classes mean nothing there")
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	a, err := ui.LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string, header ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w.Result()
	}
	css := get(a.Prefix() + "rathaus.css")
	if css.StatusCode != 200 || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("status %d, Cache-Control %q", css.StatusCode, css.Header.Get("Cache-Control"))
	}
	if z := get(a.Prefix()+"rathaus.css", "Accept-Encoding", "br, gzip"); z.Header.Get("Content-Encoding") != "gzip" || z.ContentLength >= css.ContentLength {
		t.Errorf("gzip: encoding %q, %d of %d bytes", z.Header.Get("Content-Encoding"), z.ContentLength, css.ContentLength)
	}
	if got := get(a.Prefix()+"rathaus.css", "If-None-Match", css.Header.Get("ETag")); got.StatusCode != http.StatusNotModified {
		t.Errorf("known ETag: status %d", got.StatusCode)
	}
	if got := get("/assets/0000/rathaus.css"); got.StatusCode != 200 || strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Error("an address of an older build must get today's file, uncached")
	}
	for _, path := range []string{a.Prefix() + "../page.go", a.Prefix() + "nichts.css", a.Prefix() + "noto/NotoSans-Regular.ttf"} {
		if got := get(path); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.StatusCode)
		}
	}
	has := ui.HasAssets()
	if _, _, err := ui.Fonts(); has == nil && err != nil || has != nil && !errors.Is(has, ui.ErrNoAssets) {
		t.Errorf("assets: %v, fonts: %v", has, err)
	}
}
