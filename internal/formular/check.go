package formular

import (
	"fmt"
	"net/mail"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rathaus/internal/clock"
	"rathaus/internal/problem"
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

func (c *checker) field(path string, e Element, x any) {
	switch e.Kind {
	case Address:
		m, ok := x.(map[string]any)
		if !ok {
			c.problems.Add(path, "formular.wrong_shape")
			return
		}
		c.address(path, m)
	case Bool:
		if _, ok := x.(bool); !ok {
			c.problems.Add(path, "formular.choose")
		}
	case Integer:
		n, ok := whole(x)
		if !ok {
			c.problems.Add(path, "problem.whole_number")
			return
		}
		c.bounds(path, e, float64(n))
	default:
		s, ok := x.(string)
		if !ok {
			c.problems.Add(path, "formular.wrong_shape")
			return
		}
		c.text(path, e, s)
	}
}

func (c *checker) address(path string, m map[string]any) {
	for _, part := range []string{"strasse", "hausnummer", "plz", "ort"} {
		s, _ := m[part].(string)
		if strings.TrimSpace(s) == "" && !(part == "hausnummer" && m["strasse"] != nil && strings.HasPrefix(fmt.Sprint(m["strasse"]), "Postfach")) {
			c.problems.Add(path+"."+part, "formular.address_"+part)
		}
	}
	country, _ := m["land"].(string)
	plz, _ := m["plz"].(string)
	german := country == "" || strings.EqualFold(country, "deutschland") || strings.EqualFold(country, "de")
	if plz != "" && german && !digits(plz, 5) {
		c.problems.Add(path+".plz", "formular.plz")
	}
	for _, part := range AddressParts() {
		if s, _ := m[part].(string); len([]rune(s)) > maxLine {
			c.problems.Add(path+"."+part, "problem.too_long", maxLine)
		}
	}
}

const (
	maxLine = 200    // characters of a line without a limit of its own
	maxText = 10_000 // of several lines
)

func (c *checker) text(path string, e Element, s string) {
	limit := e.MaxLength
	switch {
	case limit > 0:
	case e.Kind == Textarea:
		limit = maxText
	default:
		limit = maxLine
	}
	n := len([]rune(s))
	switch {
	case e.Digits > 0:
		if !digits(s, e.Digits) {
			c.digits(path, e.Digits, s)
		}
		return
	case n > limit:
		c.problems.Add(path, "problem.too_long", limit)
		return
	case n < e.MinLength:
		c.problems.Add(path, "problem.too_short", e.MinLength)
		return
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
		c.problems.Add(path, "formular.control")
		return
	}
	if e.Pattern != "" && !matches(e.Pattern, s) {
		if e.PatternMessage != "" {
			c.problems.Add(path, "formular.text", e.PatternMessage)
		} else {
			c.problems.Add(path, "formular.pattern")
		}
		return
	}
	c.kind(path, e, s)
}

// digits says what is wrong with a number of fixed length: a sign that is no digit, or how many there are.
func (c *checker) digits(path string, want int, s string) {
	if n := countDigits(s); n == len(s) {
		c.problems.Add(path, "formular.digits", want, n)
	} else {
		c.problems.Add(path, "formular.digits_only", want)
	}
}

func (c *checker) kind(path string, e Element, s string) {
	switch e.Kind {
	case Choice:
		if len(e.Options) > 0 && !slices.ContainsFunc(e.Options, func(o Option) bool { return o.Value == s }) {
			c.problems.Add(path, "problem.choice")
		}
	case MultiChoice:
		if !slices.ContainsFunc(e.Options, func(o Option) bool { return o.Value == s }) {
			c.problems.Add(path, "problem.choice")
		}
	case Decimal:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !matches(`-?\d{1,15}(\.\d{1,9})?`, s) { // ParseFloat also reads 1e5, 0x1p4 and NaN
			c.problems.Add(path, "problem.number")
			return
		}
		c.bounds(path, e, f)
	case Money:
		cents, ok := Cents(s)
		if !ok {
			c.problems.Add(path, "problem.money")
			return
		}
		c.bounds(path, e, float64(cents)/100)
	case Date:
		c.day(path, e, s)
	case Time:
		if !matches(`([01]\d|2[0-3]):[0-5]\d`, s) {
			c.problems.Add(path, "formular.time")
		}
	case DateTime:
		day, hour, ok := strings.Cut(s, "T")
		if _, err := clock.ParseDate(day); err != nil || !ok || !matches(`([01]\d|2[0-3]):[0-5]\d`, hour) {
			c.problems.Add(path, "formular.datetime")
		}
	case Email:
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") {
			c.problems.Add(path, "problem.email")
		}
	case Phone:
		if !matches(`(\+|0)[0-9]{5,18}`, s) {
			c.problems.Add(path, "problem.phone")
		}
	case IBAN:
		if !validIBAN(s) {
			c.problems.Add(path, "problem.iban")
		}
	}
}

func (c *checker) day(path string, e Element, s string) {
	d, err := clock.ParseDate(s)
	if err != nil {
		c.problems.Add(path, "problem.date")
		return
	}
	if low, ok := c.bound(e.Min); ok && d.Before(low) {
		c.problems.Add(path, "formular.date_min", low.Short())
	}
	if high, ok := c.bound(e.Max); ok && d.After(high) {
		if e.Max == "heute" {
			c.problems.Add(path, "formular.date_future")
		} else {
			c.problems.Add(path, "formular.date_max", high.Short())
		}
	}
}

// bound reads "2020-01-01", "heute", "heute+14t", "heute-18j".
func (c *checker) bound(s string) (clock.Date, bool) {
	rest, relative := strings.CutPrefix(s, "heute")
	switch {
	case s == "":
		return "", false
	case !relative:
		d, err := clock.ParseDate(s)
		return d, err == nil
	case rest == "":
		return c.today, true
	}
	n, err := strconv.Atoi(rest[:len(rest)-1])
	if err != nil {
		return "", false
	}
	switch rest[len(rest)-1] {
	case 't':
		return c.today.AddDays(n), true
	case 'm':
		return c.today.AddMonths(n), true
	case 'j':
		return c.today.AddYears(n), true
	}
	return "", false
}

func (c *checker) bounds(path string, e Element, n float64) {
	low, errLow := strconv.ParseFloat(e.Min, 64)
	high, errHigh := strconv.ParseFloat(e.Max, 64)
	switch {
	case errLow == nil && n < low:
		c.problems.Add(path, "formular.min", strings.ReplaceAll(e.Min, ".", ","))
	case errHigh == nil && n > high:
		c.problems.Add(path, "formular.max", strings.ReplaceAll(e.Max, ".", ","))
	}
}

func matches(pattern, s string) bool {
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	return err != nil || re.MatchString(s) // a pattern of a FIM schema may be none of RE2's: the clerk looks
}

func digits(s string, n int) bool { return len(s) == n && countDigits(s) == n }

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// validIBAN checks the shape and the check digits (ISO 13616, modulo 97).
func validIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || !matches(`[A-Z]{2}\d{2}[A-Z0-9]+`, s) || strings.HasPrefix(s, "DE") && len(s) != 22 {
		return false
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		v := int(r - '0')
		if r >= 'A' {
			v = int(r-'A') + 10
			rest = (rest*100 + v) % 97
			continue
		}
		rest = (rest*10 + v) % 97
	}
	return rest == 1
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
