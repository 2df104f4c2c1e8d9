package verwaltung

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// auditPage shows the end of the audit log and its newest entries: who did what to which thing, never its content.
type auditPage struct {
	ui.Page
	Tabs ui.Tabs
	Head audit.Head
	Rows []auditRow
	Next string // address of older entries
}

type auditRow struct {
	Seq             int64
	At              time.Time
	Who, Thing, Act string
	ID              string
}

func showAudit(w http.ResponseWriter, r *web.Request) error {
	page := &auditPage{Page: ui.Page{Title: r.T("verwaltung.audit")}, Tabs: systemTabs(r)}
	err := r.Read(func(tx *storage.Tx) error {
		if err := konto.Require(tx, konto.ReadAudit, ""); err != nil {
			return err
		}
		var err error
		if page.Head, err = audit.ReadHead(tx); err != nil {
			return err
		}
		entries, next, err := audit.Log(tx, r.URL.Query().Get("seite"))
		if err != nil {
			return err
		}
		page.Next = ""
		if next != "" {
			page.Next = "/verwaltung/technik/protokoll?seite=" + escape(next)
		}
		page.Rows, err = auditRows(tx, r, entries)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/protokoll", page)
}

func auditRows(tx *storage.Tx, r *web.Request, entries []audit.Entry) ([]auditRow, error) {
	rows := make([]auditRow, len(entries))
	for i, e := range entries {
		who, err := actorName(tx, r, e)
		if err != nil {
			return nil, err
		}
		rows[i] = auditRow{Seq: e.Seq, At: e.At, Who: who, ID: e.ID,
			Thing: textOr(r, "verwaltung.noun_"+e.Noun, e.Noun), Act: textOr(r, "verwaltung.act_"+e.Act, textOr(r, "amt.act_"+e.Act, e.Act))}
	}
	return rows, nil
}

// actorName names who acted, and for whom.
func actorName(tx *storage.Tx, r *web.Request, e audit.Entry) (string, error) {
	kind, rest, _ := strings.Cut(e.Actor, ":")
	if kind != "staff" {
		return textOr(r, "verwaltung.actor_"+kind, rest), nil
	}
	name, err := staffName(tx, e.Actor)
	if err != nil || e.OnBehalfOf == "" {
		return name, err
	}
	represented, err := staffName(tx, e.OnBehalfOf)
	return r.T("ui.acting_for", name, represented), err
}

func staffName(tx *storage.Tx, actor string) (string, error) {
	m, err := konto.Get(tx, konto.StaffID(actor))
	if errors.Is(err, problem.NotFound) {
		return actor, nil
	}
	return m.Name, err
}

// textOr is the text of a key put together at run time, or something readable when the catalogue lacks it:
// modules name their acts and jobs themselves.
func textOr(r *web.Request, key, fallback string) string {
	if s := r.T(key); !strings.HasPrefix(s, "⟨") {
		return s
	}
	return fallback
}

func dotless(kind string) string { return strings.ReplaceAll(kind, ".", "_") }
