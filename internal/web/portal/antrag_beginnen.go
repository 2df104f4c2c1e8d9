package portal

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

func today(r *web.Request) clock.Date { return formpage.Today(r) }

func isDone(e formular.Entwurf, page string) bool { return slices.Contains(e.Done, page) }

// beginPage says what a person should know before starting an application.
type beginPage struct {
	ui.Page
	Slug    string
	Name    string
	Lang    string // of Name, where it is not the page's
	Foreign string // of the form's own texts
	Form    formular.Definition
	Intro   []string
	Fee     leistung.Fact
	Privacy privacyNotice
	Start   string
	Draft   *offeredDraft
}

// offeredDraft is one this browser has begun.
type offeredDraft struct {
	Href             string
	Changed, Expires time.Time
}

func (p *beginPage) read(tx *storage.Tx, r *web.Request, h handlers) error {
	slug := r.PathValue("slug")
	l, err := leistung.Get(tx, slug)
	if err != nil {
		return err
	}
	form, err := h.Office.Forms.ForLeistung(tx, slug)
	if err != nil || l.Hidden {
		return errors.Join(err, problem.NotFound)
	}
	text, lang := l.In(r.Lang)
	text = text.At(r.Town.Name, r.Town.Official)
	p.Slug, p.Name, p.Lang, p.Foreign = slug, text.Title, langAttr(r, lang), formpage.ForeignLang(r)
	p.Title, p.Back = text.Title, &ui.Link{Text: r.T("antragsformular.back_to", text.Title), Href: "/leistungen/" + slug}
	p.Form, p.Fee, p.Intro = form.Definition, text.Fee, paragraphs(form.Intro)
	if p.Privacy, err = notice(tx, r, l, form.Definition); err != nil {
		return err
	}
	p.Start, p.Draft = "/antrag/"+slug+"/pruefen", nil
	if pages := form.Shown(today(r), formular.Answers{}); len(pages) > 0 {
		p.Start = "/antrag/" + slug + "/" + pages[0].Key
	}
	e, err := h.draft(tx, r, slug)
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	p.Draft = &offeredDraft{Href: afterwards(r, e, ""), Changed: e.ChangedAt, Expires: e.ExpiresAt}
	return err
}

// paragraphs splits plain text at empty lines.
func paragraphs(text string) []string {
	var out []string
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// notice is what Art. 13 DSGVO asks for at this form.
func notice(tx *storage.Tx, r *web.Request, l leistung.Leistung, form formular.Definition) (privacyNotice, error) {
	n := privacyNotice{Controller: r.Town.Official}
	unit, err := mandant.EinheitByKey(tx, l.Einheit)
	switch {
	case err == nil:
		n.Controller += ", " + unit.Name
	case !errors.Is(err, problem.NotFound):
		return n, err
	}
	profil, err := mandant.GetProfil(tx)
	if err != nil {
		return n, err
	}
	n.Officer = strings.Join(strings.Fields(profil.Datenschutz), " ")
	if p := form.Privacy; p != nil {
		n.Purpose, n.Basis, n.Receivers, n.Retention = p.Purpose, p.Basis, p.Receivers, p.Retention
	}
	return n, nil
}

func (h handlers) showBegin(w http.ResponseWriter, r *web.Request) error {
	page := &beginPage{}
	if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r, h) }); err != nil {
		return err
	}
	return r.Page(w, "portal/antrag_beginnen", page)
}

// resumePage asks for the code of a draft.
type resumePage struct{ ui.Page }

func newResume(r *web.Request) *resumePage {
	return &resumePage{ui.Page{Title: r.T("antragsformular.resume_title"), Crumbs: crumbs(r)}}
}

func (h handlers) showResume(w http.ResponseWriter, r *web.Request) error {
	return r.Page(w, "portal/antrag_weiter", newResume(r))
}

func (h handlers) resume(w http.ResponseWriter, r *web.Request) error {
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) error {
		draftID, err := formular.Resume(tx, r.PostFormValue("code"))
		if err != nil {
			return err
		}
		e, err = h.Office.Forms.Draft(tx, draftID)
		if err == nil && strings.HasPrefix(e.BuergerID, "staff:") {
			return problem.NotFound // what a clerk enters is no resident's draft
		}
		return err
	})
	if errors.Is(err, problem.NotFound) {
		return r.Problem(w, "portal/antrag_weiter", newResume(r), problem.Fields{{Path: "code", Key: "antragsformular.resume_wrong"}})
	}
	if err != nil {
		return err
	}
	if err := h.keepDraft(w, r, e.Slug, e.ID); err != nil {
		return err
	}
	return r.Redirect(w, afterwards(r, e, ""))
}

// laterPage gives the code a draft is resumed with.
type laterPage struct {
	ui.Page
	Slug, Name, Code string
	Lang             string // of Name, where it is not the page's
	Expires          time.Time
	Continue         string
}

func (h handlers) showLater(w http.ResponseWriter, r *web.Request) error {
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) (err error) { e, err = h.draft(tx, r, r.PathValue("slug")); return err })
	if errors.Is(err, problem.NotFound) {
		return r.Redirect(w, "/antrag/"+r.PathValue("slug"))
	}
	if err != nil {
		return err
	}
	page := &laterPage{Page: ui.Page{Title: r.T("antragsformular.later_title")}, Slug: e.Slug, Name: e.Form.Title, Lang: formpage.ForeignLang(r),
		Code: groupedCode(h.resumeCode(r.Town.Key, e.ID)), Expires: e.ExpiresAt, Continue: afterwards(r, e, "")}
	return r.Page(w, "portal/antrag_merken", page)
}

// discardPage asks before a draft is deleted.
type discardPage struct {
	ui.Page
	Slug, Name, Lang string
}

func (h handlers) showDiscard(w http.ResponseWriter, r *web.Request) error {
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) (err error) { e, err = h.draft(tx, r, r.PathValue("slug")); return err })
	if errors.Is(err, problem.NotFound) {
		return r.Redirect(w, "/antrag/"+r.PathValue("slug"))
	}
	if err != nil {
		return err
	}
	return r.Page(w, "portal/antrag_verwerfen", &discardPage{Page: ui.Page{Title: r.T("antragsformular.discard_title")}, Slug: e.Slug, Name: e.Form.Title, Lang: formpage.ForeignLang(r)})
}

func (h handlers) discard(w http.ResponseWriter, r *web.Request) error {
	slug := r.PathValue("slug")
	err := r.Write(func(tx *storage.Tx) error {
		e, err := h.draft(tx, r, slug)
		if err != nil {
			return err
		}
		return formular.Discard(tx, e.ID)
	})
	if err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	r.Notice(w, "success", "antragsformular.discarded")
	return r.Redirect(w, "/antrag/"+slug)
}
