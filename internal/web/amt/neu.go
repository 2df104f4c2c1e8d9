package amt

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

// newPage lets a clerk choose the service of an application that came on paper, at the counter or by phone.
type newPage struct {
	ui.Page
	Services []ui.Option
	Drafts   []newDraft
}

// newDraft is one the clerk has begun.
type newDraft struct {
	ui.Link
	At time.Time
}

func (p *newPage) read(tx *storage.Tx, r *web.Request, h handlers) error {
	p.Title, p.Crumbs = r.T("amt.new_title"), []ui.Link{{Text: r.T("amt.inbox"), Href: "/amt/"}}
	p.Services, p.Drafts = []ui.Option{{Value: "", Text: r.T("ui.choose")}}, nil
	slugs, err := formular.Online(tx)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		l, err := intake(tx, slug)
		if errors.Is(err, problem.NotFound) || errors.Is(err, problem.Forbidden) {
			continue
		}
		if err != nil {
			return err
		}
		text, _ := l.In(r.Lang)
		title := text.At(r.Town.Name, r.Town.Official).Title
		p.Services = append(p.Services, ui.Option{Value: slug, Text: title})
		own, err := formular.OwnDraft(tx, slug, r.Login.Actor)
		if err != nil || own == "" {
			if err != nil {
				return err
			}
			continue
		}
		e, err := h.office.Forms.Draft(tx, own)
		if err != nil {
			return err
		}
		p.Drafts = append(p.Drafts, newDraft{Link: ui.Link{Text: title, Href: "/amt/neu/" + own}, At: e.ChangedAt})
	}
	return nil
}

// intake is the service, if whoever acts may take in applications for its unit.
func intake(tx *storage.Tx, slug string) (leistung.Leistung, error) {
	l, err := leistung.Get(tx, slug)
	if err != nil {
		return l, err
	}
	unit, err := mandant.EinheitByKey(tx, l.Einheit)
	if err != nil {
		return l, err
	}
	return l, konto.Require(tx, konto.IntakeVorgang, unit.ID)
}

func (h handlers) showNew(w http.ResponseWriter, r *web.Request) error {
	page := &newPage{}
	if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r, h) }); err != nil {
		return err
	}
	return r.Page(w, "amt/neu", page)
}

// beginNew makes the draft: with an address of its own, nothing is entered twice by a double click.
func (h handlers) beginNew(w http.ResponseWriter, r *web.Request) error {
	slug := r.PostFormValue("leistung")
	var e formular.Entwurf
	err := r.Write(func(tx *storage.Tx) error {
		if slug == "" {
			return problem.Fields{{Path: "leistung", Key: "problem.choose"}}
		}
		if _, err := intake(tx, slug); err != nil {
			return err
		}
		var err error
		e, err = h.office.Forms.Begin(tx, slug, r.Login.Actor, func(string) string { return tx.IDs().Secret(32) })
		return err
	})
	if fields, ok := web.Fields(err); ok {
		page := &newPage{}
		if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r, h) }); err != nil {
			return err
		}
		return r.Problem(w, "amt/neu", page, fields)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, "/amt/neu/"+e.ID)
}

// intakePage is the whole form on one page.
type intakePage struct {
	ui.Page
	ID       string
	Name     string
	Version  string
	Channels []ui.Option
	Channel  string
	Received string
	Parts    []intakePart
}

// intakePart is one page of the resident's form.
type intakePart struct {
	ID, Title string
	Intro     string
	Fields    template.HTML
}

// ownDraft is a draft of whoever acts; problem.NotFound for another's.
func (h handlers) ownDraft(tx *storage.Tx, r *web.Request) (formular.Entwurf, error) {
	e, err := h.office.Forms.Draft(tx, r.PathValue("id"))
	if err == nil && e.BuergerID != r.Login.Actor {
		err = problem.NotFound
	}
	if err != nil {
		return e, err
	}
	_, err = intake(tx, e.Slug)
	return e, err
}

// newIntake puts the page together; problems and post are those of a refused one.
func (h handlers) newIntake(r *web.Request, e formular.Entwurf, problems problem.Fields, post *formpage.Post) (*intakePage, error) {
	p := &intakePage{ID: e.ID, Name: e.Form.Title, Version: r.T("amt.form_version", e.Form.Title, e.Form.Version), Channel: string(antrag.KanalPapier),
		Received: clock.DateOf(r.Now()).Short()}
	p.Title, p.Back = r.T("amt.new_of", e.Form.Title), &ui.Link{Text: r.T("amt.new_title"), Href: "/amt/neu"}
	if typed := r.URL.Query().Get(fieldReceived); typed != "" { // typed before an entry was added
		p.Received, p.Channel = typed, r.URL.Query().Get(fieldChannel)
	}
	for _, k := range antrag.StaffKanaele() {
		p.Channels = append(p.Channels, ui.Option{Value: string(k), Text: r.T("antrag.kanal_" + string(k))})
	}
	fields := formpage.Page(r, e.Answers, e.Dateien)
	if post != nil {
		formpage.Refuse(r, p.Base(), e.Form, &fields, problems, post.Values)
	}
	for _, a := range e.Form.Shown(formpage.Today(r), e.Answers) {
		body, err := h.printer.HTML(r, e.Form.Fields(a, fields))
		if err != nil {
			return nil, err
		}
		p.Parts = append(p.Parts, intakePart{ID: "teil-" + a.Key, Title: a.Title, Intro: a.Intro, Fields: body})
	}
	return p, nil
}

