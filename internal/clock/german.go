package clock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

var monthNames = [...]string{"", "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}

var weekdayNames = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}

// Short writes the day as in tables: "3.11.2026". Empty for no date.
func (d Date) Short() string {
	if d == "" {
		return ""
	}
	return strconv.Itoa(d.Day()) + "." + strconv.Itoa(int(d.Month())) + "." + strconv.Itoa(d.Year())
}

// Long writes the day as in letters and running text: "3. November 2026". Empty for no date.
func (d Date) Long() string {
	if d == "" {
		return ""
	}
	return strconv.Itoa(d.Day()) + ". " + monthNames[d.Month()] + " " + strconv.Itoa(d.Year())
}

// WeekdayName is the German name of the weekday: "Dienstag".
func (d Date) WeekdayName() string { return weekdayNames[d.Weekday()] }

// MonthName is the German name of the month: "März".
func MonthName(m time.Month) string { return monthNames[m] }

// TimeOfDay writes the German wall-clock time of the instant: "14:05 Uhr".
func TimeOfDay(t time.Time) string { return t.In(berlin).Format("15:04") + " Uhr" }

// ShortTime writes day and time as in histories: "3.11.2026, 14:05 Uhr". Empty for the zero time.
func ShortTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return DateOf(t).Short() + ", " + t.In(berlin).Format("15:04") + " Uhr"
}

// LongTime writes day and time as in running text: "3. November 2026 um 14:05 Uhr".
func LongTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return DateOf(t).Long() + " um " + TimeOfDay(t)
}

// ParseGerman reads a day as people write it: "3.11.2026", blanks and leading zeros forgiven.
func ParseGerman(s string) (Date, error) {
	var day, month, year int
	var rest string
	n, _ := fmt.Sscanf(strings.ReplaceAll(s, " ", "")+"|", "%d.%d.%d%s", &day, &month, &year, &rest)
	if n != 4 || rest != "|" {
		return "", fmt.Errorf("%q is no day like 3.11.2026", s)
	}
	return ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day))
}
