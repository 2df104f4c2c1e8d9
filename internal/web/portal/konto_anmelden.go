package portal

import (
	"errors"
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// signInPage asks for a mail address to send a sign-in link to.
type signInPage struct {
	ui.Page
	Next string
}

// nextCookie remembers where the person wanted to go until the link from the mail is clicked in the same browser.
const nextCookie = "weiter"

func newSignIn(r *web.Request) *signInPage {
	page := &signInPage{Page: ui.Page{Title: r.T("vorgang.account_title"), Crumbs: []ui.Link{{Text: r.T("vorgang.open_title"), Href: "/vorgang"}}}}
	if next := r.FormValue("weiter"); web.IsLocal(next) {
		page.Next = next
	}
	return page
}

func (h handlers) showSignIn(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "portal/konto_anmelden", newSignIn(r))
}

func (h handlers) requestSignIn(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error { return konto.RequestLink(tx, r.PostFormValue("mail")) })
	if fields, ok := web.Fields(err); ok {
		return r.Problem(w, "portal/konto_anmelden", newSignIn(r), fields)
	}
	if err != nil {
		return err
	}
	if next := r.Next(""); next != "" {
		r.SetCookie(w, nextCookie, next, 0)
	}
	r.Notice(w, "info", "vorgang.account_sent")
	return r.Redirect(w, "/vorgang")
}

func (h handlers) showConfirmSignIn(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "portal/konto_bestaetigen", &accessPage{Page: ui.Page{Title: r.T("vorgang.account_confirm_title")}})
}

func (h handlers) confirmSignIn(w http.ResponseWriter, r *web.Request) error {
	var token string
	err := r.Write(func(tx *storage.Tx) (err error) {
		token, _, err = konto.ConfirmLink(tx, r.PathValue("code"), "")
		return err
	})
	if errors.Is(err, problem.NotFound) {
		r.Notice(w, "warning", "vorgang.link_over")
		return r.Redirect(w, "/konto/anmelden")
	}
	if err != nil {
		return err
	}
	r.SetCookie(w, accountCookie, token, 0)
	r.Notice(w, "success", "vorgang.signed_in")
	next := r.CookieValue(nextCookie)
	r.DropCookie(w, nextCookie)
	if !web.IsLocal(next) {
		next = "/vorgang"
	}
	return r.Redirect(w, next)
}
