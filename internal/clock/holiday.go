package clock

import (
	"slices"
	"time"
)

// Local is a public holiday that the law of a Land leaves to single municipalities.
type Local string

// The municipal holidays that exist in Germany.
const (
	// Assumption is Mariä Himmelfahrt in the predominantly Catholic municipalities of Bavaria.
	Assumption Local = "mariae-himmelfahrt"
	// CorpusChristi is Fronleichnam in named municipalities of Saxony and Thuringia.
	CorpusChristi Local = "fronleichnam"
	// PeaceFestival is the Friedensfest in the city of Augsburg.
	PeaceFestival Local = "friedensfest"
)

// Calendar knows the public holidays of one municipality. Land is the suffix of ISO 3166-2:DE
// ("BW", "NW"); without one only the nationwide holidays count. Right for the years from 2015 on.
type Calendar struct {
	Land      string
	Municipal []Local
}

// Laender are the keys of the 16 Länder with their names, sorted by key.
func Laender() []Land { return slices.Clone(laender[:]) }

// Land is a Land of the Federal Republic.
type Land struct{ Key, Name string }

var laender = [...]Land{
	{"BB", "Brandenburg"}, {"BE", "Berlin"}, {"BW", "Baden-Württemberg"}, {"BY", "Bayern"},
	{"HB", "Bremen"}, {"HE", "Hessen"}, {"HH", "Hamburg"}, {"MV", "Mecklenburg-Vorpommern"},
	{"NI", "Niedersachsen"}, {"NW", "Nordrhein-Westfalen"}, {"RP", "Rheinland-Pfalz"}, {"SH", "Schleswig-Holstein"},
	{"SL", "Saarland"}, {"SN", "Sachsen"}, {"ST", "Sachsen-Anhalt"}, {"TH", "Thüringen"},
}

// LandName is the name of a Land by its key, or "" for an unknown key.
func LandName(key string) string {
	for _, l := range laender {
		if l.Key == key {
			return l.Name
		}
	}
	return ""
}

// holiday is one line of the table: a fixed day (month, day) or a distance from Easter Sunday.
type holiday struct {
	name     string
	month    time.Month
	day      int
	easter   int      // days from Easter Sunday, when month is 0
	laender  []string // none = all
	from, to int      // years, 0 = open
	local    Local    // counts only where the municipality has it (in the laender named)
}

// The acts of the Länder as of 2026. Sundays that are also named holidays (Easter, Whitsun in BB) are
// listed although they are no workdays anyway: the name is shown.
var holidays = [...]holiday{
	{name: "Neujahr", month: 1, day: 1},
	{name: "Heilige Drei Könige", month: 1, day: 6, laender: []string{"BW", "BY", "ST"}},
	{name: "Internationaler Frauentag", month: 3, day: 8, laender: []string{"BE"}, from: 2019},
	{name: "Internationaler Frauentag", month: 3, day: 8, laender: []string{"MV"}, from: 2023},
	{name: "Karfreitag", easter: -2},
	{name: "Ostersonntag", easter: 0, laender: []string{"BB"}},
	{name: "Ostermontag", easter: 1},
	{name: "Tag der Arbeit", month: 5, day: 1},
	{name: "Tag der Befreiung", month: 5, day: 8, laender: []string{"BE"}, from: 2020, to: 2020},
	{name: "Tag der Befreiung", month: 5, day: 8, laender: []string{"BE"}, from: 2025, to: 2025},
	{name: "Christi Himmelfahrt", easter: 39},
	{name: "Pfingstsonntag", easter: 49, laender: []string{"BB"}},
	{name: "Pfingstmontag", easter: 50},
	{name: "Fronleichnam", easter: 60, laender: []string{"BW", "BY", "HE", "NW", "RP", "SL"}},
	{name: "Fronleichnam", easter: 60, laender: []string{"SN", "TH"}, local: CorpusChristi},
	{name: "Friedensfest", month: 8, day: 8, laender: []string{"BY"}, local: PeaceFestival},
	{name: "Mariä Himmelfahrt", month: 8, day: 15, laender: []string{"SL"}},
	{name: "Mariä Himmelfahrt", month: 8, day: 15, laender: []string{"BY"}, local: Assumption},
	{name: "Weltkindertag", month: 9, day: 20, laender: []string{"TH"}, from: 2019},
	{name: "Tag der Deutschen Einheit", month: 10, day: 3},
	{name: "Reformationstag", month: 10, day: 31, laender: []string{"BB", "MV", "SN", "ST", "TH"}},
	{name: "Reformationstag", month: 10, day: 31, laender: []string{"HB", "HH", "NI", "SH"}, from: 2018},
	{name: "Reformationstag", month: 10, day: 31, from: 2017, to: 2017},
	{name: "Allerheiligen", month: 11, day: 1, laender: []string{"BW", "BY", "NW", "RP", "SL"}},
	{name: "1. Weihnachtstag", month: 12, day: 25},
	{name: "2. Weihnachtstag", month: 12, day: 26},
}

