package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"rathaus/internal/formular"
	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/webtest"
)

func section() web.Section {
	return portal.Section(portal.Config{Services: leistung.NewFinder()})
}

func site(t *testing.T) *webtest.Site {
	t.Helper()
	s := storagetest.New(t)
	leistungtest.Fill(t, s)
	return webtest.New(t, s, section())
}

func get(t *testing.T, s *webtest.Site, path string) *webtest.Answer {
	t.Helper()
	return s.Get(t, path).WantStatus(t, http.StatusOK)
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, section())
}

// TestComposedKeys: keys that handlers put together exist.
func TestComposedKeys(t *testing.T) {
	t.Parallel()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, l := range leistung.Lebenslagen() {
		name := "portal.lage_" + strings.ReplaceAll(l.Key, "-", "_")
		keys = append(keys, name, name+"_examples", name+"_lead")
	}
	for _, s := range []string{"way_counter", "way_appointment", "way_fachverfahren", "way_elsewhere", "way_form",
		"trust_none", "trust_normal", "trust_substantiell", "trust_hoch", "fee_none", "fee_bund", "fee_land", "fee_satzung",
		"substitute_eid", "substitute_qes", "substitute_account", "signature_none", "signature_paper", "signature_replaced", "or"} {
		keys = append(keys, "portal."+s)
	}
	for _, key := range keys {
		for _, lang := range i18n.Langs() {
			if _, got, ok := texts.Lookup(lang, key); !ok || got != lang {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := site(t)
	page := get(t, s, "/")
	page.Want("h1", "Was möchten Sie erledigen?")
	page.WantCount(".topics li svg[aria-hidden=true]", 8)
	page.WantCount(".topics a[href^='/lebenslagen/']", 8)
	page.WantCount(".hints a", 5)
	page.WantCount(".rows li", 6)
	page.Want(".rows a[href='/leistungen/hundesteuer-anmelden']", "Hund anmelden")
	page.Want("form.search label[for=q]", "Leistung oder Stichwort")
	page.Want("a[href='/vorgang'].kern-btn", "Stand ansehen")
	page.Want(".section-head a[href='/leistungen']", "Alle 45 Leistungen")
}

func TestAToZ(t *testing.T) {
	t.Parallel()
	s := site(t)
	page := get(t, s, "/leistungen")
	page.WantCount(".rows li", leistung.PageSize)
	page.Want(".views a[aria-current=page]", "Alle")
	next := page.Attr(".pager a[rel=next]", "href")
	second := get(t, s, next)
	second.WantCount(".rows li", 45-leistung.PageSize)
	second.WantNone(".pager a[rel=next]")
	if got := second.Attr(".pager a[rel=prev]", "href"); got != "/leistungen" {
		t.Errorf("back leads to %q", got)
	}
	h := get(t, s, "/leistungen?buchstabe=H")
	h.Want(".views a[aria-current=page]", "H")
	h.WantCount("h2#b-H", 1)
	get(t, s, "/leistungen?buchstabe=Q").Want(".empty a[href='/leistungen']", "Alle Leistungen")
	get(t, s, "/leistungen?ab=veraltet").WantCount(".rows li", leistung.PageSize)
}

func TestEmptyCatalogue(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, storagetest.New(t), section())
	get(t, s, "/").Want(".empty", "noch keine Leistungen")
	get(t, s, "/leistungen").Want(".empty", "noch keine Leistungen")
	get(t, s, "/lebenslagen/tiere-garten").Want(".empty", "noch nichts")
	get(t, s, "/suche?q=Hund").Want("#treffer", "Nichts gefunden")
}

func TestLebenslage(t *testing.T) {
	t.Parallel()
	s := site(t)
	page := get(t, s, "/lebenslagen/tiere-garten")
	page.Want("h1", "Tiere und Garten")
	page.Want(".rows a[href='/leistungen/gefaehrlicher-hund']", "Gefährlichen Hund halten")
	page.WantCount("aside a[href^='/lebenslagen/']", 7)
	s.Get(t, "/lebenslagen/unbekannt").WantStatus(t, http.StatusNotFound)
}

func TestLeistung(t *testing.T) {
	t.Parallel()
	s := site(t)
	page := get(t, s, "/leistungen/hundesteuer-anmelden")
	page.Want("h1", "Hund anmelden")
	page.Want(".crumbs a[href='/lebenslagen/tiere-garten']", "Tiere und Garten")
	page.WantCount(".facts dt", 4)
	page.WantCount(".checklist li", 4)
	page.Want("table.data caption", "Hundesteuer in Wiesenbrück")
	page.Want("aside .overline", "noch nicht geprüft")
	page.Want("aside .overline", "LeiKa 99102013104000")
	page.Want("aside section[aria-labelledby=fragen]", "Steueramt")
	page.Want("aside a[href='/leistungen/hundesteuer-abmelden']", "Hund abmelden")
	if law := page.Text(".prose .law"); !strings.Contains(law, "Hundesteuersatzung der Stadt Wiesenbrück") || !strings.Contains(law, "Baden-Württemberg") {
		t.Errorf("law: %s", law)
	}
	for _, slug := range []string{"gibt-es-nicht", "HUNDESTEUER"} {
		s.Get(t, "/leistungen/"+slug).WantStatus(t, http.StatusNotFound)
	}
}

func TestLeistungElsewhere(t *testing.T) {
	t.Parallel()
	s := site(t)
	page := get(t, s, "/leistungen/meldebescheinigung")
	page.Want("main [role=note]", "Einwohnermeldeverfahren des Bürgerbüros")
	page.WantNone("main a[href^='/antrag/']")
	if notes := strings.Join(page.All("main p.muted.small"), " "); !strings.Contains(notes, "Beispiel") {
		t.Errorf("an invented amount is not marked: %q", notes)
	}
	get(t, s, "/leistungen/personalausweis").Want("main [role=note]", "Fingerabdrücke")
	signed := get(t, s, "/leistungen/wohnsitz-abmelden")
	if !strings.Contains(signed.Body, "Schriftform. Online ersetzt sie: der Online-Ausweis oder eine qualifizierte elektronische Signatur") {
		t.Error("the demand of written form and what replaces it is not shown")
	}
}

func TestOnlineLeistung(t *testing.T) {
	t.Parallel()
	s := site(t)
	get(t, s, "/leistungen/hundesteuer-anmelden").Want("main [role=note]", "noch nicht freigeschaltet")
	s.Write(t, formular.Seed)
	page := get(t, s, "/leistungen/hundesteuer-anmelden")
	page.WantNone("main [role=note]")
	page.Want("main a.kern-btn[href='/antrag/hundesteuer-anmelden']", "Hund online anmelden")
	page.Want("main .button-row", "dauert etwa 5 Minuten")
	start := strings.Join(get(t, s, "/").All(".rows li"), "; ")
	if !strings.Contains(start, "Hund anmeldenonline, kostenfrei") || !strings.Contains(start, "Personalausweismit Termin, 46 €") {
		t.Errorf("most used: %s", start)
	}
}

func TestHiddenLeistung(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Write(t, func(tx *storage.Tx) error { return leistung.Hide(tx, "sperrmuell") })
	s.Get(t, "/leistungen/sperrmuell").WantStatus(t, http.StatusNotFound)
	get(t, s, "/").WantNone("a[href='/leistungen/sperrmuell']")
	get(t, s, "/suche?q=Sperrmüll").WantNone(".rows a[href='/leistungen/sperrmuell']")
}

func TestConfirmedLeistung(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Write(t, func(tx *storage.Tx) error { return leistung.Confirm(tx, "bewohnerparkausweis", "2026-10-14") })
	page := get(t, s, "/leistungen/bewohnerparkausweis")
	page.Want("aside .overline", "Geprüft am 14.10.2026")
	if strings.Contains(page.Body, "Beispiel und noch nicht bestätigt") {
		t.Error("a confirmed amount is still marked as an example")
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	s := site(t)
	english := get(t, s, "/leistungen/hundesteuer-anmelden?sprache=en")
	if got := english.Attr("html", "lang"); got != "en" {
		t.Errorf("lang %q", got)
	}
	english.Want("h1", "Register a dog")
	english.WantNone("main [lang=de]:not(a)")
	if !strings.Contains(english.Body, "not been proof-read") {
		t.Error("an unread translation is not marked")
	}
	fallback := get(t, s, "/leistungen/bauantrag?sprache=en")
	fallback.Want("main div[lang=de] h1", "Bauantrag stellen")
	fallback.WantCount("ul.checklist[lang=de]", 1)
	if got := fallback.All("main h2")[0]; got != "What you need" {
		t.Errorf("first heading %q", got)
	}
	leicht := get(t, s, "/leistungen/sperrmuell?sprache=de-leicht")
	if got := leicht.Attr("html", "lang"); got != "de-simple" {
		t.Errorf("lang %q", got)
	}
	leicht.Want("h1", "Sperr·müll abholen lassen")
}

func TestSecondTown(t *testing.T) {
	t.Parallel()
	s := site(t)
	leistungtest.Fill(t, s.Store.In(storagetest.Sturmkoog))
	s.Town = storagetest.Sturmkoog
	page := get(t, s, "/leistungen/gefaehrlicher-hund")
	if law := page.Text(".prose .law"); !strings.Contains(law, "LHundG NRW") {
		t.Errorf("law in NW: %s", law)
	}
	if text := page.Text("main .prose"); strings.Contains(text, "Wiesenbrück") {
		t.Errorf("a page of Sturmkoog speaks of Wiesenbrück: %s", text)
	}
}

// TestEveryPage opens what the route table offers as examples, in every language.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	s := site(t)
	var paths []string
	s.Read(t, func(tx *storage.Tx) error {
		for _, route := range s.Server.Routes() {
			if route.Section != "portal" || route.Method != http.MethodGet || route.Access != web.Public {
				continue
			}
			found, err := route.Examples(tx)
			if err != nil {
				return err
			}
			paths = append(paths, found...)
		}
		return nil
	})
	if len(paths) < 50 {
		t.Errorf("%d example paths: %v", len(paths), paths)
	}
	for _, path := range paths {
		for _, lang := range []string{"en", "de-leicht", "de"} {
			join := "?"
			if strings.Contains(path, "?") {
				join = "&"
			}
			page := get(t, s, path+join+"sprache="+lang)
			if page.WantCount("h1", 1); strings.ContainsAny(page.Text("main"), "{}⟨") {
				t.Errorf("%s in %s: place holder or missing text", path, lang)
			}
		}
	}
}
