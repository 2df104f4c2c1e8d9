package verwaltung_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/konto/kontotest"
	"rathaus/internal/mail"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web/verwaltung"
	"rathaus/internal/web/webtest"
)

const password = "Kutsche rollt durch Nebel"

// house is the site of a town with an administrator and a clerk, both with the same password.
type house struct {
	*webtest.Site
	gate         *konto.Gate
	admin, clerk string // actors
}

func open(t *testing.T) *house {
	t.Helper()
	s := storagetest.New(t)
	mandanttest.Fill(t, s)
	h := &house{gate: kontotest.Gate(t, s)}
	h.admin = kontotest.StaffWith(t, s, konto.Mitarbeiter{Login: "walt", Name: "Vera Walt"},
		konto.RolleAn{Rolle: konto.Administration, EinheitID: mandanttest.Einheit(t, s, "verwaltung")})
	h.clerk = kontotest.StaffWith(t, s, konto.Mitarbeiter{Login: "petersen", Name: "Jana Petersen", Mail: "j.petersen@wiesenbrueck.example"},
		konto.RolleAn{Rolle: konto.Sachbearbeitung, EinheitID: mandanttest.Einheit(t, s, "ordnungsamt")})
	kontotest.Password(t, s, h.gate, h.admin, password)
	kontotest.Password(t, s, h.gate, h.clerk, password)
	h.Site = webtest.New(t, s, verwaltung.Section(verwaltung.Config{Gate: h.gate, Mails: true}))
	h.Resolve = verwaltung.Login
	return h
}

func (h *house) follow(t *testing.T, a *webtest.Answer, want string) *webtest.Answer {
	t.Helper()
	a.WantStatus(t, http.StatusSeeOther)
	if a.Location() != want {
		t.Fatalf("redirect to %s, want %s", a.Location(), want)
	}
	return h.Get(t, want)
}

func (h *house) login(t *testing.T, login, password string) *webtest.Answer {
	t.Helper()
	return h.Post(t, "/amt/anmelden", url.Values{"benutzer": {login}, "kennwort": {password}, "weiter": {"/amt/konto"}})
}

