package formular

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rathaus/internal/fim"
	"rathaus/internal/storage"
)

// FromFIM turns a schema of XDatenfelder into a definition that compiles. Each group at the top becomes a page
// that holds it, so that answers keep the paths of the source; loose fields at the top share one page. Rules in
// words and constraints no expression can hold become FreetextRules with their path.
func FromFIM(s *fim.Schema) (Definition, error) {
	im := importer{}
	d := Definition{
		Format: Format, Key: s.ID, Version: s.Version, Title: firstOf(s.Heading(), s.Name, s.ID), Intro: s.Help,
		Source: sourceOf(s.Element, s.References),
	}
	d.Source.Standard, d.Source.Format, d.Source.Name = "fim", s.Format, s.Name
	if d.Version == "" {
		d.Version = "0.0.0" // a draft in its source
	}
	im.rules("", s.Rules)
	d.Abschnitte = im.pages(s.Root)
	if len(d.Abschnitte) == 0 {
		d.Abschnitte = []Abschnitt{{Key: "angaben", Title: "Angaben"}}
	}
	d.FreetextRules = im.free
	d.Roles = guessRoles(d)
	autocomplete(&d)
	_, err := Compile(d)
	return d, err
}

// importer collects what does not stand in the tree.
type importer struct {
	free []FreetextRule
}

// pages makes one page of each group at the top, and one of the loose fields where the first of them stands.
func (im *importer) pages(nodes []fim.Node) []Abschnitt {
	var pages []Abschnitt
	keys, names := map[string]bool{}, map[string]bool{}
	loose := -1
	for _, n := range nodes {
		e := im.element("", n, names)
		if n.Group != nil {
			pages = append(pages, Abschnitt{Key: pageKey(e.Label, keys), Title: e.Label, Elements: []Element{e}})
			continue
		}
		if loose < 0 {
			loose = len(pages)
			pages = append(pages, Abschnitt{Key: pageKey("Angaben", keys), Title: "Angaben"})
		}
		pages[loose].Elements = append(pages[loose].Elements, e)
	}
	return pages
}

// maxPageKey keeps addresses readable.
const maxPageKey = 40

// pageKey makes the last part of a page's address of its title.
func pageKey(title string, taken map[string]bool) string {
	key := strings.Trim(noKey.ReplaceAllString(storage.Fold(title), "-"), "-")
	if len(key) > maxPageKey {
		key = key[:maxPageKey]
		if i := strings.LastIndexByte(key, '-'); i > 0 {
			key = key[:i]
		}
	}
	if key == "" || reservedPage(key) {
		key = "seite"
	}
	return unique(key, "-", taken)
}

var (
	noKey  = regexp.MustCompile(`[^a-z0-9]+`)
	noName = regexp.MustCompile(`[^a-z0-9_]+`)
)

// elementKey is the id in lower case, made a key, unique among its siblings.
func elementKey(id string, taken map[string]bool) string {
	key := noName.ReplaceAllString(strings.ToLower(id), "_")
	if !validKey(key) {
		key = "e" + strings.TrimSuffix(key, LaterSuffix)
	}
	return unique(key, "_", taken)
}

func unique(key, glue string, taken map[string]bool) string {
	name := key
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s%s%d", key, glue, n)
	}
	taken[name] = true
	return name
}

// element converts a position.
func (im *importer) element(prefix string, n fim.Node, taken map[string]bool) Element {
	from := n.Element()
	e := Element{
		Key: elementKey(from.ID, taken), Label: oneLine(firstOf(from.LabelInput, from.Name, from.ID)),
		HelpOutput: from.HelpOutput, Occurs: Occurs{Min: n.Min, Max: n.Max}, Source: sourceOf(from, slices.Concat(n.References, from.References)),
	}
	if e.Occurs == (Occurs{Min: 1, Max: 1}) {
		e.Occurs = Occurs{}
	}
	if out := oneLine(from.LabelOutput); out != e.Label {
		e.Output = out
	}
	if e.Occurs.Repeated() {
		e.ItemLabel = e.Label
	}
	if short(from.HelpInput) {
		e.Hint = from.HelpInput
	} else {
		e.Help = from.HelpInput
	}
	for _, r := range n.References { // why this form asks; what the element itself rests on stays in Source
		if r.Text != "" {
			e.Law = append(e.Law, r.Text)
		}
	}
	path := prefix + e.Key
	if n.Group != nil {
		im.group(path, n.Group, &e)
	} else {
		im.field(path, n.Field, &e)
	}
	return e
}

func (im *importer) group(path string, g *fim.Group, e *Element) {
	e.Kind = Group
	im.rules(path, g.Rules)
	taken := map[string]bool{}
	for _, n := range g.Nodes {
		if g.Kind == choiceGroup {
			n.Min = 0
		}
		e.Elements = append(e.Elements, im.element(path+".", n, taken))
	}
	shareLaw(e)
	if g.Kind == choiceGroup {
		im.note(path, "Auswahlgruppe", "Genau eines der Elemente dieser Gruppe wird angegeben.")
	}
}

// shareLaw says a legal basis once at the group when all its elements state the same; Source keeps each.
func shareLaw(e *Element) {
	var law []string
	for _, child := range e.Elements {
		switch {
		case len(child.Law) == 0:
		case law == nil:
			law = child.Law
		case !slices.Equal(law, child.Law):
			return
		}
	}
	if law == nil || len(e.Law) > 0 && !slices.Equal(law, e.Law) {
		return
	}
	e.Law = law
	for i := range e.Elements {
		e.Elements[i].Law = nil
	}
}

// choiceGroup is the art of a group of which one child is chosen.
const choiceGroup = "X"

// note keeps in words what the definition cannot hold.
func (im *importer) note(path, name, text string) {
	im.free = append(im.free, FreetextRule{Path: path, Name: name, Text: text})
}

func (im *importer) rules(path string, rules []fim.Rule) {
	for _, r := range rules {
		im.free = append(im.free, FreetextRule{ID: r.WrittenID, Name: r.Name, Path: path, Text: r.Text, Type: r.Type, Script: r.Script,
			Version: r.WrittenVersion, Creator: r.Creator, Description: r.Description, Params: r.Params, Targets: slices.Concat(r.Targets, r.Errors)})
	}
}

func sourceOf(e fim.Element, references []fim.Reference) *Source {
	s := &Source{ID: e.WrittenID, Version: e.WrittenVersion, Name: e.Name, Description: e.Description, Definition: e.Definition, Class: e.Class,
		Status: e.Status, StatusDate: e.StatusSetOn, StatusBy: firstOf(e.StatusSetBy, e.Creator), ValidFrom: e.ValidFrom, ValidTo: e.ValidTo}
	for _, r := range references {
		s.References = append(s.References, strings.TrimSpace(r.Text+" "+r.Link))
	}
	return s
}

// short help stands between label and field, longer help is opened on demand.
func short(s string) bool { return len([]rune(s)) <= 160 && !strings.Contains(s, "\n") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func firstOf(list ...string) string {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}
