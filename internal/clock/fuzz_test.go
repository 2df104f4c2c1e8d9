package clock_test

import (
	"testing"

	"rathaus/internal/clock"
)

// FuzzParseDate: what is accepted is a day that is written as it was read.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-11-20", "2026-02-30", "", "0000-00-00", "2026-1-1", "9999-12-31", "12026-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := clock.ParseDate(s)
		if err != nil {
			return
		}
		if d.String() != s || clock.NewDate(d.Year(), d.Month(), d.Day()) != d || d.AddDays(1).AddDays(-1) != d && s != "9999-12-31" {
			t.Errorf("%q read as %s", s, d)
		}
	})
}
