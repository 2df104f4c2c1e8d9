package amt

import (
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// aktePage shows one Akte with its Vorgaenge, newest first.
type aktePage struct {
	ui.Page
	A    akte.Akte
	Unit string
	Rows []inboxRow
	Next string
}

func showAkte(w http.ResponseWriter, r *web.Request) error {
	page := &aktePage{}
	err := r.Read(func(tx *storage.Tx) error {
		a, err := akte.GetAkte(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		h, err := readHouse(tx)
		if err != nil {
			return err
		}
		list, err := akte.VorgaengeOf(tx, a.ID, r.URL.Query().Get("seite"))
		if err != nil {
			return err
		}
		page.A, page.Unit, page.Next = a, h.units[a.EinheitID].Name, pageLink(nil, list.Next)
		page.Title = a.Aktenzeichen + " " + a.Betreff
		page.Crumbs = []ui.Link{{Text: r.T("amt.akten"), Href: "/amt/akten"}}
		page.Rows, err = rowsOf(tx, list.Rows, h)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "amt/akte", page)
}

// aktenPage is the Aktenplan with the Akten made under each position.
type aktenPage struct {
	ui.Page
	Positions []planRow
	Position  string
	Akten     []akte.Akte
	Next      string
}

type planRow struct {
	Nummer, Titel string
	Akten         bool
	Current       bool
}

func showAkten(w http.ResponseWriter, r *web.Request) error {
	page := &aktenPage{Page: ui.Page{Title: r.T("amt.akten")}, Position: r.URL.Query().Get("plan")}
	err := r.Read(func(tx *storage.Tx) error {
		plan, err := akte.Aktenplan(tx)
		if err != nil {
			return err
		}
		rows := make([]planRow, len(plan))
		for i, p := range plan {
			rows[i] = planRow{Nummer: p.Nummer, Titel: p.Titel, Akten: p.AktenErlaubt, Current: p.Nummer == page.Position}
		}
		page.Positions = rows
		list, next, err := akte.Akten(tx, page.Position, r.URL.Query().Get("seite"))
		page.Akten = list
		if next != "" {
			page.Next = pageLink(r.URL.Query(), next)
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "amt/akten", page)
}
