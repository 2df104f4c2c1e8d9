package formular

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/rule"
)

// Check cleans answers and returns what is wrong with them, each problem at its field's path.
func (f *Form) Check(today clock.Date, answers Answers) (Answers, problem.Fields) {
	v := f.look(today, answers)
	c := checker{view: v}
	c.unknown("", allElements(f.Definition), answers)
	for _, a := range f.Abschnitte {
		c.abschnitt(a)
	}
	c.checks("#form", "", f.Checks, nil)
	return v.answers, c.problems
}

// CheckAbschnitt is Check for one page.
func (f *Form) CheckAbschnitt(today clock.Date, answers Answers, key string) (Answers, problem.Fields) {
	v := f.look(today, answers)
	c := checker{view: v}
	for _, a := range f.Abschnitte {
		if a.Key == key {
			c.abschnitt(a)
		}
	}
	return v.answers, c.problems
}

type checker struct {
	*view
	problems problem.Fields
}

// unknown refuses keys the form does not have: a portal that misspells one must learn it.
func (c *checker) unknown(prefix string, elements []Element, answers map[string]any) {
	known := map[string]Element{}
	for _, e := range elements {
		known[e.Key] = e
	}
	keys := make([]string, 0, len(answers))
	for k := range answers {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		name, later := strings.CutSuffix(k, LaterSuffix)
		e, ok := known[name]
		if !ok || e.Kind == Note || later && (e.Upload == nil || !e.Upload.Later) {
			c.problems.Add(prefix+k, "formular.unknown_field", prefix+k)
			continue
		}
		if e.Kind == Address {
			e.Elements = addressElements()
		} else if e.Kind != Group {
			continue
		}
		switch x := answers[k].(type) {
		case map[string]any:
			c.unknown(prefix+k+".", e.Elements, x)
		case []any:
			for i, item := range x {
				if m, ok := item.(map[string]any); ok {
					c.unknown(fmt.Sprintf("%s%s.%d.", prefix, k, i), e.Elements, m)
				}
			}
		}
	}
}

// addressElements are the parts of an address as fields.
func addressElements() []Element {
	parts := AddressParts()
	out := make([]Element, len(parts))
	for i, p := range parts {
		out[i] = Element{Key: p, Kind: Text}
	}
	return out
}

func (c *checker) abschnitt(a Abschnitt) {
	if !c.abschnittShown(a) {
		return
	}
	c.elements("", "", a.Elements, c.answers, nil)
	c.checks(a.Key+"#abschnitt", "", a.Checks, nil)
}

// elements checks fields; place is the path in the definition, path the one in the answers.
func (c *checker) elements(place, path string, elements []Element, answers map[string]any, here rule.Values) {
	for _, e := range elements {
		if e.Kind == Note || e.Hidden || e.Locked || !c.shown(place+e.Key, e, here) {
			continue
		}
		c.element(place+e.Key, path+e.Key, e, answers, here)
	}
}

func (c *checker) element(place, path string, e Element, answers map[string]any, here rule.Values) {
	x := answers[e.Key]
	if Empty(x) {
		if later, _ := answers[e.Key+LaterSuffix].(bool); !later && c.required(place, e, here) {
			c.missing(place, path, e, here)
		}
		return
	}
	if e.ForbiddenIf != "" && c.met(place+"#forbiddenIf", here) == rule.Met {
		c.problems.Add(path, "formular.forbidden")
		return
	}
	list, several := x.([]any)
	if e.Occurs.Repeated() != several && e.Kind != MultiChoice || e.Kind == MultiChoice && !several {
		c.problems.Add(path, "formular.wrong_shape")
		return
	}
	if !several {
		c.one(place, path, e, x, here)
		return
	}
	c.count(path, e, len(list))
	for i, item := range list {
		if e.Kind == MultiChoice {
			c.one(place, path, e, item, here)
		} else {
			c.one(place, fmt.Sprintf("%s.%d", path, i), e, item, here)
		}
	}
}

const maxEntries = 100 // of a repeat without a limit of its own

