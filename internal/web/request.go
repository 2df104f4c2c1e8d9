package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"rathaus/internal/i18n"
	"rathaus/internal/storage"
	"rathaus/internal/web/ui"
)

// Request is an HTTP request of one town, with everything the middleware found out about it.
type Request struct {
	*http.Request
	// Town is the Mandant of the host name, as pages show it. Town.Key names its store.
	Town ui.Town
	Lang i18n.Lang
	// Login is who is signed in; its zero value is nobody.
	Login Login
	// Addr is the caller's address behind trusted proxies; for throttling only, it must not be stored or logged.
	Addr netip.Addr
	// Secure tells whether the caller used https.
	Secure bool
	// ID is the incident number, unique to the request.
	ID string
	// Route is the entry of the route table that answers; nil on pages without one (404).
	Route *Route

	srv *Server
}

// LoginKind tells sessions apart.
type LoginKind int

// The kinds of sessions.
const (
	Nobody LoginKind = iota
	CitizenLogin
	StaffLogin
	PortalLogin // another system with an API key
)

// Login is a session, loaded once per request by Config.Login.
type Login struct {
	Kind LoginKind
	// Actor and OnBehalfOf go into the storage scope: "staff:UUID", "citizen:…", "portal:KEYID".
	Actor, OnBehalfOf string
	// SessionID is the session's id for listing and ending, never the secret of the cookie.
	SessionID string
	// Name and Unit are shown in the header; For names the person represented.
	Name, Unit, For string
	// Admin opens routes with access Admin.
	Admin bool
	// Confined is the only page this session may use (second factor, new password), with everything below it.
	Confined string
	// Antraege are the ids of the applications a citizen's session has opened with number and code.
	Antraege []string
	// Account is the id of the citizen's account, or empty.
	Account string
	// Level is the level of trust of a citizen's login.
	Level string
}

// Scope is whose store the request works on and who acts.
func (r *Request) Scope() storage.Scope {
	actor := r.Login.Actor
	if actor == "" {
		actor = "citizen"
	}
	return storage.Scope{Mandant: r.Town.Key, Actor: actor, OnBehalfOf: r.Login.OnBehalfOf}
}

// Read runs fn in a read-only transaction on the town's store. fn may run twice: it assigns results, never appends.
func (r *Request) Read(fn func(tx *storage.Tx) error) error {
	return r.srv.cfg.DB.Read(r.Context(), r.Scope(), fn)
}

// Write runs fn in a transaction on the town's store; nil means durable. fn may run twice and has no effect outside tx.
func (r *Request) Write(fn func(tx *storage.Tx) error) error {
	return r.srv.cfg.DB.Write(r.Context(), r.Scope(), fn)
}

// T is the catalogue text in the language of the request.
func (r *Request) T(key string, args ...any) string { return r.srv.texts.T(r.Lang, key, args...) }

// N is the catalogue text for a count.
func (r *Request) N(key string, n int, args ...any) string {
	return r.srv.texts.N(r.Lang, key, n, args...)
}

// Now is the current instant.
func (r *Request) Now() time.Time { return r.srv.cfg.Clock.Now() }

// Log writes structured records that carry the incident number. Never log what a person typed, names or addresses.
func (r *Request) Log() *slog.Logger {
	return r.srv.cfg.Log.With("incident", r.ID, "mandant", r.Town.Key)
}

// Page renders the template with status 200. page is a pointer to the struct registered under this name.
func (r *Request) Page(w http.ResponseWriter, name string, page ui.Based) error {
	return r.render(w, http.StatusOK, name, page)
}

// PageStatus is Page with another status.
func (r *Request) PageStatus(w http.ResponseWriter, status int, name string, page ui.Based) error {
	return r.render(w, status, name, page)
}