// IsHoliday names the public holiday of the day, if it is one here.
func (c Calendar) IsHoliday(d Date) (name string, ok bool) {
	if !d.Valid() {
		return "", false
	}
	year := d.Year()
	sinceEaster := Easter(year).DaysUntil(d)
	for i := range holidays {
		h := &holidays[i]
		if h.month == 0 && h.easter != sinceEaster || h.month != 0 && (h.month != d.Month() || h.day != d.Day()) {
			continue
		}
		if c.observes(h, year) {
			return h.name, true
		}
	}
	if c.Land == "SN" && d == repentanceDay(year) {
		return "Buß- und Bettag", true
	}
	return "", false
}

func (c Calendar) observes(h *holiday, year int) bool {
	return (h.laender == nil || slices.Contains(h.laender, c.Land)) &&
		(h.from == 0 || year >= h.from) && (h.to == 0 || year <= h.to) &&
		(h.local == "" || slices.Contains(c.Municipal, h.local))
}

// IsWorkday reports whether the day is neither Saturday, Sunday nor public holiday: the days on which a
// legal period may end (§ 31 (3) VwVfG, § 193 BGB). 24 and 31 December are workdays in this sense.
func (c Calendar) IsWorkday(d Date) bool {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	default:
		_, holiday := c.IsHoliday(d)
		return !holiday
	}
}

// NextWorkday is d itself if it is a workday, else the first workday after it.
func (c Calendar) NextWorkday(d Date) Date {
	if !d.Valid() {
		return d
	}
	for !c.IsWorkday(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddWorkdays returns the n-th workday after d (before d for negative n); for n = 0 d itself.
func (c Calendar) AddWorkdays(d Date, n int) Date {
	if !d.Valid() {
		return d
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		if c.IsWorkday(d) {
			n--
		}
	}
	return d
}

// WorkdaysBetween counts the workdays after from up to and including to; negative when to is earlier.
// For workdays WorkdaysBetween(d, AddWorkdays(d, n)) = n.
func (c Calendar) WorkdaysBetween(from, to Date) int {
	if !from.Valid() || !to.Valid() {
		return 0
	}
	if to < from {
		n := 0 // mirror of AddWorkdays with negative n: days before from, down to and including to
		for d := from.AddDays(-1); d >= to; d = d.AddDays(-1) {
			if c.IsWorkday(d) {
				n--
			}
		}
		return n
	}
	n := 0
	for d := from.AddDays(1); d <= to; d = d.AddDays(1) {
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

// Holidays lists the public holidays of the year here, in order.
func (c Calendar) Holidays(year int) []Holiday {
	var out []Holiday
	for d := NewDate(year, time.January, 1); d.Year() == year; d = d.AddDays(1) {
		if name, ok := c.IsHoliday(d); ok {
			out = append(out, Holiday{d, name})
		}
	}
	return out
}

// Holiday is a public holiday of one year.
type Holiday struct {
	Date Date
	Name string
}

// Easter is Easter Sunday of the year in the Gregorian calendar (anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8).
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return NewDate(year, time.Month(n/31), n%31+1)
}

// repentanceDay is the Wednesday before 23 November.
func repentanceDay(year int) Date {
	d := NewDate(year, time.November, 22)
	for d.Weekday() != time.Wednesday {
		d = d.AddDays(-1)
	}
	return d
}