func (c *checker) count(path string, e Element, n int) {
	o := e.Occurs.Norm()
	switch {
	case e.Kind == MultiChoice && o.Max == 1 && n > len(e.Options), e.Kind != MultiChoice && !o.Allows(n), n > maxEntries:
		limit := o.Max
		if limit == Unbounded || limit > maxEntries {
			limit = maxEntries
		}
		c.problems.Add(path, "formular.too_many", limit)
	case n < o.Min:
		c.problems.Add(path, "formular.too_few", o.Min)
	}
}

func (c *checker) required(place string, e Element, here rule.Values) bool {
	if e.RequiredIf != "" {
		return c.met(place+"#requiredIf", here) == rule.Met
	}
	return !e.Occurs.Optional()
}

func (c *checker) missing(place, path string, e Element, here rule.Values) {
	switch why := c.because(place, e, here); {
	case why != "" && !(e.Kind == Group && !e.Occurs.Repeated()) && e.Kind != Address:
		c.problems.Add(path, "formular.required_because", why)
	case e.Kind == Group && !e.Occurs.Repeated():
		// the fields inside say themselves what is missing
		c.elements(strings.TrimSuffix(placeOf(path), ".")+".", path+".", e.Elements, map[string]any{}, rule.Values{})
	case e.Kind == Group:
		c.problems.Add(path, "formular.no_entry")
	case e.Kind == Choice || e.Kind == MultiChoice || e.Kind == Bool:
		c.problems.Add(path, "formular.choose")
	case e.Kind == File:
		c.problems.Add(path, "formular.file_missing")
	case e.Kind == Address:
		c.address(path, map[string]any{})
	default:
		c.problems.Add(path, "problem.required")
	}
}

// because says why a field is needed here that otherwise may be left out.
func (c *checker) because(place string, e Element, here rule.Values) string {
	r, ok := c.form.conditions[place+"#requiredIf"]
	if e.RequiredIf == "" || !ok {
		return ""
	}
	element := func(name string) *Element {
		if inside, ok := strings.CutPrefix(name, "hier."); ok {
			name = place[:strings.LastIndexByte(place, '.')+1] + inside
		}
		if e := c.form.elementAt(name); e != nil {
			return e
		}
		return c.form.elementAt(name[:max(strings.LastIndexByte(name, '.'), 0)]) // a part of an address
	}
	return r.Reason(c.today, c.with(here), rule.Words{
		Label: func(name string) string {
			if e := element(name); e != nil && e.Output != "" {
				return e.Output
			} else if e != nil {
				return e.Label
			}
			return ""
		},
		Value: func(name string, v any) string {
			if e := element(name); e != nil && len(e.Options) > 0 {
				return Words(*e, v)
			}
			return ""
		},
	})
}

// placeOf drops the numbers of entries from a path.
func placeOf(path string) string {
	parts := slices.DeleteFunc(strings.Split(path, "."), func(p string) bool { _, err := strconv.Atoi(p); return err == nil })
	return strings.Join(parts, ".")
}

func (c *checker) one(place, path string, e Element, x any, here rule.Values) {
	if e.Kind == Group {
		m, ok := x.(map[string]any)
		if !ok {
			c.problems.Add(path, "formular.wrong_shape")
			return
		}
		inside := hier(e, m)
		c.elements(place+".", path+".", e.Elements, m, inside)
		c.checks(place, path, e.Checks, inside)
		return
	}
	before := len(c.problems)
	c.field(path, e, x)
	if len(c.problems) > before {
		return
	}
	if v, ok := value(single(e), x); ok && len(e.Checks) > 0 {
		with := rule.Values{"wert": v}
		for k, y := range here {
			with[k] = y
		}
		c.checks(place, path, e.Checks, with)
	}
}

// single is the element as if it occurred once: checks of a repeated field look at each entry.
func single(e Element) Element {
	if e.Kind != MultiChoice {
		e.Occurs = Occurs{Min: 1, Max: 1}
	}
	return e
}

func (c *checker) checks(place, path string, checks []Check, here rule.Values) {
	for i, check := range checks {
		if c.met(fmt.Sprintf("%s#check%d", place, i), here) != rule.NotMet {
			continue
		}
		at := path
		if check.Path != "" {
			at = check.Path
		}
		c.problems.Add(at, "formular.text", check.Message)
	}
}
