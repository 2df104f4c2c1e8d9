package amt_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/amt"
	"rathaus/internal/web/webtest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, amt.Section(&antrag.Office{}))
}

// desk is a clerk's desk with one application in it.
type desk struct {
	*webtest.Site
	world   *antragtest.World
	antrag  antrag.Antrag
	vorgang string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	w := antragtest.New(t)
	receipt := w.Submit(t)
	d := &desk{Site: webtest.New(t, w.Store, amt.Section(w.Antraege)), world: w}
	w.As("system").Read(t, func(tx *storage.Tx) (err error) { d.antrag, err = antrag.Get(tx, receipt.AntragID); return err })
	d.vorgang = "/amt/vorgang/" + d.antrag.VorgangID
	d.as(w.Clerk)
	return d
}

func (d *desk) as(actor string) {
	d.Login = web.Login{Kind: web.StaffLogin, Actor: actor, Name: "Test", Unit: "Steueramt", SessionID: "s"}
}

func (d *desk) ok(t *testing.T, path string, form url.Values) *webtest.Answer {
	t.Helper()
	a := d.Post(t, path, form)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("POST %s = %d\n%s", path, a.Status, a.Text(".error-list, main"))
	}
	return d.Get(t, a.Location())
}

func TestInboxAndTakeOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	page := d.Get(t, "/amt/")
	page.Want(`tbody th[scope=row] a[href="`+d.vorgang+`"]`, d.antrag.Vorgang.Betreff)
	d.ok(t, d.vorgang+"/uebernehmen", nil)
	if page = d.Get(t, "/amt/?ansicht=meine"); !page.Has(`a[href="` + d.vorgang + `"]`) {
		t.Error("what was taken over is not in the own list")
	}
	page = d.Get(t, "/amt/?ansicht=einheit&stand=wartet")
	if !page.Has(".empty a") {
		t.Error("an empty filtered list does not offer to reset")
	}
	d.as(d.world.Stranger)
	if a := d.Get(t, d.vorgang); a.Status != http.StatusNotFound {
		t.Errorf("another office sees the Vorgang: %d", a.Status)
	}
	d.Town = "sturmkoog"
	mandanttest.Fill(t, d.Store.In("sturmkoog"))
	if a := d.Get(t, d.vorgang); a.Status != http.StatusNotFound {
		t.Errorf("the other town answers %d for our Vorgang", a.Status)
	}
}

// TestSmallForms: each act refuses an empty form beside its field and does what it says when filled in.
func TestSmallForms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ok(t, d.vorgang+"/uebernehmen", nil)
	for _, c := range []struct {
		act   string
		empty string // field that must complain; "" when nothing is needed
		form  url.Values
	}{
		{"notiz", "notiz", url.Values{"notiz": {"Rückruf am Montag"}}},
		{"wiedervorlage", "am", url.Values{"am": {"1.12.2026"}, "grund": {"prüfen"}}},
		{"frist", "", url.Values{"frist": {"24.12.2026"}}},
		{"beteiligen", "adressat", url.Values{"art": {akte.Stellungnahme}, "adressat": {"einheit:" + d.world.OtherID}, "verfuegung": {"Bedenken?"}}},
		{"nachfordern", "nachricht", url.Values{"nachricht": {"Bitte den Vertrag nachreichen."}, "frist": {"4.12.2026"}}},
		{"berichtigen", "name", url.Values{"name": {"Mira Tannhof-Vogt"}, "strasse": {"Lindenstraße 12"}, "plz": {"00000"}, "ort": {"Wiesenbrück"}, "grund": {"Tippfehler"}}},
		{"weitergeben", "einheit", url.Values{"einheit": {d.world.OtherID}, "grund": {"zuständig"}}},
	} {
		path := d.vorgang + "/" + c.act
		if a := d.Get(t, path); a.Status != http.StatusOK {
			t.Fatalf("GET %s = %d", path, a.Status)
		}
		if c.empty != "" {
			a := d.Post(t, path, url.Values{})
			if a.Status != http.StatusUnprocessableEntity || !a.Has(`.error-list a[href="#f-`+c.empty+`"]`) || !strings.HasPrefix(a.Text("title"), "Fehler:") {
				t.Errorf("%s with nothing: %d, errors %q", c.act, a.Status, a.Text(".error-list"))
			}
		}
		d.ok(t, path, c.form)
	}
	d.as(d.world.Stranger)
	d.Get(t, d.vorgang).Want("h1", d.antrag.Vorgang.Betreff)
}

// TestDecision goes from the draft to the letter in the print queue and its Ab-Vermerk.
func TestDecision(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ok(t, d.vorgang+"/uebernehmen", nil)
	if a := d.Post(t, d.vorgang+"/entscheiden", url.Values{}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("deciding nothing = %d", a.Status)
	}
	a := d.Post(t, d.vorgang+"/entscheiden", url.Values{"entscheidung": {"bewilligt"}})
	draft := a.Location()
	page := d.Get(t, draft)
	form := url.Values{"version": {page.Attr("input[name=version]", "value")}, "titel": {page.Attr("#f-titel", "value")}, "tenor": {"Der Hund ist angemeldet."},
		"begruendung": {"Sie halten den Hund seit November."}, "weg": {"brief"}}
	d.ok(t, draft, form)
	if a := d.Post(t, draft, form); a.Status != http.StatusConflict {
		t.Errorf("saving an outdated version = %d, want 409", a.Status)
	}
	if a := d.Get(t, draft+"/vorschau"); a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "%PDF-") {
		t.Errorf("preview = %d", a.Status)
	}
	if missing := d.Get(t, draft); !missing.Has(`form[action$="/freigeben"]`) {
		t.Fatalf("cannot be released: %s", missing.Text("aside"))
	}
	d.ok(t, draft+"/freigeben", nil)
	queue := d.Get(t, "/amt/post")
	id := queue.Attr("input[name=sendung]", "value")
	if id == "" {
		t.Fatalf("no letter in the queue: %s", queue.Text("main"))
	}
	if a := d.Post(t, "/amt/post", url.Values{"tun": {"drucken"}, "sendung": {id}}); !strings.HasPrefix(a.Body, "%PDF-") {
		t.Errorf("printing = %d", a.Status)
	}
	if a := d.Post(t, "/amt/post", url.Values{"tun": {"drucken"}}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("printing nothing = %d", a.Status)
	}
	posted := d.ok(t, "/amt/post", url.Values{"tun": {"abvermerk"}, "sendung": {id}, "tag": {"20.11.2026"}})
	if !posted.Has(`form[action="/amt/post/` + id + `/rueckgaengig"]`) {
		t.Errorf("the tick cannot be undone: %s", posted.Text("main"))
	}
	d.ok(t, "/amt/post/"+id+"/rueckgaengig", nil)
}

func TestSearchSeesOnlyOwnCases(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, q := range []string{d.antrag.Vorgangsnummer, d.antrag.Aktenzeichen, "Tannhof"} {
		if a := d.Get(t, "/amt/suche?q="+url.QueryEscape(q)); !a.Has(`a[href="` + d.vorgang + `"]`) {
			t.Errorf("%q finds nothing: %s", q, a.Text("main"))
		}
	}
	d.as(d.world.Stranger)
	if a := d.Get(t, "/amt/suche?q=Tannhof"); a.Has(`a[href="` + d.vorgang + `"]`) {
		t.Error("another office finds our case")
	}
}
