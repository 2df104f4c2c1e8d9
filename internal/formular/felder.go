package formular

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/htmlform"
	"rathaus/internal/rule"
)

// Page is what rendering one Abschnitt needs besides the definition.
type Page struct {
	Today   clock.Date
	Answers Answers
	Dateien []Datei
	// Typed is what a refused post held, by name; nil shows the answers.
	Typed url.Values
	// Errors are the messages by path.
	Errors map[string]string
	// Words of the buttons: {0} is the entry's name.
	AddWord, RemoveWord func(what string) string
	Size                func(bytes int64) string
	FileHint            func(types []string, bytes int64) string
	AddressWord         func(part string) string
	Yes, No             string
}

// Fields builds the controls of an Abschnitt.
func (f *Form) Fields(a Abschnitt, p Page) []htmlform.Field {
	b := builder{Page: p, view: f.look(p.Today, p.Answers)}
	return unwrapped(a, b.all("", "", a.Elements, map[string]any(p.Answers), nil))
}

// unwrapped takes the fields out of a group that is called like its page: a frame with the same words says nothing.
func unwrapped(a Abschnitt, fields []htmlform.Field) []htmlform.Field {
	out := make([]htmlform.Field, 0, len(fields))
	for _, h := range fields {
		same := h.Label == a.Title || h.Label == a.Short
		if h.Kind == htmlform.Group && same && h.Hint == "" && h.Help == "" && len(h.Law) == 0 && h.Error == "" && !h.Optional {
			out = append(out, h.Fields...)
		} else {
			out = append(out, h)
		}
	}
	return out
}

type builder struct {
	Page
	view *view
}

func (b *builder) all(place, path string, elements []Element, answers map[string]any, here rule.Values) []htmlform.Field {
	var out []htmlform.Field
	for _, e := range elements {
		if e.Hidden || !b.view.shown(place+e.Key, e, here) {
			continue
		}
		out = append(out, b.field(place+e.Key, path+e.Key, e, answers[e.Key], answers, here))
	}
	return out
}

func (b *builder) base(path string, e Element) htmlform.Field {
	return htmlform.Field{Name: path, Label: e.Label, Hint: e.Hint, Help: e.Help, Law: e.Law, Error: b.Errors[path],
		Optional: e.Occurs.Optional() && e.RequiredIf == "" && e.Kind != Note, Autocomplete: e.Autocomplete, Unit: e.Unit, Width: width(e), Type: "text"}
}

func (b *builder) field(place, path string, e Element, v any, answers map[string]any, here rule.Values) htmlform.Field {
	h := b.base(path, e)
	switch {
	case e.Kind == Note:
		h.Kind = htmlform.Note
	case e.Locked:
		h.Kind, h.Value = htmlform.Fixed, Words(e, b.view.computed(place, e, here))
	case e.Kind == File:
		b.file(&h, path, e, answers)
	case e.Occurs.Repeated() && e.Kind != MultiChoice:
		b.repeat(&h, place, path, e, v)
	case e.Kind == Group:
		m, _ := v.(map[string]any)
		h.Kind, h.Fields = htmlform.Group, b.all(place+".", path+".", e.Elements, m, hier(e, m))
	case e.Kind == Address:
		m, _ := v.(map[string]any)
		h.Kind, h.Fields = htmlform.Group, b.address(path, e, m)
	default:
		b.control(&h, path, e, v)
	}
	return h
}

// repeat shows the entries there are, at least one where one is needed.
func (b *builder) repeat(h *htmlform.Field, place, path string, e Element, v any) {
	name := e.ItemLabel
	if name == "" {
		name = e.Label
	}
	h.Kind = htmlform.Repeat
	list, _ := v.([]any)
	least := e.Occurs.Norm().Min
	if len(list) == 0 && least > 0 {
		list = []any{nil}
	}
	if e.Occurs.Allows(len(list)+1) && len(list) < maxEntries {
		h.Add = b.AddWord(name)
	}
	for i, item := range list {
		at := fmt.Sprintf("%s.%d", path, i)
		entry := htmlform.Field{Kind: htmlform.Group, Name: at, Label: fmt.Sprintf("%s %d", name, i+1), Error: b.Errors[at]}
		switch e.Kind {
		case Group:
			m, _ := item.(map[string]any)
			entry.Fields = b.all(place+".", at+".", e.Elements, m, hier(e, m))
		default:
			entry.Bare, entry.Error = true, "" // the control says it
			one := single(e)
			one.Label, one.Hint, one.Help, one.Law = name, "", "", nil
			entry.Fields = []htmlform.Field{b.field(place, at, one, item, map[string]any{}, nil)}
		}
		if len(list) > least {
			entry.Remove = b.RemoveWord(entry.Label)
		}
		h.Fields = append(h.Fields, entry)
	}
}

