// Package akte is the elektronische Schriftgutverwaltung: Aktenplan, Akte, Vorgang, Dokument, the way they
// are worked on (Wiedervorlage, Frist, Beteiligungsschritte) and closed. It knows neither applications nor
// reports; they open a Vorgang here and say in Bezug what it is about.
//
// Keys are UUIDs; numbers and Zeichen are attributes. Every change is audited in its transaction, every act
// checks the right of whoever acts on the unit of the Vorgang; what one may not see is problem.NotFound.
package akte

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

//go:embed aktenplan.json
var planFile embed.FS

// Position is one entry of the Aktenplan (filing plan): a subject under which Akten are made.
type Position struct {
	ID           string `json:"-"`
	Nummer       string `json:"nummer"` // "22.30": two digits per level
	Titel        string `json:"titel"`
	EinheitKey   string `json:"einheit"` // responsible unit by key; empty: that of the parent
	AktenErlaubt bool   `json:"akten"`
	// AufbewahrungJahre counts from the end of the year of closing; 0: not decided.
	AufbewahrungJahre int64  `json:"jahre"`
	AufbewahrungGrund string `json:"grund"`
	// Archivwert is "A" (archive), "V" (destroy), "B" (to be appraised).
	Archivwert string `json:"archivwert"`
	// Bestaetigt tells whether the town has confirmed the retention term; the shipped ones are proposals.
	Bestaetigt bool `json:"-"`
}

const columnsPosition = `id, nummer, titel, einheit_key, akten_erlaubt, aufbewahrung_jahre, aufbewahrung_grund, archivwert, bestaetigt`

func scanPosition(s storage.Scanner) (Position, error) {
	var p Position
	var allowed, confirmed int64
	err := s.Scan(&p.ID, &p.Nummer, &p.Titel, &p.EinheitKey, &allowed, &p.AufbewahrungJahre, &p.AufbewahrungGrund, &p.Archivwert, &confirmed)
	p.AktenErlaubt, p.Bestaetigt = allowed == 1, confirmed == 1
	return p, err
}

// Aktenplan lists all valid positions in the order of their numbers.
func Aktenplan(tx *storage.Tx) ([]Position, error) {
	return storage.List(tx, scanPosition, `select `+columnsPosition+` from aktenplan where gueltig_bis = '' order by sortierung`)
}

// PositionByNummer returns the position; problem.NotFound when the plan has none.
func PositionByNummer(tx *storage.Tx, nummer string) (Position, error) {
	p, err := storage.Get(tx, scanPosition, `select `+columnsPosition+` from aktenplan where nummer = $1`, nummer)
	if err != nil {
		return p, fmt.Errorf("aktenplan %q: %w", nummer, err)
	}
	return p, nil
}

// ShippedPlan is the Aktenplan a new town starts with; own wording, retention terms to be confirmed.
func ShippedPlan() ([]Position, error) {
	data, err := planFile.ReadFile("aktenplan.json")
	if err != nil {
		return nil, err
	}
	var plan []Position
	if err := json.Unmarshal(data, &plan); err != nil {
		return nil, fmt.Errorf("aktenplan.json: %w", err)
	}
	return plan, nil
}

// SeedAktenplan fills an empty plan with the shipped one; a plan that has positions is left alone.
func SeedAktenplan(tx *storage.Tx) error {
	if err := konto.Require(tx, konto.ManagePlan, ""); err != nil {
		return err
	}
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from aktenplan`)
	if err != nil || n > 0 {
		return err
	}
	plan, err := ShippedPlan()
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for _, p := range plan {
		ids[p.Nummer] = tx.NewID()
		var parent any
		if i := strings.LastIndexByte(p.Nummer, '.'); i > 0 {
			id, ok := ids[p.Nummer[:i]]
			if !ok {
				return fmt.Errorf("aktenplan.json: %s has no parent: %w", p.Nummer, problem.Conflict)
			}
			parent = id
		}
		_, err := tx.Exec(`insert into aktenplan (id, nummer, sortierung, titel, titel_folded, parent_id, einheit_key, akten_erlaubt,
				aufbewahrung_jahre, aufbewahrung_grund, archivwert, bestaetigt, gueltig_ab, gueltig_bis)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, '')`,
			ids[p.Nummer], p.Nummer, sortable(p.Nummer), p.Titel, storage.Fold(p.Titel), parent, p.EinheitKey, flag(p.AktenErlaubt),
			p.AufbewahrungJahre, p.AufbewahrungGrund, p.Archivwert, clock.DateOf(tx.Now()).String())
		if err != nil {
			return err
		}
	}
	return audit.Record(tx, audit.Entry{Noun: "aktenplan", ID: "aktenplan", Act: "seeded", New: len(plan)})
}

// sortable pads every run of digits, so that text order is number order: "22.3-7" → "000022.000003-000007".
func sortable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j > i {
			b.WriteString(strings.Repeat("0", max(0, 6-(j-i))))
			b.WriteString(s[i:j])
			i = j
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
