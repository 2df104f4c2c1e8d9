// Package portal is everything residents and businesses see: services, applications, their state, legal pages.
package portal

import (
	"embed"

	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

//go:embed *.html
var templates embed.FS

// Config is what the pages need besides the request.
type Config struct {
	// Services searches the catalogue.
	Services *leistung.Finder
}

// Section is the table of contents of the portal.
func Section(cfg Config) web.Section {
	return web.Section{
		Name: "portal", Files: templates, Home: "/", Part: "ui.part",
		Pages: web.Pages{
			"start":      exampleStart(),
			"leistungen": exampleLeistungen(),
			"leistung":   exampleLeistung(),
			"lebenslage": exampleLebenslage(),
			"suche":      exampleSuche(),
		},
		Partials: map[string]any{"_lage_icon": "tiere-garten", "_scene": "bruecke", "_rows": exampleRows(), "_search": searchBox{Query: "Hund"}},
		Nav: func(*web.Request) []web.NavEntry {
			return []web.NavEntry{
				{Key: "portal.nav_services", Href: "/leistungen"},
				{Key: "portal.nav_cases", Href: "/vorgang"},
			}
		},
		Routes: func(m *web.Mux) {
			h := handlers{cfg}
			// Services: start.go, leistungen.go, leistung.go, lebenslage.go, suche.go
			m.Handle("GET /{$}", web.Public, h.showStart)
			m.Handle("GET /leistungen", web.Public, h.showLeistungen)
			m.Handle("GET /leistungen/{slug}", web.Public, h.showLeistung).
				Example("/leistungen/hundesteuer-anmelden", "/leistungen/personalausweis", "/leistungen/bauantrag").ExampleFrom(everyLeistung)
			m.Handle("GET /lebenslagen/{key}", web.Public, h.showLebenslage).ExampleFrom(everyLebenslage)
			m.Handle("GET /suche", web.Public, h.showSuche).Example("/suche", "/suche?q=Hund+anmelden", "/suche?q=xyzzy")
		},
	}
}

// handlers carries the configuration to the pages.
type handlers struct{ Config }

func everyLeistung(tx *storage.Tx) ([]string, error) {
	items, err := leistung.Titles(tx, "de")
	paths := make([]string, len(items))
	for i, item := range items {
		paths[i] = "/leistungen/" + item.Slug
	}
	return paths, err
}

func everyLebenslage(*storage.Tx) ([]string, error) {
	var paths []string
	for _, l := range leistung.Lebenslagen() {
		paths = append(paths, "/lebenslagen/"+l.Key)
	}
	return paths, nil
}
