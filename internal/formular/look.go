package formular

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/rule"
)

// view is one look at answers: what is shown, what each expression sees. Values of hidden fields are gone.
type view struct {
	form    *Form
	today   clock.Date
	answers Answers
	values  rule.Values
}

// Clean returns the answers as they count: normalised, without unknown keys and without hidden fields. Fields
// that become hidden through another hidden field go too.
func (f *Form) Clean(today clock.Date, answers Answers) Answers {
	return f.look(today, answers).answers
}

const maxRounds = 10 // of looking; more than fields hang on each other in a row

// look hides what is not shown and computes what nobody types until nothing changes any more. Each round begins with all that
// was given: a field may come to light only by a value computed in the round before. Conditions that run in a circle never
// come to rest; then what is hidden once stays hidden.
func (f *Form) look(today clock.Date, answers Answers) *view {
	v := &view{form: f, today: today, answers: answers.Clone()}
	for round := range 2 * maxRounds {
		v.values = rule.Values{}
		for _, a := range f.Abschnitte {
			values(v.values, "", a.Elements, v.answers)
		}
		from := answers
		if round >= maxRounds {
			from = v.answers
		}
		next := Answers{}
		for _, a := range f.Abschnitte {
			if v.abschnittShown(a) {
				v.keep(next, "", a.Elements, from, nil)
			}
		}
		same := reflect.DeepEqual(next, v.answers)
		v.answers = next
		if same {
			break
		}
	}
	return v
}

func (v *view) met(place string, here rule.Values) rule.State {
	r, ok := v.form.conditions[place]
	if !ok {
		return rule.Open
	}
	return r.Eval(v.today, v.with(here))
}

// with adds the innermost group's values under hier and the element's own under wert.
func (v *view) with(here rule.Values) rule.Values {
	if len(here) == 0 {
		return v.values
	}
	out := make(rule.Values, len(v.values)+len(here))
	for k, x := range v.values {
		out[k] = x
	}
	for k, x := range here {
		out[k] = x
	}
	return out
}

func (v *view) abschnittShown(a Abschnitt) bool {
	return a.ShownIf == "" || v.met(a.Key+"#abschnitt", nil) == rule.Met
}

func (v *view) shown(place string, e Element, here rule.Values) bool {
	return e.ShownIf == "" || v.met(place+"#shownIf", here) == rule.Met
}

// hier is what expressions inside a group see of it.
func hier(e Element, answers map[string]any) rule.Values {
	out := rule.Values{}
	values(out, "hier.", e.Elements, answers)
	return out
}

// keep copies what is shown from answers to next, normalised.
func (v *view) keep(next map[string]any, prefix string, elements []Element, answers map[string]any, here rule.Values) {
	for _, e := range elements {
		place := prefix + e.Key
		if !v.shown(place, e, here) {
			continue
		}
		if e.Hidden || e.Locked {
			if x := v.computed(place, e, here); x != nil {
				next[e.Key] = x
			}
			continue
		}
		if later, ok := answers[e.Key+LaterSuffix].(bool); ok && later && e.Kind == File && e.Upload != nil && e.Upload.Later {
			next[e.Key+LaterSuffix] = true
		}
		x := answers[e.Key]
		if Empty(x) {
			continue
		}
		if x = v.kept(place, e, x); !Empty(x) {
			next[e.Key] = x
		}
	}
}

func (v *view) kept(place string, e Element, x any) any {
	if e.Kind != Group {
		return normal(e, x)
	}
	list, several := x.([]any)
	if !e.Occurs.Repeated() {
		m, ok := x.(map[string]any)
		if !ok {
			return x // a wrong shape stays, so that the check can say so
		}
		out := map[string]any{}
		v.keep(out, place+".", e.Elements, m, hier(e, m))
		return out
	}
	if !several {
		return x
	}
	out := make([]any, 0, len(list))
	for _, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			out = append(out, item)
			continue
		}
		kept := map[string]any{}
		v.keep(kept, place+".", e.Elements, m, hier(e, m))
		out = append(out, kept)
	}
	return out
}

func (v *view) computed(place string, e Element, here rule.Values) any {
	if r, ok := v.form.conditions[place+"#value"]; ok {
		if x, ok := r.Result(v.today, v.with(here)); ok {
			return answerOf(e, x)
		}
		return nil
	}
	return e.Default
}

// answerOf writes a computed value as an answer of the element's kind.
func answerOf(e Element, x any) any {
	switch y := x.(type) {
	case bool:
		if e.Kind == Bool {
			return y
		}
	case int64:
		switch e.Kind {
		case Integer:
			return float64(y)
		case Money:
			return euros(y)
		}
	case float64:
		return strconv.FormatFloat(y, 'f', -1, 64)
	}
	return fmt.Sprint(x)
}

// euros writes cents as a money answer.
func euros(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

// normal brings an answer to its stored form: trimmed, IBAN and phone without blanks, numbers as their kind holds them.
func normal(e Element, x any) any {
	if list, ok := x.([]any); ok {
		out := make([]any, 0, len(list))
		for _, v := range list {
			if v = normal(e, v); !Empty(v) {
				out = append(out, v)
			}
		}
		return out
	}
	if m, ok := x.(map[string]any); ok && e.Kind == Address {
		out := map[string]any{}
		for _, part := range AddressParts() {
			if s, ok := m[part].(string); ok && strings.TrimSpace(s) != "" {
				out[part] = strings.TrimSpace(s)
			}
		}
		return out
	}
	s, ok := x.(string)
	if !ok {
		return x
	}
	s = strings.TrimSpace(s)
	switch e.Kind {
	case IBAN:
		return strings.ToUpper(without(s, " \u00a0-"))
	case Phone:
		return without(s, " \u00a0-/()")
	case Decimal:
		return strings.Replace(s, ",", ".", 1)
	case Money:
		s = strings.Replace(s, ",", ".", 1)
		if cents, ok := Cents(s); ok {
			return euros(cents)
		}
	case Integer:
		if n, ok := whole(s); ok {
			return float64(n)
		}
	case Textarea:
		return strings.ReplaceAll(s, "\r\n", "\n")
	}
	if e.Digits > 0 {
		return without(s, " \u00a0-")
	}
	return s
}

func without(s, cut string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(cut, r) {
			return -1
		}
		return r
	}, s)
}

// Shown lists the pages to be filled in for these answers.
func (f *Form) Shown(today clock.Date, answers Answers) []Abschnitt {
	v := f.look(today, answers)
	var out []Abschnitt
	for _, a := range f.Abschnitte {
		if v.abschnittShown(a) && hasInput(a.Elements) {
			out = append(out, a)
		}
	}
	return out
}

// hasInput: a page of hidden fields only is none.
func hasInput(elements []Element) bool {
	return slices.ContainsFunc(elements, func(e Element) bool { return !e.Hidden })
}

func allElements(d Definition) []Element {
	var all []Element
	for _, a := range d.Abschnitte {
		all = append(all, a.Elements...)
	}
	return all
}
