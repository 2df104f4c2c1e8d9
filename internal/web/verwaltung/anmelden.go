package verwaltung

import (
	"errors"
	"net/http"
	"time"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// signInPage asks for login and password. Which of the two was wrong is not said.
type signInPage struct {
	ui.Page
	Next string // where the person wanted to go
}

func (h handlers) showSignIn(w http.ResponseWriter, r *web.Request) error {
	if r.Login.Kind == web.StaffLogin {
		return r.Redirect(w, r.Next("/amt"))
	}
	return r.Page(w, "verwaltung/anmelden", newSignIn(r))
}

func newSignIn(r *web.Request) *signInPage {
	return &signInPage{Page: ui.Page{Title: r.T("verwaltung.sign_in_title")}, Next: r.Next("")}
}

func (h handlers) signIn(w http.ResponseWriter, r *web.Request) error {
	login, password := r.PostFormValue("benutzer"), r.PostFormValue("kennwort")
	var c konto.Credentials
	err := r.Read(func(tx *storage.Tx) (err error) {
		c, err = konto.FindCredentials(tx, login)
		return err
	})
	if err != nil {
		return err
	}
	v, err := h.Gate.Verify(r.Context(), c, password, origin(r))
	if errors.Is(err, konto.ErrRefused) {
		return refuseSignIn(w, r, c)
	}
	if err != nil {
		return throttled(err)
	}
	var token string
	var s konto.Sitzung
	var hasFactor bool
	err = r.Write(func(tx *storage.Tx) (err error) {
		if token, s, err = h.Gate.SignIn(tx, v, agent(r)); err != nil {
			return err
		}
		m, err := konto.Get(tx, s.Subject)
		hasFactor = m.HasTOTP
		return err
	})
	if errors.Is(err, konto.ErrRefused) {
		return refuseSignIn(w, r, c)
	}
	if err != nil {
		return err
	}
	v.Succeeded()
	keep(w, r, s, token)
	r.SetCookie(w, deviceCookie, h.Gate.Device(r.Town.Key, login, r.Now()), 180*24*time.Hour)
	switch {
	case s.Kind == konto.SessionStaff:
		return r.Redirect(w, r.Next("/amt"))
	case hasFactor:
		return r.Redirect(w, withNext("/amt/anmelden/code", r))
	}
	return r.Redirect(w, withNext("/amt/anmelden/einrichten", r))
}

func refuseSignIn(w http.ResponseWriter, r *web.Request, c konto.Credentials) error {
	if err := r.Write(func(tx *storage.Tx) error { return konto.RecordFailure(tx, c, "password") }); err != nil {
		return err
	}
	return r.Problem(w, "verwaltung/anmelden", newSignIn(r), problem.Fields{{Path: "benutzer", Key: "verwaltung.sign_in_wrong"}})
}

// withNext carries the address the person wanted over to the next step.
func withNext(path string, r *web.Request) string {
	if next := r.Next(""); next != "" {
		return path + "?weiter=" + escape(next)
	}
	return path
}

func (h handlers) signOut(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error { return konto.SignOut(tx, r.CookieValue(sessionCookie)) })
	if err != nil {
		return err
	}
	r.DropCookie(w, sessionCookie)
	r.DropCookie(w, pendingCookie)
	r.Notice(w, "success", "verwaltung.signed_out")
	return r.Redirect(w, "/amt/anmelden")
}
