package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"rathaus/internal/web/ui"
)

// SetCookie sets a cookie that scripts and other sites never see; on https its name carries the prefix __Host-.
// maxAge 0 means until the browser closes.
func (r *Request) SetCookie(w http.ResponseWriter, name, value string, maxAge time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: r.cookieName(name), Value: value, Path: "/", MaxAge: int(maxAge / time.Second),
		HttpOnly: true, Secure: r.Secure, SameSite: http.SameSiteLaxMode})
}

// DropCookie removes a cookie set with SetCookie.
func (r *Request) DropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: r.cookieName(name), Path: "/", MaxAge: -1, HttpOnly: true, Secure: r.Secure,
		SameSite: http.SameSiteLaxMode})
}

// CookieValue returns the value of a cookie set with SetCookie, or "".
func (r *Request) CookieValue(name string) string {
	c, err := r.Cookie(r.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

func (r *Request) cookieName(name string) string {
	if r.Secure {
		return "__Host-" + name
	}
	return name
}

// noticeCookie carries one sentence over a redirect, sealed so that nobody can put words into our mouth.
const (
	noticeCookie  = "meldung"
	noticePurpose = "meldung"
)

type storedNotice struct {
	Kind string `json:"k"`
	Key  string `json:"t"`
	Args []any  `json:"a,omitempty"`
}

// Notice shows a sentence on the next page: kind "success", "info", "warning" or "danger", a catalogue key and its
// arguments. Arguments are numbers, dates, names of things; nothing about persons.
func (r *Request) Notice(w http.ResponseWriter, kind, key string, args ...any) {
	for i, a := range args {
		args[i] = r.format(a)
	}
	raw, err := json.Marshal(storedNotice{kind, key, args})
	if err == nil {
		var sealed string
		if sealed, err = r.srv.cfg.Keys.Seal(noticePurpose, r.Town.Key, raw); err == nil {
			r.SetCookie(w, noticeCookie, base64.RawURLEncoding.EncodeToString([]byte(sealed)), time.Minute)
		}
	}
	if err != nil {
		r.Log().Warn("notice lost", "key", key, "err", err)
	}
}

// takeNotice reads and removes the notice of the request; nil when there is none or it was tampered with.
func (r *Request) takeNotice(w http.ResponseWriter) *ui.Notice {
	value := r.CookieValue(noticeCookie)
	if value == "" {
		return nil
	}
	r.DropCookie(w, noticeCookie)
	sealed, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil
	}
	raw, err := r.srv.cfg.Keys.Open(noticePurpose, r.Town.Key, string(sealed))
	if err != nil {
		return nil
	}
	var n storedNotice
	if json.Unmarshal(raw, &n) != nil {
		return nil
	}
	return &ui.Notice{Kind: n.Kind, Text: r.T(n.Key, n.Args...)}
}
