package portal

import (
	"errors"
	"net/http"

	"rathaus/internal/antrag"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// accessPage asks for a click before a link from a mail is used up: mail scanners follow links.
type accessPage struct{ ui.Page }

func (h handlers) showAccess(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "portal/vorgang_zugang", &accessPage{Page: ui.Page{Title: r.T("vorgang.access_title")}})
}

func (h handlers) openAccess(w http.ResponseWriter, r *web.Request) error {
	var antragID string
	err := r.Write(func(tx *storage.Tx) (err error) {
		antragID, err = antrag.OpenByLink(tx, r.PathValue("code"))
		return err
	})
	if errors.Is(err, problem.NotFound) {
		r.Notice(w, "warning", "vorgang.link_over")
		return r.Redirect(w, "/abholcode-verloren")
	}
	if err != nil {
		return err
	}
	return h.startCase(w, r, antragID)
}