func (b *builder) address(path string, e Element, m map[string]any) []htmlform.Field {
	tokens := map[string]string{"strasse": "address-line1", "zusatz": "address-line2", "plz": "postal-code", "ort": "address-level2", "land": "country-name"}
	var out []htmlform.Field
	for _, part := range AddressParts() {
		if part == "land" && e.Autocomplete == "inland" {
			continue
		}
		s, _ := m[part].(string)
		f := htmlform.Field{Kind: htmlform.Input, Type: "text", Name: path + "." + part, Label: b.AddressWord(part), Value: b.typed(path+"."+part, s),
			Error: b.Errors[path+"."+part], Optional: part == "zusatz" || part == "land", Autocomplete: tokens[part]}
		if part == "plz" {
			f.Inputmode, f.Width = "numeric", 10
		}
		if part == "hausnummer" {
			f.Width = 10
		}
		out = append(out, f)
	}
	return out
}

func (b *builder) typed(name, stored string) string {
	if b.Typed != nil {
		if v, ok := b.Typed[name]; ok && len(v) > 0 {
			return v[0]
		}
		return ""
	}
	return stored
}

func (b *builder) file(h *htmlform.Field, path string, e Element, answers map[string]any) {
	h.Kind, h.Multiple = htmlform.File, e.Occurs.Repeated()
	h.Accept = ".pdf,.jpg,.jpeg,.png"
	limit := int64(MaxFileBytes)
	var types []string
	if e.Upload != nil {
		h.Later, types = e.Upload.Later, e.Upload.Types
		if e.Upload.MaxBytes > 0 {
			limit = e.Upload.MaxBytes
		}
	}
	h.IsLater, _ = answers[e.Key+LaterSuffix].(bool)
	if b.Typed != nil {
		h.IsLater = b.Typed.Get(path+LaterSuffix) == "ja"
	}
	switch rules := b.FileHint(types, limit); {
	case h.Hint == "":
		h.Hint = rules
	case !strings.Contains(h.Hint, "MB"): // the form's own words say it already
		h.Hint += " " + rules
	}
	for _, d := range b.Dateien {
		if d.Path == path {
			h.Files = append(h.Files, htmlform.Upload{ID: d.ID, Name: d.Name, Size: b.Size(d.Ref.Size)})
		}
	}
}

func (b *builder) control(h *htmlform.Field, path string, e Element, v any) {
	h.Kind = htmlform.Input
	text, _ := v.(string)
	switch e.Kind {
	case Textarea:
		h.Kind = htmlform.Textarea
	case Choice:
		b.choice(h, e)
	case MultiChoice:
		h.Kind = htmlform.Checks
		h.Options = options(e)
		if list, ok := v.([]any); ok {
			for _, x := range list {
				h.Chosen = append(h.Chosen, fmt.Sprint(x))
			}
		}
		if b.Typed != nil {
			h.Chosen = b.Typed[path]
		}
	case Bool:
		h.Kind = htmlform.Radios
		h.Options = []htmlform.Option{{Value: "ja", Label: b.Yes}, {Value: "nein", Label: b.No}}
		if yes, ok := v.(bool); ok {
			text = map[bool]string{true: "ja", false: "nein"}[yes]
		}
		if e.Display == "checkbox" {
			h.Kind = htmlform.Check
		}
	case Date:
		h.Kind = htmlform.Date
		if d, err := clock.ParseDate(text); err == nil {
			h.Parts = []string{strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())}
		} else if parts := strings.SplitN(text, ".", 3); len(parts) == 3 {
			h.Parts = parts // no day of the calendar: shown as it was typed
		}
		if b.Typed != nil {
			h.Parts = []string{b.Typed.Get(path + ".t"), b.Typed.Get(path + ".m"), b.Typed.Get(path + ".j")}
		}
	case Integer:
		if n, ok := whole(v); ok {
			text = strconv.FormatInt(n, 10)
		}
		h.Inputmode = "numeric"
	case Decimal, Money:
		text = strings.ReplaceAll(text, ".", ",")
		h.Inputmode = "decimal"
		if e.Kind == Money {
			h.Unit = "€"
		}
	case Email:
		h.Type = "email"
	case Phone:
		h.Type = "tel"
	case IBAN:
		text = grouped(text)
	case DateTime:
		text = strings.Replace(text, "T", " ", 1)
	}
	if e.Digits > 0 {
		h.Inputmode = "numeric"
	}
	h.Value = b.typed(path, text)
}

