// Package htmlform renders the fields of a form as the town hall's pages show them: label, hint, message, control;
// everything by plain form posts. It knows no form definition; who does builds the Fields.
package htmlform

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
)

// Kind is the control a Field is shown as.
type Kind string

// The controls.
const (
	Input    Kind = "input"
	Textarea Kind = "textarea"
	Radios   Kind = "radios"
	Select   Kind = "select"
	Checks   Kind = "checks" // several of Options
	Check    Kind = "check"  // one, yes or not
	Date     Kind = "date"   // three inputs: NAME.t, NAME.m, NAME.j
	File     Kind = "file"
	Group    Kind = "group"  // a fieldset with Fields
	Repeat   Kind = "repeat" // entries, each a Group in Fields; buttons to add and to remove
	Note     Kind = "note"   // text only
	Fixed    Kind = "fixed"  // a value nobody can change
)

// Field is one control with all its words. Texts are in the page's language already.
type Field struct {
	Kind    Kind
	Name    string // of the control in the post; ids are made from it
	Label   string
	Hint    string
	Help    string // behind "Warum fragen wir das?"
	Law     []string
	Error   string
	Value   string   // what was typed
	Parts   []string // day, month, year of a Date
	Chosen  []string // of Checks
	Options []Option
	// Optional marks the field "freiwillig".
	Optional bool
	Type     string // of an Input: text, email, tel
	// Autocomplete, Inputmode, Width (characters: 2, 4, 10, 20), Unit, Max (characters) of an Input.
	Autocomplete, Inputmode, Unit string
	Width, Max                    int
	// Accept lists the endings of a File, Files those uploaded already; Later offers to hand it in afterwards.
	Accept  string
	Files   []Upload
	Later   bool
	IsLater bool
	// Multiple lets a File take several at once.
	Multiple bool
	// Fields inside a Group; the entries of a Repeat.
	Fields []Field
	// Add and Remove label the buttons of a Repeat and its entries; empty: no button.
	Add, Remove string
	// Bare: a Group around a single control, which has the name and so the id.
	Bare bool
	// Large is true for the text size of a page topic (a Group at the top).
	Large bool
}

// Option is one choice.
type Option struct{ Value, Label, Hint string }

// Upload is a file that is there already.
type Upload struct {
	ID, Name, Size string
}

// ID is the HTML id of the control.
func (f Field) ID() string { return ID(f.Name) }

// ID makes an HTML id from a name: "hunde.0.name" → "f-hunde-0-name".
func ID(name string) string { return "f-" + strings.ReplaceAll(name, ".", "-") }

// DescribedBy lists the ids of hint and message.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hinweis")
	}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-fehler")
	}
	return strings.Join(ids, " ")
}

// Has reports whether an option is chosen.
func (f Field) Has(value string) bool {
	for _, c := range f.Chosen {
		if c == value {
			return true
		}
	}
	return false
}

// Part is the i-th input of a Date.
func (f Field) Part(i int) string {
	if i < len(f.Parts) {
		return f.Parts[i]
	}
	return ""
}

//go:embed field.html
var fieldTemplate string

// Words are the few texts of the controls themselves, by key: optional, day, month, year, why, law, files, remove, later.
type Words func(key string) string

// Renderer turns Fields into HTML. Safe for concurrent use.
type Renderer struct{ t *template.Template }

// New parses the template with the words of one language. foreign is the lang of labels and hints where it is not that of
// the words, else empty.
func New(words Words, foreign string) (*Renderer, error) {
	t, err := template.New("field").Funcs(template.FuncMap{
		"w":       func(key string) string { return words(key) },
		"foreign": func() string { return foreign },
	}).Parse(fieldTemplate)
	if err != nil {
		return nil, fmt.Errorf("htmlform: %w", err)
	}
	return &Renderer{t: t}, nil
}

// HTML renders the fields one after the other.
func (r *Renderer) HTML(fields []Field) (template.HTML, error) {
	var b bytes.Buffer
	for _, f := range fields {
		if err := r.t.ExecuteTemplate(&b, "field", f); err != nil {
			return "", fmt.Errorf("htmlform: field %s: %w", f.Name, err)
		}
	}
	return template.HTML(b.String()), nil // html/template has escaped every value
}
