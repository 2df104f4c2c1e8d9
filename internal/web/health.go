package web

import (
	"net/http"
	"strings"

	"rathaus/internal/web/ui"
)

const (
	assetPrefix = ui.AssetPrefix
	themePrefix = "/thema/"
)

// healthz says that the process answers, whatever its databases do.
func (s *Server) healthz(e *exchange) {
	e.pattern = "GET /healthz"
	_ = writeBody(e, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}

// readyz says whether requests can be served now.
func (s *Server) readyz(e *exchange, hr *http.Request) {
	e.pattern = "GET /readyz"
	if s.cfg.Ready != nil {
		if err := s.cfg.Ready(hr.Context()); err != nil {
			e.err = err
			e.Header().Set("Retry-After", "10")
			_ = writeBody(e, http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("not ready\n"))
			return
		}
	}
	_ = writeBody(e, http.StatusOK, "text/plain; charset=utf-8", []byte("ready\n"))
}

// theme answers with style sheet or icon of the town; pages without a town use the default theme.
func (s *Server) theme(e *exchange, hr *http.Request) {
	e.pattern = "GET " + themePrefix
	name := strings.TrimPrefix(hr.URL.Path, themePrefix)
	for _, t := range []ui.Theme{e.req.Town.Theme, {}} {
		switch name {
		case t.Hash() + ".css":
			e.forever()
			_ = writeBody(e, http.StatusOK, "text/css; charset=utf-8", []byte(t.CSS()))
			return
		case t.Hash() + ".svg":
			e.forever()
			_ = writeBody(e, http.StatusOK, "image/svg+xml", []byte(t.Icon()))
			return
		}
	}
	http.Error(e, "404", http.StatusNotFound)
}

// forever: the address contains a hash of the content.
func (e *exchange) forever() {
	e.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
}
