// Package verwaltung is where staff sign in and look after their account, and where administrators look after
// the town: people, roles, letterhead, look, organisation units, keys, jobs, audit.
package verwaltung

import (
	"embed"
	"net/http"
	"strings"

	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

//go:embed *.html
var templates embed.FS

// Config is what the pages need besides the request.
type Config struct {
	Gate *konto.Gate
	// Mails opens the outbox to everybody who reaches the site. Only the demo sets it.
	Mails bool
}

type handlers struct{ Config }

// Section is the table of contents of sign-in, own account and administration.
func Section(cfg Config) web.Section {
	h := handlers{cfg}
	return web.Section{
		Name: "verwaltung", Files: templates, Desk: true, Part: "ui.part_desk", Home: "/amt",
		AccountHref: "/amt/konto", SignOut: "/amt/abmelden",
		Pages: examples(), Partials: partials(), Nav: navigation,
		Routes: func(m *web.Mux) {
			h.signInRoutes(m)
			h.accountRoutes(m)
			h.staffRoutes(m)
			h.townRoutes(m)
			h.systemRoutes(m)
			if cfg.Mails {
				m.Handle("GET /demo/mails", web.Public, showMails)
				m.Handle("GET /demo/mails/{id}", web.Public, showMail).ExampleFrom(firstMail)
			}
		},
	}
}

// signInRoutes: anmelden.go, code.go, einrichten.go, kennwort.go, kennwort_neu.go.
func (h handlers) signInRoutes(m *web.Mux) {
	m.Handle("GET /amt/anmelden", web.Public, h.showSignIn)
	m.Handle("POST /amt/anmelden", web.Public, h.signIn)
	m.Handle("GET /amt/anmelden/code", web.Public, h.showCode)
	m.Handle("POST /amt/anmelden/code", web.Public, h.checkCode)
	m.Handle("GET /amt/anmelden/einrichten", web.Public, h.showFirstFactor)
	m.Handle("POST /amt/anmelden/einrichten", web.Public, h.confirmFirstFactor)
	m.Handle("POST /amt/abmelden", web.Public, h.signOut)
	m.Handle("GET /amt/kennwort", web.Public, showReset)
	m.Handle("POST /amt/kennwort", web.Public, h.requestReset)
	m.Handle("GET /amt/kennwort/neu", web.Public, showNewPassword)
	m.Handle("POST /amt/kennwort/neu", web.Public, h.setNewPassword)
}

// accountRoutes: konto.go, konto_kennwort.go, einrichten.go, sitzungen.go, vertretung.go.
func (h handlers) accountRoutes(m *web.Mux) {
	m.Handle("GET /amt/konto", web.Staff, showAccount)
	m.Handle("POST /amt/konto", web.Staff, saveAccount)
	m.Handle("GET /amt/konto/kennwort", web.Staff, showPassword)
	m.Handle("POST /amt/konto/kennwort", web.Staff, h.changePassword)
	m.Handle("GET /amt/konto/zweiter-faktor", web.Staff, h.showOwnFactor)
	m.Handle("POST /amt/konto/zweiter-faktor", web.Staff, h.confirmOwnFactor)
	m.Handle("GET /amt/konto/sitzungen", web.Staff, showSessions)
	m.Handle("POST /amt/konto/sitzungen", web.Staff, endOtherSessions)
	m.Handle("POST /amt/konto/sitzungen/{id}/beenden", web.Staff, endSession)
	m.Handle("GET /amt/vertretung", web.Staff, showDeputies)
	m.Handle("POST /amt/vertretung", web.Staff, addDeputy)
	m.Handle("POST /amt/vertretung/wechseln", web.Staff, represent)
	m.Handle("POST /amt/vertretung/{id}/beenden", web.Staff, endDeputy)
}

// staffRoutes: uebersicht.go, personal.go, person.go, person_neu.go.
func (h handlers) staffRoutes(m *web.Mux) {
	m.Handle("GET /verwaltung", web.Admin, showOverview)
	m.Handle("GET /verwaltung/personal", web.Admin, showStaff)
	m.Handle("GET /verwaltung/personal/neu", web.Admin, showNewPerson)
	m.Handle("POST /verwaltung/personal/neu", web.Admin, createPerson)
	m.Handle("GET /verwaltung/personal/{id}", web.Admin, showPerson).ExampleFrom(firstPerson)
	m.Handle("POST /verwaltung/personal/{id}", web.Admin, savePerson)
	m.Handle("POST /verwaltung/personal/{id}/rollen", web.Admin, addRole)
	m.Handle("POST /verwaltung/personal/{id}/rollen/entfernen", web.Admin, removeRole)
	m.Handle("POST /verwaltung/personal/{id}/code", web.Admin, issueCode)
	m.Handle("POST /verwaltung/personal/{id}/zweiter-faktor", web.Admin, clearFactor)
	m.Handle("POST /verwaltung/personal/{id}/sperren", web.Admin, disablePerson)
	m.Handle("POST /verwaltung/personal/{id}/freigeben", web.Admin, enablePerson)
}

// townRoutes: profil.go, profil_formulare.go, stellen.go, stelle.go.
func (h handlers) townRoutes(m *web.Mux) {
	for _, f := range profilForms() {
		m.Handle("GET "+f.path, web.Admin, f.show)
		m.Handle("POST "+f.path, web.Admin, f.save)
	}
	m.Handle("GET /verwaltung/stellen", web.Admin, showUnits)
	m.Handle("GET /verwaltung/stellen/neu", web.Admin, showNewUnit)
	m.Handle("POST /verwaltung/stellen/neu", web.Admin, saveUnit)
	m.Handle("GET /verwaltung/stellen/{id}", web.Admin, showUnit).ExampleFrom(firstUnit)
	m.Handle("POST /verwaltung/stellen/{id}", web.Admin, saveUnit)
}

// systemRoutes: schluessel.go, auftraege.go, protokoll.go.
func (h handlers) systemRoutes(m *web.Mux) {
	m.Handle("GET /verwaltung/technik", web.Admin, func(w http.ResponseWriter, r *web.Request) error {
		return r.Redirect(w, "/verwaltung/technik/auftraege")
	}).Example("/verwaltung/technik/auftraege")
	m.Handle("GET /verwaltung/technik/schluessel", web.Admin, showKeys)
	m.Handle("POST /verwaltung/technik/schluessel", web.Admin, createKey)
	m.Handle("GET /verwaltung/technik/schluessel/{id}/widerrufen", web.Admin, askRevoke).ExampleFrom(firstKey)
	m.Handle("POST /verwaltung/technik/schluessel/{id}/widerrufen", web.Admin, revokeKey)
	m.Handle("GET /verwaltung/technik/auftraege", web.Admin, showJobs)
	m.Handle("POST /verwaltung/technik/auftraege/{id}/wiederholen", web.Admin, retryJob)
	m.Handle("GET /verwaltung/technik/auftraege/{id}/loeschen", web.Admin, askDeleteJob).ExampleFrom(firstDeadJob)
	m.Handle("POST /verwaltung/technik/auftraege/{id}/loeschen", web.Admin, deleteJob)
	m.Handle("GET /verwaltung/technik/protokoll", web.Staff, showAudit) // also for Revision; the module checks
}

// navigation is empty until somebody has signed in.
func navigation(r *web.Request) []web.NavEntry {
	if r.Login.Kind != web.StaffLogin {
		return nil
	}
	entries := []web.NavEntry{{Key: "verwaltung.nav_desk", Href: "/amt"}}
	if r.Login.Admin && strings.HasPrefix(r.URL.Path, "/verwaltung") {
		return append(entries,
			web.NavEntry{Key: "verwaltung.nav_overview", Href: "/verwaltung"},
			web.NavEntry{Key: "verwaltung.nav_staff", Href: "/verwaltung/personal"},
			web.NavEntry{Key: "verwaltung.nav_town", Href: "/verwaltung/stadt"},
			web.NavEntry{Key: "verwaltung.nav_units", Href: "/verwaltung/stellen"},
			web.NavEntry{Key: "verwaltung.nav_system", Href: "/verwaltung/technik"})
	}
	entries = append(entries, web.NavEntry{Key: "verwaltung.nav_account", Href: "/amt/konto"},
		web.NavEntry{Key: "verwaltung.nav_deputies", Href: "/amt/vertretung"})
	if r.Login.Admin {
		entries = append(entries, web.NavEntry{Key: "verwaltung.nav_admin", Href: "/verwaltung"})
	}
	return entries
}

// firstPerson and its siblings give tests that walk all pages an address that exists.
func firstPerson(tx *storage.Tx) ([]string, error) {
	all, err := konto.All(tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return []string{"/verwaltung/personal/" + all[0].ID}, nil
}