func (b *builder) choice(h *htmlform.Field, e Element) {
	h.Options = options(e)
	switch {
	case len(e.Options) == 0:
		h.Kind = htmlform.Input
	case e.Display == "select" || e.Display == "" && len(e.Options) > 7:
		h.Kind = htmlform.Select
	default:
		h.Kind = htmlform.Radios
	}
}

func options(e Element) []htmlform.Option {
	out := make([]htmlform.Option, len(e.Options))
	for i, o := range e.Options {
		out[i] = htmlform.Option{Value: o.Value, Label: o.Label, Hint: o.Hint}
	}
	return out
}

// width takes the next of the widths the style sheet knows.
func width(e Element) int {
	for _, w := range []int{2, 4, 10} {
		if e.Width > 0 && e.Width <= w {
			return w
		}
	}
	return 0
}

// grouped writes an IBAN in groups of four.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Decode reads the controls of an Abschnitt from a post into a copy of the answers. Files are not its business:
// their names stay as they are. A wrong value is kept for the check to name.
func (f *Form) Decode(today clock.Date, a Abschnitt, answers Answers, form url.Values) Answers {
	next := answers.Clone()
	decodeAll(a.Elements, next, "", form)
	return next
}

func decodeAll(elements []Element, into map[string]any, path string, form url.Values) {
	for _, e := range elements {
		if e.Kind == Note || e.Hidden || e.Locked {
			continue
		}
		name := path + e.Key
		if e.Kind == File {
			delete(into, e.Key+LaterSuffix)
			if form.Get(name+LaterSuffix) == "ja" {
				into[e.Key+LaterSuffix] = true
			}
			continue
		}
		v := decodeOne(e, into[e.Key], name, form)
		if Empty(v) {
			delete(into, e.Key)
		} else {
			into[e.Key] = v
		}
	}
}

func decodeOne(e Element, before any, name string, form url.Values) any {
	switch {
	case e.Kind == MultiChoice:
		list := make([]any, 0, len(form[name]))
		for _, v := range form[name] {
			list = append(list, v)
		}
		return list
	case e.Occurs.Repeated():
		old, _ := before.([]any)
		n := entriesIn(form, name)
		list := make([]any, 0, n)
		for i := range n {
			var was any
			if i < len(old) {
				was = old[i]
			}
			v := decodeOne(single(e), was, fmt.Sprintf("%s.%d", name, i), form)
			if v == nil {
				v = emptyEntry(e)
			}
			list = append(list, v)
		}
		return list
	case e.Kind == Group:
		old, _ := before.(map[string]any)
		m := map[string]any{}
		for k, v := range old {
			m[k] = v
		}
		decodeAll(e.Elements, m, name+".", form)
		if e.Occurs.Optional() && onlyUnticked(e.Elements, m) {
			return nil
		}
		return m
	case e.Kind == Address:
		m := map[string]any{}
		for _, part := range AddressParts() {
			if s := strings.TrimSpace(form.Get(name + "." + part)); s != "" {
				m[part] = s
			}
		}
		return m
	}
	return decodeField(e, name, form)
}

// onlyUnticked: nothing in an optional group was filled in. A box left alone is an answer only beside others.
func onlyUnticked(elements []Element, answers map[string]any) bool {
	for _, e := range elements {
		ticked := e.Kind == Bool && e.Display == "checkbox" && answers[e.Key] == false
		if !ticked && !Empty(answers[e.Key]) || answers[e.Key+LaterSuffix] == true {
			return false
		}
	}
	return true
}

func emptyEntry(e Element) any {
	if e.Kind == Group {
		return map[string]any{}
	}
	return ""
}

func decodeField(e Element, name string, form url.Values) any {
	s := strings.TrimSpace(form.Get(name))
	switch e.Kind {
	case Bool:
		switch {
		case s == "ja":
			return true
		case s == "nein", e.Display == "checkbox":
			return false
		}
		return nil
	case Date:
		return decodeDay(form.Get(name+".t"), form.Get(name+".m"), form.Get(name+".j"))
	case Integer:
		if n, ok := whole(plainNumber(s)); ok {
			return float64(n)
		}
	case Decimal:
		return plainNumber(s)
	case Money:
		plain := plainNumber(without(s, "€"))
		if cents, ok := Cents(plain); ok {
			return euros(cents)
		}
	case DateTime:
		if day, hour, ok := strings.Cut(s, " "); ok {
			if d, err := clock.ParseGerman(day); err == nil {
				return d.String() + "T" + hour
			}
			return day + "T" + hour
		}
	}
	return s
}

