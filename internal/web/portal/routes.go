// Package portal is everything residents and businesses see: services, applications, their state, legal pages.
package portal

import (
	"embed"
	"maps"

	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

//go:embed *.html
var templates embed.FS

// Config is what the pages need besides the request.
type Config struct {
	// Services searches the catalogue.
	Services *leistung.Finder
	// Blobs keeps what residents send.
	Blobs *blob.Store
	// Office takes applications and opens them to their applicants; Gate slows down guessing of codes.
	Office *antrag.Office
	Gate   *konto.Gate
}

// Section is the table of contents of the portal.
func Section(cfg Config) web.Section {
	pages := web.Pages{
		"start":      exampleStart(),
		"leistungen": exampleLeistungen(),
		"leistung":   exampleLeistung(),
		"lebenslage": exampleLebenslage(),
		"suche":      exampleSuche(),
	}
	maps.Copy(pages, generalPages())
	maps.Copy(pages, casePages())
	maps.Copy(pages, formPages())
	return web.Section{
		Name: "portal", Files: templates, Home: "/", Part: "ui.part",
		Pages: pages,
		Partials: map[string]any{"_lage_icon": "tiere-garten", "_scene": "bruecke", "_rows": exampleRows(), "_search": searchBox{Query: "Hund"}, "_antrag_angaben": exampleGroups()[0], "_vorgang_ergebnis": exampleCase(), "_vorgang_datei": ui.Field{ID: "f-datei", Name: "datei", Label: "Unterlagen", Error: "Fehler", Accept: ".pdf"},
			"_art13": privacyNotice{Controller: "Stadt Wiesenbrück, Steueramt", Officer: "datenschutz@wiesenbrueck.example", Basis: []string{"§ 2 Satzung", "KAG"}}},
		Nav: func(*web.Request) []web.NavEntry {
			return []web.NavEntry{
				{Key: "portal.nav_services", Href: "/leistungen"},
				{Key: "portal.nav_cases", Href: "/vorgang"},
			}
		},
		Routes: func(m *web.Mux) {
			h := handlers{Config: cfg, printer: formpage.NewPrinter()}
			// Services: start.go, leistungen.go, leistung.go, lebenslage.go, suche.go
			m.Handle("GET /{$}", web.Public, h.showStart)
			m.Handle("GET /leistungen", web.Public, h.showLeistungen)
			m.Handle("GET /leistungen/{slug}", web.Public, h.showLeistung).
				Example("/leistungen/hundesteuer-anmelden", "/leistungen/personalausweis", "/leistungen/bauantrag").ExampleFrom(everyLeistung)
			m.Handle("GET /lebenslagen/{key}", web.Public, h.showLebenslage).ExampleFrom(everyLebenslage)
			m.Handle("GET /suche", web.Public, h.showSuche).Example("/suche", "/suche?q=Hund+anmelden", "/suche?q=xyzzy")
			// Applications before they are sent: antrag_routes.go
			h.formRoutes(m)
			// An applicant's case, sign-in: vorgang_oeffnen.go
			h.caseRoutes(m)
			// Legal pages, accessibility, help: allgemein.go
			h.generalRoutes(m)
		},
	}
}

// handlers carries the configuration to the pages.
type handlers struct {
	Config
	printer *formpage.Printer
}

func everyLeistung(tx *storage.Tx) ([]string, error) {
	items, err := leistung.Titles(tx, "de")
	if err != nil {
		return nil, err
	}
	slugs := make([]string, len(items))
	for i, item := range items {
		slugs[i] = item.Slug
	}
	items, err = leistung.Items(tx, "de", slugs) // without the hidden ones
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
