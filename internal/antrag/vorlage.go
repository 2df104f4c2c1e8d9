package antrag

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"rathaus/internal/audit"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Entscheidung is the outcome of a decision.
type Entscheidung string

// The outcomes.
const (
	Bewilligt Entscheidung = "bewilligt"
	Abgelehnt Entscheidung = "abgelehnt"
	Teilweise Entscheidung = "teilweise"
)

// Entscheidungen lists the outcomes in the order they are offered.
func Entscheidungen() []Entscheidung { return []Entscheidung{Bewilligt, Abgelehnt, Teilweise} }

// Vorlage is the template of a Bescheid: what a draft begins with before the clerk changes it.
//
// Texts hold placeholders: {leistung}, {eingang}, {nummer}, {name}, {ort}, {jahr}, {gebuehr}, {faellig},
// {kassenzeichen}, {antwort:path} for an answer, and {ergänzen: what} for a gap the clerk must fill.
type Vorlage struct {
	// Leistung is the slug it is made for; empty: every service without one of its own.
	Leistung     string       `json:"leistung,omitempty"`
	Entscheidung Entscheidung `json:"entscheidung"`
	Titel        string       `json:"titel"`
	Tenor        string       `json:"tenor"`
	Begruendung  string       `json:"begruendung"`
	Hinweise     string       `json:"hinweise,omitempty"`
	GebuehrTitel string       `json:"gebuehrTitel,omitempty"`
	// Textbloecke are passages the clerk may insert.
	Textbloecke []Textblock `json:"textbloecke,omitempty"`
}

// Textblock is a passage ready to be inserted.
type Textblock struct {
	Titel string `json:"titel"`
	Text  string `json:"text"`
}

//go:embed bescheidvorlagen.json
var bescheidvorlagen []byte

var shippedVorlagen = sync.OnceValue(func() []Vorlage {
	var v []Vorlage
	if err := json.Unmarshal(bescheidvorlagen, &v); err != nil {
		panic("bescheidvorlagen.json: " + err.Error()) // embedded and tested
	}
	return v
})

// ShippedVorlagen are the templates that come with the program.
func ShippedVorlagen() []Vorlage { return slices.Clone(shippedVorlagen()) }

// VorlageFor returns the template for a service and outcome: the town's own, the one shipped for the
// service, the general one of the town, the general one shipped.
func VorlageFor(tx *storage.Tx, slug string, e Entscheidung) (Vorlage, error) {
	for _, key := range []string{slug, ""} {
		v, err := ownVorlage(tx, key, e)
		if !errors.Is(err, problem.NotFound) {
			return v, err
		}
		for _, v := range shippedVorlagen() {
			if v.Leistung == key && v.Entscheidung == e {
				return v, nil
			}
		}
	}
	return Vorlage{}, fmt.Errorf("vorlage %s %s: %w", slug, e, problem.NotFound)
}

func ownVorlage(tx *storage.Tx, slug string, e Entscheidung) (Vorlage, error) {
	return storage.Get(tx, func(s storage.Scanner) (Vorlage, error) {
		var v Vorlage
		var data string
		if err := s.Scan(&data); err != nil {
			return v, err
		}
		return v, json.Unmarshal([]byte(data), &v)
	}, `select data from bescheidvorlage where leistung = $1 and entscheidung = $2`, slug, e)
}

// SaveVorlage stores a template of the town, for a service or (Leistung empty) in general.
func SaveVorlage(tx *storage.Tx, v Vorlage) error {
	if err := konto.Require(tx, konto.EditCatalogue, ""); err != nil {
		return err
	}
	var p problem.Fields
	if !slices.Contains(Entscheidungen(), v.Entscheidung) {
		p.Add("entscheidung", "antrag.entscheidung")
	}
	for path, text := range map[string]string{"titel": v.Titel, "tenor": v.Tenor, "begruendung": v.Begruendung} {
		if strings.TrimSpace(text) == "" {
			p.Add(path, "problem.required")
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("vorlage: %w", err)
	}
	old, err := ownVorlage(tx, v.Leistung, v.Entscheidung)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	if _, err := tx.Exec(`insert into bescheidvorlage (leistung, entscheidung, data, changed_at) values ($1, $2, $3, $4)
		on conflict (leistung, entscheidung) do update set data = excluded.data, changed_at = excluded.changed_at`,
		v.Leistung, v.Entscheidung, string(data), storage.Millis(tx.Now())); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "bescheidvorlage", ID: v.Leistung + "/" + string(v.Entscheidung), Act: "saved", Old: old, New: v})
}

var (
	placeholderPattern = regexp.MustCompile(`\{[a-zäöü]+(:[^{}]*)?\}`)
	gapPattern         = regexp.MustCompile(`\{ergänzen:[^{}]*\}`)
)

// fillIn replaces the placeholders that values knows; an unknown or empty one becomes a gap the clerk must fill,
// so that nothing half-written leaves the house.
func fillIn(text string, values func(name string) string) string {
	return placeholderPattern.ReplaceAllStringFunc(text, func(m string) string {
		name := m[1 : len(m)-1]
		if strings.HasPrefix(name, "ergänzen:") {
			return m
		}
		if v := values(name); v != "" {
			return v
		}
		return "{ergänzen: " + strings.TrimPrefix(name, "antwort:") + "}"
	})
}

// gaps lists what is still to be filled in.
func gaps(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, m := range gapPattern.FindAllString(t, -1) {
			out = append(out, strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(m, "{ergänzen:"), "}")))
		}
	}
	return out
}
