package verwaltung

import (
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// staffPage lists the employees.
type staffPage struct {
	ui.Page
	Rows []personRow
}

type personRow struct {
	konto.Mitarbeiter
	Roles []roleRow
}

func showStaff(w http.ResponseWriter, r *web.Request) error {
	page := &staffPage{Page: ui.Page{Title: r.T("verwaltung.nav_staff")}}
	err := r.Read(func(tx *storage.Tx) error {
		if err := konto.Require(tx, konto.ManageStaff, ""); err != nil {
			return err
		}
		all, err := konto.All(tx)
		if err != nil {
			return err
		}
		page.Rows = make([]personRow, len(all))
		for i, m := range all {
			roles, err := roleRows(tx, r, m.ID)
			if err != nil {
				return err
			}
			page.Rows[i] = personRow{m, roles}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/personal", page)
}
