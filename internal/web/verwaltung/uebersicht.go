package verwaltung

import (
	"net/http"

	"rathaus/internal/audit"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// overviewPage tells an administrator what needs doing and where.
type overviewPage struct {
	ui.Page
	Missing       []string // letterhead fields, as labels
	Dead          int
	WithoutFactor int // active people without a second factor
	FactorOff     bool
	Active        int
	Entries       int64 // of the audit log
}

func showOverview(w http.ResponseWriter, r *web.Request) error {
	page := &overviewPage{Page: ui.Page{Title: r.T("verwaltung.nav_overview")}}
	err := r.Read(func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		if err != nil {
			return err
		}
		missing := p.LetterheadMissing()
		page.Missing = make([]string, len(missing))
		for i, f := range missing {
			page.Missing[i] = r.T(labelKey(f.Path))
		}
		page.FactorOff = p.Switches.SecondFactorOptional
		if page.Dead, err = job.Count(tx, job.Dead); err != nil {
			return err
		}
		people, err := konto.All(tx)
		if err != nil {
			return err
		}
		page.Active, page.WithoutFactor = 0, 0
		for _, m := range people {
			if m.Active {
				page.Active++
				if !m.HasTOTP {
					page.WithoutFactor++
				}
			}
		}
		head, err := audit.ReadHead(tx)
		page.Entries = head.Seq
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/uebersicht", page)
}
