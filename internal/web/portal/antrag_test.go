package portal_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/pdf/pdftest"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/webtest"
)

// applying is a town whose forms are online, with the sessions of the portal. browser returns another one on the same town.
func applying(t *testing.T) (s *webtest.Site, browser func() *webtest.Site) {
	t.Helper()
	store := storagetest.New(t)
	for _, town := range []string{storagetest.Wiesenbrueck, storagetest.Sturmkoog} {
		leistungtest.Fill(t, store.In(town))
		store.In(town).Write(t, func(tx *storage.Tx) error {
			if err := akte.SeedAktenplan(tx); err != nil {
				return err
			}
			return formular.Seed(tx)
		})
	}
	keys, err := seal.New("k1", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	blobs := blob.New(store.Dir, store.Clock, id.Source{})
	office := &antrag.Office{Keys: keys, Blobs: blobs, Fonts: pdftest.Fonts(t), Forms: formular.NewForms()}
	gate := &konto.Gate{Keys: keys, Throttle: konto.NewThrottle(store.Clock)}
	browser = func() *webtest.Site {
		s := webtest.New(t, store, portal.Section(portal.Config{Services: leistung.NewFinder(), Blobs: blobs, Office: office, Gate: gate}))
		s.Resolve = portal.Login
		return s
	}
	return browser(), browser
}

const dog = "/antrag/hundesteuer-anmelden"

// send posts a page as the browser does, with files by field name.
func send(t *testing.T, s *webtest.Site, path string, values url.Values, files map[string][]byte) *webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, list := range values {
		for _, v := range list {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for place, content := range files {
		field, name, _ := strings.Cut(place, "|")
		part, err := w.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.Do(t, r)
}

func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// page posts a page that is accepted and returns where it leads.
func page(t *testing.T, s *webtest.Site, path string, values url.Values) string {
	t.Helper()
	a := send(t, s, path, values, nil)
	a.WantStatus(t, http.StatusSeeOther)
	return a.Location()
}

func person() url.Values {
	return url.Values{"person.vorname": {"Mira"}, "person.nachname": {"Tannhof"}, "person.mail": {"mira.tannhof@post.example"},
		"person.geburtsdatum.t": {"17"}, "person.geburtsdatum.m": {"4"}, "person.geburtsdatum.j": {"1988"}}
}

func address() url.Values {
	return url.Values{"anschrift.strasse": {"Lindenstraße"}, "anschrift.hausnummer": {"12"}, "anschrift.plz": {"00000"}, "anschrift.ort": {"Wiesenbrück"}}
}

func theDog() url.Values {
	return url.Values{"hund.name": {"Fenja"}, "hund.rasse": {"Labrador-Mischling"}, "hund.chip": {"276 098 106 412 388"},
		"hund.geboren.t": {"1"}, "hund.geboren.m": {"6"}, "hund.geboren.j": {"2024"}, "hund.seit.t": {"3"}, "hund.seit.m": {"11"}, "hund.seit.j": {"2026"},
		"hund.gefaehrlich": {"nein"}, "hund.zweithund": {"nein"}}
}

// fillDog answers the whole form and returns to the check page.
func fillDog(t *testing.T, s *webtest.Site) {
	t.Helper()
	next := page(t, s, dog+"/person", person())
	for _, step := range []struct {
		at     string
		values url.Values
	}{
		{"anschrift", address()}, {"hund", theDog()}, {"ermaessigung", url.Values{"ermaessigung.art": {"keine"}}},
		{"zahlung", url.Values{"zahlung.art": {"lastschrift"}}}, {"lastschrift", url.Values{"lastschrift.iban": {"DE02 1203 0000 0000 2020 51"}, "lastschrift.mandat": {"ja"}}},
	} {
		if next != dog+"/"+step.at {
			t.Fatalf("next page is %s, want %s", next, step.at)
		}
		get(t, s, next)
		next = page(t, s, next, step.values)
	}
	if next != dog+"/pruefen" {
		t.Fatalf("the last page leads to %s", next)
	}
}

func confirmed() url.Values { return url.Values{"erklaerung.0": {"ja"}, "erklaerung.1": {"ja"}} }

func countAntraege(t *testing.T, s *storagetest.Store) int64 {
	t.Helper()
	var n int64
	s.Read(t, func(tx *storage.Tx) (err error) {
		n, err = storage.Get(tx, storage.Value[int64], `select count(*) from antrag`)
		return err
	})
	return n
}

func countDrafts(t *testing.T, s *storagetest.Store) int64 {
	t.Helper()
	var n int64
	s.Read(t, func(tx *storage.Tx) (err error) {
		n, err = storage.Get(tx, storage.Value[int64], `select count(*) from entwurf`)
		return err
	})
	return n
}

func TestApply(t *testing.T) {
	t.Parallel()
	s, browser := applying(t)
	begin := get(t, s, dog)
	begin.Want("h1", "Hund anmelden")
	begin.Want(".checklist", "Chipnummer")
	begin.Want("details", "Festsetzung und Erhebung der Hundesteuer")
	begin.Want("a.kern-btn--primary[href='"+dog+"/person']", "Jetzt beginnen")
	first := get(t, s, dog+"/person")
	first.WantCount(".steps-wide .steps li", 6)
	first.Want(".steps-narrow summary", "Schritt 1 von 6: Halterin oder Halter")
	if n := countDrafts(t, s.Store); n != 0 {
		t.Errorf("%d drafts before anything was saved", n)
	}
	fillDog(t, s)
	check := get(t, s, dog+"/pruefen")
	check.Want("title", "Angaben prüfen")
	check.Want("section[aria-labelledby=a-person]", "Mira")
	if strings.Contains(check.Text("main"), "DE02 1203 0000") || !strings.Contains(check.Text("main"), "DE02 •••• 2051") {
		t.Error("the IBAN is not masked")
	}
	check.Want("section[aria-labelledby=summe] strong", "16,00")
	check.Want("button.kern-btn--primary", "Hund verbindlich anmelden")
	check.WantNone("#f-abruf")

	refused := s.Post(t, dog+"/pruefen", url.Values{"erklaerung.0": {"ja"}}).WantStatus(t, http.StatusUnprocessableEntity)
	refused.Want(".error-list a[href='#f-erklaerung-1']", "bestätigen")
	refused.WantCount("#f-erklaerung-0[checked]", 1)

	second := browser()
	sent := s.Post(t, dog+"/pruefen", confirmed()).WantStatus(t, http.StatusSeeOther)
	done := get(t, s, sent.Location())
	done.Want("h1", "eingegangen")
	codes := done.All(".result dd")
	get(t, s, sent.Location()).Want(".result dd.num:nth-of-type(2)", codes[1])
	get(t, s, done.Attr("main a.kern-btn--primary", "href")).Want("h1", "Hund anmelden")
	if pdf := s.Get(t, done.Attr(".files a", "href")); pdf.Status != http.StatusOK || !strings.HasPrefix(pdf.Body, "%PDF") {
		t.Errorf("copy: status %d", pdf.Status)
	}
	if n := countDrafts(t, s.Store); n != 0 {
		t.Errorf("%d drafts left", n)
	}
	again := s.Post(t, dog+"/pruefen", confirmed()).WantStatus(t, http.StatusSeeOther)
	if again.Location() != sent.Location() {
		t.Errorf("sent twice: %s, then %s", sent.Location(), again.Location())
	}
	if n := countAntraege(t, s.Store); n != 1 {
		t.Errorf("%d applications", n)
	}
	if a := second.Get(t, sent.Location()); a.Status != http.StatusSeeOther {
		t.Errorf("a stranger's browser sees the confirmation: %d", a.Status)
	}
	opened := second.Post(t, "/vorgang", url.Values{"nummer": {codes[0]}, "code": {strings.ToLower(codes[1])}}).WantStatus(t, http.StatusSeeOther)
	get(t, second, opened.Location())
	if n := countAntraege(t, s.In(storagetest.Sturmkoog)); n != 0 {
		t.Errorf("%d applications in the other town", n)
	}
}

func TestFormErrors(t *testing.T) {
	t.Parallel()
	s, _ := applying(t)
	empty := send(t, s, dog+"/person", url.Values{"person.vorname": {"Mira"}, "person.geburtsdatum.t": {"31"}, "person.geburtsdatum.m": {"2"}, "person.geburtsdatum.j": {"1988"}}, nil)
	empty.WantStatus(t, http.StatusUnprocessableEntity)
	empty.Want("title", "Fehler:")
	empty.Want(".error-list a[href='#f-person-nachname']", "Nachname: Bitte füllen")
	empty.Want("#f-person-nachname-fehler", "Bitte füllen")
	if got := empty.Attr("#f-person-vorname", "value"); got != "Mira" {
		t.Errorf("first name %q is not kept", got)
	}
	if got := empty.Attr("#f-person-geburtsdatum-m", "value"); got != "2" {
		t.Errorf("month %q is not kept", got)
	}
	if n := countDrafts(t, s.Store); n != 0 {
		t.Errorf("%d drafts of a page that was refused", n)
	}
	if a := s.Get(t, dog+"/hund"); a.Location() != dog {
		t.Errorf("a later page without a draft leads to %q", a.Location())
	}
	s.Get(t, dog+"/gibtsnicht").WantStatus(t, http.StatusNotFound)
	s.Get(t, "/antrag/personalausweis").WantStatus(t, http.StatusNotFound)
	if a := s.Get(t, dog+"/pruefen"); a.Location() != dog {
		t.Errorf("check page without a draft leads to %q", a.Location())
	}
	page(t, s, dog+"/person", person())
	short := theDog()
	short.Set("hund.chip", "276 098 106 412")
	bad := send(t, s, dog+"/hund", short, nil)
	bad.WantStatus(t, http.StatusUnprocessableEntity)
	bad.Want(".error-list", "Chipnummer: Bitte alle 15 Ziffern eingeben. Bisher sind es 12.")
	if a := s.Get(t, dog+"/pruefen"); a.Location() != dog+"/anschrift" {
		t.Errorf("check page of an unfinished form leads to %q", a.Location())
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	s, _ := applying(t)
	page(t, s, dog+"/person", person())
	page(t, s, dog+"/anschrift", address())
	for name, c := range map[string]struct {
		file    string
		content []byte
		want    string
	}{
		"program":      {"foto|foto.png", []byte("MZ this is no picture"), "PDF-, JPG- oder PNG"},
		"wrong ending": {"foto|foto.pdf", photo(t), "Endung"},
		"empty":        {"foto|foto.png", nil, "leer"},
		"too large":    {"foto|foto.png", append(photo(t), make([]byte, 10<<20)...), "zu groß"},
	} {
		a := send(t, s, dog+"/hund", theDog(), map[string][]byte{c.file: c.content})
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text("#f-foto-fehler"), c.want) {
			t.Errorf("%s: status %d", name, a.Status)
		}
	}
	// a file is kept although another field is wrong
	short := theDog()
	short.Set("hund.name", "")
	kept := send(t, s, dog+"/hund", short, map[string][]byte{"foto|C:\\Bilder\\ausweis.png": photo(t)})
	kept.WantStatus(t, http.StatusUnprocessableEntity)
	kept.Want(".files-small li", "ausweis.png")
	page(t, s, dog+"/hund", theDog())
	fileID := get(t, s, dog+"/hund").Attr("button[name=loeschen]", "value")
	// another one takes its place
	send(t, s, dog+"/hund", theDog(), map[string][]byte{"foto|neu.png": photo(t)}).WantStatus(t, http.StatusSeeOther)
	now := get(t, s, dog+"/hund")
	now.WantCount(".files-small li", 1)
	now.Want(".files-small li", "neu.png")
	if next := now.Attr("button[name=loeschen]", "value"); next == fileID {
		t.Error("the file was not swapped")
	} else {
		values := theDog()
		values.Set("loeschen", next)
		if at := page(t, s, dog+"/hund", values); at != dog+"/hund#f-foto" {
			t.Errorf("after removing: %s", at)
		}
	}
	get(t, s, dog+"/hund").WantNone(".files-small li")
}

func TestLater(t *testing.T) {
	t.Parallel()
	s, browser := applying(t)
	values := person()
	values.Set("spaeter", "1")
	values.Del("person.nachname")
	if at := page(t, s, dog+"/person", values); at != dog+"/merken" {
		t.Fatalf("later leads to %s", at)
	}
	code := get(t, s, dog+"/merken").Text(".result strong")
	if again := get(t, s, dog+"/merken").Text(".result strong"); again != code || len(strings.ReplaceAll(code, "-", "")) != 26 {
		t.Errorf("code %q, then %q", code, again)
	}
	get(t, s, dog).Want("section[aria-labelledby=angefangen] a.kern-btn--primary", "Weiter ausfüllen")
	get(t, s, dog).WantNone("a[href='" + dog + "/person'].kern-btn--primary:not(section a)")

	second := browser()
	second.Post(t, "/antrag/weiter", url.Values{"code": {"FALSCH"}}).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-code-fehler", "keinen angefangenen Antrag")
	resumed := second.Post(t, "/antrag/weiter", url.Values{"code": {strings.ToLower(strings.ReplaceAll(code, "-", " "))}}).WantStatus(t, http.StatusSeeOther)
	if resumed.Location() != dog+"/person" {
		t.Fatalf("resumed at %s", resumed.Location())
	}
	if got := get(t, second, dog+"/person").Attr("#f-person-vorname", "value"); got != "Mira" {
		t.Errorf("first name %q in the second browser", got)
	}
	other := browser()
	other.Town = storagetest.Sturmkoog
	other.Post(t, "/antrag/weiter", url.Values{"code": {code}}).WantStatus(t, http.StatusUnprocessableEntity)

	get(t, second, dog+"/verwerfen").Want("h1", "löschen")
	second.Post(t, dog+"/verwerfen", nil).WantStatus(t, http.StatusSeeOther)
	if n := countDrafts(t, s.Store); n != 0 {
		t.Errorf("%d drafts after discarding", n)
	}
	for range 9 {
		other.Post(t, "/antrag/weiter", url.Values{"code": {"FALSCH"}})
	}
	other.Post(t, "/antrag/weiter", url.Values{"code": {"FALSCH"}}).WantStatus(t, http.StatusTooManyRequests)
}

func TestSecondTownApplies(t *testing.T) {
	t.Parallel()
	s, _ := applying(t)
	s.Town = storagetest.Sturmkoog
	fillDog(t, s)
	sent := s.Post(t, dog+"/pruefen", confirmed()).WantStatus(t, http.StatusSeeOther)
	get(t, s, sent.Location()).Want("h1", "eingegangen")
	if n := countAntraege(t, s.Store); n != 0 {
		t.Errorf("%d applications in Wiesenbrück", n)
	}
}

// TestEntries: entries of a repeat are added and removed by buttons; what was typed stays.
func TestEntries(t *testing.T) {
	t.Parallel()
	s, _ := applying(t)
	const at = "/antrag/sperrmuell"
	page(t, s, at+"/person", url.Values{"person.vorname": {"Mira"}, "person.nachname": {"Tannhof"}, "person.telefon": {"030 23125214"}})
	where := address()
	where.Set("abholort", get(t, s, at+"/anschrift").Attr("#f-abholort", "value"))
	things := page(t, s, at+"/anschrift", where)
	if things != at+"/gegenstaende" {
		t.Fatalf("next page is %s", things)
	}
	get(t, s, things).WantCount("fieldset[id^=f-gegenstaende-]", 1)
	values := url.Values{"gegenstaende.0.beschreibung": {"Sofa"}, "gegenstaende.0.anzahl": {"1"}, "hinzufuegen": {"gegenstaende"}}
	if got := page(t, s, things, values); got != things+"#f-gegenstaende-1" {
		t.Errorf("after adding: %s", got)
	}
	two := get(t, s, things)
	two.WantCount("fieldset[id^=f-gegenstaende-]", 2)
	if got := two.Attr("#f-gegenstaende-0-beschreibung", "value"); got != "Sofa" {
		t.Errorf("first entry %q", got)
	}
	values.Del("hinzufuegen")
	values.Set("gegenstaende.1.beschreibung", "Tisch")
	refused := send(t, s, things, values, nil).WantStatus(t, http.StatusUnprocessableEntity)
	if !strings.Contains(refused.Text(".error-list"), "Gegenstand 2, ") {
		t.Errorf("problems do not name the entry: %s", refused.Text(".error-list"))
	}
	values.Set("entfernen", "gegenstaende.0")
	page(t, s, things, values)
	one := get(t, s, things)
	one.WantCount("fieldset[id^=f-gegenstaende-]", 1)
	if got := one.Attr("#f-gegenstaende-0-beschreibung", "value"); got != "Tisch" {
		t.Errorf("left over: %q", got)
	}
	if first := one.Attrs("form.form button[type=submit]", "name")[0]; first != "weiter" {
		t.Errorf("Enter would press %q", first)
	}
}

// TestFormInEnglish: the frame speaks the page's language, the form's own texts are marked as German.
func TestFormInEnglish(t *testing.T) {
	t.Parallel()
	s, _ := applying(t)
	a := get(t, s, dog+"/person?sprache=en")
	a.Want("h1[lang=de]", "Halterin oder Halter")
	a.Want("button.kern-btn--primary", "Save and continue")
	a.Want("label[for=f-person-vorname] span[lang=de]", "Vorname")
	a.Want("label[for=f-person-mail] .kern-label__optional", "optional")
}
