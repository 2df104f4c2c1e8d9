// Package formpage shows a form as a page and reads what was posted: the part residents' and clerks' pages share.
package formpage

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/htmlform"
	"rathaus/internal/i18n"
	"rathaus/internal/problem"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// Printer renders the fields of forms. One per section; safe for concurrent use.
type Printer struct {
	mu     sync.Mutex
	byLang map[i18n.Lang]*htmlform.Renderer
}

// NewPrinter returns a Printer.
func NewPrinter() *Printer { return &Printer{byLang: map[i18n.Lang]*htmlform.Renderer{}} }

// words are the texts of the controls themselves.
func words() []string {
	return []string{"optional", "day", "month", "year", "why", "law", "files", "remove", "later", "choose"}
}

// HTML renders fields in the language of the request. Labels and hints are German whatever that is.
func (p *Printer) HTML(r *web.Request, fields []htmlform.Field) (template.HTML, error) {
	renderer, err := p.renderer(r)
	if err != nil {
		return "", err
	}
	return renderer.HTML(fields)
}

func (p *Printer) renderer(r *web.Request) (*htmlform.Renderer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.byLang[r.Lang]; ok {
		return known, nil
	}
	texts := map[string]string{}
	for _, w := range words() {
		texts[w] = r.T("antragsformular.word_" + w)
	}
	renderer, err := htmlform.New(func(key string) string { return texts[key] }, ForeignLang(r))
	if err == nil {
		p.byLang[r.Lang] = renderer
	}
	return renderer, err
}

// ForeignLang is the lang attribute of German texts on a page in another language, else empty.
func ForeignLang(r *web.Request) string {
	if r.Lang == i18n.De {
		return ""
	}
	return string(i18n.De)
}

// Page is what the fields of a form need on a page of the request.
func Page(r *web.Request, answers formular.Answers, files []formular.Datei) formular.Page {
	return formular.Page{
		Today: Today(r), Answers: answers, Dateien: files,
		AddWord:     func(what string) string { return r.T("antragsformular.add", what) },
		RemoveWord:  func(what string) string { return r.T("antragsformular.remove", what) },
		AddressWord: func(part string) string { return r.T("antragsformular.address_" + part) },
		Size:        func(bytes int64) string { return i18n.Size(r.Lang, bytes) },
		FileHint: func(_ []string, bytes int64) string {
			return r.T("antragsformular.file_hint", Megabytes(bytes))
		},
		Yes: r.T("antragsformular.yes"), No: r.T("antragsformular.no"),
	}
}

// Today is the day rules of the form count from.
func Today(r *web.Request) clock.Date { return clock.DateOf(r.Now()) }

// Megabytes writes the limit of an upload.
func Megabytes(bytes int64) string { return strconv.FormatInt(bytes>>20, 10) + "\u00a0MB" }

// Refuse puts the problems of a refused post on the page: the summary names each field, the controls keep what was typed.
// typed is nil when answers stored earlier are looked at again.
func Refuse(r *web.Request, base *ui.Page, form *formular.Form, p *formular.Page, fields problem.Fields, typed url.Values) {
	p.Typed, p.Errors = typed, map[string]string{}
	base.Values = typed
	base.Problems = r.Problems(fields)
	for i, f := range base.Problems {
		if p.Errors[f.Path] == "" {
			p.Errors[f.Path] = f.Text
		}
		if label := form.LabelAt(f.Path); label != "" {
			base.Problems[i].Text = label + ": " + f.Text
		}
	}
}

// Names lists the names of all controls, groups included.
func Names(fields []htmlform.Field) map[string]bool {
	out := map[string]bool{}
	var walk func([]htmlform.Field)
	walk = func(list []htmlform.Field) {
		for _, f := range list {
			out[f.Name] = true
			walk(f.Fields)
		}
	}
	walk(fields)
	return out
}

// OnlyNew reports whether every problem is at a field the person has not seen yet: it came up with what was just answered.
func OnlyNew(problems problem.Fields, seen map[string]bool) bool {
	for _, p := range problems {
		if p.Path == "" || seen[p.Path] {
			return false
		}
		for name := range seen {
			if strings.HasPrefix(name, p.Path+".") { // a group whose fields were there
				return false
			}
		}
	}
	return len(problems) > 0
}
