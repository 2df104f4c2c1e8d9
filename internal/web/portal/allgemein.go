package portal

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"rathaus/internal/i18n"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// generalRoutes are the pages every public site must have; they are linked from every footer.
func (h handlers) generalRoutes(m *web.Mux) {
	m.Handle("GET /impressum", web.Public, h.town("impressum", "ui.impressum"))
	m.Handle("GET /datenschutz", web.Public, h.town("datenschutz", "ui.datenschutz"))
	m.Handle("GET /barrierefreiheit", web.Public, h.town("barrierefreiheit", "ui.accessibility_statement"))
	m.Handle("GET /hilfe", web.Public, h.town("hilfe", "ui.help"))
	m.Handle("GET /gebaerdensprache", web.Public, h.town("gebaerdensprache", "ui.lang_gebaerden"))
	m.Handle("GET /leichte-sprache", web.Public, h.showLeichteSprache)
	m.Handle("GET /barriere-melden", web.Public, h.showReportBarrier)
	m.Handle("POST /barriere-melden", web.Public, h.reportBarrier).Limit(5, 10*time.Minute)
}

// generalPages are the examples of the pages above.
func generalPages() web.Pages {
	example := func() *townPage {
		return &townPage{Profil: mandant.Profil{Official: "Stadt Wiesenbrück", Street: "Marktplatz 1", PostCode: "00000", City: "Wiesenbrück",
			Phone: "030 23125-100", Mail: "rathaus@wiesenbrueck.example", Website: "https://wiesenbrueck.example",
			Impressum: "Vertreten durch\ndie Bürgermeisterin", Datenschutz: "datenschutz@wiesenbrueck.example", Accessibility: "Hauptamt"},
			Host: "rathaus.wiesenbrueck.example", Authority: "Behörde", Conciliation: "Stelle", AccessLaw: "Gesetz"}
	}
	return web.Pages{
		"impressum": example(), "datenschutz": example(), "barrierefreiheit": example(), "hilfe": example(),
		"gebaerdensprache": example(), "leichte_sprache": example(), "barriere_melden": &barrierPage{From: "/leistungen"},
	}
}

// townPage is a page that speaks of the town itself.
type townPage struct {
	ui.Page
	Profil mandant.Profil
	Host   string
	// Authority, Conciliation and AccessLaw depend on the Land; empty where we do not know them.
	Authority, Conciliation, AccessLaw string
}

// Statement is the day of the accessibility statement's text.
func (*townPage) Statement() string { return "2026-11-22" }

func (h handlers) town(name, titleKey string) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		page := &townPage{Page: ui.Page{Title: r.T(titleKey)}}
		if err := page.load(r); err != nil {
			return err
		}
		return r.Page(w, "portal/"+name, page)
	}
}

// load reads the profile; a town that has none yet shows what the header knows.
func (p *townPage) load(r *web.Request) error {
	err := r.Read(func(tx *storage.Tx) error {
		var err error
		p.Profil, err = mandant.GetProfil(tx)
		return err
	})
	if errors.Is(err, problem.NotFound) {
		p.Profil, err = mandant.Profil{Official: r.Town.Official, Phone: r.Town.Phone, Mail: r.Town.Mail}, nil
	}
	p.Host = r.Host
	p.Authority, p.Conciliation, p.AccessLaw = landTexts(r)
	return err
}

// landTexts are the authorities of the Land; none for a Land nobody has looked up yet.
func landTexts(r *web.Request) (authority, conciliation, law string) {
	switch r.Town.Land {
	case "BW", "NW":
		land := strings.ToLower(r.Town.Land)
		return r.T("allgemein.authority_" + land), r.T("allgemein.conciliation_" + land), r.T("allgemein.access_law_" + land)
	}
	return "", "", ""
}

// showLeichteSprache explains the site in Leichte Sprache, in whatever language the rest is shown.
func (h handlers) showLeichteSprache(w http.ResponseWriter, r *web.Request) error {
	if r.Lang == i18n.De {
		r.Lang = i18n.Leicht
	}
	return h.town("leichte_sprache", "ui.lang_leicht")(w, r)
}
