package portal

import (
	"net/http"
	"strings"

	"rathaus/internal/akte"
	"rathaus/internal/blob"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// barrierPage is the feedback form of the accessibility statement: what did not work, on which page, and how to answer.
type barrierPage struct {
	ui.Page
	From string // page the person came from
}

func newBarrierPage(r *web.Request) *barrierPage {
	return &barrierPage{Page: ui.Page{Title: r.T("allgemein.barrier_title"),
		Crumbs: []ui.Link{{Text: r.T("ui.accessibility_statement"), Href: "/barrierefreiheit"}}}}
}

func (h handlers) showReportBarrier(w http.ResponseWriter, r *web.Request) error {
	page := newBarrierPage(r)
	if from := r.URL.Query().Get("seite"); web.IsLocal(from) {
		page.From = from
	}
	return r.Page(w, "portal/barriere_melden", page)
}

// Longest texts a person may send.
const (
	maxBarrier = 5000
	maxContact = 200
)

// reportBarrier files what was typed as a Vorgang and tells the town by mail, which carries only number and link.
func (h handlers) reportBarrier(w http.ResponseWriter, r *web.Request) error {
	text, page := strings.TrimSpace(r.PostFormValue("text")), strings.TrimSpace(r.PostFormValue("seite"))
	name, address := strings.TrimSpace(r.PostFormValue("name")), strings.TrimSpace(r.PostFormValue("mail"))
	if fields := checkBarrier(text, page, name, address); len(fields) > 0 {
		return r.Problem(w, "portal/barriere_melden", newBarrierPage(r), fields)
	}
	content := r.T("allgemein.barrier_page") + ": " + page + "\n" + r.T("allgemein.barrier_name") + ": " + name + "\n" +
		r.T("allgemein.barrier_mail") + ": " + address + "\n\n" + text + "\n"
	ref, err := h.Blobs.Put(r.Context(), r.Town.Key, strings.NewReader(content))
	if err != nil {
		return err
	}
	var number string
	err = r.Write(func(tx *storage.Tx) error {
		number, err = fileBarrier(tx, ref, name)
		return err
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", "allgemein.barrier_thanks", number)
	return r.Redirect(w, "/barrierefreiheit")
}

func checkBarrier(text, page, name, address string) problem.Fields {
	var f problem.Fields
	switch {
	case text == "":
		f.Add("text", "allgemein.barrier_text_missing")
	case len([]rune(text)) > maxBarrier:
		f.Add("text", "problem.too_long", maxBarrier)
	}
	if len([]rune(page)) > maxContact {
		f.Add("seite", "problem.too_long", maxContact)
	}
	if len([]rune(name)) > maxContact {
		f.Add("name", "problem.too_long", maxContact)
	}
	if address != "" && !mandant.ValidMail(address) {
		f.Add("mail", "problem.email")
	}
	return f
}

// fileBarrier returns the Vorgangszeichen. Records of the administration are German whatever the form's language was.
func fileBarrier(tx *storage.Tx, text blob.Ref, name string) (string, error) {
	v, err := akte.TakeAnregung(tx, akte.Anregung{Betreff: "Barriere im digitalen Rathaus", Bezug: "barrierefreiheit", BezugName: "Barrierefreiheit",
		Beteiligter: name, Text: text, FileName: "meldung.txt"})
	if err != nil {
		return "", err
	}
	p, err := mandant.GetProfil(tx)
	if err != nil || p.Mail == "" {
		return v.Zeichen, err
	}
	return v.Zeichen, mail.Enqueue(tx, mail.Message{To: p.Mail, EventID: "barriere:" + v.ID, Subject: "Neue Meldung zur Barrierefreiheit",
		Text: "Über das digitale Rathaus ist eine Meldung zur Barrierefreiheit eingegangen.\n\nZeichen: " + v.Zeichen + "\n" + p.BaseURL + "/amt/vorgang/" + v.ID + "\n"})
}
