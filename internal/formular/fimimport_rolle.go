package formular

import (
	"slices"
	"strings"

	"rathaus/internal/storage"
)

// spot is a place of a definition with what the elements around it say about themselves.
type spot struct {
	Element
	path, parent string
	// labels of the groups around it and its own, folded.
	labels   []string
	optional bool
	repeated bool // inside or itself: its answer has no fixed path
}

func (s spot) name() string {
	name := s.Label
	if s.Source != nil && s.Source.Name != "" {
		name = s.Source.Name
	}
	return storage.Fold(name)
}

func (s spot) called(words ...string) bool {
	name, label := s.name(), storage.Fold(s.Label)
	return slices.ContainsFunc(words, func(w string) bool { return name == w || label == w })
}

// child finds a direct child by its names.
func (s spot) child(words ...string) (Element, bool) {
	for _, e := range s.Elements {
		if e.Kind != Group && !e.Occurs.Repeated() && (spot{Element: e}).called(words...) {
			return e, true
		}
	}
	return Element{}, false
}

func spots(d Definition) []spot {
	var all []spot
	var walk func(parent spot, elements []Element)
	walk = func(parent spot, elements []Element) {
		for _, e := range elements {
			s := spot{Element: e, parent: parent.path, path: strings.TrimPrefix(parent.path+"."+e.Key, "."),
				labels:   append(slices.Clone(parent.labels), storage.Fold(e.Label)),
				optional: parent.optional || e.Occurs.Optional(), repeated: parent.repeated || e.Occurs.Repeated()}
			all = append(all, s)
			walk(s, e.Elements)
		}
	}
	for _, a := range d.Abschnitte {
		walk(spot{}, a.Elements)
	}
	return all
}

// others are people and places in a form that are not the applicant.
var others = []string{"vertret", "bevollmaechtig", "frueher", "ehegatt", "lebenspartner", "kind", "eltern", "beschaeftig", "schwanger", "arbeitgeber",
	"pruefer", "sachkundig", "zustell", "verantwort", "ansprech", "betriebsstaette", "filiale", "ausgabestelle", "gesellschaft", "postfach", "arbeitsstaette", "ausbildungs"}

// likely rates how likely a place belongs to the applicant.
func (s spot) likely() int {
	n := 0
	if s.optional {
		n -= 20
	}
	for _, label := range s.labels {
		switch {
		case strings.Contains(label, "antragstell"), strings.Contains(label, "persoenliche angaben"), strings.Contains(label, "angaben zur person"):
			n += 10
		case slices.ContainsFunc(others, func(w string) bool { return strings.Contains(label, w) }):
			n -= 30
		}
	}
	return n
}

// unlikely is the rating below which a place is rather somebody else's.
const unlikely = -45

// best returns the likeliest of the places that fit, the first of equals; near is a path it should lie close to.
func best(all []spot, near string, fits func(spot) bool) (spot, bool) {
	var found spot
	top, ok := unlikely, false
	for _, s := range all {
		if s.repeated || !fits(s) {
			continue
		}
		if n := s.likely() + 4*shared(s.path, near); n > top {
			found, top, ok = s, n, true
		}
	}
	return found, ok
}

// shared counts the common beginning of two paths.
func shared(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] && x[n] != "" {
		n++
	}
	return n
}

var (
	familyNames = []string{"familienname", "nachname", "name (familienname)", "familienname (nachname)"}
	givenNames  = []string{"vornamen", "vorname", "vorname(n)", "vorname/n"}
	orgNames    = []string{"eingetragener name / organisationsname", "eingetragener name", "organisationsname", "name der organisation", "firma", "firmenname",
		"name der firma", "name des unternehmens", "unternehmensname", "name des betriebs"}
	birthDates = []string{"geburtsdatum"}
)

// guessRoles finds applicant, address and ways to reach them by the well-known names of FIM elements.
func guessRoles(d Definition) Roles {
	all := spots(d)
	var r Roles
	person, hasPerson := best(all, "", func(s spot) bool { _, ok := s.child(familyNames...); return ok })
	org, hasOrg := best(all, "", func(s spot) bool { return s.Kind != Group && s.Kind != Note && s.called(orgNames...) })
	if hasOrg {
		r.Organisation = org.path
	}
	near := org.parent
	if hasPerson && !(hasOrg && !org.optional && person.likely() < 0) {
		near = person.path
		for _, names := range [][]string{givenNames, familyNames} {
			if e, ok := person.child(names...); ok {
				r.Name = append(r.Name, person.path+"."+e.Key)
			}
		}
		if e, ok := person.child(birthDates...); ok && e.Kind == Date {
			r.BirthDate = person.path + "." + e.Key
		}
	}
	if s, ok := best(all, near, isAddress); ok {
		r.Address = s.path
	}
	if s, ok := best(all, near, func(s spot) bool { return s.Kind == Email }); ok {
		r.Mail = s.path
	}
	if s, ok := best(all, near, func(s spot) bool { return s.Kind == Phone && !strings.Contains(s.name(), "fax") }); ok {
		r.Phone = s.path
	}
	return r
}

// isAddress: a group with street, post code and town.
func isAddress(s spot) bool {
	for _, words := range [][]string{{"postleitzahl", "plz"}, {"ort", "wohnort"}, {"strasse", "strasse und hausnummer"}} {
		if _, ok := s.child(words...); !ok {
			return false
		}
	}
	return true
}

// autocomplete marks the applicant's own fields, so that the browser can fill them.
func autocomplete(d *Definition) {
	tokens := map[string]string{d.Roles.Mail: "email", d.Roles.Phone: "tel", d.Roles.Organisation: "organization", d.Roles.BirthDate: "bday"}
	for _, path := range d.Roles.Name {
		tokens[path] = "family-name"
	}
	if len(d.Roles.Name) == 2 {
		tokens[d.Roles.Name[0]] = "given-name"
	}
	delete(tokens, "")
	var walk func(prefix string, elements []Element)
	walk = func(prefix string, elements []Element) {
		for i := range elements {
			e := &elements[i]
			path := prefix + e.Key
			e.Autocomplete = tokens[path]
			if prefix == d.Roles.Address+"." && d.Roles.Address != "" {
				switch s := (spot{Element: *e}); {
				case s.called("postleitzahl", "plz"):
					e.Autocomplete = "postal-code"
				case s.called("ort", "wohnort"):
					e.Autocomplete = "address-level2"
				}
			}
			walk(path+".", e.Elements)
		}
	}
	for _, a := range d.Abschnitte {
		walk("", a.Elements)
	}
}
