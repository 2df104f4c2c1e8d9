// Package amt holds the pages clerks work on, below /amt/: inbox, Vorgang, Bescheid, post, records, search.
package amt

import (
	"embed"
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
)

//go:embed *.html
var templates embed.FS

// handlers holds what pages need beside the store.
type handlers struct {
	office  *antrag.Office
	printer *formpage.Printer
	counts  *akte.Counter
}

// Section is the clerks' part of the site.
func Section(office *antrag.Office) web.Section {
	h := handlers{office: office, printer: formpage.NewPrinter(), counts: akte.NewCounter()}
	return web.Section{
		Name: "amt", Files: templates, Pages: examples(), Partials: partials(), Routes: h.routes, Desk: true,
		Part: "ui.part_desk", Home: "/amt/", AccountHref: "/amt/konto", SignOut: "/amt/abmelden",
		Nav: func(r *web.Request) []web.NavEntry {
			entries := []web.NavEntry{{Key: "amt.inbox", Href: "/amt/"}, {Key: "amt.akten", Href: "/amt/akten"}, {Key: "amt.post", Href: "/amt/post"}}
			if r.Login.Admin {
				entries = append(entries, web.NavEntry{Key: "verwaltung.nav_admin", Href: "/verwaltung"})
			}
			return entries
		},
	}
}

// routes is the table of contents of the desk.
func (h handlers) routes(m *web.Mux) {
	m.Handle("GET /amt", web.Staff, func(w http.ResponseWriter, r *web.Request) error { return r.Redirect(w, "/amt/") })
	m.Handle("GET /amt/{$}", web.Staff, h.showInbox)
	m.Handle("GET /amt/suche", web.Staff, showSearch)
	m.Handle("GET /amt/akten", web.Staff, showAkten)
	m.Handle("GET /amt/akte/{id}", web.Staff, showAkte).ExampleFrom(firstOf(`select id from akte order by sortierung, id limit 1`, "/amt/akte/"))
	m.Handle("GET /amt/dokument/{id}", web.Staff, h.openDokument).ExampleFrom(firstOf(`select id from dokument order by id limit 1`, "/amt/dokument/"))

	m.Handle("GET /amt/vorgang/{id}", web.Staff, showVorgang).ExampleFrom(firstVorgang(""))
	m.Handle("GET /amt/vorgang/{id}/verlauf", web.Staff, showHistory).ExampleFrom(firstVorgang("/verlauf"))
	m.Handle("GET /amt/vorgang/{id}/angaben", web.Staff, h.showAnswers).ExampleFrom(firstVorgang("/angaben"))
	m.Handle("GET /amt/vorgang/{id}/nachrichten", web.Staff, showMessages).ExampleFrom(firstVorgang("/nachrichten"))
	m.Handle("POST /amt/vorgang/{id}/nachrichten", web.Staff, sendMessage)
	m.Handle("GET /amt/vorgang/{id}/dokument", web.Staff, showUpload).ExampleFrom(firstVorgang("/dokument"))
	m.Handle("POST /amt/vorgang/{id}/dokument", web.Staff, h.upload).Body(maxDokument + 1<<20)
	m.Handle("GET /amt/vorgang/{id}/schritt/{schritt}", web.Staff, showStep).ExampleFrom(firstStep)
	m.Handle("POST /amt/vorgang/{id}/schritt/{schritt}", web.Staff, answerStep)
	m.Handle("POST /amt/vorgang/{id}/schritt/{schritt}/zurueck", web.Staff, withdrawStep)
	m.Handle("POST /amt/vorgang/{id}/wiedervorlage/{wv}/erledigt", web.Staff, settleWiedervorlage)
	m.Handle("GET /amt/vorgang/{id}/entscheiden", web.Staff, showDecide).ExampleFrom(firstVorgang("/entscheiden"))
	m.Handle("POST /amt/vorgang/{id}/entscheiden", web.Staff, decide)
	for _, a := range append(acts(), antragActs()...) {
		if a.fields != nil {
			m.Handle("GET /amt/vorgang/{id}/"+a.name, web.Staff, a.show).ExampleFrom(firstVorgang("/" + a.name))
		}
		m.Handle("POST /amt/vorgang/{id}/"+a.name, web.Staff, a.post)
	}

	m.Handle("GET /amt/bescheid/{id}", web.Staff, showBescheid).ExampleFrom(firstOf(`select id from bescheid order by id limit 1`, "/amt/bescheid/"))
	m.Handle("POST /amt/bescheid/{id}", web.Staff, saveDraft)
	m.Handle("GET /amt/bescheid/{id}/vorschau", web.Staff, h.previewBescheid).ExampleFrom(firstDraftPreview)
	m.Handle("POST /amt/bescheid/{id}/mitzeichnung", web.Staff, askSignature)
	m.Handle("POST /amt/bescheid/{id}/freigeben", web.Staff, h.release)
	m.Handle("POST /amt/bescheid/{id}/verwerfen", web.Staff, dropDraft)
	m.Handle("POST /amt/bescheid/{id}/zurueckholen", web.Staff, recall)

	h.newRoutes(m) // applications on paper, at the counter, by phone: neu.go

	m.Handle("GET /amt/post", web.Staff, showPost)
	m.Handle("POST /amt/post", web.Staff, h.post)
	m.Handle("POST /amt/post/{id}/rueckgaengig", web.Staff, undoPosted)
}

// firstOf finds example addresses for the tests that walk all pages.
func firstOf(query, prefix string, suffix ...string) func(tx *storage.Tx) ([]string, error) {
	return func(tx *storage.Tx) ([]string, error) {
		ids, err := storage.List(tx, storage.Value[string], query)
		out := make([]string, len(ids))
		for i, id := range ids {
			out[i] = prefix + id
			for _, s := range suffix {
				out[i] += s
			}
		}
		return out, err
	}
}

func firstVorgang(suffix string) func(tx *storage.Tx) ([]string, error) {
	return firstOf(`select v.id from vorgang v where v.offen = 1 order by v.id desc limit 1`, "/amt/vorgang/", suffix)
}

func firstDraftPreview(tx *storage.Tx) ([]string, error) {
	return firstOf(`select id from bescheid where state = 'entwurf' order by id limit 1`, "/amt/bescheid/", "/vorschau")(tx)
}

func firstStep(tx *storage.Tx) ([]string, error) {
	return storage.List(tx, storage.Value[string],
		`select '/amt/vorgang/' || vorgang_id || '/schritt/' || id from beteiligungsschritt order by id limit 1`)
}
