package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
	"rathaus/internal/web/webtest"
)

type probePage struct {
	ui.Page
	Text string
}

// probe is a small section with every kind of route.
func probe(h web.Handler) web.Section {
	page := func(w http.ResponseWriter, r *web.Request) error {
		return r.Page(w, "probe/seite", &probePage{Page: ui.Page{Title: "Seite"}, Text: r.Login.Name})
	}
	return web.Section{
		Name: "probe", Home: "/", Part: "ui.part",
		Files: fstest.MapFS{"seite.html": {Data: []byte(`{{template "top" .Page}}{{template "head" .Page}}<h1>Seite</h1>{{template "errors" .Page}}` +
			`{{template "input" (field .Page "name" "Name")}}<p id="text">{{.Text}}</p>{{template "foot"}}{{template "bottom" .Page}}`)}},
		Pages: web.Pages{"seite": &probePage{Text: "x"}},
		Nav:   func(*web.Request) []web.NavEntry { return []web.NavEntry{{Key: "ui.help", Href: "/offen"}} },
		Routes: func(m *web.Mux) {
			m.Handle("GET /offen", web.Public, page)
			m.Handle("GET /offen/{name}", web.Public, h).Example("/offen/x")
			m.Handle("POST /offen/{name}", web.Public, h)
			m.Handle("POST /gross/{name}", web.Public, h).Body(3 << 20)
			m.Handle("POST /selten/{name}", web.Public, h).Limit(2, time.Minute)
			m.Handle("GET /buerger", web.Citizen, page)
			m.Handle("GET /mitarbeit", web.Staff, page)
			m.Handle("POST /mitarbeit", web.Staff, page)
			m.Handle("GET /leitung", web.Admin, page)
			m.Handle("POST /api/v1/dinge", web.API, h)
		},
	}
}

func nothing(http.ResponseWriter, *web.Request) error { return nil }

func newSite(t *testing.T, h web.Handler) *webtest.Site {
	t.Helper()
	return webtest.New(t, storagetest.New(t), probe(h))
}

func TestProbeSection(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, probe(nothing))
}

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err    error
		status int
		text   string
	}{
		{fmt.Errorf("vorgang 1: %w", problem.NotFound), 404, "Adresse veraltet"},
		{fmt.Errorf("vorgang 1: %w", problem.Forbidden), 404, "Adresse veraltet"},
		{fmt.Errorf("x: %w", problem.Conflict), 409, "inzwischen geändert"},
		{problem.Conflicting("problem.suspended"), 409, "zurzeit gesperrt"},
		{problem.Fields{{Path: "name", Key: "problem.required"}}, 422, "prüfen Sie diese Angaben"},
		{fmt.Errorf("x: %w", storage.ErrUnavailable), 503, "gerade nichts speichern"},
		{context.DeadlineExceeded, 503, "gerade nichts speichern"},
		{web.Throttled(90 * time.Second), 429, "2 Minuten"},
		{web.BadRequest(io.ErrUnexpectedEOF), 400, "nicht vollständig"},
		{errors.New("secret cause"), 500, "Vorfallsnummer"},
	}
	for _, tt := range tests {
		site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
			w.Header().Set("Content-Type", "application/pdf") // a handler that failed half way
			return tt.err
		})
		a := site.Get(t, "/offen/x")
		if a.Status != tt.status {
			t.Errorf("%v: status %d, want %d", tt.err, a.Status, tt.status)
		}
		a.Want("main .lead", tt.text)
		a.WantCount("h1", 1)
		if strings.Contains(a.Body, "secret cause") {
			t.Error("the cause of an internal error is shown")
		}
		if got := a.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%v: Content-Type %q", tt.err, got)
		}
		if tt.status == 503 && a.Header.Get("Retry-After") == "" {
			t.Error("503 without Retry-After")
		}
		if got := a.Has("main strong.az"); got != (tt.status >= 500) {
			t.Errorf("%d: incident number shown: %v", tt.status, got)
		}
	}
}

