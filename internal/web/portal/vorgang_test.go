package portal_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/blob"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mail"
	"rathaus/internal/storage"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/webtest"
)

// caseSite is the portal with an office behind it and real sessions.
func caseSite(t *testing.T) (*antragtest.World, *webtest.Site) {
	t.Helper()
	w := antragtest.New(t)
	gate, err := konto.NewGate(context.Background(), w.Antraege.Keys, w.Clock, konto.NewHasher(konto.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}, 1))
	if err != nil {
		t.Fatal(err)
	}
	s := webtest.New(t, w.Store, portal.Section(portal.Config{Services: leistung.NewFinder(), Office: w.Antraege, Gate: gate,
		Blobs: blob.New(w.Dir, w.Clock, id.Source{})}))
	s.Resolve = portal.Login
	return w, s
}

func open(t *testing.T, s *webtest.Site, r antrag.Receipt) string {
	t.Helper()
	a := s.Post(t, "/vorgang", url.Values{"nummer": {strings.ToLower(r.Vorgangsnummer)}, "code": {r.Abholcode}}).WantStatus(t, http.StatusSeeOther)
	if a.Location() != "/vorgang/"+r.Vorgangsnummer {
		t.Fatalf("led to %s", a.Location())
	}
	return a.Location()
}

// upload posts a multipart form; files are name, content pairs.
func upload(t *testing.T, s *webtest.Site, path string, fields url.Values, files ...string) *webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, values := range fields {
		if err := m.WriteField(name, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(files); i += 2 {
		w, err := m.CreateFormFile("datei", files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.Do(t, r)
}

func TestOpenCase(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r, other := w.Submit(t), w.Submit(t)
	if a := s.Get(t, "/vorgang/"+r.Vorgangsnummer); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/vorgang?weiter=") {
		t.Errorf("without a session: %d %s", a.Status, a.Location())
	}
	a := s.Post(t, "/vorgang", url.Values{"nummer": {r.Vorgangsnummer}, "code": {other.Abholcode}}).WantStatus(t, http.StatusUnprocessableEntity)
	a.Want(".error-list a[href='#f-code']", "Vorgangsnummer und Abholcode passen nicht zusammen. Bitte prüfen Sie beide.")
	a.WantCount("input[name=nummer][value='"+r.Vorgangsnummer+"']", 1)
	s.Post(t, "/vorgang", url.Values{"nummer": {""}, "code": {""}}).WantStatus(t, http.StatusUnprocessableEntity).WantCount(".error-list li", 2)

	page := s.Get(t, open(t, s, r)).WantStatus(t, http.StatusOK)
	page.Want("main h1", "Hund anmelden")
	page.Want(".overline .az", r.Vorgangsnummer)
	page.Want(".kern-badge .kern-label", "Eingegangen")
	page.WantCount(".timeline li", 2)
	page.WantCount(".timeline li.open time[datetime='2026-12-04']", 1)
	page.WantCount("aside .files-small li", 1)
	page.WantCount("a[href='/vorgang/"+r.Vorgangsnummer+"/zurueckziehen']", 1)
	if a := s.Get(t, "/vorgang/"+other.Vorgangsnummer); a.Status != http.StatusNotFound {
		t.Errorf("another case: %d", a.Status)
	}
	s.Get(t, "/vorgang").WantStatus(t, http.StatusOK).WantCount(".rows a[href='/vorgang/"+r.Vorgangsnummer+"']", 1)
	s.Post(t, "/vorgang/abmelden", nil).WantStatus(t, http.StatusSeeOther)
	if a := s.Get(t, "/vorgang/"+r.Vorgangsnummer); a.Status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", a.Status)
	}
}

// TestGuessingIsSlowedDown: the owner gets in again after a while, guesses by others do not lock for good.
func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r := w.Submit(t)
	for range 20 {
		s.Post(t, "/vorgang", url.Values{"nummer": {r.Vorgangsnummer}, "code": {"falsch"}}).WantStatus(t, http.StatusUnprocessableEntity)
	}
	right := url.Values{"nummer": {" " + strings.ToLower(r.Vorgangsnummer)}, "code": {r.Abholcode}}
	s.Post(t, "/vorgang", right).WantStatus(t, http.StatusTooManyRequests)
	elsewhere := httptest.NewRequest(http.MethodPost, "/vorgang", strings.NewReader(right.Encode()))
	elsewhere.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	elsewhere.RemoteAddr = "198.51.100.7:4711"
	s.Do(t, elsewhere).WantStatus(t, http.StatusSeeOther) // the applicant is not kept out by a stranger's guesses
	w.Clock.Advance(2 * time.Minute)
	open(t, s, r)
}

