package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/blob"
	"rathaus/internal/id"
	"rathaus/internal/leistung"
	"rathaus/internal/mail"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/webtest"
)

// office is a town with profile, units and Aktenplan.
func office(t *testing.T) *webtest.Site {
	t.Helper()
	s := storagetest.New(t)
	mandanttest.Fill(t, s)
	s.Write(t, akte.SeedAktenplan)
	return webtest.New(t, s, portal.Section(portal.Config{Services: leistung.NewFinder(), Blobs: blob.New(s.Dir, s.Clock, id.Source{})}))
}

func TestGeneralPages(t *testing.T) {
	t.Parallel()
	s := office(t)
	tests := []struct{ path, selector, want string }{
		{"/impressum", "main .prose", "Stadt Wiesenbrück, vertreten durch die Bürgermeisterin"},
		{"/impressum", "main a[href^='mailto:']", "rathaus@wiesenbrueck.example"},
		{"/datenschutz", "main .prose", "Der Landesbeauftragte für den Datenschutz und die Informationsfreiheit Baden-Württemberg"},
		{"/datenschutz", "main [role=note]", "noch nicht geprüft"},
		{"/barrierefreiheit", "main .lead", "wiesenbrueck.localhost"},
		{"/barrierefreiheit", "main a.kern-btn[href='/barriere-melden']", "Barriere melden"},
		{"/barrierefreiheit", "main .prose", "Landes-Behindertengleichstellungsgesetz Baden-Württemberg"},
		{"/hilfe", "main .prose", "Abholcode verloren"},
		{"/gebaerdensprache", "h1", "Gebärdensprache"},
		{"/leichte-sprache", "main .prose", "So finden Sie sich zurecht"},
	}
	for _, tt := range tests {
		s.Get(t, tt.path).WantStatus(t, http.StatusOK).Want(tt.selector, tt.want)
	}
	if got := s.Get(t, "/leichte-sprache").Attr("html", "lang"); got != "de-simple" {
		t.Errorf("Leichte Sprache has lang %q", got)
	}
	s.Get(t, "/impressum").WantCount("html[lang=de]", 1) // reading that page does not switch the others
	for _, path := range []string{"/impressum", "/datenschutz", "/barrierefreiheit", "/barriere-melden", "/leichte-sprache", "/gebaerdensprache", "/hilfe"} {
		if !s.Get(t, "/impressum").Has("footer a[href='" + path + "']") {
			t.Errorf("the footer does not link %s", path)
		}
	}
	s.Get(t, "/impressum?sprache=en").Want("footer", "not been proof-read")
}

func TestGeneralPagesOfNewTown(t *testing.T) {
	t.Parallel()
	s := site(t)
	s.Town = storagetest.Sturmkoog // has no profile yet
	for _, path := range []string{"/impressum", "/datenschutz", "/barrierefreiheit", "/hilfe"} {
		page := s.Get(t, path).WantStatus(t, http.StatusOK)
		if strings.Contains(page.Text("main"), "Wiesenbrück") {
			t.Errorf("%s of Sturmkoog speaks of Wiesenbrück", path)
		}
	}
	s.Get(t, "/impressum").Want("main .empty", "Noch nicht hinterlegt")
}

func TestReportBarrier(t *testing.T) {
	t.Parallel()
	s := office(t)
	page := s.Get(t, "/barriere-melden?seite=/leistungen").WantStatus(t, http.StatusOK)
	if got := page.Attr("#f-seite", "value"); got != "/leistungen" {
		t.Errorf("page of origin %q", got)
	}
	if got := s.Get(t, "/barriere-melden?seite=https://boese.example").Attr("#f-seite", "value"); got != "" {
		t.Errorf("a foreign page is taken over: %q", got)
	}

	bad := s.Post(t, "/barriere-melden", url.Values{"text": {" "}, "mail": {"ayla@"}, "name": {"Ayla Demirci"}}).WantStatus(t, http.StatusUnprocessableEntity)
	bad.Want(".error-list a[href='#f-text']", "Bitte beschreiben Sie")
	bad.Want("#f-mail-fehler", "E-Mail")
	if got := bad.Attr("#f-name", "value"); got != "Ayla Demirci" {
		t.Errorf("name %q is not kept", got)
	}

	sent := s.Post(t, "/barriere-melden", url.Values{"text": {"Der Knopf ist mit der Tastatur nicht erreichbar."}, "mail": {"ayla@post.example"}, "name": {"Ayla Demirci"}})
	sent.WantStatus(t, http.StatusSeeOther)
	s.Get(t, sent.Location()).Want(".kern-alert--success", "10.40-2026/00001")
	s.Get(t, sent.Location()).WantNone(".kern-alert--success")
	s.Read(t, func(tx *storage.Tx) error {
		list, err := akte.Inbox(tx, akte.InboxFilter{})
		if err != nil {
			return err
		}
		if len(list.Rows) != 1 || list.Rows[0].Beteiligter != "Ayla Demirci" {
			t.Errorf("inbox %+v", list.Rows)
		}
		mails, err := mail.List(tx, "")
		if err != nil {
			return err
		}
		if len(mails) != 1 || mails[0].To != "rathaus@wiesenbrueck.example" || strings.Contains(mails[0].Text, "Ayla") || strings.Contains(mails[0].Text, "Knopf") {
			t.Errorf("mails %+v", mails)
		}
		return nil
	})
	for range 4 {
		s.Post(t, "/barriere-melden", url.Values{"text": {"x"}})
	}
	s.Post(t, "/barriere-melden", url.Values{"text": {"x"}}).WantStatus(t, http.StatusTooManyRequests)
}
