package portal

import (
	"net/http"

	"rathaus/internal/antrag"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// withdrawPage asks before an application is withdrawn: it cannot be undone.
type withdrawPage struct {
	ui.Page
	Number, Service string
}

func newWithdraw(r *web.Request) (*withdrawPage, error) {
	page, err := readCase(r)
	if err != nil {
		return nil, err
	}
	if !page.CanWithdraw {
		_, err := antrag.Stand{State: antrag.Entschieden}.After(antrag.ActWithdraw)
		return nil, err
	}
	return &withdrawPage{Page: ui.Page{Title: r.T("vorgang.withdraw_title"), Back: &ui.Link{Text: r.T("vorgang.back"), Href: "/vorgang/" + page.Number}},
		Number: page.Number, Service: page.Service}, nil
}

func (h handlers) showWithdraw(w http.ResponseWriter, r *web.Request) error {
	page, err := newWithdraw(r)
	if err != nil {
		return err
	}
	return r.Page(w, "portal/vorgang_zurueckziehen", page)
}

func (h handlers) withdraw(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
		if err != nil {
			return err
		}
		return antrag.Withdraw(tx, antragID, r.PostFormValue("grund"))
	})
	if fields, ok := web.Fields(err); ok {
		page, err := newWithdraw(r)
		if err != nil {
			return err
		}
		return r.Problem(w, "portal/vorgang_zurueckziehen", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "vorgang.withdrawn")
	return r.Redirect(w, "/vorgang/"+r.PathValue("nummer"))
}
