// Package i18n holds the texts of the user interface in German, English and Leichte Sprache, and writes
// numbers, money, days and times as German readers expect them.
//
// Texts lie in catalogue/LANG/AREA.json as flat objects "area.key": "text with {0}". German is the source and
// complete; English and Leichte Sprache are complete for the areas of [PortalAreas]. A key that ends in
// "_html" holds markup (links, emphasis) and is written by [Catalogue.HTML], which escapes the arguments;
// every other text is plain.
package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"sort"
	"strings"
	"time"

	"rathaus/internal/clock"
)

// Lang is a language of the user interface.
type Lang string

// The languages. De is the source; the others fall back to it.
const (
	De     Lang = "de"
	En     Lang = "en"
	Leicht Lang = "de-leicht"
)

// Langs lists all languages, the source first.
func Langs() []Lang { return []Lang{De, En, Leicht} }

// PortalAreas names the catalogue files that must be complete in every language.
func PortalAreas() []string {
	return []string{"ui", "allgemein", "portal", "problem", "formular", "antrag", "antragsformular", "vorgang"}
}

// ParseLang returns the language of a cookie or query value; false when there is none of this name.
func ParseLang(s string) (Lang, bool) {
	for _, l := range Langs() {
		if string(l) == s {
			return l, true
		}
	}
	return De, false
}

// Tag is the value of the HTML attribute lang (BCP 47).
func (l Lang) Tag() string {
	if l == Leicht {
		return "de-simple"
	}
	return string(l)
}

//go:embed catalogue
var files embed.FS

// Catalogue is the set of all texts. It is read-only and safe for concurrent use.
type Catalogue struct {
	texts map[Lang]map[string]string
}

// Load reads the embedded catalogues. An error names file and key.
func Load() (*Catalogue, error) {
	c := &Catalogue{texts: map[Lang]map[string]string{}}
	var problems []error
	for _, lang := range Langs() {
		texts := map[string]string{}
		names, err := fs.Glob(files, path.Join("catalogue", string(lang), "*.json"))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			problems = append(problems, loadFile(name, texts)...)
		}
		c.texts[lang] = texts
	}
	return c, errors.Join(problems...)
}

func loadFile(name string, texts map[string]string) []error {
	raw, err := files.ReadFile(name)
	if err != nil {
		return []error{err}
	}
	var problems []error
	area := strings.TrimSuffix(path.Base(name), ".json")
	entries, err := decode(raw)
	if err != nil {
		return []error{fmt.Errorf("%s: %w", name, err)}
	}
	seen := map[string]bool{}
	for _, e := range entries {
		switch {
		case !strings.HasPrefix(e.key, area+"."):
			problems = append(problems, fmt.Errorf("%s: %s: keys of this file begin with %q", name, e.key, area+"."))
		case seen[e.key]:
			problems = append(problems, fmt.Errorf("%s: %s: stands twice", name, e.key))
		}
		seen[e.key] = true
		texts[e.key] = e.text
	}
	return problems
}

type entry struct{ key, text string }

// decode keeps order and repeated keys, which json.Unmarshal would silently merge.
func decode(raw []byte) ([]entry, error) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("expected one JSON object")
	}
	var out []entry
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var text string
		if err := dec.Decode(&text); err != nil {
			return nil, fmt.Errorf("%v: %w", key, err)
		}
		out = append(out, entry{key.(string), text})
	}
	return out, nil
}

// Keys lists the keys a language has itself, sorted.
func (c *Catalogue) Keys(lang Lang) []string {
	keys := make([]string, 0, len(c.texts[lang]))
	for k := range c.texts[lang] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Lookup returns the raw text and the language it is in: lang itself or German. False when there is no such key.
func (c *Catalogue) Lookup(lang Lang, key string) (string, Lang, bool) {
	if text, ok := c.texts[lang][key]; ok {
		return text, lang, true
	}
	text, ok := c.texts[De][key]
	return text, De, ok
}

// T returns the text with its arguments filled in; a missing key shows itself in angle brackets, and tests look for those.
func (c *Catalogue) T(lang Lang, key string, args ...any) string {
	text, _, ok := c.Lookup(lang, key)
	if !ok {
		return "⟨" + key + "⟩"
	}
	return fill(text, lang, args, func(s string) string { return s })
}

// HTML is T for keys ending in "_html": the text is trusted markup from the catalogue, each argument is escaped
// unless it is template.HTML already.
func (c *Catalogue) HTML(lang Lang, key string, args ...any) template.HTML {
	text, _, ok := c.Lookup(lang, key)
	if !ok || !strings.HasSuffix(key, "_html") {
		return template.HTML(template.HTMLEscapeString("⟨" + key + "⟩"))
	}
	return template.HTML(fill(text, lang, args, template.HTMLEscapeString))
}

// N returns the text for a count: key + "_one" for exactly one, else key + "_other"; {0} is the count, args follow as {1} ….
func (c *Catalogue) N(lang Lang, key string, n int, args ...any) string {
	form := key + "_other"
	if n == 1 {
		form = key + "_one"
	}
	return c.T(lang, form, append([]any{n}, args...)...)
}

// fill replaces {0} … {9}. A number without an argument stays as it is, which a test would notice on the page.
func fill(text string, lang Lang, args []any, escape func(string) string) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '{' && i+2 < len(text) && text[i+2] == '}' && text[i+1] >= '0' && int(text[i+1]-'0') < len(args) {
			arg := args[text[i+1]-'0']
			if trusted, ok := arg.(template.HTML); ok {
				b.WriteString(string(trusted))
			} else {
				b.WriteString(escape(Format(lang, arg)))
			}
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// Format writes an argument as it stands in running text: whole numbers with separators, days and instants short.
func Format(lang Lang, arg any) string {
	switch v := arg.(type) {
	case string:
		return v
	case int:
		return Number(lang, int64(v))
	case int64:
		return Number(lang, v)
	case clock.Date:
		return Day(lang, v)
	case time.Time:
		return DayTime(lang, v)
	default:
		return fmt.Sprint(v)
	}
}
