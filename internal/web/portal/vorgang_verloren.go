package portal

import (
	"net/http"
	"strings"

	"rathaus/internal/antrag"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// lostCodePage sends a link to the mail address of the application.
type lostCodePage struct{ ui.Page }

func newLostCode(r *web.Request) *lostCodePage {
	return &lostCodePage{Page: ui.Page{Title: r.T("vorgang.lost_title"), Crumbs: []ui.Link{{Text: r.T("vorgang.open_title"), Href: "/vorgang"}}}}
}

func (h handlers) showLostCode(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "portal/vorgang_verloren", newLostCode(r))
}

// lostCode answers the same whether the number exists or not.
func (h handlers) lostCode(w http.ResponseWriter, r *web.Request) error {
	number := strings.TrimSpace(r.PostFormValue("nummer"))
	if number == "" {
		return r.Problem(w, "portal/vorgang_verloren", newLostCode(r), problem.Fields{{Path: "nummer", Key: "problem.required"}})
	}
	if _, err := h.Gate.TryLink(r.Town.Key, number, origin(r)); err != nil {
		return throttled(err)
	}
	if err := r.Write(func(tx *storage.Tx) error { return antrag.RequestAccessLink(tx, number) }); err != nil {
		return err
	}
	r.Notice(w, "info", "vorgang.lost_sent")
	return r.Redirect(w, "/vorgang")
}
