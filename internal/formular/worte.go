package formular

import (
	"fmt"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
)

// Section is a page of answers to be read: on the check page, by the clerk.
type Section struct {
	Key, Title string
	Rows       []Row
}

// Row is one answer. Level is the depth of a nested group's heading; a heading has no value.
type Row struct {
	Path, Label, Value string
	// Day is the ISO day where the value is one.
	Day     string
	Heading bool
	// Later: the proof is handed in later. Missing: not answered.
	Later, Missing bool
	// File is set for an uploaded file's name.
	File bool
	// Help for the reader.
	Help string
}

// Sections puts answers into words, in German. masked shortens what need not be shown in full (IBAN).
func (f *Form) Sections(today clock.Date, answers Answers, masked bool) []Section {
	v := f.look(today, answers)
	var out []Section
	for _, a := range f.Abschnitte {
		if !v.abschnittShown(a) || !hasInput(a.Elements) {
			continue
		}
		title := a.Short
		if title == "" {
			title = a.Title
		}
		w := writer{view: v, masked: masked}
		w.all("", "", a.Elements, v.answers)
		out = append(out, Section{Key: a.Key, Title: title, Rows: w.rows})
	}
	return out
}

type writer struct {
	*view
	masked bool
	rows   []Row
}

func (w *writer) all(place, path string, elements []Element, answers map[string]any) {
	for _, e := range elements {
		if e.Kind == Note || e.Hidden || !w.shown(place+e.Key, e, nil) && Empty(answers[e.Key]) {
			continue
		}
		w.element(place+e.Key, path+e.Key, e, answers)
	}
}

func (w *writer) element(place, path string, e Element, answers map[string]any) {
	v := answers[e.Key]
	label := e.Label
	if e.Output != "" {
		label = e.Output
	}
	list, several := v.([]any)
	switch {
	case e.Kind == Group && several:
		name := e.ItemLabel
		if name == "" {
			name = label
		}
		for i, item := range list {
			m, _ := item.(map[string]any)
			at := fmt.Sprintf("%s.%d", path, i)
			w.rows = append(w.rows, Row{Path: at, Label: fmt.Sprintf("%s %d", name, i+1), Heading: true})
			w.all(place+".", at+".", e.Elements, m)
		}
	case e.Kind == Group:
		m, _ := v.(map[string]any)
		if len(m) == 0 {
			return
		}
		w.rows = append(w.rows, Row{Path: path, Label: label, Heading: true})
		w.all(place+".", path+".", e.Elements, m)
	default:
		row := Row{Path: path, Label: label, Value: Words(e, v), File: e.Kind == File, Help: e.HelpOutput}
		row.Later, _ = answers[e.Key+LaterSuffix].(bool)
		if w.masked && (e.Mask || e.Kind == IBAN) {
			row.Value = mask(row.Value)
		}
		if day, _ := v.(string); e.Kind == Date && clock.Date(day).Valid() {
			row.Day = day
		}
		row.Missing = row.Value == "" && !row.Later
		w.rows = append(w.rows, row)
	}
}

// mask shows the first and the last four characters.
func mask(s string) string {
	plain := strings.ReplaceAll(s, " ", "")
	if len(plain) < 10 {
		return s
	}
	return plain[:4] + " •••• " + plain[len(plain)-4:]
}

// Words puts one answer into German words.
func Words(e Element, v any) string {
	if list, ok := v.([]any); ok {
		parts := make([]string, 0, len(list))
		for _, x := range list {
			if s := Words(e, x); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	}
	if Empty(v) {
		return ""
	}
	s, _ := v.(string)
	switch e.Kind {
	case Bool:
		return map[any]string{true: "ja", false: "nein"}[v]
	case Choice, MultiChoice:
		for _, o := range e.Options {
			if o.Value == s {
				return o.Label
			}
		}
	case Integer:
		if n, ok := whole(v); ok {
			s = strconv.FormatInt(n, 10)
		}
	case Decimal:
		s = strings.ReplaceAll(s, ".", ",")
	case Money:
		if cents, ok := Cents(v); ok {
			return i18n.Money(i18n.De, cents)
		}
	case Date:
		if d, err := clock.ParseDate(s); err == nil {
			return d.Short()
		}
	case Time:
		return s + " Uhr"
	case DateTime:
		day, hour, _ := strings.Cut(s, "T")
		if d, err := clock.ParseDate(day); err == nil {
			return d.Short() + ", " + hour + " Uhr"
		}
	case IBAN:
		return grouped(s)
	case Address:
		m, _ := v.(map[string]any)
		return addressWords(m)
	}
	if s == "" {
		s = fmt.Sprint(v)
	}
	if e.Unit != "" {
		s += "\u00a0" + e.Unit
	}
	return s
}

func addressWords(m map[string]any) string {
	at := func(k string) string { s, _ := m[k].(string); return s }
	var parts []string
	for _, p := range []string{strings.TrimSpace(at("strasse") + " " + at("hausnummer")), at("zusatz"), strings.TrimSpace(at("plz") + " " + at("ort")), at("land")} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
