package verwaltung

import (
	"errors"
	"net/http"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// Cookies of staff. The pending one holds a session that has only proved a password.
const (
	sessionCookie = "sitzung"
	pendingCookie = "anmeldung"
	deviceCookie  = "geraet"
)

// Login loads the session of staff; the zero Login when there is none. It is what web.Config.Login returns for
// routes of staff. The use of the session is noted, at most once a minute.
func Login(r *web.Request) (web.Login, error) {
	token := r.CookieValue(sessionCookie)
	if token == "" {
		return web.Login{}, nil
	}
	var login web.Login
	var s konto.Sitzung
	err := r.Read(func(tx *storage.Tx) (err error) {
		if s, err = konto.Resume(tx, konto.SessionStaff, token); err != nil {
			return err
		}
		login, err = describe(tx, s)
		return err
	})
	if errors.Is(err, problem.NotFound) {
		return web.Login{}, nil
	}
	if err != nil {
		return web.Login{}, err
	}
	if s.NeedsTouch(r.Now()) {
		// Reading goes on while nothing can be stored, for instance on a full disk.
		if err := r.Write(func(tx *storage.Tx) error { return konto.Touch(tx, s) }); err != nil {
			r.Log().Warn("session not touched", "err", err)
		}
	}
	return login, nil
}

func describe(tx *storage.Tx, s konto.Sitzung) (web.Login, error) {
	m, err := konto.Get(tx, s.Subject)
	if err != nil {
		return web.Login{}, err
	}
	roles, err := konto.RollenOf(tx, m.ID)
	if err != nil {
		return web.Login{}, err
	}
	login := web.Login{Kind: web.StaffLogin, Actor: s.Actor(), OnBehalfOf: s.Represents(), SessionID: s.ID, Name: m.Name}
	for _, r := range roles {
		login.Admin = login.Admin || r.Rolle == konto.Administration && s.OnBehalfOf == ""
	}
	if len(roles) > 0 {
		unit, err := mandant.EinheitByID(tx, roles[0].EinheitID)
		if err != nil {
			return web.Login{}, err
		}
		login.Unit = unit.Name
	}
	if s.OnBehalfOf != "" {
		represented, err := konto.Get(tx, s.OnBehalfOf)
		if err != nil {
			return web.Login{}, err
		}
		login.For = represented.Name
	}
	return login, nil
}

// pending loads the session between password and second factor; problem.NotFound when there is none.
func pending(r *web.Request) (konto.Sitzung, error) {
	var s konto.Sitzung
	err := r.Read(func(tx *storage.Tx) (err error) {
		s, err = konto.Resume(tx, konto.SessionPending, r.CookieValue(pendingCookie))
		return err
	})
	return s, err
}

// own loads the staff session of the request itself, for acts on it.
func own(tx *storage.Tx, r *web.Request) (konto.Sitzung, error) {
	return konto.Resume(tx, konto.SessionStaff, r.CookieValue(sessionCookie))
}

// keep stores the token of a new session in its cookie. A staff session replaces the pending one.
func keep(w http.ResponseWriter, r *web.Request, s konto.Sitzung, token string) {
	if s.Kind == konto.SessionPending {
		r.SetCookie(w, pendingCookie, token, s.ExpiresAt.Sub(s.CreatedAt))
		return
	}
	r.DropCookie(w, pendingCookie)
	r.SetCookie(w, sessionCookie, token, 0)
}

func origin(r *web.Request) konto.Origin {
	o := konto.Origin{Device: r.CookieValue(deviceCookie)}
	if r.Addr.IsValid() {
		o.Address = r.Addr.String()
		if r.Addr.Is6() { // one household or office has a whole /64
			if p, err := r.Addr.Prefix(64); err == nil {
				o.Address = p.String()
			}
		}
	}
	return o
}

// agent names browser and system roughly, so that people recognise their own sessions; the full text is not kept.
func agent(r *web.Request) string {
	ua := r.UserAgent()
	first := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(ua, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([2]string{"Edg/", "Edge"}, [2]string{"Firefox/", "Firefox"}, [2]string{"Chrom", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := first([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Windows", "Windows"},
		[2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "":
		return ""
	case system == "":
		return browser
	}
	return browser + ", " + system
}

// throttled turns the gate's refusal into the answer 429.
func throttled(err error) error {
	var t *konto.ThrottledError
	if errors.As(err, &t) {
		return web.Throttled(t.Wait)
	}
	return err
}

func notFound(err error) bool { return errors.Is(err, problem.NotFound) }

// today is the current day in Germany.
func today(r *web.Request) clock.Date { return clock.DateOf(r.Now()) }

func refused(err error) bool { return errors.Is(err, konto.ErrRefused) }
