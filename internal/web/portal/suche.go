package portal

import (
	"net/http"
	"strings"

	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// suchePage shows what a search found, or where to go when it found nothing.
type suchePage struct {
	ui.Page
	Search   searchBox
	Rows     []row
	Frequent []row
	Lagen    []lageCard
}

// maxQuery is how much of a query is looked at.
const maxQuery = 100

func (h handlers) showSuche(w http.ResponseWriter, r *web.Request) error {
	query := strings.Join(strings.Fields(r.FormValue("q")), " ")
	if runes := []rune(query); len(runes) > maxQuery {
		query = string(runes[:maxQuery])
	}
	title := r.T("portal.search_title")
	if query != "" {
		title = r.T("portal.search_title_for", query)
	}
	page := &suchePage{Page: ui.Page{Title: title, Crumbs: crumbs(r)}, Search: searchBox{Query: query}}
	err := r.Read(func(tx *storage.Tx) error {
		online, err := onlineSlugs(tx)
		if err != nil {
			return err
		}
		found, err := h.Services.Search(tx, r.Lang, query)
		if err != nil {
			return err
		}
		page.Rows = rows(r, found, online)
		if len(found) > 0 {
			return nil
		}
		often, err := leistung.Frequent(tx, r.Lang)
		page.Frequent, page.Lagen = rows(r, often, online), lageCards(r)
		for i := range page.Frequent {
			page.Frequent[i].Lead = ""
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "portal/suche", page)
}

func exampleSuche() *suchePage {
	return &suchePage{Search: searchBox{Query: "Hund"}, Frequent: exampleRows(),
		Lagen: []lageCard{{Key: "familie-kind", Href: "/lebenslagen/familie-kind", Name: "Familie und Kind"}}}
}
