package verwaltung

import (
	"errors"
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// codePage asks for the second factor.
type codePage struct {
	ui.Page
	Next string
}

func newCode(r *web.Request) *codePage {
	return &codePage{Page: ui.Page{Title: r.T("verwaltung.code_title"),
		Back: &ui.Link{Text: r.T("verwaltung.back_to_sign_in"), Href: "/amt/anmelden"}}, Next: r.Next("")}
}

func (h handlers) showCode(w http.ResponseWriter, r *web.Request) error {
	if _, err := pending(r); err != nil {
		return startOver(w, r, err)
	}
	return r.Page(w, "verwaltung/code", newCode(r))
}

// startOver leads back to the first step when the session between the steps is over.
func startOver(w http.ResponseWriter, r *web.Request, err error) error {
	if !errors.Is(err, problem.NotFound) {
		return err
	}
	return r.Redirect(w, withNext("/amt/anmelden", r))
}

func (h handlers) checkCode(w http.ResponseWriter, r *web.Request) error {
	s, err := pending(r)
	if err != nil {
		return startOver(w, r, err)
	}
	try, err := h.Gate.TryCode(r.Town.Key, s, origin(r))
	if err != nil {
		return throttled(err)
	}
	var token string
	err = r.Write(func(tx *storage.Tx) (err error) {
		token, s, err = h.Gate.Complete(tx, r.CookieValue(pendingCookie), r.PostFormValue("code"), agent(r))
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return wrongCode(w, r, "verwaltung/code", newCode(r), fields)
	}
	if err != nil {
		return startOver(w, r, err)
	}
	try.Succeeded()
	keep(w, r, s, token)
	return r.Redirect(w, r.Next("/amt"))
}

// wrongCode records the failure and shows the page again, without the used-up code.
func wrongCode(w http.ResponseWriter, r *web.Request, name string, page ui.Based, fields problem.Fields) error {
	s, err := pending(r)
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error { return konto.RecordCodeFailure(tx, s) })
	}
	if err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	r.PostForm.Del("code")
	return r.Problem(w, name, page, fields)
}
