package portal

import (
	"time"

	"rathaus/internal/formular"
	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

// formRoutes are the pages of an application before it is sent.
func (h handlers) formRoutes(m *web.Mux) {
	m.Handle("GET /antrag/weiter", web.Public, h.showResume)
	m.Handle("POST /antrag/weiter", web.Public, h.resume).Limit(10, time.Minute)
	m.Handle("GET /antrag/{slug}", web.Public, h.showBegin).ExampleFrom(h.beginPages)
	m.Handle("GET /antrag/{slug}/merken", web.Public, h.showLater)
	m.Handle("GET /antrag/{slug}/verwerfen", web.Public, h.showDiscard)
	m.Handle("POST /antrag/{slug}/verwerfen", web.Public, h.discard)
	m.Handle("GET /antrag/{slug}/pruefen", web.Public, h.showCheck)
	m.Handle("POST /antrag/{slug}/pruefen", web.Public, h.send).Limit(20, 10*time.Second)
	m.Handle("GET /antrag/{slug}/gesendet", web.Citizen, h.showSent)
	m.Handle("GET /antrag/{slug}/{abschnitt}", web.Public, h.showFill).ExampleFrom(func(tx *storage.Tx) ([]string, error) { return h.firstPages(tx) })
	m.Handle("POST /antrag/{slug}/{abschnitt}", web.Public, h.fill).Body(formpage.MaxPost).Limit(100, time.Second)
}

// formPages are examples of the pages above.
func formPages() web.Pages {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	way := ui.Steps{Label: "Abschnitte", Title: "Hund anmelden", Now: "Schritt 2 von 3: Hund", List: []ui.Step{
		{Number: 1, Link: ui.Link{Text: "Person", Href: "/antrag/hundesteuer-anmelden/person", Lang: "de"}, State: ui.Done, Note: "erledigt"},
		{Number: 2, Link: ui.Link{Text: "Hund", Lang: "de"}, State: ui.Now, Note: "in Arbeit"}, {Number: 3, Link: ui.Link{Text: "Prüfen und absenden"}}}}
	problems := []ui.Problem{{Path: "hund.chip", Text: "Chipnummer: Bitte alle 15 Ziffern eingeben."}}
	return web.Pages{
		"antrag_beginnen": &beginPage{Slug: "hundesteuer-anmelden", Name: "Hund anmelden", Lang: "de", Foreign: "de", Intro: []string{"Text"}, Start: "/antrag/hundesteuer-anmelden/person",
			Form: formular.Definition{Minutes: 5, Needs: []string{"Chipnummer"}, Source: &formular.Source{Test: true, Format: "XDatenfelder 3.0", ID: "S1", Version: "1.0"}},
			Fee:  leistung.Fact{Value: "keine", Note: "Steuer nach Satzung"}, Privacy: privacyNotice{Controller: "Stadt Wiesenbrück"},
			Draft: &offeredDraft{Href: "/antrag/hundesteuer-anmelden/hund", Changed: at, Expires: at}},
		"antrag_seite": &fillPage{Page: ui.Page{Problems: problems}, Slug: "hundesteuer-anmelden", Steps: way, Step: "Schritt 2 von 3", Heading: "Ihr Hund", Foreign: "de", Intro: []string{"Text"}, Help: "Darum.", Test: true},
		"antrag_pruefen": &checkPage{Page: ui.Page{Problems: problems}, Slug: "hundesteuer-anmelden", Steps: way, Step: "Schritt 3 von 3", Foreign: "de", Test: true, Groups: exampleGroups(),
			Fee: &formular.GebuehrView{Cents: 1600, Label: "Steuer", Text: "2 von 12 Monaten", Law: "§ 4 Hundesteuersatzung"}, OpenFee: []string{"Aufnahme"},
			Declarations: []ui.Field{{ID: "f-erklaerung-0", Name: "erklaerung.0", Label: "Richtig.", Value: "ja", Error: "Bitte bestätigen."}}, Consent: &ui.Field{ID: "f-abruf", Name: "abruf", Label: "Abruf"},
			Unit: "Steueramt", Submit: "Hund verbindlich anmelden", Wrong: []ui.Link{{Text: "Chip", Href: "/antrag/hundesteuer-anmelden/hund"}, {Text: "Allgemein"}}},
		"antrag_gesendet": &sentPage{Service: "Hund anmelden", Lang: "de", Number: "WB-7K4M-92QX", Zeichen: "22.30-2026/00001-1", Code: "0000-0000", Unit: "Steueramt", Mail: true,
			Copy: &ui.FileItem{Link: ui.Link{Text: "Antrag: Hund anmelden", Href: "/vorgang/WB-7K4M-92QX/dokument/1"}, Type: "PDF", Note: "84 kB"}},
		"antrag_weiter":    &resumePage{},
		"antrag_merken":    &laterPage{Slug: "hundesteuer-anmelden", Name: "Hund anmelden", Lang: "de", Code: "0000-0000", Expires: at, Continue: "/antrag/hundesteuer-anmelden/hund"},
		"antrag_verwerfen": &discardPage{Slug: "hundesteuer-anmelden", Name: "Hund anmelden", Lang: "de"},
	}
}

func exampleGroups() []formpage.Group {
	return []formpage.Group{{ID: "a-hund", Title: "Hund", Change: "/antrag/hundesteuer-anmelden/hund", Parts: []formpage.Part{{Title: "Hund 1", Rows: []formpage.Row{
		{Name: "Rufname", Value: "Fenja"}, {Name: "Chipnummer", Missing: true}, {Name: "Nachweis", Later: true}, {Name: "Foto", Files: []ui.Link{{Text: "ausweis.jpg (1,4 MB)"}}}}}}}}
}
