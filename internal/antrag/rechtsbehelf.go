package antrag

import (
	"fmt"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
)

// Remedy finds the rule of remedy for a Bescheid of the day. ErrNoRule when the town has entered none and
// none is shipped for its Land: then no Bescheid may leave, for a wrong instruction gives a year (§ 58 (2) VwGO).
func (r Regelwerk) Remedy(area leistung.Rechtsgebiet, land string, day clock.Date) (Rechtsbehelf, error) {
	for _, named := range []bool{true, false} {
		for _, rule := range r.Rechtsbehelf {
			if rule.Rechtsgebiet == area && day.Between(rule.From, rule.To) && holdsIn(rule.Laender, land, named) {
				return rule, nil
			}
		}
	}
	return Rechtsbehelf{}, fmt.Errorf("rechtsbehelf %s, %s, %s: %w", area, land, day, ErrNoRule)
}

// RemedyEnd is the last day of a remedy period of the given months after the Bekanntgabe. A period that would
// end on a Saturday, Sunday or public holiday of the place ends on the next workday (§ 57 (2) VwGO
// with § 222 (2) ZPO, § 31 (3) VwVfG, § 193 BGB).
func RemedyEnd(announced clock.Date, months int, cal clock.Calendar) clock.Date {
	return cal.NextWorkday(announced.AddMonths(months))
}

// RemedyEndUninstructed is the last day when the instruction is missing or wrong: one year (§ 58 (2) VwGO).
func RemedyEndUninstructed(announced clock.Date, cal clock.Calendar) clock.Date {
	return RemedyEnd(announced, 12, cal)
}

// Stelle names where a remedy is lodged: the authority itself and the court of the town.
type Stelle struct {
	Behoerde          string // "Stadt Wiesenbrück"
	Anschrift         string // "Marktplatz 1, 00000 Wiesenbrück"
	Gericht           string // "Verwaltungsgericht Sturmkoog"
	Gerichtsanschrift string
}

// Belehrung writes the instruction about the remedy. A Conflict tells the user what the town must enter
// first, when the rule names a place whose address is missing.
func (b Rechtsbehelf) Belehrung(s Stelle) (string, error) {
	text := b.Text
	for _, f := range []struct{ placeholder, value, missing string }{
		{"{behoerde}", s.Behoerde, "antrag.behoerde_fehlt"},
		{"{anschrift}", s.Anschrift, "antrag.anschrift_fehlt"},
		{"{gericht}", s.Gericht, "antrag.gericht_fehlt"},
		{"{gerichtsanschrift}", s.Gerichtsanschrift, "antrag.gericht_fehlt"},
	} {
		if !strings.Contains(text, f.placeholder) {
			continue
		}
		if strings.TrimSpace(f.value) == "" {
			return "", problem.Conflicting(f.missing)
		}
		text = strings.ReplaceAll(text, f.placeholder, f.value)
	}
	return text, nil
}

// Title is the heading of the instruction in a letter.
func (b Rechtsbehelf) Title() string { return "Rechtsbehelfsbelehrung" }

// ArtName is the German name of the remedy: "Widerspruch".
func (b Rechtsbehelf) ArtName() string {
	if b.Art == "" {
		return ""
	}
	return strings.ToUpper(b.Art[:1]) + b.Art[1:]
}
