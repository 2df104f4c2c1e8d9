package verwaltung

import (
	"net/http"
	"slices"

	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// personPage is one employee as the administration sees and changes it.
type personPage struct {
	ui.Page
	Person        konto.Mitarbeiter
	Roles         []roleRow
	Rollen, Units []ui.Option
	Sessions      int
}

func showPerson(w http.ResponseWriter, r *web.Request) error {
	page, err := loadPerson(r)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/person", page)
}

func loadPerson(r *web.Request) (*personPage, error) {
	page := &personPage{Page: ui.Page{Crumbs: []ui.Link{{Text: r.T("verwaltung.nav_staff"), Href: "/verwaltung/personal"}}}}
	id := r.PathValue("id")
	err := r.Read(func(tx *storage.Tx) (err error) {
		if err := konto.Require(tx, konto.ManageStaff, ""); err != nil {
			return err
		}
		if page.Person, err = konto.Get(tx, id); err != nil {
			return err
		}
		if page.Roles, err = roleRows(tx, r, id); err != nil {
			return err
		}
		if page.Units, err = unitOptions(tx, r); err != nil {
			return err
		}
		sessions, err := konto.Sessions(tx, konto.SessionStaff, id)
		page.Sessions = len(sessions)
		return err
	})
	page.Title, page.Rollen = page.Person.Name, roleOptions(r)
	return page, err
}

func roleOptions(r *web.Request) []ui.Option {
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, x := range konto.Rollen() {
		options = append(options, ui.Option{Value: string(x), Text: roleName(r, x)})
	}
	return options
}

// unitOptions lists the units with their depth shown by dashes.
func unitOptions(tx *storage.Tx, r *web.Request) ([]ui.Option, error) {
	all, err := mandant.Einheiten(tx)
	options := []ui.Option{{Text: r.T("ui.choose")}}
	depth := map[string]int{}
	for _, e := range all {
		if e.ParentID != "" {
			depth[e.ID] = depth[e.ParentID] + 1
		}
		options = append(options, ui.Option{Value: e.ID, Text: dashes(depth[e.ID]) + e.Name})
	}
	return options, err
}

func dashes(n int) string { return "– – – – – "[:min(n, 5)*len("– ")] }

func savePerson(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		m, err := konto.Get(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		m.Login, m.Name, m.Title = r.PostFormValue("login"), r.PostFormValue("name"), r.PostFormValue("title")
		m.Mail, m.Phone, m.Room, m.Version = r.PostFormValue("mail"), r.PostFormValue("phone"), r.PostFormValue("room"), version(r)
		return konto.Update(tx, m)
	})
	return answerPerson(w, r, err, "verwaltung.saved")
}

// answerPerson goes back to the person's page, with the problems of a refused form or with a notice.
func answerPerson(w http.ResponseWriter, r *web.Request, err error, notice string) error {
	if fields, ok := changed(err); ok {
		page, err := loadPerson(r)
		if err != nil {
			return err
		}
		return r.Problem(w, "verwaltung/person", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", notice)
	return r.Redirect(w, "/verwaltung/personal/"+r.PathValue("id"))
}

func addRole(w http.ResponseWriter, r *web.Request) error {
	role := konto.RolleAn{Rolle: konto.Rolle(r.PostFormValue("rolle")), EinheitID: r.PostFormValue("einheit")}
	err := r.Write(func(tx *storage.Tx) error {
		roles, err := konto.RollenOf(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		return konto.SetRollen(tx, r.PathValue("id"), append(roles, role))
	})
	return answerPerson(w, r, err, "verwaltung.role_added")
}

func removeRole(w http.ResponseWriter, r *web.Request) error {
	role := konto.RolleAn{Rolle: konto.Rolle(r.PostFormValue("rolle")), EinheitID: r.PostFormValue("einheit")}
	err := r.Write(func(tx *storage.Tx) error {
		roles, err := konto.RollenOf(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		return konto.SetRollen(tx, r.PathValue("id"), slices.DeleteFunc(roles, func(x konto.RolleAn) bool { return x == role }))
	})
	return answerPerson(w, r, err, "verwaltung.role_removed")
}

func clearFactor(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error { return konto.ClearTOTP(tx, r.PathValue("id")) })
	return answerPerson(w, r, err, "verwaltung.factor_cleared")
}

func disablePerson(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error { return konto.SetActive(tx, r.PathValue("id"), false) })
	return answerPerson(w, r, err, "verwaltung.person_disabled")
}

func enablePerson(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error { return konto.SetActive(tx, r.PathValue("id"), true) })
	return answerPerson(w, r, err, "verwaltung.person_enabled")
}

// secretPage shows a secret once: a one-time code or an API key. It is never stored in clear and in no cookie, so
// it is the answer to the POST itself.
type secretPage struct {
	ui.Page
	Lead, Secret, Name string
	Next               ui.Link
}

func issueCode(w http.ResponseWriter, r *web.Request) error {
	var code string
	var m konto.Mitarbeiter
	err := r.Write(func(tx *storage.Tx) (err error) {
		if m, err = konto.Get(tx, r.PathValue("id")); err != nil {
			return err
		}
		code, err = konto.IssueCode(tx, m.ID)
		return err
	})
	if err != nil {
		return err
	}
	return showCodeOf(w, r, m, code)
}

func showCodeOf(w http.ResponseWriter, r *web.Request, m konto.Mitarbeiter, code string) error {
	return r.Page(w, "verwaltung/geheimnis", &secretPage{Page: ui.Page{Title: r.T("verwaltung.code_issued")},
		Lead: r.T("verwaltung.code_issued_lead", m.Login), Secret: code, Name: m.Name,
		Next: ui.Link{Text: r.T("verwaltung.to_person"), Href: "/verwaltung/personal/" + m.ID}})
}
