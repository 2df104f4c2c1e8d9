package amt

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rathaus/internal/akte"
	"rathaus/internal/konto"
	"rathaus/internal/search"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// searchPage lists what a clerk's words find among everything they may see.
type searchPage struct {
	ui.Page
	Query      string
	Rows       []inboxRow
	Next, Prev string
	Cut        bool
}

func showSearch(w http.ResponseWriter, r *web.Request) error {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("ab")) // no number begins at the start
	offset = max(0, offset)
	page := &searchPage{Page: ui.Page{Title: r.T("amt.search"), Crumbs: []ui.Link{{Text: r.T("amt.inbox"), Href: "/amt/"}}}, Query: query}
	err := r.Read(func(tx *storage.Tx) error {
		units, err := konto.Units(tx, konto.ReadVorgang)
		if err != nil || query == "" {
			return err
		}
		hits, err := search.Query(tx, search.Request{Text: query, Kinds: []string{"vorgang"}, Labels: units, Offset: offset})
		if err != nil {
			return err
		}
		h, err := readHouse(tx)
		if err != nil {
			return err
		}
		found := make([]akte.Vorgang, 0, len(hits.Hits))
		for _, hit := range hits.Hits {
			v, err := akte.GetVorgang(tx, hit.ID)
			if err != nil {
				continue // taken back meanwhile, or protected
			}
			found = append(found, v)
		}
		page.Cut = hits.Cut
		page.Next, page.Prev = searchLink(query, offset+search.PageSize, hits.More), searchLink(query, offset-search.PageSize, offset > 0)
		page.Rows, err = rowsOf(tx, found, h)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "amt/suche", page)
}

func searchLink(query string, offset int, there bool) string {
	if !there {
		return ""
	}
	return "?" + url.Values{"q": {query}, "ab": {strconv.Itoa(max(0, offset))}}.Encode()
}