// enter signs in completely; a first factor is set up on the way.
func (h *house) enter(t *testing.T, login string) (secret string) {
	t.Helper()
	page := h.follow(t, h.login(t, login, password), "/amt/anmelden/einrichten?weiter=%2Famt%2Fkonto")
	secret = page.Text("strong.num")
	code, err := konto.TOTPCode(secret, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	h.follow(t, h.Post(t, "/amt/anmelden/einrichten", url.Values{"code": {code}, "weiter": {"/amt/konto"}}), "/amt/konto").
		WantStatus(t, http.StatusOK)
	return secret
}

func TestFirstSignInSetsUpSecondFactor(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.follow(t, h.Get(t, "/amt/konto"), "/amt/anmelden?weiter=%2Famt%2Fkonto").Want("h1", "Anmelden")
	page := h.follow(t, h.login(t, "petersen", password), "/amt/anmelden/einrichten?weiter=%2Famt%2Fkonto")
	page.WantCount("svg.qr[role=img]", 1)
	if got := h.Get(t, "/amt/konto").Status; got != http.StatusSeeOther {
		t.Errorf("with the password alone: status %d", got)
	}
	again := h.Get(t, "/amt/anmelden/einrichten")
	if again.Text("strong.num") != page.Text("strong.num") {
		t.Error("the secret changed when the page was loaded again")
	}
	wrong := h.Post(t, "/amt/anmelden/einrichten", url.Values{"code": {"000000"}}).WantStatus(t, http.StatusUnprocessableEntity)
	wrong.Want("#f-code-fehler", "Der Code stimmt nicht")
	if wrong.Attr("#f-code", "value") != "" {
		t.Error("the wrong code was kept")
	}
	code, _ := konto.TOTPCode(page.Text("strong.num"), h.Clock.Now())
	home := h.follow(t, h.Post(t, "/amt/anmelden/einrichten", url.Values{"code": {code}, "weiter": {"/amt/konto"}}), "/amt/konto")
	home.Want("[role=status]", "eingerichtet")
	home.Want(".bar-tools", "Jana Petersen, Ordnungsamt")
}

func TestSignInWithCode(t *testing.T) {
	t.Parallel()
	h := open(t)
	secret := h.enter(t, "petersen")
	h.follow(t, h.Post(t, "/amt/abmelden", nil), "/amt/anmelden").Want("[role=status]", "abgemeldet")
	if got := h.Get(t, "/amt/konto").Status; got != http.StatusSeeOther {
		t.Errorf("after signing out: status %d", got)
	}
	h.Clock.Advance(time.Minute)
	h.follow(t, h.login(t, "petersen", password), "/amt/anmelden/code?weiter=%2Famt%2Fkonto").WantCount("input[autocomplete=one-time-code]", 1)
	h.Post(t, "/amt/anmelden/code", url.Values{"code": {"123"}}).WantStatus(t, http.StatusUnprocessableEntity)
	code, _ := konto.TOTPCode(secret, h.Clock.Now())
	h.follow(t, h.Post(t, "/amt/anmelden/code", url.Values{"code": {code}, "weiter": {"https://fremd.example/"}}), "/amt")
	h.Get(t, "/amt/konto").WantStatus(t, http.StatusOK)
	if got := h.Get(t, "/amt/anmelden").Status; got != http.StatusSeeOther {
		t.Errorf("signed in, the sign-in page answers %d", got)
	}
}

func TestStepsNeedTheStepBefore(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, path := range []string{"/amt/anmelden/code", "/amt/anmelden/einrichten"} {
		h.follow(t, h.Get(t, path), "/amt/anmelden")
		h.follow(t, h.Post(t, path, url.Values{"code": {"123456"}}), "/amt/anmelden")
	}
}

func TestRefusedSignInSaysNothing(t *testing.T) {
	t.Parallel()
	h := open(t)
	var bodies []string
	for _, c := range [][2]string{{"petersen", "falsch"}, {"niemand", "falsch"}, {"", ""}} {
		a := h.login(t, c[0], c[1]).WantStatus(t, http.StatusUnprocessableEntity)
		bodies = append(bodies, strings.ReplaceAll(strings.Join(a.All("main"), ""), c[0], ""))
		if c[1] != "" && strings.Contains(a.Body, c[1]) {
			t.Error("the password came back")
		}
	}
	if bodies[0] != bodies[1] || bodies[1] != bodies[2] {
		t.Errorf("answers differ: %q", bodies)
	}
	var last *webtest.Answer
	for range 12 {
		last = h.login(t, "petersen", "falsch")
	}
	last.WantStatus(t, http.StatusTooManyRequests)
	if last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.Post(t, "/amt/kennwort", nil).WantStatus(t, http.StatusUnprocessableEntity)
	first := h.follow(t, h.Post(t, "/amt/kennwort", url.Values{"benutzer": {"niemand"}}), "/amt/kennwort/neu").Text("[role=status]")
	second := h.follow(t, h.Post(t, "/amt/kennwort", url.Values{"benutzer": {"petersen"}}), "/amt/kennwort/neu").Text("[role=status]")
	if first != second {
		t.Error("the page tells who works here")
	}
	var mails []mail.Entry
	h.Read(t, func(tx *storage.Tx) (err error) { mails, err = mail.List(tx, ""); return err })
	_, rest, _ := strings.Cut(mails[0].Text, "Einmalcode: ")
	code, _, _ := strings.Cut(rest, "\n")
	form := url.Values{"code": {"falsch"}, "neu": {"Regen fällt auf Dächer"}, "wiederholung": {"Regen fällt auf Dächer"}}
	h.Post(t, "/amt/kennwort/neu", form).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-code-fehler", "gilt nicht")
	form.Set("code", code)
	form.Set("wiederholung", "anders")
	h.Post(t, "/amt/kennwort/neu", form).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-wiederholung-fehler", "verschieden")
	form.Set("neu", "Petersen2026")
	form.Set("wiederholung", "Petersen2026")
	h.Post(t, "/amt/kennwort/neu", form).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-neu-fehler", "Namen")
	form.Set("neu", "Regen fällt auf Dächer")
	form.Set("wiederholung", "Regen fällt auf Dächer")
	h.follow(t, h.Post(t, "/amt/kennwort/neu", form), "/amt/anmelden").Want("[role=status]", "gilt")
	h.login(t, "petersen", password).WantStatus(t, http.StatusUnprocessableEntity)
	h.login(t, "petersen", "Regen fällt auf Dächer").WantStatus(t, http.StatusSeeOther)
	page := h.Get(t, "/demo/mails").WantStatus(t, http.StatusOK)
	page.WantCount("tbody tr", 1)
	h.Get(t, page.Attr("tbody a", "href")).WantStatus(t, http.StatusOK).Want("article .panel", "Einmalcode")
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enter(t, "petersen")
	page := h.Get(t, "/amt/konto").WantStatus(t, http.StatusOK)
	version := page.Attr("input[name=version]", "value")
	form := url.Values{"phone": {"12-345"}, "room": {"2.07"}, "mail": {"kein at"}, "version": {version}}
	refused := h.Post(t, "/amt/konto", form).WantStatus(t, http.StatusUnprocessableEntity)
	refused.WantCount("#f-mail-fehler", 1)
	if refused.Attr("#f-room", "value") != "2.07" {
		t.Error("values were lost")
	}
	form.Set("mail", "")
	h.follow(t, h.Post(t, "/amt/konto", form), "/amt/konto").Want("[role=status]", "Gespeichert")
	stale := h.Post(t, "/amt/konto", form).WantStatus(t, http.StatusUnprocessableEntity)
	stale.Want(".error-list", "inzwischen gespeichert")
	if stale.Attr("input[name=version]", "value") == version {
		t.Error("the page kept the outdated version")
	}
	change := url.Values{"kennwort": {"falsch"}, "neu": {"Regen fällt auf Dächer"}, "wiederholung": {"Regen fällt auf Dächer"}}
	h.Post(t, "/amt/konto/kennwort", change).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-kennwort-fehler", 1)
	change.Set("kennwort", password)
	h.follow(t, h.Post(t, "/amt/konto/kennwort", change), "/amt/konto")
	factor := h.Get(t, "/amt/konto/zweiter-faktor").WantStatus(t, http.StatusOK)
	h.Clock.Advance(time.Minute)
	code, _ := konto.TOTPCode(factor.Text("strong.num"), h.Clock.Now())
	h.follow(t, h.Post(t, "/amt/konto/zweiter-faktor", url.Values{"code": {code}}), "/amt/konto")
}

func TestSessionsPage(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.enter(t, "petersen")
	id := konto.StaffID(h.clerk)
	for range 2 {
		h.Write(t, func(tx *storage.Tx) error {
			_, _, err := konto.Start(tx, konto.SessionStaff, id, "Firefox, Linux")
			return err
		})
	}
	page := h.Get(t, "/amt/konto/sitzungen").WantStatus(t, http.StatusOK)
	page.WantCount("tbody tr", 3)
	var other string
	for i, row := range page.All("tbody tr") {
		if !strings.Contains(row, "diese Anmeldung") {
			other = page.Attrs("tbody form", "action")[i]
		}
	}
	h.follow(t, h.Post(t, other, nil), "/amt/konto/sitzungen").WantCount("tbody tr", 2)
	h.follow(t, h.Post(t, "/amt/konto/sitzungen", nil), "/amt/konto/sitzungen").WantCount("tbody tr", 1)
	last := h.Get(t, "/amt/konto/sitzungen").Attrs("tbody form", "action")
	h.follow(t, h.Post(t, last[0], nil), "/amt/anmelden")
}

func TestDeputies(t *testing.T) {
	t.Parallel()
	h := open(t)
	today := clock.DateOf(h.Clock.Now())
	h.As(h.clerk).Write(t, func(tx *storage.Tx) error {
		_, err := konto.AddVertretung(tx, konto.Vertretung{RepresentedID: konto.StaffID(h.clerk), DeputyID: konto.StaffID(h.admin), From: today, To: today})
		return err
	})
	h.enter(t, "walt")
	page := h.Get(t, "/amt/vertretung").WantStatus(t, http.StatusOK)
	page.Want("tbody tr", "Jana Petersen")
	h.follow(t, h.Post(t, "/amt/vertretung/wechseln", url.Values{"person": {konto.StaffID(h.clerk)}}), "/amt")
	acting := h.Get(t, "/amt/vertretung").WantStatus(t, http.StatusOK)
	acting.Want(".bar-tools", "Vera Walt für Jana Petersen")
	h.Get(t, "/verwaltung").WantStatus(t, http.StatusNotFound) // administration is not delegated, nor kept meanwhile
	h.Get(t, "/amt/konto").WantStatus(t, http.StatusOK).WantCount("form.form", 0)
	h.follow(t, h.Post(t, "/amt/vertretung/wechseln", nil), "/amt/vertretung")
	h.Get(t, "/verwaltung").WantStatus(t, http.StatusOK)
	form := url.Values{"represented": {konto.StaffID(h.clerk)}, "deputy": {konto.StaffID(h.clerk)}, "from": {"1.12.2026"}, "to": {"morgen"}}
	h.Post(t, "/amt/vertretung", form).WantStatus(t, http.StatusUnprocessableEntity).WantCount("#f-to-fehler", 1)
	form.Set("to", "4.12.2026")
	h.Post(t, "/amt/vertretung", form).WantStatus(t, http.StatusUnprocessableEntity).Want("#f-deputy-fehler", "selbst")
	form.Set("deputy", konto.StaffID(h.admin))
	after := h.follow(t, h.Post(t, "/amt/vertretung", form), "/amt/vertretung")
	after.WantCount("tbody tr", 2)
	for _, action := range after.Attrs("tbody form", "action") {
		h.Post(t, action, nil).WantStatus(t, http.StatusSeeOther)
	}
	h.Get(t, "/amt/vertretung").WantCount("tbody tr", 0)
}
