package portal

import (
	"net/http"
	"net/url"

	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// leistungenPage lists all services from A to Z.
type leistungenPage struct {
	ui.Page
	Search  searchBox
	Letters ui.Tabs
	Groups  []letterGroup
	Pager   ui.Pager
	Count   int
	// Letter is the one asked for, empty for all.
	Letter string
}

// letterGroup is the services of one letter.
type letterGroup struct {
	Letter string
	Rows   []row
}

func (h handlers) showLeistungen(w http.ResponseWriter, r *web.Request) error {
	letter, cursor := r.FormValue("buchstabe"), r.FormValue("ab")
	page := &leistungenPage{Page: ui.Page{Title: r.T("portal.az_title"), Crumbs: crumbs(r)}, Letter: letter}
	err := r.Read(func(tx *storage.Tx) error {
		items, next, err := leistung.List(tx, r.Lang, letter, cursor)
		if err != nil {
			return err
		}
		online, err := onlineSlugs(tx)
		if err != nil {
			return err
		}
		letters, err := leistung.Letters(tx, r.Lang)
		if err != nil {
			return err
		}
		page.Groups = groups(r, items, online)
		page.Letters = ui.Tabs{Label: r.T("portal.az_letters"), Items: letterLinks(r, letters, letter)}
		page.Pager = ui.Pager{}
		if next != "" {
			page.Pager.Next = azHref(letter, next)
		}
		if cursor != "" {
			page.Pager.Previous = azHref(letter, "")
		}
		page.Count, err = leistung.Count(tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "portal/leistungen", page)
}

func groups(r *web.Request, items []leistung.Item, online map[string]bool) []letterGroup {
	var out []letterGroup
	for n, line := range rows(r, items, online) {
		if letter := items[n].Letter; len(out) == 0 || out[len(out)-1].Letter != letter {
			out = append(out, letterGroup{Letter: letter})
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, line)
	}
	return out
}

func letterLinks(r *web.Request, letters []string, current string) []ui.NavItem {
	mark := func(letter string) string {
		if letter == current {
			return "page"
		}
		return ""
	}
	items := []ui.NavItem{{Link: ui.Link{Text: r.T("portal.az_all"), Href: "/leistungen"}, Current: mark("")}}
	for _, l := range letters {
		items = append(items, ui.NavItem{Link: ui.Link{Text: l, Href: azHref(l, "")}, Current: mark(l)})
	}
	return items
}

func azHref(letter, cursor string) string {
	q := url.Values{}
	if letter != "" {
		q.Set("buchstabe", letter)
	}
	if cursor != "" {
		q.Set("ab", cursor)
	}
	return (&url.URL{Path: "/leistungen", RawQuery: q.Encode()}).String()
}

// crumbs lead from the start page, over the pages given, to the page itself.
func crumbs(r *web.Request, more ...ui.Link) []ui.Link {
	return append([]ui.Link{{Text: r.T("portal.start"), Href: "/"}}, more...)
}

func exampleLeistungen() *leistungenPage {
	return &leistungenPage{Count: 45, Groups: []letterGroup{{Letter: "H", Rows: exampleRows()}}, Pager: ui.Pager{Next: "/leistungen?ab=x"},
		Letters: ui.Tabs{Label: "Buchstaben", Items: []ui.NavItem{{Link: ui.Link{Text: "H", Href: "/leistungen?buchstabe=H"}, Current: "page"}}}}
}
