package portal

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"rathaus/internal/antrag"
	"rathaus/internal/formular"
	"rathaus/internal/htmlform"
	"rathaus/internal/i18n"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

// checkPage shows all answers before they are sent.
type checkPage struct {
	ui.Page
	Slug    string
	Steps   ui.Steps
	Step    string
	Foreign string // lang of the form's own texts
	Test    bool
	Groups  []formpage.Group
	// Fee is nil when the form has no rule for one. OpenFee names what it still needs.
	Fee          *formular.GebuehrView
	OpenFee      []string
	Declarations []ui.Field
	Consent      *ui.Field
	Unit         string
	Submit       string
	Privacy      privacyNotice
	// Wrong leads to what must be put right before sending.
	Wrong []ui.Link
}

// sending is what the check page and the submission work on.
type sending struct {
	draft    formular.Entwurf
	clean    formular.Answers
	problems problem.Fields
	service  leistung.Leistung
	unit     string
	privacy  privacyNotice
	consent  bool // electronic retrieval may be asked for
}

func (h handlers) readSending(tx *storage.Tx, r *web.Request) (sending, error) {
	var s sending
	var err error
	if s.draft, err = h.draft(tx, r, r.PathValue("slug")); err != nil {
		return s, err
	}
	s.clean, s.problems = s.draft.Form.Check(today(r), s.draft.Answers)
	if s.service, err = leistung.Get(tx, s.draft.Slug); err != nil {
		return s, err
	}
	if s.privacy, err = notice(tx, r, s.service, s.draft.Form.Definition); err != nil {
		return s, err
	}
	unit, err := mandant.EinheitByKey(tx, s.service.Einheit)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return s, err
	}
	s.unit = unit.Name
	rules, _, err := antrag.Rules(tx)
	s.consent = r.Login.Account != "" && rules.Offers(antrag.WegAbruf, s.service.Rechtsgebiet, r.Town.Land, today(r))
	return s, err
}

// newCheck puts the page together. missing are declarations not confirmed.
func (h handlers) newCheck(r *web.Request, s sending, missing problem.Fields) *checkPage {
	e, base := s.draft, "/antrag/"+s.draft.Slug+"/"
	way, step, back := steps(r, e, "pruefen")
	p := &checkPage{Page: ui.Page{Title: r.T("antragsformular.check_title"), Back: &back}, Slug: e.Slug, Steps: way, Step: step, Foreign: formpage.ForeignLang(r),
		Test: e.Form.Source != nil && e.Form.Source.Test, Unit: s.unit, Privacy: s.privacy, Submit: e.Form.Submit}
	p.Groups = formpage.Groups(e.Form.Sections(today(r), s.clean, true), base, func(path string) []ui.Link { return filesOf(r, e, path) })
	if fee, ok := e.Form.ExpectedFee(today(r), s.clean); ok {
		p.Fee = &fee
		for _, path := range fee.Open {
			p.OpenFee = append(p.OpenFee, e.Form.LabelAt(path))
		}
	}
	posted := missing != nil
	for i, text := range declarations(r, e.Form) {
		name := "erklaerung." + strconv.Itoa(i)
		f := ui.Field{ID: ui.FieldID(name), Name: name, Label: text}
		if posted && r.PostForm.Get(name) == "ja" {
			f.Value = "ja"
		}
		p.Declarations = append(p.Declarations, f)
	}
	if s.consent {
		p.Consent = &ui.Field{ID: ui.FieldID("abruf"), Name: "abruf", Label: r.T("antragsformular.consent", e.Form.Title), Value: r.PostForm.Get("abruf")}
	}
	p.complain(r, s, missing)
	return p
}

// complain lists what stands in the way, each with the page to put it right.
func (p *checkPage) complain(r *web.Request, s sending, missing problem.Fields) {
	texts := r.Problems(append(slices.Clone(s.problems), missing...))
	p.Problems = texts
	for i, t := range texts {
		link := ui.Link{Text: t.Text}
		if i >= len(s.problems) {
			link.Href = "#" + t.ID()
			for j := range p.Declarations {
				if p.Declarations[j].Name == t.Path {
					p.Declarations[j].Error = t.Text
				}
			}
			p.Wrong = append(p.Wrong, link)
			continue
		}
		if label := s.draft.Form.LabelAt(t.Path); label != "" {
			link.Text = label + ": " + t.Text
		}
		if page := s.draft.Form.PageOf(t.Path); page != "" {
			link.Href = "/antrag/" + s.draft.Slug + "/" + page + "?pruefen=1#" + htmlform.ID(t.Path)
		}
		p.Wrong = append(p.Wrong, link)
	}
}

func declarations(r *web.Request, form *formular.Form) []string {
	if len(form.Declarations) > 0 {
		return form.Declarations
	}
	return []string{r.T("antragsformular.declaration")}
}

func filesOf(r *web.Request, e formular.Entwurf, path string) []ui.Link {
	var out []ui.Link
	for _, d := range e.Dateien {
		if d.Path == path {
			out = append(out, ui.Link{Text: d.Name + " (" + i18n.Size(r.Lang, d.Ref.Size) + ")"})
		}
	}
	return out
}

