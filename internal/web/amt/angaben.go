package amt

import (
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/formpage"
	"rathaus/internal/web/ui"
)

// answersPage is the application as it was filled in, unmasked.
type answersPage struct {
	vorgangHead
	Groups  []formpage.Group
	Form    string // title and version
	Rules   []formular.FreetextRule
	Foreign string // where an imported form comes from
}

func (p *answersPage) read(tx *storage.Tx, r *web.Request, forms *formular.Forms) error {
	if _, err := p.readHead(tx, r, r.PathValue("id"), "angaben"); err != nil {
		return err
	}
	if p.Antrag == nil {
		return problem.NotFound
	}
	a, err := antrag.ByVorgang(tx, p.V.ID)
	if err != nil {
		return err
	}
	form, err := forms.ByVersion(tx, a.Formular, a.Version)
	if err != nil {
		return err
	}
	docs, err := akte.Dokumente(tx, p.V.ID, false)
	if err != nil {
		return err
	}
	links := map[string]ui.Link{}
	for _, d := range docs {
		links[d.FileName] = ui.Link{Text: d.FileName, Href: "/amt/dokument/" + d.ID}
	}
	files := func(path string) []ui.Link { return answeredFiles(a.Answers.At(path), links) }
	p.Groups = formpage.Groups(form.Sections(clock.DateOf(a.SubmittedAt), a.Answers, false), "", files)
	p.Form = r.T("amt.form_version", form.Title, form.Version)
	if s := form.Source; s != nil && s.ID != "" {
		p.Foreign = r.T("amt.form_source", s.Format, s.ID, s.Version)
	}
	p.Rules = form.FreetextRules
	return nil
}

// answeredFiles finds the documents an answer names.
func answeredFiles(answer any, links map[string]ui.Link) []ui.Link {
	names, several := answer.([]any)
	if !several {
		names = []any{answer}
	}
	var out []ui.Link
	for _, n := range names {
		if name, _ := n.(string); name != "" {
			link, ok := links[name]
			if !ok {
				link.Text = name
			}
			out = append(out, link)
		}
	}
	return out
}

func (h handlers) showAnswers(w http.ResponseWriter, r *web.Request) error {
	page := &answersPage{}
	if err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r, h.office.Forms) }); err != nil {
		return err
	}
	return r.Page(w, "amt/angaben", page)
}

func exampleGroups() []formpage.Group {
	return []formpage.Group{{ID: "a-hund", Title: "Hund", Change: "/antrag/hundesteuer-anmelden/hund", Parts: []formpage.Part{{Title: "Hund 1", Rows: []formpage.Row{
		{Name: "Rufname", Value: "Fenja", Help: "Mit dem Register vergleichen."}, {Name: "Chipnummer", Missing: true}, {Name: "Nachweis", Later: true},
		{Name: "Foto", Files: []ui.Link{{Text: "ausweis.jpg", Href: "/amt/dokument/d"}, {Text: "fehlt.pdf"}}}}}}}}
}

func exampleAnswers(head vorgangHead) *answersPage {
	return &answersPage{vorgangHead: head, Groups: exampleGroups(), Form: "Formular Hund anmelden, Fassung 1.0.0", Foreign: "XDatenfelder 3.0",
		Rules: []formular.FreetextRule{{ID: "R1", Name: "Regel", Path: "hund", Text: "Der Hund muss älter als drei Monate sein.", Description: "Aus der Satzung"}}}
}
