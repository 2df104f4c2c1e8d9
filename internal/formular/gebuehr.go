package formular

import (
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/rule"
)

// GebuehrView is the fee to expect, put into words for the check page.
type GebuehrView struct {
	Cents int64
	// Label says what the amount is, Text explains the sum, Law is its basis.
	Label, Text, Law string
	// Open are the paths of answers it still needs; then there is no amount yet.
	Open []string
}

// Fee is the amount to expect for the answers so far. ok is false when the form has no fee rule; missing names
// the fields it still needs.
func (f *Form) Fee(today clock.Date, answers Answers) (cents int64, missing []string, ok bool) {
	if f.fee == nil {
		return 0, nil, false
	}
	v := f.look(today, answers)
	cents, missing, decided := f.fee.Cents(today, v.values)
	if !decided && len(missing) == 0 { // it could not be computed: a division by zero, an amount beyond all bounds
		missing = f.fee.Names()
	}
	return cents, missing, true
}

// ExpectedFee explains the fee for the answers so far; ok is false when the form has no rule for it.
func (f *Form) ExpectedFee(today clock.Date, answers Answers) (GebuehrView, bool) {
	cents, open, ok := f.Fee(today, answers)
	if !ok || f.Gebuehr == nil {
		return GebuehrView{}, false
	}
	e := GebuehrView{Cents: cents, Label: f.Gebuehr.Label, Text: f.Gebuehr.Text, Law: f.Gebuehr.Law, Open: open}
	if cents == 0 && len(open) == 0 && f.Gebuehr.FreeText != "" {
		e.Text = f.Gebuehr.FreeText
	}
	if len(open) > 0 {
		e.Text = ""
	}
	e.Text = f.fill(e.Text, cents, f.Clean(today, answers))
	return e, true
}

// fill puts {gebuehr} and {path} into a text.
func (f *Form) fill(text string, cents int64, answers Answers) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		if name == "gebuehr" {
			b.WriteString(i18n.Money(i18n.De, cents))
		} else if e := f.elementAt(name); e != nil {
			b.WriteString(Words(*e, answers.At(name)))
		}
		text = after
	}
}

// Prefilled adds what an Abschnitt begins with to answers not given yet: defaults, and data of the account by the
// name Element.Prefill asks for ("konto.mail").
func (f *Form) Prefilled(today clock.Date, a Abschnitt, answers Answers, account map[string]string) Answers {
	next := answers.Clone()
	v := f.look(today, answers)
	v.prefill("", a.Elements, next, nil, account)
	return next
}

func (v *view) prefill(prefix string, elements []Element, into map[string]any, here rule.Values, account map[string]string) {
	for _, e := range elements {
		if e.Hidden || e.Locked || e.Occurs.Repeated() || !v.shown(prefix+e.Key, e, here) {
			continue
		}
		if e.Kind == Group {
			m, _ := into[e.Key].(map[string]any)
			if m == nil {
				m = map[string]any{}
			}
			if v.prefill(prefix+e.Key+".", e.Elements, m, hier(e, m), account); len(m) > 0 {
				into[e.Key] = m
			}
			continue
		}
		switch datum := account[e.Prefill]; {
		case !Empty(into[e.Key]) || into[e.Key] != nil && e.Kind == Bool:
		case e.Prefill != "" && datum != "":
			into[e.Key] = datum
		case e.Default != nil:
			into[e.Key] = clone(e.Default)
		}
	}
}

// PageOf is the key of the Abschnitt a path belongs to, "" for none.
func (f *Form) PageOf(path string) string {
	top, _, _ := strings.Cut(path, ".")
	for _, a := range f.Abschnitte {
		for _, e := range a.Elements {
			if e.Key == top {
				return a.Key
			}
		}
	}
	return ""
}

// LabelAt is what the field of a path is called where answers are read: "Hund 2, Rufname" inside a repeat.
func (f *Form) LabelAt(path string) string {
	parts := strings.Split(path, ".")
	var names []string
	for i := range parts {
		e := f.elementAt(strings.Join(parts[:i+1], "."))
		if e == nil || i > 0 && isNumber(parts[i]) {
			continue // a part of an address says by itself what it is
		}
		last := i+1 == len(parts)
		switch {
		case e.Occurs.Repeated() && !last && isNumber(parts[i+1]):
			name := e.ItemLabel
			if name == "" {
				name = e.Label
			}
			n, _ := whole(parts[i+1])
			names = append(names, name+" "+strconv.FormatInt(n+1, 10))
		case last && e.Output != "":
			names = append(names, e.Output)
		case last:
			names = append(names, e.Label)
		}
	}
	return strings.Join(names, ", ")
}

func isNumber(s string) bool { _, ok := whole(s); return ok }
