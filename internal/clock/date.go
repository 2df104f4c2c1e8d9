package clock

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a calendar day without a time, written ISO 8601 ("2026-11-20"), so that dates sort and
// compare as text, in Go and in both databases. The zero value "" means "no date".
type Date string

const isoDay = "2006-01-02"

// NewDate returns the day; out-of-range values roll over as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return dateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// ParseDate reads an ISO day. Empty or impossible days ("2026-02-30") and years outside 1…9999 are errors.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(isoDay, s)
	if err != nil || t.Year() < 1 || len(s) != len(isoDay) {
		return "", fmt.Errorf("%q is no ISO date", s)
	}
	return Date(s), nil
}

// DateOf is the day of the instant in Germany.
func DateOf(t time.Time) Date { return dateOf(t.In(berlin)) }

// Today is the current day in Germany.
func Today(c Clock) Date { return DateOf(c.Now()) }

func dateOf(t time.Time) Date { return Date(t.Format(isoDay)) }

// utc is midnight UTC of the day: the frame in which days are counted, free of summer time.
func (d Date) utc() time.Time {
	t, err := time.Parse(isoDay, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == "" }

// Valid reports whether d is a real day.
func (d Date) Valid() bool { _, err := ParseDate(string(d)); return err == nil }

// String is the ISO form.
func (d Date) String() string { return string(d) }

// Time is the first instant of the day in Germany; the zero time for no date.
func (d Date) Time() time.Time {
	if d == "" {
		return time.Time{}
	}
	u := d.utc()
	return time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, berlin)
}

// Year of the day; 0 for no date.
func (d Date) Year() int {
	if d == "" {
		return 0
	}
	return d.utc().Year()
}

// Month of the day.
func (d Date) Month() time.Month { return d.utc().Month() }

// Day of the month.
func (d Date) Day() int { return d.utc().Day() }

// Weekday of the day.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the day n days later (earlier for negative n). No date stays no date.
func (d Date) AddDays(n int) Date {
	if d == "" {
		return ""
	}
	return dateOf(d.utc().AddDate(0, 0, n))
}

// AddMonths returns the day with the same number n months later; where that month is too
// short, its last day (§ 188 (3) BGB): 31 January + 1 month = 28 February.
func (d Date) AddMonths(n int) Date {
	if d == "" {
		return ""
	}
	u := d.utc()
	first := time.Date(u.Year(), u.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return NewDate(first.Year(), first.Month(), min(u.Day(), last))
}

// AddYears is AddMonths(12·n): 29 February + 1 year = 28 February.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// Before reports whether d is earlier than e. No date is before every date.
func (d Date) Before(e Date) bool { return d < e }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d > e }

// Between reports whether d lies in [from, to]; an empty bound is open.
func (d Date) Between(from, to Date) bool {
	return (from == "" || d >= from) && (to == "" || d <= to)
}

// DaysUntil counts the days from d to e, negative when e is earlier.
func (d Date) DaysUntil(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }

// UnmarshalText accepts an ISO day or nothing; used by JSON.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = ""
		return nil
	}
	v, err := ParseDate(string(b))
	*d = v
	return err
}

// MarshalText writes the ISO form; used by JSON.
func (d Date) MarshalText() ([]byte, error) { return []byte(d), nil }

// Value stores the date as text; no date is the empty text, never null.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// Scan reads a text column; null is no date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("clock.Date: cannot read a %T", src)
	}
}
