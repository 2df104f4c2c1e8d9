package fim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// constraint reads a praezisierung: attributes in 3.0, in 2.0 a JSON object or words.
func (p *reader) constraint(e element, to *Constraint) error {
	text, err := p.raw(e)
	if err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	*to = Constraint{MinLength: e.attr("minLength"), MaxLength: e.attr("maxLength"), MinValue: e.attr("minValue"), MaxValue: e.attr("maxValue"),
		Pattern: rawAttr(e, "pattern"), Note: text}
	if p.ns != Namespace2 || !strings.HasPrefix(text, "{") {
		return nil
	}
	var given map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&given) != nil {
		return nil // words that happen to begin with a brace
	}
	to.Note = ""
	known := map[string]*string{"minLength": &to.MinLength, "maxLength": &to.MaxLength, "minValue": &to.MinValue, "maxValue": &to.MaxValue, "pattern": &to.Pattern}
	var rest []string
	for name, v := range given {
		if at, ok := known[name]; ok {
			*at = fmt.Sprint(v)
		} else {
			rest = append(rest, fmt.Sprintf("%s: %v", name, v))
		}
	}
	slices.Sort(rest)
	to.Note = strings.Join(rest, "; ")
	return nil
}

// rawAttr keeps the blanks of an attribute: in a pattern they count.
func rawAttr(e element, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// codelist reads a reference of either version.
func (p *reader) codelist(e element, to *Codelist) error {
	identity := map[string]part{
		"canonicalIdentification": p.into(&to.URI), "version": p.into(&to.Version), "canonicalVersionUri": p.into(&to.VersionURI),
	}
	if p.ns == Namespace3 {
		return p.object(e, identity)
	}
	var owner Element
	parts := p.common(&owner)
	parts["identifikation"] = one(func(c element) error {
		var version string
		return p.object(c, map[string]part{"id": p.into(&to.ID), "version": p.into(&version)})
	})
	parts["genericodeIdentification"] = one(func(c element) error { return p.object(c, identity) })
	return p.object(e, parts)
}
