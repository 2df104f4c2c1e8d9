package i18n

import (
	"strconv"
	"strings"
	"time"

	"rathaus/internal/clock"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// minus is the real minus sign, which screen readers read out.
const minus = "−"

func separators(lang Lang) (group, decimal string) {
	if lang == En {
		return ",", "."
	}
	return ".", ","
}

// Number groups a whole number: "1.234", in English "1,234".
func Number(lang Lang, n int64) string {
	group, _ := separators(lang)
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = minus, digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Decimal writes a number with a fixed count of decimals: "0,5".
func Decimal(lang Lang, f float64, places int) string {
	_, decimal := separators(lang)
	whole, frac, found := strings.Cut(strconv.FormatFloat(f, 'f', places, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil { // NaN, infinity or beyond int64: show what strconv says
		return whole
	}
	text := Number(lang, n)
	if f < 0 && n == 0 {
		text = minus + text
	}
	if found {
		text += decimal + frac
	}
	return text
}

// Money writes cents as euros: "1.234,56 €", in English "€1,234.56".
func Money(lang Lang, cents int64) string {
	_, decimal := separators(lang)
	sign, abs := "", uint64(cents)
	if cents < 0 {
		sign, abs = minus, uint64(-cents)
	}
	rest := strconv.FormatUint(abs%100, 10)
	if len(rest) == 1 {
		rest = "0" + rest
	}
	amount := Number(lang, int64(abs/100)) + decimal + rest
	if lang == En {
		return sign + "€" + amount
	}
	return sign + amount + nbsp + "€"
}

// Percent writes a whole percentage: "48 %".
func Percent(lang Lang, n int) string {
	if lang == En {
		return Number(lang, int64(n)) + "%"
	}
	return Number(lang, int64(n)) + nbsp + "%"
}

// Size writes a file size: "312 kB", "1,4 MB".
func Size(lang Lang, bytes int64) string {
	switch {
	case bytes < 1000:
		return Number(lang, bytes) + nbsp + "Byte"
	case bytes < 999_500:
		return Number(lang, (bytes+500)/1000) + nbsp + "kB"
	default:
		return Decimal(lang, float64(bytes)/1e6, 1) + nbsp + "MB"
	}
}

// Day writes a day as in tables: "3.11.2026", in English "3 Nov 2026". Empty for no date.
func Day(lang Lang, d clock.Date) string {
	if lang == En && !d.IsZero() {
		return d.Time().Format("2 Jan 2006")
	}
	return d.Short()
}

// DayLong writes a day as in running text: "3. November 2026", in English "3 November 2026".
func DayLong(lang Lang, d clock.Date) string {
	if lang == En && !d.IsZero() {
		return d.Time().Format("2 January 2006")
	}
	return strings.Replace(d.Long(), ". ", "."+nbsp, 1)
}

// TimeOfDay writes the wall-clock time in Germany: "14:05 Uhr".
func TimeOfDay(lang Lang, t time.Time) string {
	text := t.In(clock.Berlin()).Format("15:04")
	if lang == En {
		return text
	}
	return text + nbsp + "Uhr"
}

// DayTime writes day and time: "3.11.2026, 14:05 Uhr". Empty for the zero time.
func DayTime(lang Lang, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Day(lang, clock.DateOf(t)) + ", " + TimeOfDay(lang, t)
}
