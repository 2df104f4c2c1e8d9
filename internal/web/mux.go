package web

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"rathaus/internal/storage"
)

// Handler answers one request. It returns an error instead of writing one; see the error table in errors.go.
type Handler func(w http.ResponseWriter, r *Request) error

// Access says who may call a route at all. What a person may see and do is checked in the modules.
type Access int

// The levels. There is no default: a route without one does not register.
const (
	// Public: everybody; a session is loaded if there is one.
	Public Access = iota + 1
	// Citizen: a citizen's session (number and code, or account); others are led to Config.CitizenLogin.
	Citizen
	// Staff: a session of staff; others are led to Config.StaffLogin.
	Staff
	// Admin: staff with administration rights; other staff get 404.
	Admin
	// API: another system with a key; errors are problem+json.
	API
)

var accessNames = [...]string{"", "public", "citizen", "staff", "admin", "api"}

func (a Access) String() string { return accessNames[a] }

// Section is the part of the site made for one audience.
type Section struct {
	// Name is the prefix of its page names: "portal" in "portal/start".
	Name string
	// Files holds the templates: start.html becomes page "portal/start", _hinweis.html the partial "portal/_hinweis".
	Files fs.FS
	// Pages has a filled example of each page struct, by template name without the prefix.
	Pages Pages
	// Partials has an example argument of each partial ("_hinweis": &Hinweis{…}) so that tests can check it alone; optional.
	Partials map[string]any
	// Routes registers the handlers.
	Routes func(*Mux)
	// Desk marks the dense look of staff pages; these are German only.
	Desk bool
	// Part and Home are shown beside the crest: a catalogue key and an address.
	Part, Home string
	// Nav lists the main menu. The entry of the current page is found by its address.
	Nav func(*Request) []NavEntry
	// AccountHref is the page of the own account, SignOut the address the sign-out button posts to; both may be empty.
	// The header shows whose session it is when Login.Name is set.
	AccountHref, SignOut string
}

// Pages maps a template name ("start") to a pointer to an example of its page struct.
type Pages map[string]any

// NavEntry is an entry of the main menu.
type NavEntry struct {
	Key   string // catalogue key of the label
	Href  string
	Count string // small, beside the label
}

// Mux collects the routes of all sections.
type Mux struct {
	mux     *http.ServeMux
	routes  []*Route
	section *Section
}

// Route is one method and pattern with its access and handler.
type Route struct {
	Method  string
	Pattern string // without the method: "/leistungen/{slug}"
	Access  Access
	Section string

	section     *Section
	handler     Handler
	examples    []string
	exampleFrom func(*storage.Tx) ([]string, error)
	maxBody     int64
	limit       *limit
}

// Handle registers a handler for "METHOD /pattern" as http.ServeMux understands it. It panics on a pattern without
// method, an unknown access level or a conflict: a mistake of the programmer, found by any test.
func (m *Mux) Handle(pattern string, access Access, h Handler) *Route {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || access < Public || access > API || h == nil {
		panic(fmt.Sprintf("web: route %q needs a method, an access level and a handler", pattern))
	}
	route := &Route{Method: method, Pattern: path, Access: access, Section: m.section.Name,
		section: m.section, handler: h, maxBody: defaultBody}
	m.routes = append(m.routes, route)
	m.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		e := w.(*exchange) // the server calls the mux with nothing else
		e.serveRoute(route, r)
	})
	return route
}

// Example gives addresses of this route that exist in the demo town; tests that walk all pages use them.
// A GET route without wildcards is its own example.
func (r *Route) Example(paths ...string) *Route {
	r.examples = append(r.examples, paths...)
	return r
}

// ExampleFrom finds example addresses in a town's store, for ids that are not known beforehand.
func (r *Route) ExampleFrom(f func(tx *storage.Tx) ([]string, error)) *Route {
	r.exampleFrom = f
	return r
}

// Body sets how many bytes a request may carry; the default is 1 MiB. Routes above the default are uploads and
// have 15 minutes instead of one.
func (r *Route) Body(limit int64) *Route {
	r.maxBody = limit
	return r
}

// Examples returns the addresses tests may call for this route on the store of tx; tx may be nil, then only the
// fixed ones.
func (r *Route) Examples(tx *storage.Tx) ([]string, error) {
	out := slices.Clone(r.examples)
	if r.exampleFrom != nil && tx != nil {
		found, err := r.exampleFrom(tx)
		if err != nil {
			return nil, fmt.Errorf("examples of %s %s: %w", r.Method, r.Pattern, err)
		}
		out = append(out, found...)
	}
	if len(out) == 0 && r.Method == http.MethodGet && !strings.Contains(r.Pattern, "{") {
		out = append(out, r.Pattern)
	}
	if len(out) == 0 && r.Method == http.MethodGet && strings.HasSuffix(r.Pattern, "/{$}") {
		out = append(out, strings.TrimSuffix(r.Pattern, "{$}"))
	}
	return out, nil
}

func sortRoutes(routes []*Route) []*Route {
	out := slices.Clone(routes)
	slices.SortFunc(out, func(a, b *Route) int {
		return cmp.Or(cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(a.Method, b.Method))
	})
	return out
}

// RouteEntry is a route as "rathaus routes -json" prints it, for tests that walk all pages.
type RouteEntry struct {
	Method   string   `json:"method"`
	Pattern  string   `json:"pattern"`
	Access   string   `json:"access"`
	Section  string   `json:"section"`
	Examples []string `json:"examples"`
}

// RouteTable lists all routes with example addresses; tx is a Read on the store of the town to find them in, or nil.
func (s *Server) RouteTable(tx *storage.Tx) ([]RouteEntry, error) {
	var out []RouteEntry
	for _, r := range s.Routes() {
		examples, err := r.Examples(tx)
		if err != nil {
			return nil, err
		}
		out = append(out, RouteEntry{r.Method, r.Pattern, r.Access.String(), r.Section, examples})
	}
	return out, nil
}
