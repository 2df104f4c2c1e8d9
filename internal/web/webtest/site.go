package webtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web"
	"rathaus/internal/web/htmlcheck"
	"rathaus/internal/web/ui"
)

// Site is the whole server on a real store, called without a network. Cookies are kept as a browser would.
type Site struct {
	*storagetest.Store
	Server *web.Server
	// Town is the host called; the second town is "sturmkoog".
	Town string
	// Login is the session of the next requests; set it to act as staff or citizen.
	Login web.Login
	// Resolve, when set, finds the session from the request instead: for tests of signing in.
	Resolve func(*web.Request) (web.Login, error)
	cookies map[string]string
}

// New starts a site with the given sections on the store of the test.
func New(t *testing.T, store *storagetest.Store, sections ...web.Section) *Site {
	t.Helper()
	keys, err := seal.New("test", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{Store: store, Town: "wiesenbrueck", cookies: map[string]string{}}
	s.Server, err = web.NewServer(web.Config{
		DB: store.DB, Clock: store.Clock, Keys: keys, Log: slog.New(slog.DiscardHandler), Version: "test",
		TownByHost: townByHost,
		Login: func(r *web.Request) (web.Login, error) {
			if s.Resolve != nil {
				return s.Resolve(r)
			}
			return s.Login, nil
		},
	}, sections...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func townByHost(_ context.Context, host string) (ui.Town, error) {
	town := Town()
	switch host {
	case Host("wiesenbrueck"):
		return town, nil
	case Host("sturmkoog"):
		town.Key, town.Name, town.Official, town.Land, town.AGS = "sturmkoog", "Sturmkoog", "Gemeinde Sturmkoog", "NW", "05999001"
		town.Theme = ui.Theme{Hue: 262, Chroma: .13, AccentHue: 38, Crest: "leuchtturm"}
		return town, nil
	}
	return ui.Town{}, problem.NotFound
}

// Staff signs in as staff with this id.
func (s *Site) Staff(id, name, unit string) {
	s.Login = web.Login{Kind: web.StaffLogin, Actor: "staff:" + id, Name: name, Unit: unit, SessionID: "s-" + id}
}

// Citizen signs in as a citizen who has opened these applications.
func (s *Site) Citizen(antraege ...string) {
	s.Login = web.Login{Kind: web.CitizenLogin, Actor: "citizen", Antraege: antraege, SessionID: "s-citizen"}
}

// Answer is what came back.
type Answer struct {
	*htmlcheck.Doc
	Status int
	Header http.Header
	Body   string
}

// Location is where a redirect leads.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// Get calls a path of the town.
func (s *Site) Get(t testing.TB, path string) *Answer {
	t.Helper()
	return s.Do(t, httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form to a path of the town.
func (s *Site) Post(t testing.TB, path string, form url.Values) *Answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.Do(t, r)
}

// Do sends any request; its host becomes that of the town unless it was set.
func (s *Site) Do(t testing.TB, r *http.Request) *Answer {
	t.Helper()
	if r.Host == "" || r.Host == "example.com" {
		r.Host = Host(s.Town)
	}
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	s.Server.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(s.cookies, c.Name)
		}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)}
	a.Doc = htmlcheck.Parse(t, strings.NewReader(a.Body))
	return a
}

// WantStatus ends the test unless the status is as expected, showing the page's message.
func (a *Answer) WantStatus(t testing.TB, status int) *Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, strings.Join(a.All("main h1, main .lead, .error-list li"), " | "))
	}
	return a
}
