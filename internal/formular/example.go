package formular

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Example invents answers to a form: what it demands on that day, and the applicant its Roles name. They pass
// Check unless a check of the form's own wants what cannot be guessed; the shipped forms have Examples for that.
// Files are named nachweis-1.pdf, nachweis-2.pdf …
func Example(f *Form, today clock.Date) Answers {
	g := &inventor{form: f, today: today}
	answers := Answers{}
	for _, path := range g.rolePaths() {
		if e := f.elementAt(path); e != nil {
			answers.set(path, g.value(*e))
		}
	}
	for _, e := range allElements(f.Definition) {
		if Empty(answers[e.Key]) && g.demanded(e) {
			answers[e.Key] = g.value(e)
		}
	}
	for range maxRepairs {
		clean, problems := f.Check(today, answers)
		if len(problems) == 0 {
			handLater(allElements(f.Definition), clean)
			return clean
		}
		answers = clean
		for _, p := range problems {
			g.repair(answers, p)
		}
	}
	return answers
}

// handLater promises the files that may be handed in later, so that the example needs none sent with it.
func handLater(elements []Element, answers map[string]any) {
	for _, e := range elements {
		switch x := answers[e.Key].(type) {
		case map[string]any:
			handLater(e.Elements, x)
			continue
		case []any:
			for _, item := range x {
				if m, ok := item.(map[string]any); ok {
					handLater(e.Elements, m)
				}
			}
		}
		if e.Kind == File && !Empty(answers[e.Key]) && e.Upload != nil && e.Upload.Later {
			delete(answers, e.Key)
			answers[e.Key+LaterSuffix] = true
		}
	}
}

// maxRepairs bounds how deep fields may hang on each other's answers.
const maxRepairs = 20

// inventor makes up answers.
type inventor struct {
	form  *Form
	today clock.Date
	files int // names given so far: no two files of an application share one
}

// rolePaths are the single fields the application is built from.
func (g *inventor) rolePaths() []string {
	r := g.form.Roles
	paths := slices.Clone(r.Name)
	for _, p := range []string{r.Address, r.Mail} {
		if p != "" {
			paths = append(paths, p)
		}
	}
	if r.Organisation != "" && len(r.Name) == 0 {
		paths = append(paths, r.Organisation)
	}
	return paths
}

func (g *inventor) demanded(e Element) bool {
	return !e.Occurs.Optional() && e.ShownIf == "" && e.RequiredIf == "" && e.Kind != Note && !e.Hidden && !e.Locked
}

// repair answers what a check misses.
func (g *inventor) repair(answers Answers, p problem.Field) {
	e := g.form.elementAt(p.Path)
	if e == nil {
		return
	}
	switch p.Key {
	case "formular.forbidden", "formular.unknown_field":
		answers.set(p.Path, nil)
	default:
		answers.set(p.Path, g.value(*e))
	}
}

// value is a whole answer to an element, with as many entries as it demands.
func (g *inventor) value(e Element) any {
	if e.Kind == MultiChoice {
		var list []any
		for i := range max(1, e.Occurs.Norm().Min) {
			if i < len(e.Options) {
				list = append(list, e.Options[i].Value)
			}
		}
		return list
	}
	if !e.Occurs.Repeated() {
		return g.one(e)
	}
	list := make([]any, max(1, e.Occurs.Norm().Min))
	for i := range list {
		list[i] = g.one(e)
	}
	return list
}

func (g *inventor) one(e Element) any {
	switch e.Kind {
	case Group:
		return g.group(e)
	case Address:
		return map[string]any{"strasse": "Lindenstraße", "hausnummer": "12", "plz": "00000", "ort": "Wiesenbrück"}
	case Bool:
		return g.passing(e, false, true)
	case Integer:
		return g.passing(e, 1.0, 1988.0, g.number(e.Min), g.number(e.Max))
	case Decimal:
		return g.passing(e, "1", dotted(e.Min), dotted(e.Max))
	case Money:
		return g.passing(e, "12.50", dotted(e.Min), dotted(e.Max))
	case Date:
		return g.passing(e, "1988-04-17", g.today.String(), g.bound(e.Min), g.bound(e.Max))
	case Time:
		return "09:30"
	case DateTime:
		return g.today.String() + "T09:30"
	case Choice:
		if len(e.Options) > 0 {
			return e.Options[0].Value
		}
	case File:
		return g.file(e)
	case IBAN:
		return "DE02120300000000202051"
	case Email:
		return g.passing(e, "mira.tannhof@post.example")
	case Phone:
		return g.passing(e, "03023125140", "030231")
	}
	return g.text(e)
}

