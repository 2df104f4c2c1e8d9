package leistung

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"rathaus/internal/i18n"
)

//go:embed katalog/*.json
var katalog embed.FS

// entry is one file of the embedded catalogue: a Leistung in general wording, and what differs by Land.
type entry struct {
	Leistung
	// Texts hides Leistung.Texts while reading, so that a Land can change single fields of a text.
	Texts map[i18n.Lang]json.RawMessage `json:"texts"`
	Land  map[string]json.RawMessage    `json:"land,omitempty"`
}

// variant is what a Land changes: any field of the Leistung, and within texts any field of a text.
type variant struct {
	*Leistung
	Texts map[i18n.Lang]json.RawMessage `json:"texts"`
}

// Katalog returns the embedded catalogue as it applies in a Land, sorted by slug. A Land without
// wording of its own gets the general one. An error names the file.
func Katalog(land string) ([]Leistung, error) {
	names, err := fs.Glob(katalog, "katalog/*.json")
	if err != nil {
		return nil, err
	}
	out := make([]Leistung, 0, len(names))
	for _, name := range names {
		raw, err := katalog.ReadFile(name)
		if err != nil {
			return nil, err
		}
		l, err := parseEntry(raw, land)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := strings.TrimSuffix(strings.TrimPrefix(name, "katalog/"), ".json"); l.Slug != want {
			return nil, fmt.Errorf("%s: slug %q is not the file name", name, l.Slug)
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Leistung) int { return cmp.Compare(a.Slug, b.Slug) })
	return out, nil
}

func parseEntry(raw []byte, land string) (Leistung, error) {
	var e entry
	if err := decodeStrict(raw, &e); err != nil {
		return Leistung{}, err
	}
	l := e.Leistung
	l.Texts = map[i18n.Lang]Text{}
	if err := mergeTexts(l.Texts, e.Texts); err != nil {
		return l, err
	}
	change, ok := e.Land[land]
	if !ok {
		return l, nil
	}
	v := variant{Leistung: &l}
	if err := decodeStrict(change, &v); err != nil {
		return l, fmt.Errorf("land %s: %w", land, err)
	}
	l.Land = land
	if err := mergeTexts(l.Texts, v.Texts); err != nil {
		return l, fmt.Errorf("land %s: %w", land, err)
	}
	return l, nil
}

// mergeTexts reads texts over those already there; a field that is not named keeps its value.
func mergeTexts(into map[i18n.Lang]Text, raw map[i18n.Lang]json.RawMessage) error {
	for lang, r := range raw {
		t := into[lang]
		if err := decodeStrict(r, &t); err != nil {
			return fmt.Errorf("texts %s: %w", lang, err)
		}
		into[lang] = t
	}
	return nil
}

// decodeStrict refuses unknown fields: a mistyped key would silently lose a text.
func decodeStrict(raw []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// digest names the content of a seeded Leistung, to see whether a newer catalogue changed it.
func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:16])
}
