package formular

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/rule"
)

// Answers are what was filled in: object by field key, groups nested, repeats arrays. Each Kind says what it holds.
type Answers map[string]any

// At returns the value at a path ("hund.chip", "hunde.0.name"), nil when there is none.
func (a Answers) At(path string) any {
	if path == "" {
		return nil
	}
	var v any = map[string]any(a)
	for _, key := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// Clone is a deep copy.
func (a Answers) Clone() Answers {
	return Answers(clone(map[string]any(a)).(map[string]any))
}

func clone(v any) any {
	switch x := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(x))
		for k, e := range x {
			m[k] = clone(e)
		}
		return m
	case []any:
		l := make([]any, len(x))
		for i, e := range x {
			l[i] = clone(e)
		}
		return l
	}
	return v
}

// Empty reports whether a value counts as not answered.
func Empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(x) == ""
	case map[string]any:
		for _, e := range x {
			if !Empty(e) {
				return false
			}
		}
		return true
	case []any:
		return !slices.ContainsFunc(x, func(e any) bool { return !Empty(e) })
	}
	return false
}

// values turns answers into what expressions see. Empty and unreadable ones have no value.
func values(into rule.Values, prefix string, elements []Element, answers map[string]any) {
	for _, e := range elements {
		name, v := prefix+e.Key, answers[e.Key]
		if later, ok := answers[e.Key+LaterSuffix].(bool); ok && e.Kind == File {
			into[name+LaterSuffix] = later
		}
		if Empty(v) {
			continue
		}
		switch {
		case e.Kind == Group && e.Occurs.Repeated():
			into[name] = entries(e, v)
		case e.Kind == Group:
			if m, ok := v.(map[string]any); ok {
				values(into, name+".", e.Elements, m)
			}
		case e.Kind == Address && !e.Occurs.Repeated():
			m, _ := v.(map[string]any)
			for _, part := range AddressParts() {
				if s, ok := m[part].(string); ok && s != "" {
					into[name+"."+part] = s
				}
			}
		default:
			if x, ok := value(e, v); ok {
				into[name] = x
			}
		}
	}
}

func entries(e Element, v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		m, _ := item.(map[string]any)
		vals := rule.Values{}
		values(vals, "", e.Elements, m)
		out = append(out, nested(vals))
	}
	return out
}

// nested turns "a.b" names back into objects, as entries of a list are asked for.
func nested(vals rule.Values) map[string]any {
	out := map[string]any{}
	for name, v := range vals {
		parts := strings.Split(name, ".")
		at := out
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = v
	}
	return out
}

// value converts one answer to its type in expressions.
func value(e Element, v any) (any, bool) {
	if typeOf(e) == rule.Texts {
		list, ok := v.([]any)
		out := make([]string, 0, len(list))
		for _, x := range list {
			out = append(out, fmt.Sprint(x))
		}
		return out, ok
	}
	switch e.Kind {
	case Integer:
		return whole(v)
	case Decimal:
		f, err := strconv.ParseFloat(strings.ReplaceAll(fmt.Sprint(v), ",", "."), 64)
		return f, err == nil
	case Money:
		return Cents(v)
	case Bool:
		b, ok := v.(bool)
		return b, ok
	case Date:
		s, ok := v.(string)
		_, err := clock.ParseDate(s)
		return s, ok && err == nil
	}
	s, ok := v.(string)
	return s, ok
}

func whole(v any) (int64, bool) {
	switch x := v.(type) {
	case float64:
		return int64(x), x == math.Trunc(x) && math.Abs(x) < 1e15
	case int64:
		return x, true
	case int:
		return int64(x), true
	case string:
		n, err := strconv.ParseInt(x, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// Cents reads a money answer ("96.00") as cents.
func Cents(v any) (int64, bool) {
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	euros, cents, _ := strings.Cut(s, ".")
	if len(cents) > 2 || euros == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(euros+cents+strings.Repeat("0", 2-len(cents)), 10, 64)
	return n, err == nil && n > -1e14 && n < 1e14
}