func (h handlers) showIntake(w http.ResponseWriter, r *web.Request) error {
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) (err error) { e, err = h.ownDraft(tx, r); return err })
	if err != nil {
		return err
	}
	page, err := h.newIntake(r, e, nil, nil)
	if err != nil {
		return err
	}
	return r.Page(w, "amt/neu_erfassen", page)
}

// entered is what a post of the whole form came to.
type entered struct {
	draft    formular.Entwurf
	clean    formular.Answers
	problems problem.Fields
	at       string
	fresh    bool
}

func (h handlers) intake(w http.ResponseWriter, r *web.Request) error {
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) (err error) { e, err = h.ownDraft(tx, r); return err })
	if errors.Is(err, problem.NotFound) {
		return h.enteredBefore(w, r)
	}
	if err != nil {
		return err
	}
	post, err := formpage.ReadPost(r, h.office.Blobs, e.Form)
	if err != nil {
		return err
	}
	var out entered
	err = r.Write(func(tx *storage.Tx) (err error) { out, err = h.storeIntake(tx, r, post); return err })
	if err != nil {
		return err
	}
	here := "/amt/neu/" + out.draft.ID + "?" + url.Values{fieldChannel: {post.Values.Get(fieldChannel)}, fieldReceived: {post.Values.Get(fieldReceived)}}.Encode()
	switch {
	case post.Button("spaeter") != "":
		r.Notice(w, "success", "amt.new_saved")
		return r.Redirect(w, "/amt/neu")
	case out.at != "" && len(out.problems) == 0:
		return r.Redirect(w, here+"#"+ui.FieldID(out.at))
	case out.fresh:
		r.Notice(w, "info", "antragsformular.more_questions")
		return r.Redirect(w, here)
	}
	channel, received, fields := arrival(post)
	out.problems = append(fields, out.problems...)
	if len(out.problems) == 0 {
		s := antrag.Submission{Source: intakeSource, Key: out.draft.ID, Slug: out.draft.Slug, Form: out.draft.Form, Answers: out.clean, Kanal: channel, ReceivedOn: received}
		for _, d := range out.draft.Sent(out.clean) {
			s.Files = append(s.Files, antrag.Datei{Field: d.Path, Name: d.Name, MediaType: d.MediaType, Ref: d.Ref})
		}
		receipt, err := h.enter(r, s)
		if err == nil {
			return h.showEntered(w, r, receipt)
		}
		if errors.Is(err, antrag.ErrKeyReused) {
			return h.enteredBefore(w, r)
		}
		refused, ok := web.Fields(err)
		if !ok {
			return err
		}
		for i := range refused {
			if refused[i].Path == "eingang" {
				refused[i].Path = fieldReceived
			}
		}
		out.problems = refused
	}
	page, err := h.newIntake(r, out.draft, out.problems, &post)
	if err != nil {
		return err
	}
	return r.PageStatus(w, http.StatusUnprocessableEntity, "amt/neu_erfassen", page)
}

const intakeSource = "amt"

// The two fields beside the form's own; no key of a form holds a dash.
const (
	fieldChannel  = "amt-kanal"
	fieldReceived = "amt-eingang"
)

// arrival reads how and when the application came in.
func arrival(post formpage.Post) (antrag.Kanal, clock.Date, problem.Fields) {
	var fields problem.Fields
	channel := antrag.Kanal("")
	for _, k := range antrag.StaffKanaele() {
		if post.Values.Get(fieldChannel) == string(k) {
			channel = k
		}
	}
	if channel == "" {
		fields.Add(fieldChannel, "problem.choice")
	}
	typed := strings.TrimSpace(post.Values.Get(fieldReceived))
	day, err := clock.ParseGerman(typed)
	if err != nil {
		fields.Add(fieldReceived, "problem.date")
	}
	return channel, day, fields
}

