package clock_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rathaus/internal/clock"
)

func TestEaster(t *testing.T) {
	t.Parallel()
	for _, want := range []clock.Date{
		"1961-04-02", "2000-04-23", "2008-03-23", "2011-04-24", "2015-04-05", "2019-04-21", "2024-03-31",
		"2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2030-04-21", "2038-04-25", "2049-04-18", "2285-03-22",
	} {
		if got := clock.Easter(want.Year()); got != want {
			t.Errorf("Easter %d = %s, want %s", want.Year(), got, want)
		}
	}
}

// TestHolidays2026 holds the days a Land has beside the nine nationwide ones.
func TestHolidays2026(t *testing.T) {
	t.Parallel()
	const kings, women, corpus, assumption, children, reformation, saints, repentance = clock.Date("2026-01-06"), clock.Date("2026-03-08"),
		clock.Date("2026-06-04"), clock.Date("2026-08-15"), clock.Date("2026-09-20"), clock.Date("2026-10-31"), clock.Date("2026-11-01"), clock.Date("2026-11-18")
	nation := []clock.Date{"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03", "2026-12-25", "2026-12-26"}
	extra := map[string][]clock.Date{
		"BB": {"2026-04-05", "2026-05-24", reformation},
		"BE": {women},
		"BW": {kings, corpus, saints},
		"BY": {kings, corpus, saints},
		"HB": {reformation},
		"HE": {corpus},
		"HH": {reformation},
		"MV": {women, reformation},
		"NI": {reformation},
		"NW": {corpus, saints},
		"RP": {corpus, saints},
		"SH": {reformation},
		"SL": {corpus, assumption, saints},
		"SN": {reformation, repentance},
		"ST": {kings, reformation},
		"TH": {children, reformation},
		"":   {},
	}
	if len(clock.Laender()) != 16 {
		t.Fatal("16 Länder expected")
	}
	for _, l := range clock.Laender() {
		if _, ok := extra[l.Key]; !ok || clock.LandName(l.Key) != l.Name {
			t.Errorf("Land %v is not tested", l)
		}
	}
	for land, days := range extra {
		want := map[clock.Date]bool{}
		for _, d := range append(days, nation...) {
			want[d] = true
		}
		got := map[clock.Date]bool{}
		for _, h := range (clock.Calendar{Land: land}).Holidays(2026) {
			got[h.Date] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", land, diff)
		}
	}
}

func TestHolidayNames(t *testing.T) {
	t.Parallel()
	augsburg := clock.Calendar{Land: "BY", Municipal: []clock.Local{clock.PeaceFestival, clock.Assumption}}
	for _, c := range []struct {
		cal  clock.Calendar
		day  clock.Date
		want string
	}{
		{augsburg, "2026-08-08", "Friedensfest"},
		{augsburg, "2026-08-15", "Mariä Himmelfahrt"},
		{clock.Calendar{Land: "BY"}, "2026-08-08", ""},
		{clock.Calendar{Land: "BY"}, "2026-08-15", ""},
		{clock.Calendar{Land: "NW", Municipal: augsburg.Municipal}, "2026-08-15", ""}, // no such thing in NRW
		{clock.Calendar{Land: "SN", Municipal: []clock.Local{clock.CorpusChristi}}, "2026-06-04", "Fronleichnam"},
		{clock.Calendar{Land: "SN"}, "2026-06-04", ""},
		{clock.Calendar{Land: "TH", Municipal: []clock.Local{clock.CorpusChristi}}, "2026-06-04", "Fronleichnam"},
		{clock.Calendar{Land: "MV"}, "2022-03-08", ""},
		{clock.Calendar{Land: "MV"}, "2023-03-08", "Internationaler Frauentag"},
		{clock.Calendar{Land: "BE"}, "2018-03-08", ""},
		{clock.Calendar{Land: "BE"}, "2025-05-08", "Tag der Befreiung"},
		{clock.Calendar{Land: "BE"}, "2026-05-08", ""},
		{clock.Calendar{Land: "BW"}, "2017-10-31", "Reformationstag"},
		{clock.Calendar{Land: "BW"}, "2018-10-31", ""},
		{clock.Calendar{Land: "SN"}, "2027-11-17", "Buß- und Bettag"},
		{clock.Calendar{Land: "SN"}, "2023-11-22", "Buß- und Bettag"},
		{clock.Calendar{Land: "BW"}, "2026-12-24", ""},
		{clock.Calendar{Land: "BW"}, "", ""},
		{clock.Calendar{Land: "BW"}, "2026-02-30", ""},
	} {
		if got, ok := c.cal.IsHoliday(c.day); got != c.want || ok != (c.want != "") {
			t.Errorf("%v %s = %q, want %q", c.cal, c.day, got, c.want)
		}
	}
}

func TestWorkdays(t *testing.T) {
	t.Parallel()
	bw, nw := clock.Calendar{Land: "BW"}, clock.Calendar{Land: "NW"}
	if got := bw.NextWorkday("2026-01-06"); got != "2026-01-07" {
		t.Errorf("BW: %s", got)
	}
	if got := nw.NextWorkday("2026-01-06"); got != "2026-01-06" {
		t.Errorf("NW: %s", got)
	}
	if got := bw.NextWorkday("2026-04-03"); got != "2026-04-07" { // Good Friday to Tuesday after Easter
		t.Errorf("Easter: %s", got)
	}
	if got := bw.AddWorkdays("2026-12-23", 3); got != "2026-12-29" {
		t.Errorf("Christmas: %s", got)
	}
	if got := bw.WorkdaysBetween("2026-12-23", "2026-12-29"); got != 3 {
		t.Errorf("Christmas: %d workdays", got)
	}
	if got := bw.AddWorkdays("2026-12-29", -3); got != "2026-12-23" {
		t.Errorf("back over Christmas: %s", got)
	}
	if bw.NextWorkday("") != "" || bw.AddWorkdays("", 3) != "" {
		t.Error("no date stays no date")
	}
}

func TestWorkdayProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cal := clock.Calendar{Land: rapid.SampledFrom(clock.Laender()).Draw(t, "land").Key}
		d := cal.NextWorkday(drawDate(t, "d"))
		n := rapid.IntRange(-60, 60).Draw(t, "n")
		e := cal.AddWorkdays(d, n)
		if !cal.IsWorkday(e) || cal.WorkdaysBetween(d, e) != n || cal.AddWorkdays(e, -n) != d {
			t.Fatalf("%s: %s + %d workdays = %s, counted %d", cal.Land, d, n, e, cal.WorkdaysBetween(d, e))
		}
	})
}
