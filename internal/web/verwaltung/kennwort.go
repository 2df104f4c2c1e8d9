package verwaltung

import (
	"net/http"
	"net/url"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// resetPage asks for the login of somebody who forgot the password. The answer is the same for every login.
type resetPage struct {
	ui.Page
}

func newReset(r *web.Request) *resetPage {
	return &resetPage{ui.Page{Title: r.T("verwaltung.forgot"), Back: &ui.Link{Text: r.T("verwaltung.back_to_sign_in"), Href: "/amt/anmelden"}}}
}

func showReset(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "verwaltung/kennwort", newReset(r))
}

func (h handlers) requestReset(w http.ResponseWriter, r *web.Request) error {
	login := r.PostFormValue("benutzer")
	if login == "" {
		return r.Problem(w, "verwaltung/kennwort", newReset(r), problem.Fields{{Path: "benutzer", Key: "problem.required"}})
	}
	if _, err := h.Gate.TryReset(r.Town.Key, login, origin(r)); err != nil {
		return throttled(err)
	}
	if err := r.Write(func(tx *storage.Tx) error { return konto.RequestReset(tx, login) }); err != nil {
		return err
	}
	r.Notice(w, "info", "verwaltung.reset_sent")
	return r.Redirect(w, "/amt/kennwort/neu")
}

// newPasswordPage takes a one-time code and a password.
type newPasswordPage struct {
	ui.Page
	Min int
}

func newNewPassword(r *web.Request) *newPasswordPage {
	return &newPasswordPage{Page: ui.Page{Title: r.T("verwaltung.new_password_title"),
		Back: &ui.Link{Text: r.T("verwaltung.back_to_sign_in"), Href: "/amt/anmelden"}}, Min: konto.MinPassword}
}

func showNewPassword(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "verwaltung/kennwort_neu", newNewPassword(r))
}

func (h handlers) setNewPassword(w http.ResponseWriter, r *web.Request) error {
	code := r.PostFormValue("code")
	var m konto.Mitarbeiter
	err := r.Read(func(tx *storage.Tx) (err error) {
		m, err = konto.ByCode(tx, code)
		return err
	})
	var p konto.NewPassword
	if err == nil {
		p, err = h.newPassword(r, m)
	}
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error {
			_, err := konto.ResetPassword(tx, code, p)
			return err
		})
	}
	if notFound(err) {
		err = problem.Fields{{Path: "code", Key: "verwaltung.code_wrong"}}
	}
	if fields, ok := web.Fields(err); ok {
		return r.Problem(w, "verwaltung/kennwort_neu", newNewPassword(r), fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.password_set")
	return r.Redirect(w, "/amt/anmelden")
}

// newPassword checks the two fields of a new password.
func (h handlers) newPassword(r *web.Request, m konto.Mitarbeiter) (konto.NewPassword, error) {
	password := r.PostFormValue("neu")
	if password != r.PostFormValue("wiederholung") {
		return konto.NewPassword{}, problem.Fields{{Path: "wiederholung", Key: "verwaltung.repeat_wrong"}}
	}
	p, err := h.Gate.NewPassword(r.Context(), password, m.Login, m.Name, r.Town.Name)
	if fields, ok := web.Fields(err); ok {
		for i := range fields {
			fields[i].Path = "neu"
		}
		return p, fields
	}
	return p, err
}

func escape(s string) string { return url.QueryEscape(s) }