// group answers what is demanded inside, or the first field when nothing is.
func (g *inventor) group(e Element) any {
	out := map[string]any{}
	for _, child := range e.Elements {
		if g.demanded(child) {
			if v := g.value(child); !Empty(v) {
				out[child.Key] = v
			}
		}
	}
	for _, child := range e.Elements {
		if len(out) == 0 && child.Kind != Note && !child.Hidden && !child.Locked {
			out[child.Key] = g.value(child)
		}
	}
	return out
}

// passing returns the first value the element's own checks accept, the first of all if none is.
func (g *inventor) passing(e Element, values ...any) any {
	for _, v := range values {
		c := checker{view: &view{form: g.form, today: g.today}}
		if c.field(e.Key, e, v); !Empty(v) && len(c.problems) == 0 {
			return v
		}
	}
	return values[0]
}

// file names the next file, of a type the field takes.
func (g *inventor) file(e Element) any {
	g.files++
	ending := "pdf"
	if e.Upload != nil && len(e.Upload.Types) > 0 && !slices.Contains(e.Upload.Types, "application/pdf") {
		for _, t := range []string{"jpeg", "png"} {
			if slices.Contains(e.Upload.Types, "image/"+t) {
				ending = strings.Replace(t, "jpeg", "jpg", 1)
				break
			}
		}
	}
	return fmt.Sprintf("nachweis-%d.%s", g.files, ending)
}

func (g *inventor) number(s string) any {
	if n, ok := whole(s); ok {
		return float64(n)
	}
	return nil
}

func (g *inventor) bound(s string) any {
	c := checker{view: &view{form: g.form, today: g.today}}
	if d, ok := c.bound(s); ok {
		return d.String()
	}
	return nil
}

func dotted(s string) any { return strings.ReplaceAll(s, ",", ".") }

// words are invented answers by what a label begins with.
var words = [][2]string{
	{"vorname", "Mira"}, {"familienname", "Tannhof"}, {"nachname", "Tannhof"}, {"geburtsname", "Tannhof"}, {"geburtsort", "Wiesenbrück"},
	{"strasse", "Lindenstraße"}, {"hausnummer", "12"}, {"ort", "Wiesenbrück"}, {"staatsangehoerig", "deutsch"}, {"staat", "Deutschland"},
	{"eingetragener name", "Dachwerk Seidel"}, {"firma", "Dachwerk Seidel"}, {"landkreis", "Wiesenbrück"}, {"anschriftzeile", "Lindenstraße 12"},
}

func (g *inventor) text(e Element) any {
	var candidates []any
	if e.Digits > 0 {
		candidates = append(candidates, strings.Repeat("1", e.Digits))
	}
	label := storage.Fold(e.Label)
	for _, w := range words {
		if strings.HasPrefix(label, w[0]) {
			candidates = append(candidates, w[1])
		}
	}
	candidates = append(candidates, "Beispiel", fitting(e))
	if re, err := syntax.Parse(e.Pattern, syntax.Perl); err == nil && e.Pattern != "" {
		for more := range max(2, e.MinLength+1) {
			candidates = append(candidates, matching(re.Simplify(), more))
		}
	}
	return g.passing(e, candidates...)
}

// fitting is a text of a length the element takes.
func fitting(e Element) string {
	s := []rune("Beispiel")
	for len(s) < e.MinLength {
		s = append(s, []rune(" Beispiel")...)
	}
	if e.MaxLength > 0 && len(s) > e.MaxLength {
		s = s[:e.MaxLength]
	}
	if n := len(s); n > 0 && s[n-1] == ' ' {
		s[n-1] = 'x'
	}
	return string(s)
}

// matching is a text that matches an expression; more entries are taken where it may repeat.
func matching(re *syntax.Regexp, more int) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(char(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "a"
	case syntax.OpCapture, syntax.OpAlternate:
		return matching(re.Sub[0], more)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(matching(sub, more))
		}
		return b.String()
	case syntax.OpPlus:
		return strings.Repeat(matching(re.Sub[0], more), 1+more)
	case syntax.OpStar, syntax.OpQuest:
		return strings.Repeat(matching(re.Sub[0], more), min(more, 1))
	}
	return ""
}

// char takes a letter or digit of a class where it has one.
func char(ranges []rune) rune {
	for _, want := range "1a0A" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if want >= ranges[i] && want <= ranges[i+1] {
				return want
			}
		}
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
