package verwaltung

import (
	"net/http"
	"strconv"

	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// unitsPage lists the organisation units as a tree.
type unitsPage struct {
	ui.Page
	Rows []unitRow
}

type unitRow struct {
	mandant.Einheit
	Indent string
}

func showUnits(w http.ResponseWriter, r *web.Request) error {
	page := &unitsPage{Page: ui.Page{Title: r.T("verwaltung.nav_units")}}
	err := r.Read(func(tx *storage.Tx) error {
		all, err := mandant.Einheiten(tx)
		page.Rows = make([]unitRow, len(all))
		depth := map[string]int{}
		for i, e := range all {
			if e.ParentID != "" {
				depth[e.ID] = depth[e.ParentID] + 1
			}
			page.Rows[i] = unitRow{e, dashes(depth[e.ID])}
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/stellen", page)
}

// unitPage changes or adds one unit.
type unitPage struct {
	ui.Page
	Unit  mandant.Einheit
	Units []ui.Option
	Root  bool
}

func showNewUnit(w http.ResponseWriter, r *web.Request) error { return unitForm(w, r, nil) }

func showUnit(w http.ResponseWriter, r *web.Request) error { return unitForm(w, r, nil) }

// unitForm shows the form of the unit in the path, or of a new one; with problems as a refused form.
func unitForm(w http.ResponseWriter, r *web.Request, fields problem.Fields) error {
	page := &unitPage{Page: ui.Page{Title: r.T("verwaltung.unit_new"),
		Crumbs: []ui.Link{{Text: r.T("verwaltung.nav_units"), Href: "/verwaltung/stellen"}}}}
	id := r.PathValue("id")
	err := r.Read(func(tx *storage.Tx) (err error) {
		if err := konto.Require(tx, konto.ManageTown, ""); err != nil {
			return err
		}
		page.Unit.Active = true
		if id != "" {
			if page.Unit, err = mandant.EinheitByID(tx, id); err != nil {
				return err
			}
		}
		page.Units, err = unitOptions(tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if id != "" {
		page.Title, page.Root = page.Unit.Name, page.Unit.Key == mandant.RootKey
	}
	if fields != nil {
		return r.Problem(w, "verwaltung/stelle", page, fields)
	}
	return r.Page(w, "verwaltung/stelle", page)
}

func saveUnit(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	position, err := strconv.ParseInt("0"+r.PostFormValue("position"), 10, 32)
	if err != nil {
		return unitForm(w, r, problem.Fields{{Path: "position", Key: "problem.whole_number"}})
	}
	err = r.Write(func(tx *storage.Tx) (err error) {
		e := mandant.Einheit{Key: r.PostFormValue("key")}
		if id != "" {
			if e, err = mandant.EinheitByID(tx, id); err != nil {
				return err
			}
		}
		e.Name, e.Phone, e.Mail, e.Room = r.PostFormValue("name"), r.PostFormValue("phone"), r.PostFormValue("mail"), r.PostFormValue("room")
		e.Position = position
		if e.Key != mandant.RootKey {
			e.ParentID, e.Active = r.PostFormValue("parent"), r.PostFormValue("active") == "ja"
		}
		_, err = konto.SaveEinheit(tx, e)
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return unitForm(w, r, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.saved")
	return r.Redirect(w, "/verwaltung/stellen")
}

func firstUnit(tx *storage.Tx) ([]string, error) {
	all, err := mandant.Einheiten(tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return []string{"/verwaltung/stellen/" + all[len(all)-1].ID}, nil
}