func TestPanicIsOneIncident(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(http.ResponseWriter, *web.Request) error { panic("Erika Mustermann") })
	a := site.Get(t, "/offen/x").WantStatus(t, 500)
	a.Want("main strong.az", a.Header.Get("X-Request-Id"))
	if strings.Contains(a.Body, "Erika") {
		t.Error("the panic value is shown")
	}
	site.Get(t, "/offen").WantStatus(t, 200)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	staff := web.Login{Kind: web.StaffLogin, Actor: "staff:1", Name: "Jana Petersen", Unit: "Ordnungsamt"}
	admin := staff
	admin.Admin = true
	confined := staff
	confined.Confined = "/amt/zweiter-faktor"
	citizen := web.Login{Kind: web.CitizenLogin, Actor: "citizen"}
	portal := web.Login{Kind: web.PortalLogin, Actor: "portal:1"}
	tests := []struct {
		name, method, path string
		login              web.Login
		status             int
		location           string
	}{
		{"public", "GET", "/offen", web.Login{}, 200, ""},
		{"citizen page, nobody", "GET", "/buerger?a=1", web.Login{}, 303, "/vorgang?weiter=%2Fbuerger%3Fa%3D1"},
		{"citizen page, staff", "GET", "/buerger", staff, 303, "/vorgang?weiter=%2Fbuerger"},
		{"citizen page", "GET", "/buerger", citizen, 200, ""},
		{"staff page, nobody", "GET", "/mitarbeit", web.Login{}, 303, "/amt/anmelden?weiter=%2Fmitarbeit"},
		{"staff form, nobody", "POST", "/mitarbeit", web.Login{}, 303, "/amt/anmelden"},
		{"staff page, citizen", "GET", "/mitarbeit", citizen, 303, "/amt/anmelden?weiter=%2Fmitarbeit"},
		{"staff page", "GET", "/mitarbeit", staff, 200, ""},
		{"staff page, second factor due", "GET", "/mitarbeit", confined, 303, "/amt/zweiter-faktor"},
		{"public page, second factor due", "GET", "/offen", confined, 200, ""},
		{"admin page, staff", "GET", "/leitung", staff, 404, ""},
		{"admin page", "GET", "/leitung", admin, 200, ""},
		{"api, nobody", "POST", "/api/v1/dinge", web.Login{}, 401, ""},
		{"api, staff", "POST", "/api/v1/dinge", staff, 401, ""},
		{"api", "POST", "/api/v1/dinge", portal, 200, ""},
		{"unknown", "GET", "/gibt-es-nicht", admin, 404, ""},
		{"wrong method", "POST", "/offen", web.Login{}, 405, ""},
		{"control character", "GET", "/offen/a%00b", web.Login{}, 404, ""},
		{"broken UTF-8", "GET", "/offen/%ff", web.Login{}, 404, ""},
	}
	site := newSite(t, nothing)
	for _, tt := range tests {
		site.Login = tt.login
		a := site.Do(t, httptest.NewRequest(tt.method, tt.path, nil))
		if a.Status != tt.status || a.Location() != tt.location {
			t.Errorf("%s: %d %q, want %d %q", tt.name, a.Status, a.Location(), tt.status, tt.location)
		}
		if tt.status == 405 && a.Header.Get("Allow") == "" {
			t.Error("405 without Allow")
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		return r.JSON(w, 200, r.Scope())
	})
	site.Town = "sturmkoog"
	if a := site.Get(t, "/offen/x"); !strings.Contains(a.Body, `"Mandant":"sturmkoog"`) {
		t.Errorf("scope %s", a.Body)
	}
	site.Get(t, "/offen").Want(".brand strong", "Sturmkoog")
	site.Town = "unbekannt"
	a := site.Get(t, "/offen").WantStatus(t, 404)
	a.Want("main .lead", "kein digitales Rathaus")
	a.Want(".brand strong", "Rathaus")
	for _, path := range []string{"/healthz", "/readyz", a.Attr("link[href*=rathaus]", "href"), a.Attr("link[href^='/thema/'][rel=stylesheet]", "href"), a.Attr("link[rel=icon]", "href")} {
		site.Get(t, path).WantStatus(t, 200)
	}
	r := httptest.NewRequest("GET", "/offen", nil)
	r.Host = "WIESENBRUECK.localhost.:8080"
	site.Do(t, r).WantStatus(t, 200)
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	for _, path := range []string{"/offen", "/gibt-es-nicht", "/healthz", "/buerger"} {
		h := site.Get(t, path).Header
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "script-src 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP without %s", path, want)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" || h.Get("Server") != "" {
			t.Errorf("%s: headers %v", path, h)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS over http", path)
		}
	}
	if got := site.Get(t, "/offen").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("public page: %q", got)
	}
	site.Staff("1", "Jana Petersen", "Ordnungsamt")
	for _, path := range []string{"/offen", "/mitarbeit"} {
		if got := site.Get(t, path).Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s, signed in: %q", path, got)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	post := func(header, value string) int {
		r := httptest.NewRequest("POST", "/offen/x", strings.NewReader("a=b"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		return site.Do(t, r).Status
	}
	for _, tt := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "same-origin", 200}, {"Sec-Fetch-Site", "none", 200}, {"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403}, {"Origin", "https://boese.example", 403}, {"Origin", "http://wiesenbrueck.localhost", 200},
	} {
		if got := post(tt.header, tt.value); got != tt.want {
			t.Errorf("%s: %s: %d, want %d", tt.header, tt.value, got, tt.want)
		}
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	store := storagetest.New(t)
	keys, err := seal.New("test", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	var got *web.Request
	server, err := web.NewServer(web.Config{DB: store.DB, Clock: store.Clock, Keys: keys, Log: slog.New(slog.DiscardHandler),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		TownByHost: func(_ context.Context, host string) (ui.Town, error) {
			if host != "stadt.example" {
				return ui.Town{}, problem.NotFound
			}
			return webtest.Town(), nil
		}}, probe(func(w http.ResponseWriter, r *web.Request) error {
		got = r
		r.SetCookie(w, "sitzung", "x", 0)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	call := func(peer string, header map[string]string) *httptest.ResponseRecorder {
		got = nil
		r := httptest.NewRequest("POST", "/offen/x", nil)
		r.RemoteAddr, r.Host = peer, "innen.example"
		for k, v := range header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w
	}
	forwarded := map[string]string{"X-Forwarded-For": "198.51.100.7, 203.0.113.9, 10.1.1.1", "X-Forwarded-Proto": "https",
		"X-Forwarded-Host": "stadt.example", "Origin": "https://stadt.example"}
	w := call("10.0.0.1:4000", forwarded)
	if got == nil || got.Addr.String() != "203.0.113.9" || !got.Secure {
		t.Fatalf("behind a trusted proxy: %d, %+v", w.Code, got)
	}
	if c := w.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-sitzung=x; Path=/; HttpOnly; Secure; SameSite=Lax") {
		t.Errorf("cookie %q", c)
	}
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("https without HSTS")
	}
	if w := call("192.0.2.1:4000", forwarded); w.Code != http.StatusNotFound || got != nil {
		t.Error("the headers of an untrusted peer are believed")
	}
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	})
	send := func(path string, n int, known bool) *webtest.Answer {
		r := httptest.NewRequest("POST", path, bytes.NewReader(make([]byte, n)))
		r.Header.Set("Content-Type", "application/octet-stream")
		if !known {
			r.ContentLength = -1
		}
		return site.Do(t, r)
	}
	for _, known := range []bool{true, false} {
		send("/offen/x", 1<<20, known).WantStatus(t, 200)
		send("/offen/x", 1<<20+1, known).WantStatus(t, 413)
		send("/gross/x", 3<<20, known).WantStatus(t, 200)
		send("/gross/x", 3<<20+1, known).WantStatus(t, 413).Want("main .lead", "höchstens 3 MB")
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	post := func(addr string) int {
		r := httptest.NewRequest("POST", "/selten/x", nil)
		r.RemoteAddr = addr + ":1"
		return site.Do(t, r).Status
	}
	for i, want := range []int{200, 200, 429} {
		if got := post("192.0.2.1"); got != want {
			t.Errorf("try %d: %d, want %d", i+1, got, want)
		}
	}
	if got := post("192.0.2.2"); got != 200 {
		t.Errorf("another address: %d", got)
	}
	site.Town = "sturmkoog"
	if got := post("192.0.2.1"); got != 200 {
		t.Errorf("another town: %d", got)
	}
	site.Town = "wiesenbrueck"
	site.Clock.Advance(time.Minute)
	if got := post("192.0.2.1"); got != 200 {
		t.Errorf("a minute later: %d", got)
	}
	for range 3 {
		post("[2001:db8::1]")
	}
	if got := post("[2001:db8::2]"); got != 429 {
		t.Errorf("same /64: %d", got)
	}
}

// A form far over the limit is read to its end, so that a browser gets to show the answer.
func TestTooLargeIsReadable(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = webtest.Host("wiesenbrueck")
		site.Server.ServeHTTP(w, r)
	}))
	defer server.Close()
	res, err := http.Post(server.URL+"/offen/x", "application/octet-stream", bytes.NewReader(make([]byte, 20<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 413 || !bytes.Contains(body, []byte("zu groß")) {
		t.Errorf("status %d, %v", res.StatusCode, err)
	}
}

func TestFormIsCleanedAndKept(t *testing.T) {
	t.Parallel()
	var name string
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		name = r.PostFormValue("name")
		return r.Problem(w, "probe/seite", &probePage{Page: ui.Page{Title: "Seite"}}, problem.Fields{{Path: "name", Key: "problem.required"}})
	})
	a := site.Post(t, "/offen/x", url.Values{"name": {"<b>\x00Ayla\xff\r\nDemirci"}}).WantStatus(t, 422)
	if name != "<b>Ayla\uFFFD\r\nDemirci" {
		t.Errorf("name %q", name)
	}
	if got := a.Attr("#f-name", "value"); !strings.HasPrefix(got, "<b>Ayla") {
		t.Errorf("value %q is not what was typed", got)
	}
	a.Want("title", "Fehler: Seite – Stadt Wiesenbrück (Demo)")
	a.Want(".error-list a[href='#f-name']", "Bitte füllen Sie")
	a.WantNone("b:not([class])")
	site.Do(t, badForm()).WantStatus(t, 400)
}

