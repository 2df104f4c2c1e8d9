package verwaltung

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"

	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// factorPage sets up the second factor: during the first sign-in, or again from the own account.
type factorPage struct {
	ui.Page
	Action string
	Next   string
	First  bool // during sign-in; the person has no other page yet
	Secret string
	QR     template.HTML
}

// factor prepares the page; the secret stays the same until it is confirmed.
func (h handlers) factor(r *web.Request, s konto.Sitzung, page *factorPage) error {
	return r.Write(func(tx *storage.Tx) error {
		secret, err := h.Gate.BeginTOTP(tx, s)
		if err != nil {
			return err
		}
		m, err := konto.Get(tx, s.Subject)
		if err != nil {
			return err
		}
		page.Secret = grouped(konto.TOTPSecret(secret))
		page.QR, err = qrSVG(konto.TOTPURI(secret, r.Town.Official, m.Login), r.T("verwaltung.factor_qr"))
		return err
	})
}

func newFirstFactor(r *web.Request) *factorPage {
	return &factorPage{Page: ui.Page{Title: r.T("verwaltung.factor_title")}, Action: "/amt/anmelden/einrichten", First: true, Next: r.Next("")}
}

func (h handlers) showFirstFactor(w http.ResponseWriter, r *web.Request) error {
	s, err := pending(r)
	if err != nil {
		return startOver(w, r, err)
	}
	page := newFirstFactor(r)
	if err := h.factor(r, s, page); err != nil {
		return err
	}
	return r.Page(w, "verwaltung/einrichten", page)
}

func (h handlers) confirmFirstFactor(w http.ResponseWriter, r *web.Request) error {
	s, err := pending(r)
	if err != nil {
		return startOver(w, r, err)
	}
	page := newFirstFactor(r)
	token, session, err := h.confirm(r, s)
	if fields, ok := web.Fields(err); ok {
		if err := h.factor(r, s, page); err != nil {
			return err
		}
		return wrongCode(w, r, "verwaltung/einrichten", page, fields)
	}
	if err != nil {
		return throttled(err)
	}
	keep(w, r, session, token)
	r.Notice(w, "success", "verwaltung.factor_done")
	return r.Redirect(w, r.Next("/amt"))
}

// confirm checks the first code of the app.
func (h handlers) confirm(r *web.Request, s konto.Sitzung) (token string, session konto.Sitzung, err error) {
	try, err := h.Gate.TryCode(r.Town.Key, s, origin(r))
	if err != nil {
		return "", s, err
	}
	err = r.Write(func(tx *storage.Tx) (err error) {
		token, session, err = h.Gate.ConfirmTOTP(tx, s, r.PostFormValue("code"), agent(r))
		return err
	})
	if err == nil {
		try.Succeeded()
	}
	return token, session, err
}

func newOwnFactor(r *web.Request) *factorPage {
	return &factorPage{Page: ui.Page{Title: r.T("verwaltung.factor_title"),
		Back: &ui.Link{Text: r.T("verwaltung.back_to_account"), Href: "/amt/konto"}}, Action: "/amt/konto/zweiter-faktor"}
}

func (h handlers) showOwnFactor(w http.ResponseWriter, r *web.Request) error {
	page := newOwnFactor(r)
	s, err := ownSession(r)
	if err == nil {
		err = h.factor(r, s, page)
	}
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/einrichten", page)
}

func (h handlers) confirmOwnFactor(w http.ResponseWriter, r *web.Request) error {
	s, err := ownSession(r)
	if err != nil {
		return err
	}
	page := newOwnFactor(r)
	_, _, err = h.confirm(r, s)
	if fields, ok := web.Fields(err); ok {
		if err := h.factor(r, s, page); err != nil {
			return err
		}
		r.PostForm.Del("code")
		return r.Problem(w, "verwaltung/einrichten", page, fields)
	}
	if err != nil {
		return throttled(err)
	}
	r.Notice(w, "success", "verwaltung.factor_done")
	return r.Redirect(w, "/amt/konto")
}

func ownSession(r *web.Request) (konto.Sitzung, error) {
	var s konto.Sitzung
	err := r.Read(func(tx *storage.Tx) (err error) {
		s, err = own(tx, r)
		return err
	})
	return s, err
}

// grouped sets a blank after every four characters, for people who type it.
func grouped(s string) string {
	var b strings.Builder
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// quiet is the white border a reader needs, in modules.
const quiet = 4

// qrSVG draws a QR code as one path, always black on white: readers do not like dark mode.
func qrSVG(text, label string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("QR code: %w", err)
	}
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && dark(code.At(x+run, y).RGBA()) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	full := size + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" width="240" height="240" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges">`+
		`<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`,
		full, full, template.HTMLEscapeString(label), full, full, path.String())), nil
}

func dark(red, _, _, _ uint32) bool { return red < 0x8000 }
