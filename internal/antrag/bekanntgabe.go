package antrag

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"rathaus/internal/clock"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
)

// Weg is the way a Bescheid is delivered.
type Weg string

// The ways of delivery for which a rule of Bekanntgabe may exist.
const (
	WegBrief      Weg = "brief"      // ordinary letter; counted from the Ab-Vermerk
	WegAbruf      Weg = "abruf"      // retrieval from the portal after login, with consent
	WegPostfach   Weg = "postfach"   // mailbox of the user account (§ 9 OZG)
	WegZustellung Weg = "zustellung" // formal service; the day stands on the Zustellungsurkunde
)

// RuleState says how sure a legal rule is.
type RuleState string

// The states of a legal rule.
const (
	Seen      RuleState = "V" // read in a source
	Unchecked RuleState = "K" // general knowledge: the town confirms it before use
)

// Bekanntgaberegel is one rule of Bekanntgabe: from which day on a Bescheid counts as announced.
type Bekanntgaberegel struct {
	Key          string                `json:"key"`
	Weg          Weg                   `json:"weg"`
	Rechtsgebiet leistung.Rechtsgebiet `json:"rechtsgebiet"`
	Laender      []string              `json:"laender,omitempty"` // none: every Land without a rule of its own
	From         clock.Date            `json:"from,omitempty"`    // posting days on which the rule holds
	To           clock.Date            `json:"to,omitempty"`
	Days         int                   `json:"days"`              // after posting, provision, retrieval or service
	Workday      bool                  `json:"workday,omitempty"` // moved from a Saturday, Sunday, holiday to the next workday
	Within       int                   `json:"within,omitempty"`  // retrieval: days after the notice in which it must happen
	Paragraph    string                `json:"paragraph"`
	Source       string                `json:"source"`
	Checked      string                `json:"checked"`
	State        RuleState             `json:"state"`
}

// Rechtsbehelf is one rule of remedy with the text that instructs about it (Rechtsbehelfsbelehrung).
type Rechtsbehelf struct {
	Key          string                `json:"key"`
	Art          string                `json:"art"` // "widerspruch", "klage", "einspruch"
	Laender      []string              `json:"laender,omitempty"`
	Rechtsgebiet leistung.Rechtsgebiet `json:"rechtsgebiet"`
	From         clock.Date            `json:"from,omitempty"` // days of the Bescheid on which the rule holds
	To           clock.Date            `json:"to,omitempty"`
	Months       int                   `json:"months"`
	// Text may hold {behoerde}, {anschrift}, {gericht}, {gerichtsanschrift}.
	Text      string    `json:"text"`
	Hinweis   string    `json:"hinweis,omitempty"` // stands below the Belehrung, no part of it
	Paragraph string    `json:"paragraph"`
	Source    string    `json:"source"`
	Checked   string    `json:"checked"`
	State     RuleState `json:"state"`
}

// Regelwerk holds the legal rules that count for a town: those shipped, and before them the town's own.
type Regelwerk struct {
	Bekanntgabe  []Bekanntgaberegel `json:"bekanntgabe"`
	Rechtsbehelf []Rechtsbehelf     `json:"rechtsbehelf"`
}

//go:embed rechtsregeln.json
var rechtsregeln []byte

// ShippedRules are the rules that come with the program. The caller may extend the copy.
func ShippedRules() Regelwerk {
	r := shipped()
	return Regelwerk{slices.Clone(r.Bekanntgabe), slices.Clone(r.Rechtsbehelf)}
}

var shipped = sync.OnceValue(func() Regelwerk {
	var r Regelwerk
	if err := json.Unmarshal(rechtsregeln, &r); err != nil {
		panic("rechtsregeln.json: " + err.Error()) // embedded and tested
	}
	return r
})

// Zustellung says what happened on the way of a Bescheid to its addressee.
type Zustellung struct {
	Weg          Weg
	Rechtsgebiet leistung.Rechtsgebiet
	// Calendar is that of the authority's seat.
	Calendar clock.Calendar
	// Start is the day of the Ab-Vermerk (letter), of the provision (mailbox), of the notice
	// (retrieval) or on the Zustellungsurkunde (service).
	Start clock.Date
	// Fetched is the day of the first retrieval, empty while it has not happened.
	Fetched clock.Date
}

// Bekanntgabe is the computed day on which a Bescheid counts as announced, with the rule that says so.
type Bekanntgabe struct {
	// Day is empty while a Bescheid provided for retrieval has not been fetched, and for ever if that
	// happened too late.
	Day clock.Date
	// FetchUntil is the last day on which a retrieval announces the Bescheid.
	FetchUntil clock.Date
	Rule       Bekanntgaberegel
}

// ErrNoRule: no rule of Bekanntgabe or remedy is entered for this way, law area, Land and day.
var ErrNoRule = errors.New("no legal rule entered")

// Offers reports whether a rule of Bekanntgabe exists, so that the way may be offered at all.
// Retrieval of an Abgabenbescheid (AO) has none.
func (r Regelwerk) Offers(weg Weg, area leistung.Rechtsgebiet, land string, day clock.Date) bool {
	_, err := r.bekanntgaberegel(weg, area, land, day)
	return err == nil
}

// bekanntgaberegel finds the first rule that names the Land, else the first for every Land.
func (r Regelwerk) bekanntgaberegel(weg Weg, area leistung.Rechtsgebiet, land string, day clock.Date) (Bekanntgaberegel, error) {
	for _, named := range []bool{true, false} {
		for _, rule := range r.Bekanntgabe {
			if rule.Weg == weg && rule.Rechtsgebiet == area && day.Between(rule.From, rule.To) && holdsIn(rule.Laender, land, named) {
				return rule, nil
			}
		}
	}
	return Bekanntgaberegel{}, fmt.Errorf("bekanntgabe %s, %s, %s, %s: %w", weg, area, land, day, ErrNoRule)
}

func holdsIn(laender []string, land string, named bool) bool {
	if named {
		return slices.Contains(laender, land)
	}
	return len(laender) == 0
}

// Announce computes the Bekanntgabe. ErrNoRule when the way is not offered for the law area.
//
// A rule with Workday moves the day to the next workday as § 108 (3) AO does; the general procedure
// acts do not move it (prevailing view: it is a date, not the end of a period).
func (r Regelwerk) Announce(z Zustellung) (Bekanntgabe, error) {
	if !z.Start.Valid() {
		return Bekanntgabe{}, fmt.Errorf("bekanntgabe: %q is no day: %w", z.Start, problem.Conflict)
	}
	rule, err := r.bekanntgaberegel(z.Weg, z.Rechtsgebiet, z.Calendar.Land, z.Start)
	if err != nil {
		return Bekanntgabe{}, err
	}
	out := Bekanntgabe{Rule: rule}
	from := z.Start
	if rule.Within > 0 { // retrieval: counts from the fetching, if it came in time
		out.FetchUntil = z.Start.AddDays(rule.Within)
		if z.Fetched == "" || z.Fetched.After(out.FetchUntil) {
			return out, nil
		}
		from = z.Fetched
	}
	out.Day = from.AddDays(rule.Days)
	if rule.Workday {
		out.Day = z.Calendar.NextWorkday(out.Day)
	}
	return out, nil
}