func badForm() *http.Request {
	r := httptest.NewRequest("POST", "/offen/x", strings.NewReader("a=%zz"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestNoticeIsShownOnce(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		r.Notice(w, "success", "problem.throttled", 1234)
		return r.Redirect(w, "/offen")
	})
	site.Post(t, "/offen/x", nil).WantStatus(t, 303)
	site.Get(t, "/offen").Want(".kern-alert--success", "Bitte warten Sie 1.234 Minuten")
	site.Get(t, "/offen").WantNone(".kern-alert")
	r := httptest.NewRequest("GET", "/offen", nil)
	r.AddCookie(&http.Cookie{Name: "meldung", Value: "Z2VmYWVsc2NodA"})
	site.Do(t, r).WantStatus(t, 200).WantNone(".kern-alert")
}

func TestRedirectStaysHere(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{"/amt": true, "/a?b=//c": true, "//boese.example": false, "https://boese.example": false,
		`/\boese.example`: false, "": false, "amt": false, "/a\r\nSet-Cookie: x": false} {
		if got := web.IsLocal(target); got != want {
			t.Errorf("IsLocal(%q) = %v", target, got)
		}
	}
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error { return r.Redirect(w, r.Next("/offen")) })
	for next, want := range map[string]string{"/mitarbeit": "/mitarbeit", "//boese.example": "/offen", "": "/offen"} {
		if got := site.Get(t, "/offen/x?weiter="+url.QueryEscape(next)).Location(); got != want {
			t.Errorf("weiter=%s leads to %q", next, got)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	site.Get(t, "/offen").Want("html[lang=de] .skip", "Zum Inhalt springen")
	site.Get(t, "/offen?sprache=xx").Want("html[lang=de] .skip", "Zum Inhalt")
	en := site.Get(t, "/offen?a=1&sprache=en")
	en.Want("html[lang=en] .skip", "Skip to content")
	if got := en.Attr("a[hreflang=de]", "href"); got != "/offen?a=1&sprache=de" {
		t.Errorf("link to German: %q", got)
	}
	site.Get(t, "/offen").Want("html[lang=en] .skip", "Skip to content")
	site.Get(t, "/offen?sprache=de-leicht").WantCount("html[lang=de-simple]", 1)
	site.Get(t, "/offen?sprache=de").WantCount("html[lang=de]", 1)
}

func TestSendFile(t *testing.T) {
	t.Parallel()
	file := web.File{Name: "../Übersicht\r\n\u202e\"x.pdf", MediaType: "application/pdf", Size: 4, Inline: true}
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		f := file
		f.Content = strings.NewReader("%PDF")
		return r.SendFile(w, f)
	})
	h := site.Get(t, "/offen/x").WantStatus(t, 200).Header
	if got, want := h.Get("Content-Disposition"), "inline; filename*=utf-8''%C3%9Cbersichtx.pdf"; got != want {
		t.Errorf("Content-Disposition %q, want %q", got, want)
	}
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
		t.Errorf("CSP %q", csp)
	}
	file.MediaType = "text/html"
	if got := site.Get(t, "/offen/x").Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("HTML from people is shown: %q", got)
	}
}

