package ui

import (
	"fmt"
	"html/template"
	"strings"
)

// Field is one control of a small form. Templates build it with the function field:
//
//	{{template "input" (field .Page "mail" (t "portal.mail") "type" "email" "autocomplete" "email" "hint" (t "portal.mail_hint"))}}
//
// Value and Error come from the page, so a form that was refused keeps what was typed.
type Field struct {
	ID, Name, Label, Hint, Value, Error string
	Type                                string // of <input>; "text" when empty
	Autocomplete, Inputmode, Accept     string
	Width                               string // "2", "4", "10": characters, else full
	Optional                            bool
	Rows                                int
	Options                             []Option
	MaxLength                           int
}

// Option is one choice of a select or a group of radio buttons.
type Option struct{ Value, Text string }

// OptionList is the content of a select. Lists of staff and services are long; a loop in the template would be a good
// part of the page's time.
func (f Field) OptionList() template.HTML {
	var b strings.Builder
	for _, o := range f.Options {
		b.WriteString(`<option value="`)
		b.WriteString(template.HTMLEscapeString(o.Value))
		if b.WriteByte('"'); o.Value == f.Value {
			b.WriteString(" selected")
		}
		b.WriteByte('>')
		b.WriteString(template.HTMLEscapeString(o.Text))
		b.WriteString("</option>")
	}
	return template.HTML(b.String())
}

// NewField builds a Field from name and label and pairs of option and value. The options are value (kept unless the
// form was posted), hint, type, autocomplete, inputmode, accept, width, optional (true), rows, options, maxlength, id.
func NewField(p Page, name, label string, options ...any) (Field, error) {
	f := Field{ID: FieldID(name), Name: name, Label: label, Error: p.Problem(name), Type: "text", Rows: 4}
	if len(options)%2 != 0 {
		return f, fmt.Errorf("field %s: options come in pairs", name)
	}
	for i := 0; i < len(options); i += 2 {
		if err := f.set(fmt.Sprint(options[i]), options[i+1]); err != nil {
			return f, fmt.Errorf("field %s: %w", name, err)
		}
	}
	if p.Values != nil && f.Type != "password" && f.Type != "file" {
		f.Value = p.Values.Get(name)
	}
	return f, nil
}

func (f *Field) set(option string, value any) error {
	texts := map[string]*string{"value": &f.Value, "hint": &f.Hint, "type": &f.Type, "autocomplete": &f.Autocomplete,
		"inputmode": &f.Inputmode, "accept": &f.Accept, "width": &f.Width, "id": &f.ID}
	if at, ok := texts[option]; ok {
		*at = text(value)
		return nil
	}
	var ok bool
	switch option {
	case "optional":
		f.Optional, ok = value.(bool)
	case "rows":
		f.Rows, ok = value.(int)
	case "maxlength":
		f.MaxLength, ok = value.(int)
	case "options":
		f.Options, ok = value.([]Option)
	default:
		return fmt.Errorf("unknown option %q", option)
	}
	if !ok {
		return fmt.Errorf("option %s: unexpected %T", option, value)
	}
	return nil
}

func text(v any) string {
	if h, ok := v.(template.HTML); ok {
		return string(h)
	}
	return fmt.Sprint(v)
}

// DescribedBy lists the ids of hint and message, as aria-describedby wants them.
func (f Field) DescribedBy() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID + "-hinweis " + f.ID + "-fehler"
	case f.Hint != "":
		return f.ID + "-hinweis"
	case f.Error != "":
		return f.ID + "-fehler"
	}
	return ""
}
