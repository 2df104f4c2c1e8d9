package formular

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/fim"
	"rathaus/internal/storage"
)

// field converts what only a field has.
func (im *importer) field(path string, f *fim.Field, e *Element) {
	im.rules(path, f.Rules)
	e.Kind = kindOf(f)
	switch {
	case e.Kind == Note:
		e.Occurs, e.ItemLabel = Occurs{}, ""
		if f.Content != "" {
			e.Hint, e.Help = f.Content, f.HelpInput
		}
		return
	case e.Kind == File:
		e.Upload = uploadOf(f)
	case e.Kind == Bool:
		e.Display = "radio"
	}
	im.values(f, e)
	im.constraint(path, f.Constraint, e)
	e.Hidden, e.Locked = f.Feldart == "hidden", f.Feldart == "locked"
	if f.Content != "" {
		var ok bool
		if e.Default, ok = defaultOf(*e, f.Content); !ok {
			im.note(path, "Inhalt", f.Content)
		}
	}
}

// kindOf chooses the control. Fields of text that hold an address for mail, a phone number or an IBAN have kinds
// of their own; a list of values decides before the data type.
func kindOf(f *fim.Field) Kind {
	if f.Feldart == "label" {
		return Note
	}
	if len(f.Values) > 0 || f.Codelist != nil && f.Feldart == "select" {
		return Choice
	}
	switch f.Datentyp {
	case "file", "obj":
		return File
	case "bool":
		return Bool
	case "date":
		return Date
	case "time":
		return Time
	case "datetime":
		return DateTime
	case "num":
		return Decimal
	case "num_int":
		return Integer
	case "num_currency":
		return Money
	}
	return textKind(f)
}

// maxInput is what still fits a field of one line.
const maxInput = 250

var longText = regexp.MustCompile(`beschreib|begruend|erlaeuter|bemerkung|anmerkung|taetigkeit|angabe zu|stellungnahme`)

func textKind(f *fim.Field) Kind {
	name := storage.Fold(f.Name + " " + f.LabelInput)
	switch {
	case strings.Contains(name, "e-mail"):
		return Email
	case strings.HasPrefix(name, "telefon"), strings.HasPrefix(name, "mobil"), strings.HasPrefix(name, "telefax"), strings.HasPrefix(name, "fax"):
		return Phone
	case strings.HasPrefix(name, "iban "):
		return IBAN
	}
	limit, err := strconv.Atoi(f.MaxLength)
	switch {
	case err == nil && limit > maxInput, err != nil && longText.MatchString(name):
		return Textarea
	}
	return Text
}

// uploadOf takes the limits of the source as far as one file may go here.
func uploadOf(f *fim.Field) *Upload {
	if len(f.MediaTypes) == 0 && f.MaxSize == 0 {
		return nil
	}
	return &Upload{Types: f.MediaTypes, MaxBytes: min(f.MaxSize, MaxFileBytes), Later: true}
}

// codelistHint is said where the entries of a code list are not known here.
const codelistHint = "Schreiben Sie die Angabe bitte aus. Eine Auswahlliste liegt hier nicht vor."

func (im *importer) values(f *fim.Field, e *Element) {
	for _, v := range f.Values {
		e.Options = append(e.Options, Option{Value: v.Code, Label: firstOf(oneLine(v.Name), v.Code), Help: v.Help, Hint: v.Help})
	}
	if e.Kind == Choice && len(e.Options) > 0 && e.Occurs.Repeated() {
		e.Kind, e.ItemLabel = MultiChoice, ""
	}
	if f.Codelist == nil || *f.Codelist == (fim.Codelist{}) {
		return
	}
	e.Codelist = &Codelist{URI: f.Codelist.URI, Version: f.Codelist.Version, VersionURI: f.Codelist.VersionURI, ID: f.Codelist.ID,
		KeyColumn: f.CodeKey, NameColumn: f.NameKey, HelpColumn: f.HelpKey}
	if len(e.Options) == 0 {
		e.Hint = strings.TrimSpace(e.Hint + " " + codelistHint)
	}
}

// constraint takes over what the kind can check; the rest stays in words.
func (im *importer) constraint(path string, c fim.Constraint, e *Element) {
	var rest []string
	keep := func(name, value string, ok bool) {
		if value != "" && !ok {
			rest = append(rest, name+" "+value)
		}
	}
	free := e.Kind == Text || e.Kind == Textarea || e.Kind == Email || e.Kind == Choice && len(e.Options) == 0
	least, errLeast := strconv.Atoi(c.MinLength)
	most, errMost := strconv.Atoi(c.MaxLength)
	lengths := free || e.Kind == Phone || e.Kind == IBAN // written with blanks in the source, without here: only the upper limit holds
	fits := lengths && (errMost != nil || errLeast != nil || least <= most)
	if fits && free && errLeast == nil && least > 0 {
		e.MinLength = least
	}
	if fits && errMost == nil && most > 0 {
		e.MaxLength = most
	}
	keep("minLength", c.MinLength, fits && errLeast == nil && least >= 0)
	keep("maxLength", c.MaxLength, fits && errMost == nil && most >= 0)
	low, okLow := boundOf(e.Kind, c.MinValue)
	high, okHigh := boundOf(e.Kind, c.MaxValue)
	if okLow && okHigh || okLow && c.MaxValue == "" || okHigh && c.MinValue == "" {
		e.Min, e.Max = low, high
	}
	keep("minValue", c.MinValue, e.Min != "")
	keep("maxValue", c.MaxValue, e.Max != "")
	if c.Pattern != "" && free && compiles(c.Pattern) {
		e.Pattern = c.Pattern
		if strings.Contains(storage.Fold(e.Label), "postleitzahl") {
			e.PatternMessage = "Geben Sie eine deutsche Postleitzahl mit fünf Ziffern an."
			e.Width = 10
		}
	}
	keep("pattern", c.Pattern, e.Pattern != "")
	keep("", c.Note, false)
	if len(rest) > 0 {
		im.note(path, "Präzisierung", strings.TrimSpace(strings.Join(rest, "\n")))
	}
}

func compiles(pattern string) bool {
	_, err := regexp.Compile(`^(?:` + pattern + `)$`)
	return err == nil
}

// boundOf reads a bound as the kind holds it.
func boundOf(k Kind, s string) (string, bool) {
	switch k {
	case Integer, Decimal, Money:
		s = strings.ReplaceAll(s, ",", ".")
		_, err := strconv.ParseFloat(s, 64)
		return s, err == nil
	case Date:
		_, err := clock.ParseDate(s)
		return s, err == nil
	}
	return "", false
}

// defaultOf reads the content of a field as an answer.
func defaultOf(e Element, s string) (any, bool) {
	var v any = s
	switch e.Kind {
	case Bool:
		b, err := strconv.ParseBool(strings.ToLower(s))
		if err != nil {
			return nil, false
		}
		v = b
	case Integer:
		n, ok := whole(s)
		if !ok {
			return nil, false
		}
		v = float64(n)
	case Decimal, Money:
		v = strings.ReplaceAll(s, ",", ".")
	case File:
		return nil, false
	}
	c := checker{view: &view{}}
	c.field(e.Key, e, v)
	if len(c.problems) > 0 && !e.Hidden && !e.Locked {
		return nil, false
	}
	if e.Occurs.Repeated() || e.Kind == MultiChoice {
		v = []any{v}
	}
	return v, fmt.Sprint(v) != ""
}