func TestAPIProblems(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(http.ResponseWriter, *web.Request) error {
		return problem.Fields{{Path: "hund.chip", Key: "problem.required"}}
	})
	site.Login = web.Login{Kind: web.PortalLogin, Actor: "portal:1"}
	a := site.Post(t, "/api/v1/dinge", nil)
	var got struct {
		Type   string
		Status int
		Errors []struct{ Path, Type string }
	}
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil {
		t.Fatal(err)
	}
	if a.Status != 422 || a.Header.Get("Content-Type") != "application/problem+json" || got.Status != 422 ||
		got.Type != "urn:rathaus:problem:fields" || len(got.Errors) != 1 || got.Errors[0].Path != "hund.chip" || got.Errors[0].Type != "urn:rathaus:problem:required" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	site.Login = web.Login{}
	if a := site.Post(t, "/api/v1/dinge", nil); a.Status != 401 || a.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("without key: %d %v", a.Status, a.Header)
	}
	for _, a := range []*webtest.Answer{site.Get(t, "/api/v1/dinge"), site.Get(t, "/api/v1/erfunden")} {
		if a.Status < 404 || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("wrong method or address: %d %v", a.Status, a.Header)
		}
	}
}

// What people do leaves no trace of who they are in the log.
func TestLogHasNoPersonalData(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	store := storagetest.New(t)
	keys, err := seal.New("test", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.NewServer(web.Config{DB: store.DB, Clock: store.Clock, Keys: keys, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		TownByHost: func(context.Context, string) (ui.Town, error) { return webtest.Town(), nil }}, probe(nothing))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/offen/KANARIE?KANARIE=KANARIE", strings.NewReader("KANARIE=KANARIE"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "sitzung=KANARIE")
	r.Header.Set("User-Agent", "KANARIE")
	r.RemoteAddr = "192.0.2.77:1"
	server.ServeHTTP(httptest.NewRecorder(), r)
	text := log.String()
	for _, bad := range []string{"KANARIE", "192.0.2.77"} {
		if strings.Contains(text, bad) {
			t.Errorf("the log contains %s: %s", bad, text)
		}
	}
	for _, want := range []string{`"route":"POST /offen/{name}"`, `"status":200`, `"mandant":"wiesenbrueck"`, `"incident":"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s: %s", want, text)
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	site := newSite(t, nothing)
	for _, r := range site.Server.Routes() {
		if r.Access == 0 {
			t.Errorf("%s %s has no access level", r.Method, r.Pattern)
		}
		examples, err := r.Examples(nil)
		if err != nil {
			t.Error(err)
		}
		if r.Method == "GET" && len(examples) == 0 {
			t.Errorf("%s %s has no example address", r.Method, r.Pattern)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a route without access level is accepted")
		}
	}()
	(&web.Mux{}).Handle("GET /x", 0, nothing)
}

func TestHeaderNamesWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	desk, open := probe(nothing), probe(nothing)
	desk.Desk, desk.AccountHref, desk.SignOut = true, "/amt/konto", "/amt/abmelden"
	open.SignOut = "/abmelden"
	site := webtest.New(t, storagetest.New(t), desk)
	site.Get(t, "/offen").WantNone("nav[aria-label=Konto]")
	site.Login = web.Login{Kind: web.StaffLogin, Actor: "staff:1", Name: "T. Okafor", For: "J. Petersen", Unit: "Ordnungsamt"}
	page := site.Get(t, "/offen")
	page.Want("nav[aria-label=Konto] a[href='/amt/konto']", "T. Okafor für J. Petersen, Ordnungsamt")
	page.Want("form[method=post][action='/amt/abmelden'] button", "Abmelden")
	page.WantCount("body.desk", 1)
	page.WantNone("a[hreflang]") // staff pages are German only
	site = webtest.New(t, storagetest.New(t), open)
	site.Get(t, "/offen").WantNone("nav[aria-label=Konto]")
	site.Login = web.Login{Kind: web.CitizenLogin, Actor: "citizen", Name: "mira.tannhof@post.example"}
	site.Get(t, "/offen").Want("nav[aria-label=Konto] span", "mira.tannhof@post.example")
	site.Login.Kind = web.StaffLogin
	site.Get(t, "/offen").WantNone("nav[aria-label=Konto]")
}

func TestNavMarksCurrent(t *testing.T) {
	t.Parallel()
	site := newSite(t, func(w http.ResponseWriter, r *web.Request) error {
		return r.Page(w, "probe/seite", &probePage{Page: ui.Page{Title: "Seite"}})
	})
	site.Get(t, "/offen").WantCount("nav a[aria-current=page][href='/offen']", 1)
	site.Get(t, "/offen/x").WantCount("nav a[aria-current=true][href='/offen']", 1)
	site.Get(t, "/gibt-es-nicht").WantCount("nav a[href='/offen']:not([aria-current])", 1)
}