func decodeDay(day, month, year string) any {
	day, month, year = strings.TrimSpace(day), strings.TrimSpace(month), strings.TrimSpace(year)
	if day+month+year == "" {
		return nil
	}
	if d, err := clock.ParseGerman(day + "." + month + "." + year); err == nil {
		return d.String()
	}
	return day + "." + month + "." + year // kept for the check to refuse
}

// plainNumber writes a number as people type it ("1.234,5", "12,50", "12.50") with a point and without groups. A point
// before exactly three digits groups thousands, any other is read as a comma. What is no number stays for the check to refuse.
func plainNumber(s string) string {
	n := without(s, " \u00a0\u202f")
	switch {
	case matches(`-?\d{1,3}(\.\d{3})+(,\d+)?`, n):
		return strings.Replace(strings.ReplaceAll(n, ".", ""), ",", ".", 1)
	case matches(`-?\d+([.,]\d+)?`, n):
		return strings.Replace(n, ",", ".", 1)
	}
	return s
}

// entriesIn counts the entries of a repeat in a post: one more than the highest number.
func entriesIn(form url.Values, name string) int {
	n := 0
	for key := range form {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		first, _, _ := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(first); err == nil && i >= n && i < maxEntries {
			n = i + 1
		}
	}
	return n
}

// AddEntry appends an empty entry to a repeat, RemoveEntry drops one ("hunde.1"); names that are no repeat of the
// Abschnitt change nothing.
func (f *Form) AddEntry(answers Answers, path string) Answers {
	next := answers.Clone()
	e := f.elementAt(path)
	if e == nil || !e.Occurs.Repeated() {
		return next
	}
	list, _ := next.At(path).([]any)
	if len(list) == 0 && e.Occurs.Norm().Min > 0 {
		list = append(list, emptyEntry(*e))
	}
	if e.Occurs.Allows(len(list)+1) && len(list) < maxEntries {
		next.set(path, append(list, emptyEntry(*e)))
	}
	return next
}

// RemoveEntry drops the entry at path ("hunde.1").
func (f *Form) RemoveEntry(answers Answers, path string) Answers {
	next := answers.Clone()
	cut := strings.LastIndexByte(path, '.')
	if cut < 0 {
		return next
	}
	e := f.elementAt(path[:cut])
	i, err := strconv.Atoi(path[cut+1:])
	list, _ := next.At(path[:cut]).([]any)
	if e == nil || !e.Occurs.Repeated() || err != nil || i < 0 || i >= len(list) {
		return next
	}
	next.set(path[:cut], slices.Delete(list, i, i+1))
	return next
}

// set puts a value at a path whose parents exist or are objects to be made.
func (a Answers) set(path string, v any) {
	parts := strings.Split(path, ".")
	var at any = map[string]any(a)
	for _, p := range parts[:len(parts)-1] {
		switch x := at.(type) {
		case map[string]any:
			if _, ok := x[p]; !ok {
				x[p] = map[string]any{}
			}
			at = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(x) {
				return
			}
			at = x[i]
		default:
			return
		}
	}
	if m, ok := at.(map[string]any); ok {
		m[parts[len(parts)-1]] = v
	}
}

// SetFile notes the name of an uploaded file in the answers, or removes it with name "".
func (f *Form) SetFile(answers Answers, path, name string, add bool) Answers {
	next := answers.Clone()
	e := f.elementAt(path)
	if e == nil || e.Kind != File {
		return next
	}
	if add {
		next.set(path+LaterSuffix, nil)
	}
	if !e.Occurs.Repeated() {
		if add {
			next.set(path, name)
		} else {
			next.set(path, "")
		}
		return next
	}
	list, _ := next.At(path).([]any)
	if add {
		list = append(list, name)
	} else {
		list = slices.DeleteFunc(list, func(v any) bool { return v == name })
	}
	next.set(path, list)
	return next
}

// ElementAt returns the element an answer's path belongs to, nil for none.
func (f *Form) ElementAt(path string) *Element { return f.elementAt(path) }

func (f *Form) elementAt(path string) *Element {
	elements := allElements(f.Definition)
	var found *Element
	for _, key := range strings.Split(placeOf(path), ".") {
		i := slices.IndexFunc(elements, func(e Element) bool { return e.Key == key })
		if i < 0 {
			return nil
		}
		found, elements = &elements[i], elements[i].Elements
	}
	return found
}

// MarshalAnswers is the JSON of answers, for the e-file and the export.
func MarshalAnswers(a Answers) ([]byte, error) { return json.MarshalIndent(a, "", "  ") }
