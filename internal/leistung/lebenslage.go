package leistung

import (
	"fmt"

	"rathaus/internal/problem"
)

// Lebenslage is a situation in life under which services are listed. Its name and examples come
// from the catalogue of UI texts (portal.lebenslage.KEY and portal.lebenslage.KEY.beispiele).
type Lebenslage struct {
	Key string // in URLs: "umziehen-wohnen"
}

// Lebenslagen returns the eight situations in the order of the start page.
func Lebenslagen() []Lebenslage {
	return []Lebenslage{
		{"umziehen-wohnen"}, {"ausweis-reise"}, {"familie-kind"}, {"auto-strasse"},
		{"bauen-grundstueck"}, {"arbeit-gewerbe"}, {"tiere-garten"}, {"krankheit-abschied"},
	}
}

// LebenslageByKey finds a situation; problem.NotFound when there is none of that key.
func LebenslageByKey(key string) (Lebenslage, error) {
	for _, l := range Lebenslagen() {
		if l.Key == key {
			return l, nil
		}
	}
	return Lebenslage{}, fmt.Errorf("lebenslage %q: %w", key, problem.NotFound)
}
