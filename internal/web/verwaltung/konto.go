package verwaltung

import (
	"errors"
	"net/http"
	"strconv"

	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// accountPage is one's own account.
type accountPage struct {
	ui.Page
	Person   konto.Mitarbeiter
	Roles    []roleRow
	Sessions int
	MayAudit bool
	// Acting is true while representing somebody: then the own account cannot be changed.
	Acting bool
}

// roleRow is a role on a unit with its names.
type roleRow struct {
	Role, Unit     string
	Rolle, Einheit string // as stored
}

func showAccount(w http.ResponseWriter, r *web.Request) error {
	page, err := loadAccount(r)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/konto", page)
}

func loadAccount(r *web.Request) (*accountPage, error) {
	page := &accountPage{Page: ui.Page{Title: r.T("verwaltung.account")}, Acting: r.Login.OnBehalfOf != ""}
	id := konto.StaffID(r.Login.Actor)
	err := r.Read(func(tx *storage.Tx) (err error) {
		if page.Person, err = konto.Get(tx, id); err != nil {
			return err
		}
		if page.Roles, err = roleRows(tx, r, id); err != nil {
			return err
		}
		if page.MayAudit, err = konto.Has(tx, konto.ReadAudit, ""); err != nil {
			return err
		}
		list, err := konto.Sessions(tx, konto.SessionStaff, id)
		page.Sessions = len(list)
		return err
	})
	return page, err
}

func roleRows(tx *storage.Tx, r *web.Request, mitarbeiterID string) ([]roleRow, error) {
	roles, err := konto.RollenOf(tx, mitarbeiterID)
	if err != nil {
		return nil, err
	}
	rows := make([]roleRow, len(roles))
	for i, x := range roles {
		unit, err := mandant.EinheitByID(tx, x.EinheitID)
		if err != nil {
			return nil, err
		}
		rows[i] = roleRow{Role: roleName(r, x.Rolle), Unit: unit.Name, Rolle: string(x.Rolle), Einheit: x.EinheitID}
	}
	return rows, nil
}

func roleName(r *web.Request, rolle konto.Rolle) string {
	return r.T("verwaltung.rolle_" + string(rolle))
}

func saveAccount(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		return konto.UpdateOwn(tx, r.PostFormValue("phone"), r.PostFormValue("room"), r.PostFormValue("mail"), version(r))
	})
	if fields, ok := changed(err); ok {
		page, err := loadAccount(r)
		if err != nil {
			return err
		}
		return r.Problem(w, "verwaltung/konto", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.saved")
	return r.Redirect(w, "/amt/konto")
}

// version is the hidden field that notices changes by others.
func version(r *web.Request) int64 {
	n, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	return n // 0 for nonsense: no row has it
}

// changed gives the form problems of an error; a change by somebody else meanwhile is one of the whole form, shown
// with what was typed and the fresh version, so that saving again is a decision and not an accident.
func changed(err error) (problem.Fields, bool) {
	if fields, ok := web.Fields(err); ok {
		return fields, true
	}
	var conflict *problem.Explained
	if errors.As(err, &conflict) && conflict.Key == "problem.conflict" {
		return problem.Fields{{Key: "verwaltung.changed_meanwhile"}}, true
	}
	return nil, false
}

// passwordPage changes the own password.
type passwordPage struct {
	ui.Page
	Min int
}

func newPasswordChange(r *web.Request) *passwordPage {
	return &passwordPage{Page: ui.Page{Title: r.T("verwaltung.change_password"),
		Back: &ui.Link{Text: r.T("verwaltung.back_to_account"), Href: "/amt/konto"}}, Min: konto.MinPassword}
}

func showPassword(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "verwaltung/konto_kennwort", newPasswordChange(r))
}

func (h handlers) changePassword(w http.ResponseWriter, r *web.Request) error {
	err := h.replacePassword(r)
	if fields, ok := web.Fields(err); ok {
		return r.Problem(w, "verwaltung/konto_kennwort", newPasswordChange(r), fields)
	}
	if err != nil {
		return throttled(err)
	}
	r.Notice(w, "success", "verwaltung.password_changed")
	return r.Redirect(w, "/amt/konto")
}

func (h handlers) replacePassword(r *web.Request) error {
	var m konto.Mitarbeiter
	var c konto.Credentials
	err := r.Read(func(tx *storage.Tx) (err error) {
		if m, err = konto.Get(tx, konto.StaffID(r.Login.Actor)); err != nil {
			return err
		}
		c, err = konto.FindCredentials(tx, m.Login)
		return err
	})
	if err != nil {
		return err
	}
	p, err := h.newPassword(r, m)
	if err != nil {
		return err
	}
	v, err := h.Gate.Verify(r.Context(), c, r.PostFormValue("kennwort"), origin(r))
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error { return konto.ChangePassword(tx, v, p, r.Login.SessionID) })
	}
	if refused(err) {
		return problem.Fields{{Path: "kennwort", Key: "verwaltung.password_wrong"}}
	}
	if err == nil {
		v.Succeeded()
	}
	return err
}
