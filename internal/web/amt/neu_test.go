package amt_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/antrag"
	"rathaus/internal/storage"
	"rathaus/internal/web/webtest"
)

func (d *desk) send(t *testing.T, path string, values url.Values, file string) *webtest.Answer {
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
	if file != "" {
		part, err := w.CreateFormFile("nachweis", file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte("%PDF-1.7\n%%EOF\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return d.Do(t, r)
}

// TestEnterOnPaper: an application on paper, without mail, goes the same way as one sent online.
func TestEnterOnPaper(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.Get(t, "/amt/neu").Want("select option[value=hundesteuer-anmelden]", "Hund anmelden")
	d.Get(t, "/amt/neu").WantNone("option[value=baumfaellung]") // another unit's
	d.Post(t, "/amt/neu", url.Values{"leistung": {""}}).WantStatus(t, http.StatusUnprocessableEntity)
	at := d.Post(t, "/amt/neu", url.Values{"leistung": {"hundesteuer-anmelden"}}).WantStatus(t, http.StatusSeeOther).Location()
	d.Get(t, at).WantStatus(t, http.StatusOK).WantCount("section h2", 2)
	d.as(d.world.Colleague)
	d.Get(t, at).WantStatus(t, http.StatusNotFound)
	d.as(d.world.Clerk)

	values := url.Values{"amt-kanal": {"schalter"}, "amt-eingang": {"21.11.2026"}, "hund.name": {"Fenja"}, "person.vorname": {"Mira"}}
	refused := d.send(t, at, values, "nachweis.pdf").WantStatus(t, http.StatusUnprocessableEntity)
	refused.Want(".error-list a[href='#f-person-nachname']", "Nachname")
	refused.WantCount("input[name=amt-kanal][value=schalter][checked]", 1)
	refused.Want(".files-small li", "nachweis.pdf")
	values.Set("person.nachname", "Tannhof")
	d.send(t, at, values, "").WantStatus(t, http.StatusUnprocessableEntity).Want("#f-amt-eingang-fehler", "heute oder einen Tag davor")
	values.Set("amt-eingang", "18.11.2026")
	done := d.send(t, at, values, "").WantStatus(t, http.StatusSeeOther)
	if again := d.send(t, at, values, ""); again.Location() != done.Location() {
		t.Errorf("sent twice: %q, then %q", done.Location(), again.Location())
	}
	page := d.Get(t, done.Location()).WantStatus(t, http.StatusOK)
	page.Want(".kern-alert--success", "Vorgangsnummer")
	answers := d.Get(t, strings.SplitN(done.Location(), "?", 2)[0]+"/angaben").WantStatus(t, http.StatusOK)
	answers.Want("section[aria-labelledby=a-hund]", "Fenja")
	answers.Want("section[aria-labelledby=a-hund] a[href^='/amt/dokument/']", "nachweis.pdf")
	var kanal, received, mail string
	d.Read(t, func(tx *storage.Tx) error {
		a, err := antrag.ByVorgang(tx, strings.TrimPrefix(done.Location(), "/amt/vorgang/"))
		kanal, received, mail = string(a.Kanal), string(a.ReceivedOn), a.Applicant.Mail
		return err
	})
	if kanal != "schalter" || received != "2026-11-18" || mail != "" {
		t.Errorf("kanal %q, received on %q, mail %q", kanal, received, mail)
	}
}
