package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/web/ui"
)

// Config is what the server needs from the rest of the program. Every field is required unless it says so.
type Config struct {
	DB    *storage.DB
	Clock clock.Clock
	IDs   id.Source
	Keys  *seal.Keys
	Log   *slog.Logger
	// TownByHost finds the town of a host name (lower case, without port): problem.NotFound for an unknown one.
	// It is called for every request and should answer from memory.
	TownByHost func(ctx context.Context, host string) (ui.Town, error)
	// Login loads the session of a request; nobody is the zero Login and no error. Optional.
	Login func(r *Request) (Login, error)
	// Ready says whether the server may get traffic; for /readyz. Optional.
	Ready func(ctx context.Context) error
	// TrustedProxies are the networks whose X-Forwarded-For, -Proto and -Host are believed.
	TrustedProxies []netip.Prefix
	// Secure tells that residents come by https whatever the connection looks like (base_url is https).
	Secure bool
	// Patience is how long a caller may take for the next piece of a request or answer; 0 means 30 seconds.
	Patience time.Duration
	// Version is shown to staff.
	Version string
	// StaffLogin and CitizenLogin are the sign-in pages; the defaults are /amt/anmelden and /vorgang.
	StaffLogin, CitizenLogin string
}

// Server answers all requests of all towns.
type Server struct {
	cfg     Config
	texts   *i18n.Catalogue
	mux     *Mux
	assets  *ui.Assets
	render  renderer
	cross   *http.CrossOriginProtection
	buffers sync.Pool
}

// NewServer parses the templates of all sections and registers their routes. An error names the template.
func NewServer(cfg Config, sections ...Section) (*Server, error) {
	texts, err := i18n.Load()
	if err != nil {
		return nil, fmt.Errorf("catalogues: %w", err)
	}
	if cfg.StaffLogin == "" {
		cfg.StaffLogin = "/amt/anmelden"
	}
	if cfg.CitizenLogin == "" {
		cfg.CitizenLogin = "/vorgang"
	}
	if cfg.Patience == 0 {
		cfg.Patience = patience
	}
	assets, err := ui.LoadAssets()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, texts: texts, assets: assets, cross: http.NewCrossOriginProtection(),
		mux: &Mux{mux: http.NewServeMux()}, buffers: newBuffers()}
	sections = append([]Section{ErrorSection()}, sections...)
	for i := range sections {
		s.mux.section = &sections[i]
		if sections[i].Routes != nil {
			sections[i].Routes(s.mux)
		}
	}
	s.render = renderer{texts: texts, sections: sections}
	if _, err := s.render.set(i18n.De); err != nil {
		return nil, err
	}
	return s, nil
}

// Routes lists all routes, sorted by pattern.
func (s *Server) Routes() []*Route { return sortRoutes(s.mux.routes) }

// ServeHTTP answers one request and logs it: without address, query or path, which may tell about persons.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	started := s.cfg.Clock.Now()
	req := &Request{Request: hr, Lang: i18n.De, ID: id.Grouped(s.cfg.IDs.Number(10), 5), srv: s}
	e := &exchange{ResponseWriter: w, srv: s, req: req}
	req.Addr, req.Secure = s.origin(hr)
	e.begin(hr)
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.cfg.Log.Error("panic", "incident", req.ID, "value", panicText(v), "stack", string(debug.Stack()))
			e.fail(errPanic)
		}
		s.logAnswer(e, started)
	}()
	s.route(e, hr)
}

// panicText tells what went wrong without values, which may be personal: a run-time error has none.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}

var errPanic = errors.New("panic, see the log record of the same incident")

// route answers what belongs to no town, then finds the town, then calls the mux.
func (s *Server) route(e *exchange, hr *http.Request) {
	switch path := hr.URL.Path; {
	case path == "/healthz":
		s.healthz(e)
		return
	case path == "/readyz":
		s.readyz(e, hr)
		return
	case strings.HasPrefix(path, assetPrefix):
		e.pattern = assetPrefix
		s.assets.ServeHTTP(e, hr)
		return
	}
	town, err := s.cfg.TownByHost(hr.Context(), hostName(hr.Host))
	if err != nil && !(errors.Is(err, problem.NotFound) && strings.HasPrefix(hr.URL.Path, themePrefix)) {
		if errors.Is(err, problem.NotFound) {
			err = &Error{Status: http.StatusNotFound, Key: "problem.unknown_host"}
		}
		e.fail(err)
		return
	}
	e.req.Town = town
	if strings.HasPrefix(hr.URL.Path, themePrefix) {
		s.theme(e, hr)
		return
	}
	if town.Closed != "" {
		e.fail(&Error{Status: http.StatusServiceUnavailable, Key: town.Closed, RetryAfter: time.Minute})
		return
	}
	s.dispatch(e, hr)
}

// dispatch hands over to the route table; what matches no route gets our own pages instead of the mux's plain text.
func (s *Server) dispatch(e *exchange, hr *http.Request) {
	if !cleanPath(hr.URL.Path) {
		e.fail(problem.NotFound)
		return
	}
	if h, pattern := s.mux.mux.Handler(hr); pattern == "" {
		probe := &probeWriter{header: http.Header{}}
		h.ServeHTTP(probe, hr)
		if probe.status == http.StatusMethodNotAllowed {
			e.allow = probe.header.Get("Allow")
			e.fail(&Error{Status: http.StatusMethodNotAllowed, Key: "problem.method"})
			return
		}
		e.fail(problem.NotFound)
		return
	}
	s.mux.mux.ServeHTTP(e, hr)
}

func (s *Server) logAnswer(e *exchange, started time.Time) {
	level := slog.LevelInfo
	if e.status == 0 {
		e.status = http.StatusOK // the handler wrote nothing
	}
	args := []any{"incident", e.req.ID, "mandant", e.req.Town.Key, "method", e.req.Method, "route", e.pattern,
		"status", e.status, "bytes", e.written, "ms", s.cfg.Clock.Now().Sub(started).Milliseconds()}
	switch {
	case e.err != nil && e.status >= http.StatusInternalServerError:
		level = slog.LevelError
		args = append(args, "err", e.err.Error())
	case e.err != nil && e.status != statusGone:
		args = append(args, "problem", classify(e.err).Key) // the error itself may quote what was typed
	}
	s.cfg.Log.Log(context.WithoutCancel(e.req.Context()), level, "request", args...)
}
