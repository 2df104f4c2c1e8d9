package portal

import (
	"errors"
	"net/http"
	"strings"

	"rathaus/internal/antrag"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// Cookies of residents: one opens a single case (number and code, or a link), one is the account's.
const (
	caseCookie    = "vorgang"
	accountCookie = "konto"
)

// Login loads a resident's sessions; the zero Login when there is none. It is what web.Config.Login returns for
// routes of the portal. Both kinds may be there at once: an account, and a case opened with its code.
func Login(r *web.Request) (web.Login, error) {
	tokens := map[konto.SessionKind]string{konto.SessionVorgang: r.CookieValue(caseCookie), konto.SessionBuerger: r.CookieValue(accountCookie)}
	if tokens[konto.SessionVorgang] == "" && tokens[konto.SessionBuerger] == "" {
		return web.Login{}, nil
	}
	var login web.Login
	var touch []konto.Sitzung
	err := r.Read(func(tx *storage.Tx) error {
		login, touch = web.Login{}, nil
		for _, kind := range []konto.SessionKind{konto.SessionVorgang, konto.SessionBuerger} {
			s, err := konto.Resume(tx, kind, tokens[kind])
			if errors.Is(err, problem.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if err := addSession(tx, &login, s); err != nil {
				return err
			}
			if s.NeedsTouch(tx.Now()) {
				touch = append(touch, s)
			}
		}
		return nil
	})
	if err != nil || len(touch) == 0 {
		return login, err
	}
	if err := r.Write(func(tx *storage.Tx) error { return touchAll(tx, touch) }); err != nil {
		r.Log().Warn("session not touched", "err", err) // reading goes on while nothing can be stored
	}
	return login, nil
}

func addSession(tx *storage.Tx, login *web.Login, s konto.Sitzung) error {
	login.Kind, login.Actor, login.SessionID = web.CitizenLogin, s.Actor(), s.ID
	if s.Kind == konto.SessionVorgang {
		login.Antraege = append(login.Antraege, s.Subject)
		return nil
	}
	b, err := konto.GetBuerger(tx, s.Subject)
	if err != nil {
		return err
	}
	login.Account, login.Name, login.Level = b.ID, b.Mail, string(leistung.TrustNormal)
	return nil
}

func touchAll(tx *storage.Tx, all []konto.Sitzung) error {
	for _, s := range all {
		if err := konto.Touch(tx, s); err != nil {
			return err
		}
	}
	return nil
}

// proof is what the session of the request has established.
func proof(r *web.Request) antrag.Proof {
	return antrag.Proof{Antraege: r.Login.Antraege, BuergerID: r.Login.Account}
}

// origin is where an attempt comes from, for throttling only.
func origin(r *web.Request) konto.Origin {
	if !r.Addr.IsValid() {
		return konto.Origin{}
	}
	if r.Addr.Is6() { // one household or office has a whole /64
		if p, err := r.Addr.Prefix(64); err == nil {
			return konto.Origin{Address: p.String()}
		}
	}
	return konto.Origin{Address: r.Addr.String()}
}

// throttled turns the gate's refusal into the answer 429.
func throttled(err error) error {
	var t *konto.ThrottledError
	if errors.As(err, &t) {
		return web.Throttled(t.Wait)
	}
	return err
}

// startCase opens a session on one case and leads to it.
func (h handlers) startCase(w http.ResponseWriter, r *web.Request, antragID string) error {
	var token, number string
	err := r.Write(func(tx *storage.Tx) error {
		cases, err := antrag.Cases(tx, antrag.Proof{Antraege: []string{antragID}})
		if err != nil {
			return err
		}
		number = cases[0].Vorgangsnummer
		token, _, err = konto.Start(tx, konto.SessionVorgang, antragID, "")
		return err
	})
	if err != nil {
		return err
	}
	r.SetCookie(w, caseCookie, token, 0)
	next := r.Next("/vorgang/" + number)
	if !strings.HasPrefix(next, "/vorgang/"+number) {
		next = "/vorgang/" + number
	}
	return r.Redirect(w, next)
}

// signOut ends both sessions of the browser.
func (h handlers) signOut(w http.ResponseWriter, r *web.Request) error {
	for _, name := range []string{caseCookie, accountCookie} {
		token := r.CookieValue(name)
		if token == "" {
			continue
		}
		if err := r.Write(func(tx *storage.Tx) error { return konto.SignOut(tx, token) }); err != nil {
			return err
		}
		r.DropCookie(w, name)
	}
	r.Notice(w, "success", "vorgang.signed_out")
	return r.Redirect(w, "/vorgang")
}
