package verwaltung

import (
	"net/http"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// deputiesPage shows whom one represents, by whom one is represented, and arranges it.
type deputiesPage struct {
	ui.Page
	Acting     string // name of the person represented now, or empty
	MayAct     []konto.Mitarbeiter
	Rows       []deputyRow
	People     []ui.Option // choices for the deputy
	MayArrange bool        // also for others
	Me, Today  string
}

type deputyRow struct {
	ID                  string
	Represented, Deputy string
	From, To            clock.Date
	Now, CanEnd         bool
}

func showDeputies(w http.ResponseWriter, r *web.Request) error {
	page, err := loadDeputies(r)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/vertretung", page)
}

func loadDeputies(r *web.Request) (*deputiesPage, error) {
	page := &deputiesPage{Page: ui.Page{Title: r.T("verwaltung.nav_deputies")}, Acting: r.Login.For,
		Me: konto.StaffID(r.Login.Actor), Today: today(r).Short()}
	err := r.Read(func(tx *storage.Tx) (err error) {
		if page.MayAct, err = konto.Vertreten(tx); err != nil {
			return err
		}
		if page.MayArrange, err = konto.Has(tx, konto.ManageDeputies, ""); err != nil {
			return err
		}
		if page.People, err = colleagues(tx, r); err != nil {
			return err
		}
		page.Rows, err = deputyRows(tx, r, page)
		return err
	})
	return page, err
}

func deputyRows(tx *storage.Tx, r *web.Request, page *deputiesPage) ([]deputyRow, error) {
	list, err := konto.Vertretungen(tx, page.Me)
	if page.MayArrange && err == nil {
		list, err = konto.AllVertretungen(tx)
	}
	if err != nil {
		return nil, err
	}
	rows := make([]deputyRow, len(list))
	for i, v := range list {
		represented, err := konto.Get(tx, v.RepresentedID)
		if err != nil {
			return nil, err
		}
		deputy, err := konto.Get(tx, v.DeputyID)
		if err != nil {
			return nil, err
		}
		rows[i] = deputyRow{ID: v.ID, Represented: represented.Name, Deputy: deputy.Name, From: v.From, To: v.To,
			Now: v.Current(today(r)), CanEnd: page.MayArrange || v.RepresentedID == page.Me && r.Login.OnBehalfOf == ""}
	}
	return rows, nil
}

// colleagues are the active employees as choices.
func colleagues(tx *storage.Tx, r *web.Request) ([]ui.Option, error) {
	all, err := konto.All(tx)
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, m := range all {
		if m.Active {
			options = append(options, ui.Option{Value: m.ID, Text: m.Name})
		}
	}
	return options, err
}

func addDeputy(w http.ResponseWriter, r *web.Request) error {
	v := konto.Vertretung{RepresentedID: r.PostFormValue("represented"), DeputyID: r.PostFormValue("deputy")}
	if v.RepresentedID == "" {
		v.RepresentedID = konto.StaffID(r.Login.Actor)
	}
	var p problem.Fields
	v.From, v.To = germanDay(r, "from", &p), germanDay(r, "to", &p)
	err := p.Err()
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error {
			_, err := konto.AddVertretung(tx, v)
			return err
		})
	}
	if fields, ok := web.Fields(err); ok {
		page, err := loadDeputies(r)
		if err != nil {
			return err
		}
		return r.Problem(w, "verwaltung/vertretung", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.deputy_added")
	return r.Redirect(w, "/amt/vertretung")
}

func germanDay(r *web.Request, name string, p *problem.Fields) clock.Date {
	d, err := clock.ParseGerman(r.PostFormValue(name))
	if err != nil {
		p.Add(name, "problem.date")
	}
	return d
}

func endDeputy(w http.ResponseWriter, r *web.Request) error {
	if err := r.Write(func(tx *storage.Tx) error { return konto.EndVertretung(tx, r.PathValue("id")) }); err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.deputy_ended")
	return r.Redirect(w, "/amt/vertretung")
}

// represent switches this session to act on behalf of somebody, or back to the own name.
func represent(w http.ResponseWriter, r *web.Request) error {
	person := r.PostFormValue("person")
	err := r.Write(func(tx *storage.Tx) error {
		s, err := own(tx, r)
		if err != nil {
			return err
		}
		return konto.Represent(tx, s, person)
	})
	if err != nil {
		return err
	}
	if person == "" {
		r.Notice(w, "success", "verwaltung.acting_own")
		return r.Redirect(w, "/amt/vertretung")
	}
	r.Notice(w, "success", "verwaltung.acting_now")
	return r.Redirect(w, "/amt")
}
