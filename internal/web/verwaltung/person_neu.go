package verwaltung

import (
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// newPersonPage creates an account with its first role.
type newPersonPage struct {
	ui.Page
	Person        konto.Mitarbeiter // empty; the fields keep what was typed
	Rollen, Units []ui.Option
}

func showNewPerson(w http.ResponseWriter, r *web.Request) error {
	page, err := loadNewPerson(r)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/person_neu", page)
}

func loadNewPerson(r *web.Request) (*newPersonPage, error) {
	page := &newPersonPage{Page: ui.Page{Title: r.T("verwaltung.person_new"),
		Crumbs: []ui.Link{{Text: r.T("verwaltung.nav_staff"), Href: "/verwaltung/personal"}}}, Rollen: roleOptions(r)}
	err := r.Read(func(tx *storage.Tx) (err error) {
		page.Units, err = unitOptions(tx, r)
		return err
	})
	return page, err
}

func createPerson(w http.ResponseWriter, r *web.Request) error {
	m := konto.Mitarbeiter{Login: r.PostFormValue("login"), Name: r.PostFormValue("name"), Title: r.PostFormValue("title"),
		Mail: r.PostFormValue("mail"), Phone: r.PostFormValue("phone"), Room: r.PostFormValue("room")}
	role := konto.RolleAn{Rolle: konto.Rolle(r.PostFormValue("rolle")), EinheitID: r.PostFormValue("einheit")}
	var created konto.Mitarbeiter
	var code string
	err := r.Write(func(tx *storage.Tx) (err error) {
		var roles []konto.RolleAn
		if role != (konto.RolleAn{}) { // an account may begin without any
			roles = []konto.RolleAn{role}
		}
		if created, err = konto.Create(tx, m, roles...); err != nil {
			return err
		}
		code, err = konto.IssueCode(tx, created.ID)
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return refusePerson(w, r, fields)
	}
	if err != nil {
		return err
	}
	return showCodeOf(w, r, created, code)
}

func refusePerson(w http.ResponseWriter, r *web.Request, fields problem.Fields) error {
	page, err := loadNewPerson(r)
	if err != nil {
		return err
	}
	return r.Problem(w, "verwaltung/person_neu", page, fields)
}