func TestAnswerANachforderung(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r := w.Submit(t)
	path := open(t, s, r)
	w.Must(t, w.Clerk, func(tx *storage.Tx) error {
		return antrag.Ask(tx, r.AntragID, "Es fehlt der Vertrag.\nEin Foto genügt.", "2026-12-07", nil)
	})
	page := s.Get(t, path).WantStatus(t, http.StatusOK)
	page.Want(".result h2", "Wir brauchen noch etwas von Ihnen")
	page.Want(".result time[datetime='2026-12-07']", "7. Dezember 2026")
	page.WantCount("form#nachricht input[name=antwort][value=ja]", 1)
	page.WantCount(".thread > li", 1)

	text := url.Values{"antwort": {"ja"}, "nachricht": {"Hier ist er."}}
	bad := upload(t, s, path+"/nachricht", text, "vertrag.pdf", "GIF89a kein PDF").WantStatus(t, http.StatusUnprocessableEntity)
	bad.Want(".error-list a[href='#f-datei']", "vertrag.pdf ist keine PDF-, JPEG- oder PNG-Datei.")
	bad.Want("textarea[name=nachricht]", "Hier ist er.")
	upload(t, s, path+"/nachricht", url.Values{"antwort": {"ja"}, "nachricht": {" "}}).WantStatus(t, http.StatusUnprocessableEntity)
	large := upload(t, s, path+"/nachricht", text, "gross.pdf", "%PDF-1.7\n"+strings.Repeat("x", 10<<20)).WantStatus(t, http.StatusUnprocessableEntity)
	large.Want(".error-list a[href='#f-datei']", "gross.pdf ist größer als 10 MB. Bitte verkleinern Sie die Datei.")

	upload(t, s, path+"/nachricht", text, `C:\Eigene Dateien\vertrag.pdf`, "%PDF-1.7\nVertrag\n%%EOF").WantStatus(t, http.StatusSeeOther)
	page = s.Get(t, path).WantStatus(t, http.StatusOK)
	page.WantCount(".thread .mine .files-small a", 1)
	page.Want(".thread .mine .files-small a", "vertrag.pdf")
	page.WantCount(".result", 0)
	page.Want(".kern-alert .kern-title", "Ihre Antwort ist angekommen. Wir arbeiten weiter an Ihrem Antrag.")
	page.WantCount(".timeline li", 5) // when it is due, answered, asked, begun, submitted

	file := s.Get(t, path+"/dokument/3").WantStatus(t, http.StatusOK)
	if !strings.HasPrefix(file.Body, "%PDF-1.7\nVertrag") || !strings.Contains(file.Header.Get("Content-Disposition"), "vertrag.pdf") {
		t.Errorf("download %q", file.Header.Get("Content-Disposition"))
	}
	for _, hidden := range []string{"2", "9", "x"} { // 2 is the machine-readable copy
		if a := s.Get(t, path+"/dokument/"+hidden); a.Status != http.StatusNotFound {
			t.Errorf("dokument %s: %d", hidden, a.Status)
		}
	}
}

func TestWithdrawPage(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r := w.Submit(t)
	path := open(t, s, r)
	s.Get(t, path+"/zurueckziehen").WantStatus(t, http.StatusOK).Want("main h1", "Antrag zurückziehen?")
	s.Post(t, path+"/zurueckziehen", url.Values{"grund": {"Doch kein Hund"}}).WantStatus(t, http.StatusSeeOther)
	page := s.Get(t, path).WantStatus(t, http.StatusOK)
	page.Want(".result h2", "Sie haben den Antrag zurückgezogen")
	page.WantCount("a[href$='/zurueckziehen']", 0)
	s.Get(t, path+"/zurueckziehen").WantStatus(t, http.StatusConflict)
}

func TestLetterOnTheStatusPage(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r, _ := w.Decided(t)
	path := open(t, s, r)
	s.Get(t, path).Want(".result p", "Den Bescheid schicken wir Ihnen mit der Post.")
	w.Must(t, w.Post, func(tx *storage.Tx) error {
		all, err := antrag.Postausgang(tx)
		if err != nil {
			return err
		}
		return antrag.MarkPosted(tx, []string{all[0].ID}, "2026-11-20")
	})
	page := s.Get(t, path).WantStatus(t, http.StatusOK)
	page.Want(".result h2", "Ihr Bescheid ist unterwegs")
	page.Want(".result .muted time", "24. Dezember 2026")
	page.WantCount(".result a", 0) // number and code open no Bescheid
	page.WantCount(".timeline li.open time[datetime='2026-11-24']", 1)
}

