package verwaltung

import (
	"net/http"
	"strconv"
	"strings"

	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// profilForm is one page over a part of the town's profile. The pages differ in their fields only; which
// these are stands in profil_formulare.go.
type profilForm struct {
	path   string // address
	name   string // begins its catalogue keys: verwaltung.NAME_title, _lead
	groups []profilGroup
}

type profilGroup struct {
	title  string // catalogue key; empty: no heading
	fields []profilField
}

// profilField ties an input to a part of the profile. name is the path mandant reports problems under.
type profilField struct {
	name, kind   string // kind: a type of <input>, "textarea", "select" or "checkbox"
	autocomplete string
	width        string
	optional     bool
	hint         bool // there is a text verwaltung.NAME_hint
	get          func(p *mandant.Profil) string
	// set takes what was typed; false means it cannot be read.
	set     func(p *mandant.Profil, typed string) bool
	options func(r *web.Request) []ui.Option
}

// labelKey is the catalogue key of a field's label: "bank.iban" → "verwaltung.bank_iban".
func labelKey(path string) string { return "verwaltung." + strings.ReplaceAll(path, ".", "_") }

// profilPage shows a profilForm.
type profilPage struct {
	ui.Page
	Name    string
	Lead    string
	Version int64
	Tabs    ui.Tabs
	Groups  []profilPart
}

type profilPart struct {
	Title  string
	Fields []profilInput
}

type profilInput struct {
	Kind  string
	Field ui.Field
}

func (f profilForm) show(w http.ResponseWriter, r *web.Request) error {
	page, err := f.page(r, nil)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/profil", page)
}

// page builds the form; fields are the problems to show beside the inputs.
func (f profilForm) page(r *web.Request, fields problem.Fields) (*profilPage, error) {
	var p mandant.Profil
	err := r.Read(func(tx *storage.Tx) (err error) {
		if err := konto.Require(tx, konto.ManageTown, ""); err != nil {
			return err
		}
		p, err = mandant.GetProfil(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	page := &profilPage{Page: ui.Page{Title: r.T("verwaltung." + f.name + "_title"), Problems: r.Problems(fields)},
		Name: f.name, Lead: r.T("verwaltung." + f.name + "_lead"), Version: p.Version, Tabs: profilTabs(r, f.path)}
	if fields != nil {
		page.Values = r.PostForm
	}
	for _, g := range f.groups {
		part := profilPart{}
		if g.title != "" {
			part.Title = r.T(g.title)
		}
		for _, in := range g.fields {
			input, err := in.input(page.Page, r, &p)
			if err != nil {
				return nil, err
			}
			part.Fields = append(part.Fields, input)
		}
		page.Groups = append(page.Groups, part)
	}
	return page, nil
}

func (in profilField) input(p ui.Page, r *web.Request, town *mandant.Profil) (profilInput, error) {
	options := []any{"value", in.get(town), "optional", in.optional, "autocomplete", in.autocomplete, "width", in.width, "rows", 6}
	if in.hint {
		options = append(options, "hint", r.T(labelKey(in.name)+"_hint"))
	}
	kind := in.kind
	switch kind {
	case "textarea", "checkbox":
	case "select":
		options = append(options, "options", in.options(r))
	default:
		options = append(options, "type", in.kind)
		kind = "input"
	}
	f, err := ui.NewField(p, in.name, r.T(labelKey(in.name)), options...)
	return profilInput{kind, f}, err
}

func (f profilForm) save(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		if err != nil {
			return err
		}
		var unread problem.Fields
		for _, g := range f.groups {
			for _, in := range g.fields {
				if !in.set(&p, r.PostFormValue(in.name)) {
					unread.Add(in.name, "problem.number")
				}
			}
		}
		if err := unread.Err(); err != nil {
			return err
		}
		p.Version = version(r)
		return konto.SaveProfil(tx, p)
	})
	if fields, ok := changed(err); ok {
		page, err := f.page(r, fields)
		if err != nil {
			return err
		}
		return r.Problem(w, "verwaltung/profil", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.saved")
	return r.Redirect(w, f.path)
}

// profilTabs lead from one part of the profile to the others.
func profilTabs(r *web.Request, current string) ui.Tabs {
	tabs := ui.Tabs{Label: r.T("verwaltung.nav_town")}
	for _, f := range profilForms() {
		item := ui.NavItem{Link: ui.Link{Text: r.T("verwaltung." + f.name + "_title"), Href: f.path}}
		if f.path == current {
			item.Current = "page"
		}
		tabs.Items = append(tabs.Items, item)
	}
	return tabs
}

// text ties an input to a text of the profile.
func text(name, kind string, at func(p *mandant.Profil) *string) profilField {
	return profilField{name: name, kind: kind,
		get: func(p *mandant.Profil) string { return *at(p) },
		set: func(p *mandant.Profil, typed string) bool { *at(p) = typed; return true }}
}

// whole ties an input to a whole number.
func whole(name string, at func(p *mandant.Profil) *int) profilField {
	return profilField{name: name, kind: "text", width: "4", hint: true,
		get: func(p *mandant.Profil) string { return strconv.Itoa(*at(p)) },
		set: func(p *mandant.Profil, typed string) bool {
			n, err := strconv.Atoi(strings.TrimSpace(typed))
			*at(p) = n
			return err == nil
		}}
}

// decimal ties an input to a number with a comma.
func decimal(name string, at func(p *mandant.Profil) *float64) profilField {
	return profilField{name: name, kind: "text", width: "4", hint: true,
		get: func(p *mandant.Profil) string {
			return strings.Replace(strconv.FormatFloat(*at(p), 'f', -1, 64), ".", ",", 1)
		},
		set: func(p *mandant.Profil, typed string) bool {
			n, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), 64)
			*at(p) = n
			return err == nil
		}}
}

// tick ties a checkbox to a switch.
func tick(name string, at func(p *mandant.Profil) *bool) profilField {
	return profilField{name: name, kind: "checkbox",
		get: func(p *mandant.Profil) string {
			if *at(p) {
				return "ja"
			}
			return ""
		},
		set: func(p *mandant.Profil, typed string) bool { *at(p) = typed == "ja"; return true }}
}

func (in profilField) free() profilField             { in.optional = true; return in }
func (in profilField) hinted() profilField           { in.hint = true; return in }
func (in profilField) wide(width string) profilField { in.width = width; return in }
