package clock_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rathaus/internal/clock"
)

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   clock.Date
		months int
		want   clock.Date
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-03-06", 1, "2026-04-06"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2026-05-31", 0, "2026-05-31"},
		{"", 3, ""},
	} {
		if got := c.from.AddMonths(c.months); got != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestDayIsCountedInBerlin(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	if got := clock.DateOf(winter); got != "2026-11-21" {
		t.Errorf("23:30 UTC in November is %s, want 2026-11-21", got)
	}
	if got := clock.Today(clock.NewFake(winter)); got != "2026-11-21" {
		t.Errorf("Today = %s", got)
	}
	if got := clock.Date("2026-07-01").Time().UTC(); !got.Equal(time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("1 July begins at %s UTC", got)
	}
	if !clock.Date("").Time().IsZero() {
		t.Error("no date must be the zero time")
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2026-02-30", "2026-2-3", "03.11.2026", "2026-13-01", "0000-01-01", " 2026-01-01", "2026-01-01T00:00:00Z"} {
		if d, err := clock.ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", bad, d)
		}
	}
}

func TestDateJSONAndSQL(t *testing.T) {
	t.Parallel()
	var v struct{ A, B clock.Date }
	if err := json.Unmarshal([]byte(`{"A":"2026-11-20","B":""}`), &v); err != nil || v.A != "2026-11-20" || v.B != "" {
		t.Fatalf("got %+v, %v", v, err)
	}
	if b, _ := json.Marshal(v); string(b) != `{"A":"2026-11-20","B":""}` {
		t.Errorf("written %s", b)
	}
	if err := json.Unmarshal([]byte(`{"A":"20.11.2026"}`), &v); err == nil {
		t.Error("a German date passed as ISO")
	}
	var d clock.Date
	for _, src := range []any{"2026-01-02", []byte("2026-01-02")} {
		if err := d.Scan(src); err != nil || d != "2026-01-02" {
			t.Errorf("Scan(%v) = %s, %v", src, d, err)
		}
	}
	if err := d.Scan(nil); err != nil || d != "" {
		t.Errorf("Scan(nil) = %q, %v", d, err)
	}
	if err := d.Scan(int64(3)); err == nil {
		t.Error("Scan of a number must fail")
	}
	if w, err := clock.Date("2026-01-02").Value(); err != nil || w != "2026-01-02" {
		t.Errorf("Value = %v, %v", w, err)
	}
}

func TestGermanFormats(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 13, 5, 0, 0, time.UTC)
	for got, want := range map[string]string{
		clock.Date("2026-11-03").Short():       "3.11.2026",
		clock.Date("2026-03-13").Long():        "13. März 2026",
		clock.Date("2026-11-03").WeekdayName(): "Dienstag",
		clock.TimeOfDay(at):                    "14:05 Uhr",
		clock.ShortTime(at):                    "3.11.2026, 14:05 Uhr",
		clock.LongTime(at):                     "3. November 2026 um 14:05 Uhr",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if clock.Date("").Short()+clock.Date("").Long()+clock.ShortTime(time.Time{}) != "" {
		t.Error("no date must be written as nothing")
	}
}

func drawDate(t *rapid.T, name string) clock.Date {
	return clock.Date("2000-01-01").AddDays(rapid.IntRange(0, 40000).Draw(t, name))
}

func TestDateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "d")
		n := rapid.IntRange(-4000, 4000).Draw(t, "n")
		e := d.AddDays(n)
		if !e.Valid() || d.DaysUntil(e) != n || e.AddDays(-n) != d {
			t.Fatalf("%s + %d = %s", d, n, e)
		}
		if (n > 0) != e.After(d) || (n < 0) != e.Before(d) {
			t.Fatalf("order of %s and %s", d, e)
		}
		if clock.DateOf(d.Time()) != d {
			t.Fatalf("%s does not survive Time", d)
		}
		m := rapid.IntRange(-500, 500).Draw(t, "m")
		f := d.AddMonths(m)
		months := (f.Year()-d.Year())*12 + int(f.Month()) - int(d.Month())
		if months != m || f.Day() > d.Day() || f.Day() < d.Day() && f.AddDays(1).Day() != 1 {
			t.Fatalf("%s + %d months = %s", d, m, f)
		}
	})
}
