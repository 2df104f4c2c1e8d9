package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"

	"rathaus/internal/i18n"
	"rathaus/internal/web/ui"
)

// renderer holds one template set per language, each parsed on first use with its texts bound.
type renderer struct {
	texts    *i18n.Catalogue
	sections []Section
	mu       sync.Mutex
	sets     map[i18n.Lang]*template.Template
}

// ErrorSection holds the page every error is answered with; NewServer adds it by itself.
func ErrorSection() Section {
	return Section{Name: "fehler", Files: errorTemplates, Home: "/", Part: "ui.part",
		Pages: Pages{"fehler": &errorPage{Heading: "Fehler", Text: "Text", Incident: "AAAAA-BBBBB", Details: []ui.Problem{{Text: "Text"}}}}}
}

// set returns the templates of a language.
func (r *renderer) set(lang i18n.Lang) (*template.Template, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if set, ok := r.sets[lang]; ok {
		return set, nil
	}
	set, err := Parse(r.texts, lang, r.sections...)
	if err != nil {
		return nil, err
	}
	bake(set, r.texts, lang)
	if r.sets == nil {
		r.sets = map[i18n.Lang]*template.Template{}
	}
	r.sets[lang] = set
	return set, nil
}

// Parse builds the template set of one language: the components of ui, then the files of each section under
// "section/file". Exported for the tests that check templates against their page structs.
func Parse(texts *i18n.Catalogue, lang i18n.Lang, sections ...Section) (*template.Template, error) {
	set := template.New("").Option("missingkey=error").Funcs(ui.Funcs(texts, lang))
	if err := parseFiles(set, "", ui.Templates()); err != nil {
		return nil, err
	}
	for _, s := range sections {
		if s.Files == nil {
			continue
		}
		if err := parseFiles(set, s.Name+"/", s.Files); err != nil {
			return nil, fmt.Errorf("section %s: %w", s.Name, err)
		}
	}
	return set, nil
}

func parseFiles(set *template.Template, prefix string, files fs.FS) error {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if _, err := set.New(prefix + strings.TrimSuffix(path.Base(name), ".html")).Parse(string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func newBuffers() sync.Pool { return sync.Pool{New: func() any { return new(bytes.Buffer) }} }

// render fills what the layout shows, renders into a buffer and writes only when that went well.
func (r *Request) render(w http.ResponseWriter, status int, name string, page ui.Based) error {
	set, err := r.srv.render.set(r.Lang)
	if err != nil {
		return err
	}
	r.fillPage(w, page.Base())
	buf := r.srv.buffers.Get().(*bytes.Buffer)
	defer r.srv.buffers.Put(buf)
	buf.Reset()
	if err := set.ExecuteTemplate(buf, name, page); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Language", r.Lang.Tag())
	return writeBody(w, status, "text/html; charset=utf-8", buf.Bytes())
}

func (r *Request) fillPage(w http.ResponseWriter, p *ui.Page) {
	section := r.section()
	p.Lang, p.Town, p.Now, p.Version = r.Lang.Tag(), r.Town, r.Now(), r.srv.cfg.Version
	p.Desk = section.Desk
	p.Part, p.Home = r.T(section.Part), section.Home
	p.Style = r.srv.assets.Prefix()
	p.Theme = themePrefix + r.Town.Theme.Hash() + ".css"
	p.Icon = themePrefix + r.Town.Theme.Hash() + ".svg"
	if p.Notice == nil {
		p.Notice = r.takeNotice(w)
	}
	if section.Nav != nil {
		p.Nav = r.nav(section.Nav(r))
	}
	if r.Login.Name != "" && (r.Login.Kind == StaffLogin && section.Desk || r.Login.Kind == CitizenLogin && !section.Desk) {
		p.Account = &ui.Account{Name: r.accountName(), Href: section.AccountHref, SignOut: section.SignOut}
	}
	if !section.Desk && r.Town.Key != "" {
		p.Tools = r.tools()
	}
	if r.Town.Name == "" {
		p.Town.Name = "Rathaus"
	}
}

// section is that of the route; pages without a route (404) use the first section with a menu.
func (r *Request) section() *Section {
	if r.Route != nil {
		return r.Route.section
	}
	sections := r.srv.render.sections
	if r.Town.Key != "" {
		for i := range sections {
			if sections[i].Home == "/" && sections[i].Nav != nil {
				return &sections[i]
			}
		}
	}
	return &sections[0]
}

func (r *Request) accountName() string {
	name := r.Login.Name
	if r.Login.For != "" {
		name = r.T("ui.acting_for", name, r.Login.For)
	}
	if r.Login.Unit != "" {
		name += ", " + r.Login.Unit
	}
	return name
}

// nav marks the entry of this page, or of its section: the longest address the path begins with.
func (r *Request) nav(entries []NavEntry) []ui.NavItem {
	items := make([]ui.NavItem, len(entries))
	best, length := -1, 0
	for i, e := range entries {
		items[i] = ui.NavItem{Link: ui.Link{Text: r.T(e.Key), Href: e.Href}, Count: e.Count}
		under := r.URL.Path == e.Href || strings.HasPrefix(r.URL.Path, strings.TrimSuffix(e.Href, "/")+"/")
		if under && len(e.Href) > length {
			best, length = i, len(e.Href)
		}
	}
	if best >= 0 {
		items[best].Current = "true"
		if r.URL.Path == items[best].Href {
			items[best].Current = "page"
		}
	}
	return items
}

// tools links the other languages; each link shows this page again.
func (r *Request) tools() []ui.NavItem {
	item := func(lang i18n.Lang, key, href string) ui.NavItem {
		n := ui.NavItem{Link: ui.Link{Text: r.T(key), Href: href}}
		if lang != r.Lang {
			n.Lang = lang.Tag()
		}
		return n
	}
	var items []ui.NavItem
	if r.Lang != i18n.De {
		items = append(items, item(i18n.De, "ui.lang_de", r.inLang(i18n.De)))
	}
	leicht := ui.NavItem{Link: ui.Link{Text: r.T("ui.lang_leicht"), Href: "/leichte-sprache"}}
	gebaerden := ui.NavItem{Link: ui.Link{Text: r.T("ui.lang_gebaerden"), Href: "/gebaerdensprache"}}
	for _, n := range []*ui.NavItem{&leicht, &gebaerden} {
		if r.URL.Path == n.Href {
			n.Current = "page"
		}
	}
	items = append(items, leicht, gebaerden)
	if r.Lang != i18n.En {
		items = append(items, item(i18n.En, "ui.lang_en", r.inLang(i18n.En)))
	}
	return items
}

func (r *Request) inLang(lang i18n.Lang) string {
	query := url.Values{}
	if r.Method == http.MethodGet {
		query = r.URL.Query()
	}
	query.Set(langParam, string(lang))
	return (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()
}

func (r *Request) format(arg any) any {
	switch arg.(type) {
	case string, template.HTML:
		return arg
	}
	return i18n.Format(r.Lang, arg)
}
