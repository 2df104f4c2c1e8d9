package verwaltung_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rathaus/internal/audit"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/verwaltung"
	"rathaus/internal/web/webtest"
)

func TestTemplates(t *testing.T) {
	t.Parallel()
	webtest.CheckSection(t, verwaltung.Section(verwaltung.Config{Mails: true}))
}

// asAdmin acts as the administrator without the way through the sign-in.
func (h *house) asAdmin() *house {
	h.Resolve = nil
	h.Login = web.Login{Kind: web.StaffLogin, Actor: h.admin, Name: "Vera Walt", Admin: true}
	return h
}

// Every page of the administration is closed to clerks and to strangers, GET and POST.
func TestAdministrationIsClosed(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, route := range h.Server.Routes() {
		if !strings.HasPrefix(route.Pattern, "/verwaltung") {
			continue
		}
		path := strings.ReplaceAll(route.Pattern, "{id}", konto.StaffID(h.clerk))
		call := func() *webtest.Answer {
			if route.Method == http.MethodGet {
				return h.Get(t, path)
			}
			return h.Post(t, path, url.Values{})
		}
		h.Resolve, h.Login = nil, web.Login{}
		if a := call(); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/amt/anmelden") {
			t.Errorf("%s %s for a stranger: %d", route.Method, route.Pattern, a.Status)
		}
		h.Login = web.Login{Kind: web.StaffLogin, Actor: h.clerk}
		if a := call(); a.Status != http.StatusNotFound {
			t.Errorf("%s %s for a clerk: %d", route.Method, route.Pattern, a.Status)
		}
		// Even if the session wrongly said so: the modules look at the roles themselves.
		h.Login.Admin = true
		if a := call(); route.Method == http.MethodPost && a.Status < 400 {
			t.Errorf("%s %s for a clerk with a wrong session: %d", route.Method, route.Pattern, a.Status)
		}
	}
}

func TestEveryPageAnswers(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	for _, route := range h.Server.Routes() {
		if route.Method != http.MethodGet || !strings.HasPrefix(route.Pattern, "/verwaltung") {
			continue
		}
		var paths []string
		h.Read(t, func(tx *storage.Tx) (err error) { paths, err = route.Examples(tx); return err })
		for _, path := range paths {
			a := h.Get(t, path).WantStatus(t, http.StatusOK)
			a.WantCount("h1", 1)
		}
	}
}

