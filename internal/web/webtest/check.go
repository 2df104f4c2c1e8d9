// Package webtest checks the templates of a section and runs the whole server on a real store for page tests.
package webtest

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/jba/templatecheck"

	"rathaus/internal/i18n"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// CheckSection holds what every audience promises: each template file is a registered page or a partial, fits the
// type of its page struct, renders in every language it is served in, and names only texts that exist.
func CheckSection(t *testing.T, s web.Section) {
	t.Helper()
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, s)
	langs := i18n.Langs()
	if s.Desk {
		langs = langs[:1]
	}
	for _, lang := range langs {
		set, err := web.Parse(texts, lang, s)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		for name, page := range s.Pages {
			checkPage(t, set, string(lang), s.Name+"/"+name, page)
		}
		for name, arg := range s.Partials {
			checkPage(t, set, string(lang), s.Name+"/"+name, arg)
		}
	}
	set, err := web.Parse(texts, i18n.De, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range Keys(set) {
		if _, _, ok := texts.Lookup(i18n.De, key.Name); !ok {
			t.Errorf("%s: no German text for key %s", key.Template, key.Name)
		}
	}
}

func checkFiles(t *testing.T, s web.Section) {
	t.Helper()
	if s.Files == nil {
		return
	}
	names, err := fs.Glob(s.Files, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range names {
		name := strings.TrimSuffix(file, ".html")
		if _, ok := s.Pages[name]; !ok && !strings.HasPrefix(name, "_") {
			t.Errorf("%s/%s is neither in Pages nor a partial (_%s)", s.Name, file, file)
		}
	}
	for name := range s.Pages {
		if _, err := fs.Stat(s.Files, name+".html"); err != nil {
			t.Errorf("page %s/%s has no template", s.Name, name)
		}
	}
}

// forbidden are what the content security policy would block: tests find it before a browser does.
var forbidden = regexp.MustCompile(`(?i)<style|<script|\sstyle=|\son[a-z]+=|javascript:|(src|href|action)="https?://[^"]*\.(css|js|woff2?)"`)

func checkPage(t *testing.T, set *template.Template, lang, name string, arg any) {
	t.Helper()
	if p, ok := arg.(ui.Based); ok {
		fillExample(p.Base(), lang)
	} else if strings.Contains(name, "/") && !strings.Contains(name, "/_") {
		t.Errorf("page %s: example must be a pointer to a struct that embeds ui.Page, is %T", name, arg)
		return
	}
	page := set.Lookup(name)
	if page == nil {
		t.Errorf("no template %s", name)
		return
	}
	if err := templatecheck.CheckHTML(page, arg); err != nil {
		t.Errorf("%s does not fit %T: %v", name, arg, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, arg); err != nil {
		t.Errorf("execute %s in %s: %v", name, lang, err)
		return
	}
	if at := strings.Index(out.String(), "⟨"); at >= 0 {
		t.Errorf("%s in %s: missing text at %.80q", name, lang, out.String()[at:])
	}
	if bad := forbidden.FindString(out.String()); bad != "" {
		t.Errorf("%s in %s: %q is not allowed on our pages", name, lang, bad)
	}
}

func fillExample(p *ui.Page, lang string) {
	p.Lang = i18n.Lang(lang).Tag()
	p.Style, p.Theme, p.Icon, p.Home, p.Part = "/assets/x/", "/thema/x.css", "/thema/x.svg", "/", "Digitales Rathaus"
	p.Town = Town()
	if p.Title == "" {
		p.Title = "Titel"
	}
}

// Key is a catalogue key used by a template.
type Key struct{ Template, Name string }

// Keys walks the parse trees of a set for the keys given to t, th and n. Keys that are put together at run time are
// not seen; handlers pass those as whole constants.
func Keys(set *template.Template) []Key {
	var out []Key
	for _, tmpl := range set.Templates() {
		if tmpl.Tree == nil || tmpl.Tree.Root == nil {
			continue
		}
		walk(reflect.ValueOf(tmpl.Tree.Root), func(n *parse.CommandNode) {
			out = append(out, keysOf(tmpl.Name(), n)...)
		})
	}
	return out
}

func keysOf(name string, n *parse.CommandNode) []Key {
	if len(n.Args) < 2 {
		return nil
	}
	fn, ok := n.Args[0].(*parse.IdentifierNode)
	if !ok || fn.Ident != "t" && fn.Ident != "th" && fn.Ident != "n" {
		return nil
	}
	key, ok := n.Args[1].(*parse.StringNode)
	if !ok {
		return nil
	}
	if fn.Ident == "n" {
		return []Key{{name, key.Text + "_one"}, {name, key.Text + "_other"}}
	}
	return []Key{{name, key.Text}}
}

// walk visits every command of a parse tree, whatever node holds it: nodes are structs of nodes and slices of nodes.
func walk(v reflect.Value, visit func(*parse.CommandNode)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || v.Type() == reflect.TypeFor[*parse.Tree]() {
			return
		}
		if n, ok := v.Interface().(*parse.CommandNode); ok {
			visit(n)
		}
		walk(v.Elem(), visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	}
}

// Town is the invented town of page tests.
func Town() ui.Town {
	return ui.Town{Key: "wiesenbrueck", Name: "Wiesenbrück", Official: "Stadt Wiesenbrück", Land: "BW", AGS: "08999001", Demo: true,
		Address: []string{"Marktplatz 1", "00000 Wiesenbrück"}, Phone: "030 23125-100", Mail: "rathaus@wiesenbrueck.example",
		Hours: []string{"Mo, Di, Fr 8 bis 12 Uhr", "Do 8 bis 18 Uhr"},
		Theme: ui.Theme{Hue: 200, Chroma: .075, AccentHue: 82, Radius: .375, Crest: "bruecke"}}
}

// Host is the host name under which page tests reach a town.
func Host(town string) string { return fmt.Sprintf("%s.localhost", town) }
