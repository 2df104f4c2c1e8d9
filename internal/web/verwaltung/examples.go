package verwaltung

import (
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// examples are filled pages by which tests check the templates. The people are invented.
func examples() web.Pages {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	person := konto.Mitarbeiter{ID: "1", Login: "j.petersen", Name: "Jana Petersen", Title: "Sachbearbeiterin", Active: true, HasTOTP: true, CreatedAt: at, Version: 1}
	roles := []roleRow{{Role: "Sachbearbeitung", Unit: "Ordnungsamt", Rolle: "sachbearbeitung", Einheit: "2"}}
	choice := []ui.Option{{Text: "Bitte auswählen"}, {Value: "2", Text: "– Ordnungsamt"}}
	session := konto.Sitzung{ID: "3", Kind: konto.SessionStaff, Agent: "Firefox, Linux", CreatedAt: at, SeenAt: at}
	entry := mail.Entry{ID: "4", To: "mara.vogt@beispiel.example", Subject: "Ihr Antrag ist eingegangen", Text: "Guten Tag", CreatedAt: at}
	tabs := ui.Tabs{Label: "Technik", Items: []ui.NavItem{{Link: ui.Link{Text: "Protokoll", Href: "/verwaltung/technik/protokoll"}, Current: "page"}}}
	unit := mandant.Einheit{ID: "2", Key: "ordnungsamt", Name: "Ordnungsamt", ParentID: "1", Active: true}
	return web.Pages{
		"anmelden":       &signInPage{Next: "/amt"},
		"code":           &codePage{Next: "/amt"},
		"einrichten":     &factorPage{Action: "/amt/anmelden/einrichten", First: true, Secret: "GEZD GNBV", QR: "<svg></svg>"},
		"kennwort":       &resetPage{},
		"kennwort_neu":   &newPasswordPage{Min: konto.MinPassword},
		"konto":          &accountPage{Person: person, Roles: roles, Sessions: 2, MayAudit: true},
		"konto_kennwort": &passwordPage{Min: konto.MinPassword},
		"sitzungen":      &sessionsPage{Rows: []konto.Sitzung{session, {ID: "4", CreatedAt: at, SeenAt: at}}, Here: "3"},
		"vertretung": &deputiesPage{MayAct: []konto.Mitarbeiter{person}, People: choice, MayArrange: true, Me: "1", Today: "20.11.2026",
			Rows: []deputyRow{{ID: "5", Represented: "Jana Petersen", Deputy: "Tobi Okafor", From: clock.Date("2026-11-20"), To: clock.Date("2026-12-04"), Now: true, CanEnd: true}}},
		"uebersicht": &overviewPage{Missing: []string{"IBAN"}, Dead: 1, Active: 12, WithoutFactor: 3, FactorOff: true, Entries: 1234},
		"personal":   &staffPage{Rows: []personRow{{person, roles}, {konto.Mitarbeiter{ID: "6", Name: "Neu", CreatedAt: at}, nil}}},
		"person":     &personPage{Person: person, Roles: roles, Rollen: choice, Units: choice, Sessions: 1},
		"person_neu": &newPersonPage{Rollen: choice, Units: choice},
		"geheimnis":  &secretPage{Lead: "Lead", Secret: "ABCDE-FGHJK", Name: "Jana Petersen", Next: ui.Link{Text: "Weiter", Href: "/verwaltung"}},
		"profil": &profilPage{Name: "stadt", Lead: "Lead", Version: 1, Tabs: ui.Tabs{Label: "Stadt", Items: []ui.NavItem{{Link: ui.Link{Text: "Stadt", Href: "/verwaltung/stadt"}, Current: "page"}}},
			Groups: []profilPart{{Title: "Anschrift", Fields: []profilInput{{"input", ui.Field{ID: "f-a", Name: "a", Label: "A", Type: "text"}}, {"textarea", ui.Field{ID: "f-b", Name: "b", Label: "B", Rows: 4}},
				{"select", ui.Field{ID: "f-c", Name: "c", Label: "C", Options: choice}}, {"checkbox", ui.Field{ID: "f-d", Name: "d", Label: "D"}}}}}},
		"stellen":     &unitsPage{Rows: []unitRow{{unit, "– "}}},
		"stelle":      &unitPage{Unit: unit, Units: choice},
		"schluessel":  &keysPage{Tabs: tabs, Rows: []konto.APIKey{{ID: "7", Name: "Portal", Hint: "rathaus_ab", CreatedAt: at}, {ID: "8", Name: "Alt", CreatedAt: at, RevokedAt: at}}},
		"bestaetigen": &confirmPage{Text: "Text", Button: "Widerrufen", Action: "/verwaltung/technik/schluessel/7/widerrufen"},
		"auftraege": &jobsPage{Tabs: tabs, Dead: []jobRow{{job.Job{ID: "9", CreatedAt: at, Attempts: 12, LastError: "refused"}, "Mail senden"}},
			Waiting: []jobRow{{job.Job{ID: "10", Due: at}, "Mail senden"}}, Running: 1},
		"protokoll": &auditPage{Tabs: tabs, Head: audit.Head{Seq: 1234, Hash: "ab12"}, Next: "/verwaltung/technik/protokoll?seite=x",
			Rows: []auditRow{{Seq: 1234, At: at, Who: "Jana Petersen", Thing: "Vorgang", Act: "übernommen", ID: "11"}}},
		"mails": &mailsPage{Rows: []mail.Entry{entry}, Next: "/demo/mails?vor=4"},
		"mail":  &mailPage{Mail: entry, Lines: []ui.Link{{Text: "Guten Tag"}, {Text: "http://localhost/vorgang", Href: "/vorgang"}}},
	}
}

// partials are example arguments of the templates that pages share.
func partials() map[string]any {
	return map[string]any{"_person": &newPersonPage{}}
}
