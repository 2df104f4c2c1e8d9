package verwaltung

import (
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// sessionsPage lists where one is signed in.
type sessionsPage struct {
	ui.Page
	Rows []konto.Sitzung
	Here string // id of the session of this request
}

func showSessions(w http.ResponseWriter, r *web.Request) error {
	page := &sessionsPage{Page: ui.Page{Title: r.T("verwaltung.sessions"),
		Back: &ui.Link{Text: r.T("verwaltung.back_to_account"), Href: "/amt/konto"}}, Here: r.Login.SessionID}
	err := r.Read(func(tx *storage.Tx) (err error) {
		page.Rows, err = konto.Sessions(tx, konto.SessionStaff, konto.StaffID(r.Login.Actor))
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/sitzungen", page)
}

func endSession(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	if err := r.Write(func(tx *storage.Tx) error { return konto.End(tx, id) }); err != nil {
		return err
	}
	if id == r.Login.SessionID {
		r.DropCookie(w, sessionCookie)
		return r.Redirect(w, "/amt/anmelden")
	}
	r.Notice(w, "success", "verwaltung.session_ended")
	return r.Redirect(w, "/amt/konto/sitzungen")
}

func endOtherSessions(w http.ResponseWriter, r *web.Request) error {
	if err := r.Write(func(tx *storage.Tx) error { return konto.EndOthers(tx, r.Login.SessionID) }); err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.sessions_ended")
	return r.Redirect(w, "/amt/konto/sitzungen")
}