func (h handlers) showCheck(w http.ResponseWriter, r *web.Request) error {
	var s sending
	err := r.Read(func(tx *storage.Tx) (err error) { s, err = h.readSending(tx, r); return err })
	if errors.Is(err, problem.NotFound) {
		return r.Redirect(w, "/antrag/"+r.PathValue("slug"))
	}
	if err != nil {
		return err
	}
	if next := s.draft.NextAbschnitt(today(r)); next != "" {
		return r.Redirect(w, "/antrag/"+s.draft.Slug+"/"+next)
	}
	return r.Page(w, "portal/antrag_pruefen", h.newCheck(r, s, nil))
}

// send checks everything once more and submits.
func (h handlers) send(w http.ResponseWriter, r *web.Request) error {
	slug := r.PathValue("slug")
	if r.PostFormValue("spaeter") != "" {
		return r.Redirect(w, "/antrag/"+slug+"/merken")
	}
	var s sending
	err := r.Read(func(tx *storage.Tx) (err error) { s, err = h.readSending(tx, r); return err })
	if errors.Is(err, problem.NotFound) {
		return h.sentBefore(w, r)
	}
	if err != nil {
		return err
	}
	missing := problem.Fields{}
	for i := range declarations(r, s.draft.Form) {
		if name := "erklaerung." + strconv.Itoa(i); r.PostFormValue(name) != "ja" {
			missing.Add(name, "antragsformular.declare")
		}
	}
	if len(s.problems)+len(missing) > 0 {
		return r.PageStatus(w, http.StatusUnprocessableEntity, "portal/antrag_pruefen", h.newCheck(r, s, missing))
	}
	receipt, token, err := h.submit(r, s)
	if fields, ok := web.Fields(err); ok {
		s.problems = fields
		return r.PageStatus(w, http.StatusUnprocessableEntity, "portal/antrag_pruefen", h.newCheck(r, s, missing))
	}
	if errors.Is(err, antrag.ErrKeyReused) {
		return h.sentBefore(w, r)
	}
	if err != nil {
		return err
	}
	r.SetCookie(w, caseCookie, token, 0)
	return r.Redirect(w, "/antrag/"+slug+"/gesendet?nummer="+receipt.Vorgangsnummer)
}

// submission is the draft as an application. Its key is the draft: whatever is sent twice, one Antrag comes of it.
func (s sending) submission(r *web.Request) antrag.Submission {
	out := antrag.Submission{Source: draftSource, Key: s.draft.ID, Slug: s.draft.Slug, Form: s.draft.Form, Answers: s.clean, Kanal: antrag.KanalOnline,
		BuergerID: r.Login.Account, ConsentAbruf: s.consent && r.PostFormValue("abruf") == "ja"}
	for _, d := range s.draft.Sent(s.clean) {
		out.Files = append(out.Files, antrag.Datei{Field: d.Path, Name: d.Name, MediaType: d.MediaType, Ref: d.Ref})
	}
	return out
}

const draftSource = "entwurf"

// submit takes the application through its three steps and opens a session on it. The draft ends with the same Write.
func (h handlers) submit(r *web.Request, s sending) (receipt antrag.Receipt, token string, err error) {
	var plan *antrag.Plan
	err = r.Read(func(tx *storage.Tx) (err error) { plan, err = h.Office.Plan(tx, s.submission(r)); return err })
	if err != nil {
		return receipt, "", err
	}
	var prepared *antrag.Prepared
	if plan.Repeated == nil {
		if prepared, err = h.Office.Prepare(r.Context(), plan); err != nil {
			return receipt, "", err
		}
	}
	err = r.Write(func(tx *storage.Tx) error {
		if plan.Repeated != nil {
			receipt = *plan.Repeated
		} else if receipt, err = h.finish(tx, s, prepared); err != nil {
			return err
		}
		if err := formular.Discard(tx, s.draft.ID); err != nil {
			return err
		}
		token, _, err = konto.Start(tx, konto.SessionVorgang, receipt.AntragID, "")
		return err
	})
	return receipt, token, err
}

// finish submits what the person has seen: a draft changed in another window meanwhile is a Conflict.
func (h handlers) finish(tx *storage.Tx, s sending, prepared *antrag.Prepared) (antrag.Receipt, error) {
	e, err := h.Office.Forms.Draft(tx, s.draft.ID)
	if err == nil && e.Version != s.draft.Version {
		return antrag.Receipt{}, problem.Conflicting("antragsformular.changed")
	}
	if errors.Is(err, problem.NotFound) { // sent by the other of two clicks
		return h.Office.Submitted(tx, draftSource, s.draft.ID)
	}
	if err != nil {
		return antrag.Receipt{}, err
	}
	return h.Office.Submit(tx, prepared)
}

// sentBefore answers a form sent twice with what became of it the first time.
func (h handlers) sentBefore(w http.ResponseWriter, r *web.Request) error {
	slug := r.PathValue("slug")
	draftID := h.ownDrafts(r)[slug]
	var receipt antrag.Receipt
	var token string
	err := r.Write(func(tx *storage.Tx) (err error) {
		if receipt, err = h.Office.Submitted(tx, draftSource, draftID); err != nil {
			return err
		}
		token, _, err = konto.Start(tx, konto.SessionVorgang, receipt.AntragID, "")
		return err
	})
	if errors.Is(err, problem.NotFound) {
		return r.Redirect(w, "/antrag/"+slug)
	}
	if err != nil {
		return fmt.Errorf("sent before: %w", err)
	}
	r.SetCookie(w, caseCookie, token, 0)
	return r.Redirect(w, "/antrag/"+slug+"/gesendet?nummer="+receipt.Vorgangsnummer)
}
