package amt

import (
	"net/http"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// readable is a page that fills itself from the store.
type readable interface {
	ui.Based
	read(tx *storage.Tx, r *web.Request) error
}

// show reads a page and renders it.
func show(w http.ResponseWriter, r *web.Request, name string, page readable) error {
	if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r) }); err != nil {
		return err
	}
	return r.Page(w, name, page)
}

// refuse shows a form again with its problems; what was typed is kept.
func refuse(w http.ResponseWriter, r *web.Request, name string, page readable, fields problem.Fields) error {
	if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r) }); err != nil {
		return err
	}
	return r.Problem(w, name, page, fields)
}
