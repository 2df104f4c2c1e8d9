package portal

import (
	"net/http"
	"strings"

	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// startPage is the way in: search, situations in life, the most used services, the state of an application.
type startPage struct {
	ui.Page
	Search searchBox
	// Hints are the words most people look for.
	Hints []ui.Link
	Lagen []lageCard
	Rows  []row
	Count int
}

// lageCard is a situation in life with examples.
type lageCard struct {
	Key, Href, Name, Examples string
}

// row is a service in a list: title, the line below it, the note at the end. Template "portal/_rows" takes []row.
type row struct {
	ui.Link
	Lead string
	Note string
}

// searchBox is the search form; Query is what was typed. Template "portal/_search".
type searchBox struct {
	Query string
}

func (h handlers) showStart(w http.ResponseWriter, r *web.Request) error {
	page := &startPage{Page: ui.Page{Title: r.T("portal.start_title")}, Lagen: lageCards(r)}
	err := r.Read(func(tx *storage.Tx) error {
		items, err := leistung.Frequent(tx, r.Lang)
		if err != nil {
			return err
		}
		online, err := onlineSlugs(tx)
		if err != nil {
			return err
		}
		page.Hints, page.Rows = hints(r, items), rows(r, items, online)
		page.Rows = page.Rows[:min(6, len(page.Rows))]
		page.Count, err = leistung.Count(tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "portal/start", page)
}

func lageCards(r *web.Request) []lageCard {
	var cards []lageCard
	for _, l := range leistung.Lebenslagen() {
		cards = append(cards, lageCard{Key: l.Key, Href: "/lebenslagen/" + l.Key,
			Name: r.T("portal.lage_" + keyPart(l.Key)), Examples: r.T("portal.lage_" + keyPart(l.Key) + "_examples")})
	}
	return cards
}

// keyPart is a slug as part of a catalogue key.
func keyPart(slug string) string { return strings.ReplaceAll(slug, "-", "_") }

// hints are at most five single words, each leading to its service.
func hints(r *web.Request, items []leistung.Item) []ui.Link {
	var links []ui.Link
	for _, i := range items {
		if i.Hint != "" && len(links) < 5 {
			links = append(links, ui.Link{Text: i.Hint, Href: "/leistungen/" + i.Slug, Lang: langAttr(r, i.Lang)})
		}
	}
	return links
}

// rows turns services into lines of a list: way and fee at the end.
func rows(r *web.Request, items []leistung.Item, online map[string]bool) []row {
	out := make([]row, len(items))
	for n, i := range items {
		i = i.At(r.Town.Name, r.Town.Official)
		fee := i.Fee
		if i.Free {
			fee = r.T("portal.free")
		}
		out[n] = row{Link: ui.Link{Text: i.Title, Href: "/leistungen/" + i.Slug, Lang: langAttr(r, i.Lang)},
			Lead: i.Lead, Note: r.T("portal.way_and_fee", r.T("portal.way_"+string(wayOf(i.Way, online[i.Slug]))), fee)}
	}
	return out
}

// wayOf is how a service is settled now: online as soon as a form is published, whatever the catalogue says.
func wayOf(way leistung.Way, online bool) leistung.Way {
	switch {
	case online:
		return leistung.WayForm
	case way == leistung.WayForm: // meant to be online, the form is not there yet
		return leistung.WayCounter
	}
	return way
}

// langAttr is the lang attribute of a text that is not in the page's language, else empty.
func langAttr(r *web.Request, text i18n.Lang) string {
	if text == r.Lang {
		return ""
	}
	return text.Tag()
}

func exampleRows() []row {
	return []row{{Link: ui.Link{Text: "Hund anmelden", Href: "/leistungen/hundesteuer-anmelden", Lang: "de"}, Lead: "Kurz.", Note: "online, kostenfrei"}}
}

func exampleStart() *startPage {
	return &startPage{Hints: []ui.Link{{Text: "Umziehen", Href: "/leistungen/wohnsitz-anmelden"}}, Rows: exampleRows(), Count: 45,
		Lagen: []lageCard{{Key: "tiere-garten", Href: "/lebenslagen/tiere-garten", Name: "Tiere und Garten", Examples: "Hundesteuer"}}}
}
