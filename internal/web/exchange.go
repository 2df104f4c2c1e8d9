package web

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rathaus/internal/i18n"
)

// Limits of one request.
const (
	defaultBody = 1 << 20
	// patience is the default of Config.Patience.
	patience = 30 * time.Second
	// piece is what must arrive within one patience; slower callers are cut.
	piece = 16 << 10
	// drainLimit bounds what is read and thrown away so that a browser still sending gets to read our answer.
	drainLimit = 256 << 20
	pageTime   = time.Minute
	uploadTime = 15 * time.Minute
)

// exchange is one request being answered. It is the http.ResponseWriter of handlers.
type exchange struct {
	http.ResponseWriter
	srv     *Server
	req     *Request
	body    *progressBody
	pattern string
	allow   string
	status  int
	written int64
	err     error
}

// begin sets the headers every answer carries and bounds the request body.
func (e *exchange) begin(hr *http.Request) {
	control := http.NewResponseController(e.ResponseWriter)
	e.body = &progressBody{rest: hr.Body, limit: defaultBody, patience: e.srv.cfg.Patience, extend: func(t time.Time) {
		_ = control.SetReadDeadline(t) // not every ResponseWriter has deadlines, httptest's has none
	}}
	hr.Body = e.body
	if hr.ContentLength != 0 { // also for a body no handler reads
		e.body.extend(deadline(e.srv.cfg.Patience))
	}
	e.resetHeaders()
}

// resetHeaders drops what a failing handler had set and starts with the security headers again. Cookies stay.
func (e *exchange) resetHeaders() {
	h := e.Header()
	cookies := h["Set-Cookie"]
	clear(h)
	if len(cookies) > 0 {
		h["Set-Cookie"] = cookies
	}
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", e.req.ID)
	if e.req.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	if e.allow != "" {
		h.Set("Allow", e.allow)
	}
}

// contentSecurityPolicy allows our own style sheets, fonts and images and nothing else. img-src has data: because
// the icons of KERN's style sheet are data addresses.
const contentSecurityPolicy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'none'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// serveRoute runs checks and handler of a matched route. hr is the request with the path values of the mux.
func (e *exchange) serveRoute(route *Route, hr *http.Request) {
	e.pattern = route.Method + " " + route.Pattern
	e.req.Route = route
	e.body.limit = route.maxBody
	ctx, cancel := context.WithTimeout(hr.Context(), timeout(route))
	defer cancel()
	e.req.Request = hr.WithContext(ctx)
	if err := e.handle(route); err != nil {
		e.fail(err)
	}
}

func timeout(route *Route) time.Duration {
	if route.maxBody > defaultBody {
		return uploadTime
	}
	return pageTime
}

func (e *exchange) handle(route *Route) error {
	r := e.req
	if err := e.srv.cross.Check(r.Request); err != nil {
		return &Error{Status: http.StatusForbidden, Key: "problem.cross_origin", Cause: err}
	}
	if wait := route.limit.wait(r.Now(), r.Town.Key, r.Addr); wait > 0 {
		return Throttled(wait)
	}
	if r.ContentLength > route.maxBody {
		return &http.MaxBytesError{Limit: route.maxBody}
	}
	if !route.section.Desk {
		e.chooseLang()
	}
	if err := e.parse(); err != nil {
		return err
	}
	if e.srv.cfg.Login != nil {
		login, err := e.srv.cfg.Login(r)
		if err != nil {
			return fmt.Errorf("load session: %w", err)
		}
		r.Login = login
	}
	if done, err := e.admit(route); done || err != nil {
		return err
	}
	if route.Access == Public && r.Login.Kind == Nobody {
		e.Header().Set("Cache-Control", "no-cache")
	}
	return route.handler(e, r)
}

// chooseLang takes ?sprache=en, which is remembered until the browser closes, else the remembered language.
func (e *exchange) chooseLang() {
	r := e.req
	if lang, ok := i18n.ParseLang(r.URL.Query().Get(langParam)); ok && r.URL.Query().Has(langParam) {
		r.Lang = lang
		r.SetCookie(e, langParam, string(lang), 0)
		return
	}
	if lang, ok := i18n.ParseLang(r.CookieValue(langParam)); ok {
		r.Lang = lang
	}
}

const langParam = "sprache"

// parse reads a plain form and cleans what was typed; uploads are read by their handler.
func (e *exchange) parse() error {
	r := e.req
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType == "multipart/form-data" || r.Route.Access == API {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		if a := classify(err); a.Status != http.StatusInternalServerError {
			return err
		}
		return BadRequest(err)
	}
	cleanValues(r.Form)
	cleanValues(r.PostForm)
	return nil
}

// admit holds the access level; done means it has answered itself.
func (e *exchange) admit(route *Route) (done bool, err error) {
	r := e.req
	if c := r.Login.Confined; c != "" && r.Login.Kind == StaffLogin && route.Access != Public &&
		r.URL.Path != c && !strings.HasPrefix(r.URL.Path, c+"/") {
		return true, r.Redirect(e, c)
	}
	switch route.Access {
	case Citizen:
		if r.Login.Kind != CitizenLogin {
			return true, e.askLogin(e.srv.cfg.CitizenLogin)
		}
	case Staff, Admin:
		if r.Login.Kind != StaffLogin {
			return true, e.askLogin(e.srv.cfg.StaffLogin)
		}
		if route.Access == Admin && !r.Login.Admin {
			return true, &Error{Status: http.StatusNotFound, Key: "problem.not_found"}
		}
	case API:
		if r.Login.Kind != PortalLogin {
			return true, &Error{Status: http.StatusUnauthorized, Key: "problem.api_key"}
		}
	}
	return false, nil
}

// askLogin leads to the sign-in page and back to where a GET wanted to go.
func (e *exchange) askLogin(page string) error {
	target := page
	if e.req.Method == http.MethodGet {
		target += "?" + nextParam + "=" + queryEscape(e.req.URL.RequestURI())
	}
	return e.req.Redirect(e, target)
}

// drain reads the rest of a request that is refused, so that the sender gets to read the answer.
func (e *exchange) drain() {
	if e.body == nil || e.req.Header.Get("Expect") != "" {
		return
	}
	e.body.limit = 1 << 62
	_, _ = io.CopyN(io.Discard, e.body, drainLimit)
}

// WriteHeader notes the status and gives the caller the usual patience for reading it.
func (e *exchange) WriteHeader(status int) {
	if e.status == 0 {
		e.status = status
		e.extendWrite()
	}
	e.ResponseWriter.WriteHeader(status)
}

// Write gives every piece its own deadline: a large file may take long, a stalled reader may not.
func (e *exchange) Write(p []byte) (int, error) {
	if e.status == 0 {
		e.WriteHeader(http.StatusOK)
	}
	e.extendWrite()
	n, err := e.ResponseWriter.Write(p)
	e.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (e *exchange) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func (e *exchange) extendWrite() {
	// The wall clock of the connection, not the program's.
	_ = http.NewResponseController(e.ResponseWriter).SetWriteDeadline(deadline(e.srv.cfg.Patience))
}

// cleanPath refuses paths no page has: broken UTF-8 and control characters, which a database may choke on.
func cleanPath(p string) bool {
	return utf8.ValidString(p) && !strings.ContainsFunc(p, unicode.IsControl)
}

// probeWriter catches what the mux would say about a path it does not know.
type probeWriter struct {
	header http.Header
	status int
}

func (p *probeWriter) Header() http.Header         { return p.header }
func (p *probeWriter) WriteHeader(status int)      { p.status = status }
func (p *probeWriter) Write(b []byte) (int, error) { return len(b), nil }
