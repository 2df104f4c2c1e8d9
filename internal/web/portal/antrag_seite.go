package portal

import (
	"errors"
	"html/template"
	"net/http"
	"slices"

	"rathaus/internal/formular"
	"rathaus/internal/htmlform"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

func groupedCode(code string) string { return id.Grouped(code, 4) }

// fillPage is one page of a form: one topic.
type fillPage struct {
	ui.Page
	Slug    string
	Key     string
	Steps   ui.Steps
	Step    string // "Schritt 3 von 6"
	Heading string
	Foreign string // lang of the form's own texts
	Intro   []string
	Help    string
	Test    bool
	Fields  template.HTML
}

// steps is the way through the form; current is the key of the page shown, "pruefen" for the last one.
func steps(r *web.Request, e formular.Entwurf, current string) (s ui.Steps, step string, back ui.Link) {
	base := "/antrag/" + e.Slug
	pages := e.Form.Shown(today(r), e.Answers)
	total := len(pages) + 1
	s = ui.Steps{Label: r.T("antragsformular.steps"), Title: e.Form.Title}
	back = ui.Link{Text: r.T("antragsformular.back_to", e.Form.Title), Href: base}
	open := true // the first page not done can be opened, those behind it cannot
	for i, a := range pages {
		item := ui.Step{Number: i + 1, Link: ui.Link{Text: short(a), Lang: formpage.ForeignLang(r)}, Note: r.T("antragsformular.step_open")}
		switch {
		case a.Key == current:
			item.State, item.Note = ui.Now, r.T("antragsformular.step_now")
			step = r.T("antragsformular.step", i+1, total)
			s.Now = r.T("antragsformular.step_of", i+1, total, short(a))
			if i > 0 {
				back = ui.Link{Text: r.T("antragsformular.back_to", short(pages[i-1])), Href: base + "/" + pages[i-1].Key}
			}
		case isDone(e, a.Key):
			item.State, item.Note, item.Link.Href = ui.Done, r.T("antragsformular.step_done"), base+"/"+a.Key
		case open && e.ID != "":
			item.Link.Href = base + "/" + a.Key
		}
		open = open && isDone(e, a.Key)
		s.List = append(s.List, item)
	}
	last := ui.Step{Number: total, Link: ui.Link{Text: r.T("antragsformular.check_step")}, Note: r.T("antragsformular.step_when_done")}
	if current == "pruefen" {
		last.State, last.Note = ui.Now, r.T("antragsformular.step_now")
		step = r.T("antragsformular.step", total, total)
		s.Now = r.T("antragsformular.step_of", total, total, r.T("antragsformular.check_step"))
		if n := len(pages); n > 0 {
			back = ui.Link{Text: r.T("antragsformular.back_to", short(pages[n-1])), Href: base + "/" + pages[n-1].Key}
		}
	} else if open {
		last.Link.Href, last.Note = base+"/pruefen", r.T("antragsformular.step_open")
	}
	s.List = append(s.List, last)
	return s, step, back
}

func short(a formular.Abschnitt) string {
	if a.Short != "" {
		return a.Short
	}
	return a.Title
}

// accountDatum begins the names Element.Prefill uses for data of the account.
const accountDatum = "konto."

// account is what a form may begin with.
func account(r *web.Request) map[string]string {
	if r.Login.Account == "" {
		return nil
	}
	return map[string]string{accountDatum + "mail": r.Login.Name}
}

// newFill puts a page together; problems and typed are those of a refused post.
func (h handlers) newFill(r *web.Request, e formular.Entwurf, a formular.Abschnitt, problems problem.Fields, post *formpage.Post) (*fillPage, error) {
	answers := e.Answers
	if post == nil && !isDone(e, a.Key) {
		answers = e.Form.Prefilled(today(r), a, answers, account(r))
	}
	s, step, back := steps(r, e, a.Key)
	page := &fillPage{Page: ui.Page{Back: &back}, Slug: e.Slug, Key: a.Key, Steps: s, Step: step, Heading: a.Title, Foreign: formpage.ForeignLang(r),
		Intro: paragraphs(a.Intro), Help: a.Help, Test: e.Form.Source != nil && e.Form.Source.Test}
	page.Title = a.Title + ", " + step
	fields := formpage.Page(r, answers, e.Dateien)
	if post != nil {
		formpage.Refuse(r, page.Base(), e.Form, &fields, problems, post.Values)
	} else if len(problems) > 0 {
		formpage.Refuse(r, page.Base(), e.Form, &fields, problems, nil)
	}
	var err error
	page.Fields, err = h.printer.HTML(r, e.Form.Fields(a, fields))
	return page, err
}

// pageOf finds a page among those to be filled in.
func pageOf(pages []formular.Abschnitt, key string) (formular.Abschnitt, bool) {
	i := slices.IndexFunc(pages, func(a formular.Abschnitt) bool { return a.Key == key })
	if i < 0 {
		return formular.Abschnitt{}, false
	}
	return pages[i], true
}

func (h handlers) showFill(w http.ResponseWriter, r *web.Request) error {
	slug, key := r.PathValue("slug"), r.PathValue("abschnitt")
	var e formular.Entwurf
	err := r.Read(func(tx *storage.Tx) (err error) { e, err = h.draftOrBlank(tx, r, slug); return err })
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(e.Form.Abschnitte, func(a formular.Abschnitt) bool { return a.Key == key }) {
		return problem.NotFound
	}
	pages := e.Form.Shown(today(r), e.Answers)
	a, shown := pageOf(pages, key)
	switch {
	case e.ID == "" && (!shown || pages[0].Key != key):
		return r.Redirect(w, "/antrag/"+slug)
	case !shown:
		return r.Redirect(w, afterwards(r, e, ""))
	}
	var problems problem.Fields
	if r.URL.Query().Has("pruefen") { // from the check page: what is wrong here
		_, problems = e.Form.CheckAbschnitt(today(r), e.Answers, key)
	}
	page, err := h.newFill(r, e, a, problems, nil)
	if err != nil {
		return err
	}
	return r.Page(w, "portal/antrag_seite", page)
}

// filled is what saving a page came to.
type filled struct {
	draft    formular.Entwurf
	page     formular.Abschnitt
	problems problem.Fields
	fresh    bool   // only questions that came up with these answers are open
	at       string // name of the control to show again after adding or removing something
	gone     bool   // the page or the draft is not there any more
}

func (h handlers) fill(w http.ResponseWriter, r *web.Request) error {
	slug, key := r.PathValue("slug"), r.PathValue("abschnitt")
	var form *formular.Form
	err := r.Read(func(tx *storage.Tx) error {
		e, err := h.draftOrBlank(tx, r, slug)
		form = e.Form
		return err
	})
	if err != nil {
		return err
	}
	post, err := formpage.ReadPost(r, h.Office.Blobs, form)
	if err != nil {
		return err
	}
	var out filled
	err = r.Write(func(tx *storage.Tx) (err error) { out, err = h.storePage(tx, r, slug, key, post); return err })
	if err != nil {
		return err
	}
	if out.draft.ID != "" {
		if err := h.keepDraft(w, r, slug, out.draft.ID); err != nil {
			return err
		}
	}
	base := "/antrag/" + slug + "/"
	switch {
	case out.gone:
		return r.Redirect(w, "/antrag/"+slug)
	case post.Button("spaeter") != "":
		return r.Redirect(w, base+"merken")
	case out.at != "" && len(out.problems) == 0:
		return r.Redirect(w, base+key+"#"+htmlform.ID(out.at))
	case out.fresh:
		r.Notice(w, "info", "antragsformular.more_questions")
		return r.Redirect(w, base+key)
	case len(out.problems) > 0:
		page, err := h.newFill(r, out.draft, out.page, out.problems, &post)
		if err != nil {
			return err
		}
		return r.PageStatus(w, http.StatusUnprocessableEntity, "portal/antrag_seite", page)
	}
	return r.Redirect(w, afterwards(r, out.draft, key))
}

// storePage takes over what a page sent. The draft begins with the first page that is worth keeping.
func (h handlers) storePage(tx *storage.Tx, r *web.Request, slug, key string, post formpage.Post) (filled, error) {
	e, err := h.draftOrBlank(tx, r, slug)
	if err != nil {
		return filled{}, err
	}
	a, shown := pageOf(e.Form.Shown(today(r), e.Answers), key)
	if !shown {
		return filled{gone: true}, nil
	}
	seen := formpage.Names(e.Form.Fields(a, formpage.Page(r, e.Form.Prefilled(today(r), a, e.Answers, account(r)), nil)))
	next := e.Form.Decode(today(r), a, e.Answers, post.Values)
	out := filled{page: a}
	_, problems := e.Form.CheckAbschnitt(today(r), next, key)
	button := post.Button("hinzufuegen") + post.Button("entfernen") + post.Button("loeschen") + post.Button("spaeter")
	if e.ID == "" && button == "" && len(post.Uploads) == 0 && len(problems)+len(post.Problems) > 0 && !formpage.OnlyNew(problems, seen) {
		out.draft, out.problems = e, append(problems, post.Problems...)
		return out, nil
	}
	if e.ID == "" {
		if e, err = h.begin(tx, r, slug); err != nil {
			return out, err
		}
	}
	tooMany := problem.Fields(nil)
	if next, tooMany, err = formpage.AddFiles(tx, &e, next, post.Uploads); err != nil {
		return out, err
	}
	files := append(slices.Clone(post.Problems), tooMany...)
	next, out.at, _, err = formpage.Pressed(tx, &e, next, post)
	if err != nil {
		return out, err
	}
	if out.at != "" {
		out.draft, out.problems = e, files
		return out, formular.SaveAnswers(tx, &out.draft, next, key, false)
	}
	clean, problems := e.Form.CheckAbschnitt(today(r), next, key)
	out.fresh = formpage.OnlyNew(problems, seen) && len(files) == 0
	out.problems = append(files, withoutPaths(problems, files)...)
	done := len(out.problems) == 0
	if done {
		next = clean
		e.Done = stillDone(r, e, clean)
	}
	err = formular.SaveAnswers(tx, &e, next, key, done)
	out.draft = e
	return out, err
}

// withoutPaths drops problems of fields that have one already: a refused file is not missing as well.
func withoutPaths(problems, known problem.Fields) problem.Fields {
	return slices.DeleteFunc(slices.Clone(problems), func(p problem.Field) bool {
		return slices.ContainsFunc(known, func(k problem.Field) bool { return k.Path == p.Path })
	})
}

// stillDone drops pages that new answers elsewhere have made incomplete.
func stillDone(r *web.Request, e formular.Entwurf, answers formular.Answers) []string {
	var done []string
	for _, key := range e.Done {
		if _, problems := e.Form.CheckAbschnitt(today(r), answers, key); len(problems) == 0 {
			done = append(done, key)
		}
	}
	return done
}

// firstPages are addresses of the first page of each form.
func (h handlers) firstPages(tx *storage.Tx) ([]string, error) {
	if h.Office == nil {
		return nil, nil
	}
	slugs, err := formular.Online(tx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, slug := range slugs {
		form, err := h.Office.Forms.ForLeistung(tx, slug)
		if errors.Is(err, problem.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if pages := form.Shown("2026-01-01", formular.Answers{}); len(pages) > 0 {
			out = append(out, "/antrag/"+slug+"/"+pages[0].Key)
		}
	}
	return out, nil
}

func (h handlers) beginPages(tx *storage.Tx) ([]string, error) {
	first, err := h.firstPages(tx)
	for i, p := range first {
		first[i] = p[:len(p)-len(pathEnd(p))-1]
	}
	return first, err
}

func pathEnd(p string) string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] == '/' {
			return p[i+1:]
		}
	}
	return p
}
