package formular

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"rathaus/internal/clock"
)

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
