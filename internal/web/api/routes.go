// Package api lets other portals see the services and file applications: JSON in and out, problems as RFC 9457,
// described in openapi.yaml. /api/v1 only grows.
package api

import (
	_ "embed"
	"errors"
	"net/http"

	"rathaus/internal/antrag"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// Config is what the API needs besides the request.
type Config struct {
	Office *antrag.Office
	Gate   *konto.Gate
}

// maxBody bounds a whole submission, before anything of it is read.
const maxBody = 64 << 20

// Section is the table of contents of the API.
func Section(cfg Config) web.Section {
	return web.Section{Name: "api", Routes: func(m *web.Mux) {
		h := handlers{cfg}
		m.Handle("POST /api/v1/antraege", web.API, h.submit).Body(maxBody)
		m.Handle("GET /api/v1/leistungen", web.API, h.listLeistungen)
		m.Handle("GET /api/v1/leistungen/{slug}/formular", web.API, h.showFormular).ExampleFrom(everyForm)
		m.Handle("GET /api/v1/openapi.yaml", web.API, showDescription)
	}}
}

type handlers struct{ Config }

// Login knows a portal by its key ("Authorization: Bearer …"). Reading what is public anyway needs none; a key that is given
// must be right.
func Login(r *web.Request) (web.Login, error) {
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return web.Login{Kind: web.PortalLogin, Actor: konto.CitizenActor}, nil
		}
		return web.Login{}, nil
	}
	var key konto.APIKey
	err := r.Read(func(tx *storage.Tx) (err error) { key, err = konto.ByAPIKey(tx, authorization); return err })
	if errors.Is(err, problem.Forbidden) {
		return web.Login{}, nil
	}
	if err != nil {
		return web.Login{}, err
	}
	return web.Login{Kind: web.PortalLogin, Actor: konto.PortalActor(key.ID), SessionID: key.ID, Name: key.Name}, nil
}

//go:embed openapi.yaml
var description []byte

// Description is the OpenAPI document.
func Description() []byte { return description }

func showDescription(w http.ResponseWriter, r *web.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(description)
	return err
}

func everyForm(tx *storage.Tx) ([]string, error) {
	all, err := onlineServices(tx)
	paths := make([]string, 0, len(all))
	for _, l := range all {
		paths = append(paths, "/api/v1/leistungen/"+l.Slug+"/formular")
	}
	return paths, err
}

func onlineServices(tx *storage.Tx) ([]leistung.Leistung, error) {
	slugs, err := online(tx)
	if err != nil {
		return nil, err
	}
	out := make([]leistung.Leistung, 0, len(slugs))
	for _, slug := range slugs {
		l, err := leistung.Get(tx, slug)
		if err != nil {
			return nil, err
		}
		if !l.Hidden {
			out = append(out, l)
		}
	}
	return out, nil
}