// storeIntake takes over what was typed; it stays in the draft until everything is right.
func (h handlers) storeIntake(tx *storage.Tx, r *web.Request, post formpage.Post) (entered, error) {
	e, err := h.ownDraft(tx, r)
	if err != nil {
		return entered{}, err
	}
	today := formpage.Today(r)
	next := e.Answers
	seen := map[string]bool{}
	fields := formpage.Page(r, e.Answers, e.Dateien)
	for _, a := range e.Form.Shown(today, e.Answers) {
		for name := range formpage.Names(e.Form.Fields(a, fields)) {
			seen[name] = true
		}
		next = e.Form.Decode(today, a, next, post.Values)
	}
	out := entered{}
	next, tooMany, err := formpage.AddFiles(tx, &e, next, post.Uploads)
	if err != nil {
		return out, err
	}
	files := append(append(problem.Fields{}, post.Problems...), tooMany...)
	if next, out.at, _, err = formpage.Pressed(tx, &e, next, post); err != nil {
		return out, err
	}
	out.problems = files
	if out.at == "" {
		var wrong problem.Fields
		out.clean, wrong = e.Form.Check(today, next)
		out.fresh = len(files) == 0 && formpage.OnlyNew(wrong, seen)
		out.problems = append(files, wrong...)
	}
	err = formular.SaveAnswers(tx, &e, next, "", false)
	out.draft = e
	return out, err
}

// enter submits and ends the draft in one Write.
func (h handlers) enter(r *web.Request, s antrag.Submission) (antrag.Receipt, error) {
	var plan *antrag.Plan
	err := r.Read(func(tx *storage.Tx) (err error) { plan, err = h.office.Plan(tx, s); return err })
	if err != nil || plan.Repeated != nil {
		if plan != nil && plan.Repeated != nil {
			return *plan.Repeated, nil
		}
		return antrag.Receipt{}, err
	}
	prepared, err := h.office.Prepare(r.Context(), plan)
	if err != nil {
		return antrag.Receipt{}, err
	}
	var receipt antrag.Receipt
	err = r.Write(func(tx *storage.Tx) error {
		var err error
		if receipt, err = h.office.Submit(tx, prepared); err != nil {
			return err
		}
		return formular.Discard(tx, s.Key)
	})
	return receipt, err
}

// enteredBefore answers a form sent twice with the Vorgang it became.
func (h handlers) enteredBefore(w http.ResponseWriter, r *web.Request) error {
	var receipt antrag.Receipt
	err := r.Read(func(tx *storage.Tx) (err error) {
		receipt, err = h.office.Submitted(tx, intakeSource, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return h.showEntered(w, r, receipt)
}

// showEntered leads to the new Vorgang, or to the inbox for those who may take in but not read.
func (h handlers) showEntered(w http.ResponseWriter, r *web.Request, receipt antrag.Receipt) error {
	r.Notice(w, "success", "amt.new_done", receipt.Vorgangsnummer, receipt.Aktenzeichen)
	next := "/amt/"
	err := r.Read(func(tx *storage.Tx) error {
		a, err := antrag.Get(tx, receipt.AntragID)
		if err == nil {
			next = "/amt/vorgang/" + a.VorgangID
		}
		return err
	})
	if err != nil && !errors.Is(err, problem.NotFound) && !errors.Is(err, problem.Forbidden) {
		return err
	}
	return r.Redirect(w, next)
}

func (h handlers) dropNew(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		e, err := h.ownDraft(tx, r)
		if err != nil {
			return err
		}
		return formular.Discard(tx, e.ID)
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", "antragsformular.discarded")
	return r.Redirect(w, "/amt/neu")
}

// newRoutes are the pages for applications that did not come online.
func (h handlers) newRoutes(m *web.Mux) {
	m.Handle("GET /amt/neu", web.Staff, h.showNew)
	m.Handle("POST /amt/neu", web.Staff, h.beginNew)
	m.Handle("GET /amt/neu/{id}", web.Staff, h.showIntake)
	m.Handle("POST /amt/neu/{id}", web.Staff, h.intake).Body(formpage.MaxPost)
	m.Handle("POST /amt/neu/{id}/verwerfen", web.Staff, h.dropNew)
}

// newPages are examples of the pages above.
func newPages() web.Pages {
	options := []ui.Option{{Value: "papier", Text: "Auf Papier"}}
	return web.Pages{
		"neu": &newPage{Services: options, Drafts: []newDraft{{Link: ui.Link{Text: "Hund anmelden", Href: "/amt/neu/1"}, At: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}}},
		"neu_erfassen": &intakePage{ID: "1", Name: "Hund anmelden", Version: "Formular Hund anmelden, Fassung 1.0.0", Channels: options, Channel: "papier", Received: "20.11.2026",
			Parts: []intakePart{{ID: "teil-hund", Title: "Hund", Intro: "Text"}}},
	}
}
