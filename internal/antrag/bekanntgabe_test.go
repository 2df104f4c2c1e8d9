package antrag_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/leistung"
)

// TestGoldenBekanntgabe holds the numbered golden cases of the legal reference.
func TestGoldenBekanntgabe(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	bw, nw := clock.Calendar{Land: "BW"}, clock.Calendar{Land: "NW"}
	for _, c := range []struct {
		name       string
		z          antrag.Zustellung
		announced  clock.Date
		fetchUntil clock.Date
		remedyEnd  clock.Date
		paragraph  string
	}{
		{"1 letter, BW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-02"}, "2026-03-06", "", "2026-04-07", "§ 41 Abs. 2 Satz 1 LVwVfG"},
		{"1 letter, NW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "verwaltung", Calendar: nw, Start: "2026-03-02"}, "2026-03-06", "", "2026-04-07", "§ 41 Abs. 2 Satz 1 VwVfG"},
		{"2 Sunday, not moved", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-04"}, "2026-03-08", "", "2026-04-08", "§ 41 Abs. 2 Satz 1 LVwVfG"},
		{"3 Abgaben, Saturday, moved", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "abgaben", Calendar: bw, Start: "2026-03-03"}, "2026-03-09", "", "2026-04-09", "§ 122 Abs. 2 Nr. 1 AO"},
		{"4a Abgaben, holiday in BW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "abgaben", Calendar: bw, Start: "2026-01-02"}, "2026-01-07", "", "2026-02-09", "§ 122 Abs. 2 Nr. 1 AO"},
		{"4b Abgaben, no holiday in NW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "abgaben", Calendar: nw, Start: "2026-01-02"}, "2026-01-06", "", "2026-02-06", "§ 122 Abs. 2 Nr. 1 AO"},
		{"5 retrieved", antrag.Zustellung{Weg: "abruf", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-02", Fetched: "2026-03-05"}, "2026-03-06", "2026-03-12", "2026-04-07", "§ 41 Abs. 2a VwVfG"},
		{"5 retrieved on the last day", antrag.Zustellung{Weg: "abruf", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-02", Fetched: "2026-03-12"}, "2026-03-13", "2026-03-12", "2026-04-13", "§ 41 Abs. 2a VwVfG"},
		{"6 not fetched", antrag.Zustellung{Weg: "abruf", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-02"}, "", "2026-03-12", "", "§ 41 Abs. 2a VwVfG"},
		{"6 fetched too late", antrag.Zustellung{Weg: "abruf", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2026-03-02", Fetched: "2026-03-13"}, "", "2026-03-12", "", "§ 41 Abs. 2a VwVfG"},
		{"7 before 2025, NW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "verwaltung", Calendar: nw, Start: "2024-12-02"}, "2024-12-05", "", "2025-01-06", "§ 41 Abs. 2 Satz 1 VwVfG a. F."},
		{"7 before 2025, BW", antrag.Zustellung{Weg: "brief", Rechtsgebiet: "verwaltung", Calendar: bw, Start: "2024-12-02"}, "2024-12-05", "", "2025-01-07", "§ 41 Abs. 2 Satz 1 LVwVfG a. F."},
		{"8 month end", antrag.Zustellung{Weg: "zustellung", Rechtsgebiet: "verwaltung", Calendar: nw, Start: "2026-01-31"}, "2026-01-31", "", "2026-03-02", "§ 41 Abs. 5 VwVfG, Verwaltungszustellungsgesetz"},
		{"mailbox", antrag.Zustellung{Weg: "postfach", Rechtsgebiet: "verwaltung", Calendar: nw, Start: "2026-03-02"}, "2026-03-05", "", "2026-04-07", "§ 9 Abs. 1 OZG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := rules.Announce(c.z)
			if err != nil {
				t.Fatal(err)
			}
			if got.Day != c.announced || got.FetchUntil != c.fetchUntil || got.Rule.Paragraph != c.paragraph {
				t.Errorf("announced %s (fetch until %q, %s), want %s (%q, %s)", got.Day, got.FetchUntil, got.Rule.Paragraph, c.announced, c.fetchUntil, c.paragraph)
			}
			if c.remedyEnd == "" {
				return
			}
			if end := antrag.RemedyEnd(got.Day, 1, c.z.Calendar); end != c.remedyEnd {
				t.Errorf("remedy ends %s, want %s", end, c.remedyEnd)
			}
		})
	}
}

func TestRetrievalOfAbgabenbescheidIsNotOffered(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	for _, l := range clock.Laender() {
		if rules.Offers(antrag.WegAbruf, leistung.RechtAbgaben, l.Key, "2026-11-20") {
			t.Errorf("%s offers the retrieval of an Abgabenbescheid", l.Key)
		}
		if !rules.Offers(antrag.WegAbruf, leistung.RechtVerwaltung, l.Key, "2026-11-20") || !rules.Offers(antrag.WegBrief, leistung.RechtAbgaben, l.Key, "2026-11-20") {
			t.Errorf("%s lacks a rule", l.Key)
		}
	}
	_, err := rules.Announce(antrag.Zustellung{Weg: "abruf", Rechtsgebiet: "abgaben", Calendar: clock.Calendar{Land: "BW"}, Start: "2026-03-02"})
	if !errors.Is(err, antrag.ErrNoRule) {
		t.Errorf("got %v", err)
	}
}

// TestMunicipalHolidayMovesTheEnd: the same Bescheid, two neighbouring Bavarian towns.
func TestMunicipalHolidayMovesTheEnd(t *testing.T) {
	t.Parallel()
	const announced = clock.Date("2028-07-15") // + 1 month = Tuesday 15 August 2028
	for _, c := range []struct {
		local []clock.Local
		want  clock.Date
	}{
		{nil, "2028-08-15"},
		{[]clock.Local{clock.Assumption}, "2028-08-16"},
	} {
		if got := antrag.RemedyEnd(announced, 1, clock.Calendar{Land: "BY", Municipal: c.local}); got != c.want {
			t.Errorf("%v: %s, want %s", c.local, got, c.want)
		}
	}
}

func TestUninstructedRemedyLastsAYear(t *testing.T) {
	t.Parallel()
	if got := antrag.RemedyEndUninstructed("2026-03-06", clock.Calendar{Land: "BW"}); got != "2027-03-08" { // 6 March 2027 is a Saturday
		t.Errorf("got %s", got)
	}
}

// TestShippedRulesAreComplete: every rule says where it comes from.
func TestShippedRulesAreComplete(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	keys := map[string]bool{}
	check := func(key, paragraph, source, checked string, state antrag.RuleState) {
		if key == "" || paragraph == "" || source == "" || checked == "" || state != antrag.Seen && state != antrag.Unchecked {
			t.Errorf("rule %q lacks its paragraph, source, day of check or state", key)
		}
		if keys[key] {
			t.Errorf("two rules %q", key)
		}
		keys[key] = true
	}
	for _, r := range rules.Bekanntgabe {
		check(r.Key, r.Paragraph, r.Source, r.Checked, r.State)
	}
	for _, r := range rules.Rechtsbehelf {
		check(r.Key, r.Paragraph, r.Source, r.Checked, r.State)
		if r.State != antrag.Unchecked {
			t.Errorf("%s: remedies are shipped to be confirmed by the town", r.Key)
		}
	}
	rules.Bekanntgabe[0].Days = 99
	if antrag.ShippedRules().Bekanntgabe[0].Days == 99 {
		t.Error("a caller changed the shipped rules")
	}
}

// TestAnnounceProperties: never before the posting, never on a free day where the rule moves it, and
// without a gap on any day since 2020 in any Land.
func TestAnnounceProperties(t *testing.T) {
	t.Parallel()
	rules := antrag.ShippedRules()
	rapid.Check(t, func(t *rapid.T) {
		cal := clock.Calendar{Land: rapid.SampledFrom(clock.Laender()).Draw(t, "land").Key}
		z := antrag.Zustellung{
			Weg:          antrag.WegBrief,
			Rechtsgebiet: rapid.SampledFrom([]leistung.Rechtsgebiet{leistung.RechtVerwaltung, leistung.RechtAbgaben}).Draw(t, "area"),
			Calendar:     cal,
			Start:        clock.Date("2020-01-01").AddDays(rapid.IntRange(0, 5000).Draw(t, "day")),
		}
		got, err := rules.Announce(z)
		if err != nil {
			t.Fatal(err)
		}
		n := z.Start.DaysUntil(got.Day)
		if n < 3 || z.Rechtsgebiet == leistung.RechtVerwaltung && n > 4 || z.Rechtsgebiet == leistung.RechtAbgaben && !cal.IsWorkday(got.Day) {
			t.Fatalf("%+v announced on %s", z, got.Day)
		}
		if end := antrag.RemedyEnd(got.Day, 1, cal); !cal.IsWorkday(end) || end < got.Day.AddMonths(1) {
			t.Fatalf("remedy ends %s", end)
		}
	})
}