// TestRetrieval is the whole way to an electronic Bescheid: code, account by mail link, linking, retrieval, download.
func TestRetrieval(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	const address = "mira.tannhof@post.example"
	s.Post(t, "/konto/anmelden", url.Values{"mail": {"keine"}}).WantStatus(t, http.StatusUnprocessableEntity)
	r := w.Submit(t, func(sub *antrag.Submission) { sub.Slug, sub.ConsentAbruf = "baumfaellung", true })
	path := open(t, s, r)
	s.Get(t, path).WantCount("a[href='/konto/anmelden?weiter="+path+"']", 1)
	s.Post(t, "/konto/anmelden", url.Values{"mail": {address}, "weiter": {path}}).WantStatus(t, http.StatusSeeOther)
	link := linkIn(t, w, "/konto/anmelden/")
	s.Get(t, link).WantStatus(t, http.StatusOK).WantCount("form button", 1) // reading the link uses nothing up
	if a := s.Post(t, link, nil).WantStatus(t, http.StatusSeeOther); a.Location() != path {
		t.Errorf("after signing in: %s", a.Location())
	}
	if a := s.Post(t, link, nil); a.Location() != "/konto/anmelden" {
		t.Errorf("the link works twice: %s", a.Location())
	}
	s.Post(t, path+"/verbinden", nil).WantStatus(t, http.StatusSeeOther)

	w.Clerk = w.Gardener
	b := w.Grant(t, r)
	if b.Weg != antrag.WegAbruf {
		t.Fatalf("the Bescheid goes by %s", b.Weg)
	}
	page := s.Get(t, path).WantStatus(t, http.StatusOK)
	page.Want(".result h2", "Ihr Bescheid liegt bereit")
	page.WantCount("form[action='"+path+"/bescheid']", 1)
	s.Post(t, path+"/bescheid", nil).WantStatus(t, http.StatusSeeOther)
	page = s.Get(t, path).WantStatus(t, http.StatusOK)
	page.Want(".result h2", "Ihr Bescheid ist da")
	download := page.Attr(".result a.kern-btn--primary", "href")
	if file := s.Get(t, download).WantStatus(t, http.StatusOK); !strings.HasPrefix(file.Body, "%PDF") {
		t.Error("the download is no PDF")
	}
}

// TestRetrievalNeedsTheAccount: number and code alone open no Bescheid.
func TestRetrievalNeedsTheAccount(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	var account string
	w.Must(t, "system", func(tx *storage.Tx) error {
		account = tx.NewID()
		_, err := tx.Exec(`insert into buerger (id, mail, mail_folded, created_at, seen_at) values ($1, 'm@post.example', 'm@post.example', 0, 0)`, account)
		return err
	})
	r := w.Submit(t, func(sub *antrag.Submission) {
		sub.Slug, sub.ConsentAbruf, sub.BuergerID = "baumfaellung", true, account
	})
	w.Clerk = w.Gardener
	w.Grant(t, r)
	path := open(t, s, r)
	page := s.Get(t, path).WantStatus(t, http.StatusOK)
	page.WantCount("form[action='"+path+"/bescheid']", 0)
	page.WantCount(".result a[href='/konto/anmelden?weiter="+path+"']", 1)
	a := s.Post(t, path+"/bescheid", nil).WantStatus(t, http.StatusConflict)
	if !strings.Contains(a.Body, "Vorgangsnummer und Abholcode reichen dafür nicht") {
		t.Error("the page does not say why")
	}
}

func TestLostCodePages(t *testing.T) {
	t.Parallel()
	w, s := caseSite(t)
	r := w.Submit(t)
	s.Post(t, "/abholcode-verloren", url.Values{"nummer": {""}}).WantStatus(t, http.StatusUnprocessableEntity)
	for _, number := range []string{"WB-0000-0000", r.Vorgangsnummer} {
		if a := s.Post(t, "/abholcode-verloren", url.Values{"nummer": {number}}).WantStatus(t, http.StatusSeeOther); a.Location() != "/vorgang" {
			t.Errorf("%s: %s", number, a.Location())
		}
	}
	link := linkIn(t, w, "/zugang/")
	s.Get(t, link).WantStatus(t, http.StatusOK)
	if a := s.Post(t, link, nil).WantStatus(t, http.StatusSeeOther); a.Location() != "/vorgang/"+r.Vorgangsnummer {
		t.Errorf("opened %s", a.Location())
	}
	if a := s.Post(t, link, nil); a.Location() != "/abholcode-verloren" {
		t.Errorf("the link works twice: %s", a.Location())
	}
}

// linkIn finds the path that begins with prefix in the mails of the town.
func linkIn(t *testing.T, w *antragtest.World, prefix string) string {
	t.Helper()
	var path string
	w.Read(t, func(tx *storage.Tx) error {
		mails, err := mail.List(tx, "")
		for _, m := range mails {
			if _, rest, ok := strings.Cut(m.Text, prefix); ok {
				code, _, _ := strings.Cut(rest, "\n")
				path = prefix + strings.TrimSpace(code)
			}
		}
		return err
	})
	if path == "" {
		t.Fatalf("no mail with %s", prefix)
	}
	return path
}
