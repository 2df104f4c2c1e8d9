package ui

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
)

//go:embed *.html
var templates embed.FS

// Templates are the layout and the components.
func Templates() fs.FS { return templates }

// Funcs are the functions of all templates, bound to one language:
//
//	t KEY ARGS…        text            th KEY_html ARGS…  text with markup     n KEY COUNT ARGS…  text by count
//	day D              3.11.2026       daylong D          3. November 2026     datetime T         3.11.2026, 14:05 Uhr
//	clock T            14:05 Uhr       money CENTS        1.234,56 €           number N           1.234
//	percent N          48 %            size BYTES         312 kB
//	field PAGE NAME LABEL OPTIONS…     link TEXT HREF     lines TEXT           list of lines
//	mailtext ADDRESS   e-mail address that may break after the @
//
// Days and instants come as <time> elements.
func Funcs(texts *i18n.Catalogue, lang i18n.Lang) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) string { return texts.T(lang, key, args...) },
		"th":       func(key string, args ...any) template.HTML { return texts.HTML(lang, key, args...) },
		"n":        func(key string, n int, args ...any) string { return texts.N(lang, key, n, args...) },
		"day":      func(d clock.Date) template.HTML { return timeElement(string(d), i18n.Day(lang, d)) },
		"daylong":  func(d clock.Date) template.HTML { return timeElement(string(d), i18n.DayLong(lang, d)) },
		"datetime": func(t time.Time) template.HTML { return timeElement(machine(t), i18n.DayTime(lang, t)) },
		"clock":    func(t time.Time) template.HTML { return timeElement(machine(t), i18n.TimeOfDay(lang, t)) },
		"money":    func(cents int64) string { return i18n.Money(lang, cents) },
		"number":   func(n any) string { return i18n.Format(lang, n) },
		"percent":  func(n int) string { return i18n.Percent(lang, n) },
		"size":     func(bytes int64) string { return i18n.Size(lang, bytes) },
		"field":    NewField,
		"link":     func(text, href string) Link { return Link{Text: text, Href: href} },
		"fieldid":  FieldID,
		"lines":    splitLines,
		"mailtext": mailText,
	}
}

func machine(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.Berlin()).Format("2006-01-02T15:04:05-07:00")
}

// timeElement is empty for no date.
func timeElement(machine, human string) template.HTML {
	if human == "" {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, template.HTMLEscapeString(machine), template.HTMLEscapeString(human)))
}

func mailText(address string) template.HTML {
	return template.HTML(strings.Replace(template.HTMLEscapeString(address), "@", "@<wbr>", 1))
}

// splitLines gives what people typed in a textarea line by line, so that a template can keep their line breaks.
func splitLines(text string) []string {
	var out []string
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			out = append(out, trimCR(text[start:i]))
			start = i + 1
		}
	}
	return append(out, trimCR(text[start:]))
}

func trimCR(s string) string {
	if n := len(s); n > 0 && s[n-1] == '\r' {
		return s[:n-1]
	}
	return s
}