func TestStaffPages(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	h.Get(t, "/verwaltung/personal").WantStatus(t, http.StatusOK).WantCount("tbody tr", 2)
	unit := mandanttest.Einheit(t, h.Store, "bauamt")
	form := url.Values{"login": {"petersen"}, "name": {"Tobi Okafor"}, "rolle": {"sachbearbeitung"}, "einheit": {unit}}
	refused := h.Post(t, "/verwaltung/personal/neu", form).WantStatus(t, http.StatusUnprocessableEntity)
	refused.Want("#f-login-fehler", "vergeben")
	if refused.Attr("#f-name", "value") != "Tobi Okafor" || refused.Attr("#f-einheit option[selected]", "value") != unit {
		t.Error("values were lost")
	}
	form.Set("login", "okafor")
	form.Set("einheit", "")
	h.Post(t, "/verwaltung/personal/neu", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-einheit-fehler", 1)
	form.Set("einheit", unit)
	created := h.Post(t, "/verwaltung/personal/neu", form).WantStatus(t, http.StatusOK)
	code := created.Text("dd.num")
	h.Read(t, func(tx *storage.Tx) error {
		m, err := konto.ByCode(tx, code)
		if m.Name != "Tobi Okafor" {
			t.Errorf("the code shown belongs to %q", m.Name)
		}
		return err
	})
	person := created.Attr(".button-row a", "href")
	page := h.Get(t, person).WantStatus(t, http.StatusOK)
	page.Want("tbody tr", "SachbearbeitungBauamt")
	h.follow(t, h.Post(t, person+"/rollen", url.Values{"rolle": {"leitung"}, "einheit": {unit}}), person).WantCount("tbody tr", 2)
	h.Post(t, person+"/rollen", url.Values{"rolle": {"koenig"}, "einheit": {unit}}).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-rolle-fehler", 1)
	h.follow(t, h.Post(t, person+"/rollen/entfernen", url.Values{"rolle": {"leitung"}, "einheit": {unit}}), person).WantCount("tbody tr", 1)
	second := h.Post(t, person+"/code", nil).WantStatus(t, http.StatusOK).Text("dd.num")
	if second == code {
		t.Error("the same code twice")
	}
	change := url.Values{"login": {"okafor"}, "name": {""}, "version": {page.Attr("input[name=version]", "value")}}
	h.Post(t, person, change).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-name-fehler", 1)
	change.Set("name", "Tobias Okafor")
	h.follow(t, h.Post(t, person, change), person).Want("h1", "Tobias Okafor")
	h.follow(t, h.Post(t, person+"/sperren", nil), person).Want(".facts", "gesperrt")
	h.follow(t, h.Post(t, person+"/freigeben", nil), person)
	h.Post(t, person+"/zweiter-faktor", nil).WantStatus(t, http.StatusSeeOther)
	h.Post(t, "/verwaltung/personal/"+konto.StaffID(h.admin)+"/sperren", nil).WantStatus(t, http.StatusConflict).Want("main", "letzte Konto")
	h.Get(t, "/verwaltung/personal/gibt-es-nicht").WantStatus(t, http.StatusNotFound)
}

func TestProfilForms(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	// posting back what a form shows changes nothing but the version
	for _, path := range []string{"/verwaltung/stadt", "/verwaltung/stadt/briefkopf", "/verwaltung/stadt/aussehen", "/verwaltung/stadt/rechtstexte", "/verwaltung/stadt/schalter"} {
		var before, after mandant.Profil
		h.Read(t, func(tx *storage.Tx) (err error) { before, err = mandant.GetProfil(tx); return err })
		h.follow(t, h.Post(t, path, shown(h.Get(t, path).WantStatus(t, http.StatusOK))), path)
		h.Read(t, func(tx *storage.Tx) (err error) { after, err = mandant.GetProfil(tx); return err })
		before.Version++
		if before.Hours != after.Hours || before.Theme != after.Theme || before.Bank != after.Bank || before.Switches != after.Switches || before.Version != after.Version {
			t.Errorf("%s: %+v became %+v", path, before, after)
		}
	}
	form := shown(h.Get(t, "/verwaltung/stadt/aussehen"))
	form.Set("theme.chroma", "0,2")
	refused := h.Post(t, "/verwaltung/stadt/aussehen", form).WantStatus(t, http.StatusUnprocessableEntity)
	refused.Want("#f-theme-chroma-fehler", "0,14")
	if refused.Attr("#f-theme-chroma", "value") != "0,2" {
		t.Error("what was typed is lost")
	}
	form.Set("theme.chroma", "viel")
	h.Post(t, "/verwaltung/stadt/aussehen", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-theme-chroma-fehler", 1)
	form.Set("theme.chroma", "0,14")
	form.Set("theme.hue", "145")
	h.follow(t, h.Post(t, "/verwaltung/stadt/aussehen", form), "/verwaltung/stadt/aussehen")
	h.Post(t, "/verwaltung/stadt/aussehen", form).WantStatus(t, http.StatusUnprocessableEntity).Want(".error-list", "inzwischen")
	h.Read(t, func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		if p.Theme.Hue != 145 || p.Theme.Chroma != .14 {
			t.Errorf("theme %+v", p.Theme)
		}
		return err
	})
	form = shown(h.Get(t, "/verwaltung/stadt/briefkopf"))
	form.Set("bank.iban", "DE00")
	h.Post(t, "/verwaltung/stadt/briefkopf", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-bank-iban-fehler", 1)
	form.Set("bank.iban", "")
	h.Post(t, "/verwaltung/stadt/briefkopf", form).WantStatus(t, http.StatusSeeOther)
	h.Get(t, "/verwaltung").Want(".kern-alert--warning", "IBAN")
}

// shown is what a browser would post without touching anything.
func shown(a *webtest.Answer) url.Values {
	form := url.Values{}
	names, values := a.Attrs("form.form input:not([type=checkbox])", "name"), a.Attrs("form.form input:not([type=checkbox])", "value")
	for i := range names {
		form.Set(names[i], values[i])
	}
	texts := a.All("form.form textarea")
	for i, name := range a.Attrs("form.form textarea", "name") {
		form.Set(name, strings.ReplaceAll(texts[i], " Do ", "\nDo ")) // All folds line ends
	}
	for _, name := range a.Attrs("form.form select", "name") {
		form.Set(name, a.Attr(`select[name="`+name+`"] option[selected]`, "value"))
	}
	for _, name := range a.Attrs("form.form input[type=checkbox][checked]", "name") {
		form.Set(name, "ja")
	}
	return form
}

func TestUnits(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	h.Get(t, "/verwaltung/stellen").WantStatus(t, http.StatusOK).WantCount("tbody tr", 13)
	bau, tief := mandanttest.Einheit(t, h.Store, "bauamt"), mandanttest.Einheit(t, h.Store, "tiefbauamt")
	form := url.Values{"key": {"Bau Hof"}, "name": {"Bauhof"}, "parent": {tief}, "position": {"20"}, "active": {"ja"}}
	h.Post(t, "/verwaltung/stellen/neu", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-key-fehler", 1)
	form.Set("key", "bauhof")
	form.Set("position", "vorn")
	h.Post(t, "/verwaltung/stellen/neu", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-position-fehler", 1)
	form.Set("position", "20")
	h.follow(t, h.Post(t, "/verwaltung/stellen/neu", form), "/verwaltung/stellen").WantCount("tbody tr", 14)
	move := url.Values{"name": {"Bauamt"}, "parent": {tief}, "active": {"ja"}}
	h.Post(t, "/verwaltung/stellen/"+bau, move).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-parent-fehler", "unter sich selbst")
	root := mandanttest.Einheit(t, h.Store, mandant.RootKey)
	page := h.Get(t, "/verwaltung/stellen/"+root).WantStatus(t, http.StatusOK)
	page.WantCount("select", 0)
	h.Post(t, "/verwaltung/stellen/"+root, url.Values{"name": {"Rathaus"}}).WantStatus(t, http.StatusSeeOther)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	h.Post(t, "/verwaltung/technik/schluessel", nil).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-name-fehler", 1)
	made := h.Post(t, "/verwaltung/technik/schluessel", url.Values{"name": {"Landesportal"}}).WantStatus(t, http.StatusOK)
	key := made.Text("dd.num")
	works := func() error {
		return h.DB.Read(context.Background(), h.Scope, func(tx *storage.Tx) error { _, err := konto.ByAPIKey(tx, "Bearer "+key); return err })
	}
	if err := works(); err != nil {
		t.Errorf("the key shown does not work: %v", err)
	}
	list := h.Get(t, "/verwaltung/technik/schluessel").WantStatus(t, http.StatusOK)
	if strings.Contains(list.Body, key) {
		t.Error("the list shows a key in clear")
	}
	revoke := list.Attr("tbody a", "href")
	h.Get(t, revoke).WantStatus(t, http.StatusOK).Want("h1", "Landesportal")
	h.follow(t, h.Post(t, revoke, nil), "/verwaltung/technik/schluessel").Want("tbody", "widerrufen")
	if works() == nil {
		t.Error("a revoked key works")
	}
	h.Get(t, revoke).WantStatus(t, http.StatusNotFound)
}

func TestJobs(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	h.Write(t, func(tx *storage.Tx) error {
		return errors.Join(job.Enqueue(tx, "mail.send", map[string]string{"id": "x"}), job.Enqueue(tx, "later", nil, job.At(tx.Now().AddDate(0, 0, 1))))
	})
	r := job.NewRunner(h.DB)
	r.Register("mail.send", func(context.Context, *job.Run) error { return job.Permanent(errors.New("Empfänger abgelehnt")) })
	if _, err := r.Drain(context.Background(), h.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
	page := h.Get(t, "/verwaltung/technik/auftraege").WantStatus(t, http.StatusOK)
	page.Want("section[aria-labelledby=tot] tbody", "Empfänger abgelehnt")
	page.Want("section[aria-labelledby=tot] tbody th", "E-Mail senden")
	page.Want("section[aria-labelledby=offen] tbody", "later")
	h.Get(t, "/verwaltung").Want(".facts", "Gescheiterte Aufträge1")
	remove := page.Attr("tbody a", "href")
	h.Get(t, remove).WantStatus(t, http.StatusOK)
	h.follow(t, h.Post(t, page.Attr("tbody form", "action"), nil), "/verwaltung/technik/auftraege").WantCount("section[aria-labelledby=tot] tbody tr", 0)
	h.Post(t, remove, nil).WantStatus(t, http.StatusNotFound) // it is waiting again
}

func TestAuditPage(t *testing.T) {
	t.Parallel()
	h := open(t).asAdmin()
	for range 30 {
		h.As(h.clerk).Write(t, func(tx *storage.Tx) error {
			return audit.Record(tx, audit.Entry{Noun: "vorgang", ID: "v1", Act: "taken_over"})
		})
	}
	page := h.Get(t, "/verwaltung/technik/protokoll").WantStatus(t, http.StatusOK)
	page.WantCount("tbody tr", 25)
	page.Want("tbody tr:first-child", "Jana Petersen")
	page.Want("tbody tr:first-child", "Vorgang")
	h.Get(t, page.Attr(".pager a", "href")).WantStatus(t, http.StatusOK).Want("tbody", "Programm")
	h.Login = web.Login{Kind: web.StaffLogin, Actor: h.clerk}
	h.Get(t, "/verwaltung/technik/protokoll").WantStatus(t, http.StatusNotFound)
}
