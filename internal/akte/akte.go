package akte

import (
	"errors"
	"fmt"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Akte is a file: the records of one matter under one Aktenzeichen.
type Akte struct {
	ID            string
	PositionID    string
	Aktenzeichen  string
	Betreff       string
	EinheitID     string // responsible unit (federführend)
	Jahr          int64  // year of a Sammelakte, 0 for a file of its own
	Geschuetzt    bool   // protected: reads are logged, need ReadProtected or an own step
	Offen         bool
	Version       int64
	AngelegtAt    int64 // unix ms
	PositionTitel string
}

const columnsAkte = `a.id, a.aktenplan_id, a.aktenzeichen, a.betreff, a.einheit_id, a.jahr, a.geschuetzt, a.offen, a.version, a.angelegt_at, p.titel`

const fromAkte = ` from akte a join aktenplan p on p.id = a.aktenplan_id `

func scanAkte(s storage.Scanner) (Akte, error) {
	var a Akte
	var protected, open int64
	err := s.Scan(&a.ID, &a.PositionID, &a.Aktenzeichen, &a.Betreff, &a.EinheitID, &a.Jahr, &protected, &open, &a.Version, &a.AngelegtAt, &a.PositionTitel)
	a.Geschuetzt, a.Offen = protected == 1, open == 1
	return a, err
}

// Filing says where a Vorgang is kept.
type Filing struct {
	Plan string // number of the Position, which must allow Akten
	// Sammelakte collects all Vorgaenge of a year in one Akte.
	Sammelakte bool
	// Key makes an Akte of its own per value, such as a Kassenzeichen; ignored for a Sammelakte.
	// Without a key and without Sammelakte every call makes a new Akte.
	Key       string
	Betreff   string // of a new Akte of its own; a Sammelakte is named after the Position
	EinheitID string
}

// FileUnder finds the Akte a filing rule names, or makes it. The right konto.IntakeVorgang is needed on the unit.
// A closed Akte of the same key is not reused: its retention has begun; a follow-up Akte is made.
func FileUnder(tx *storage.Tx, f Filing) (Akte, error) {
	if err := konto.Require(tx, konto.IntakeVorgang, f.EinheitID); err != nil {
		return Akte{}, err
	}
	p, err := PositionByNummer(tx, f.Plan)
	if err != nil {
		return Akte{}, err
	}
	if !p.AktenErlaubt {
		return Akte{}, problem.Conflicting("akte.plan_has_no_files", f.Plan)
	}
	year := clock.DateOf(tx.Now()).Year()
	key := "key:" + storage.Fold(strings.TrimSpace(f.Key))
	switch {
	case f.Sammelakte:
		key = fmt.Sprintf("jahr:%d", year)
	case strings.TrimSpace(f.Key) == "":
		key = "einzeln:" + tx.NewID()
	}
	a, err := storage.Get(tx, scanAkte, `select `+columnsAkte+fromAkte+`where a.aktenplan_id = $1 and a.ablage = $2`, p.ID, key)
	if err == nil && a.Offen {
		return a, nil
	}
	if err != nil && !errors.Is(err, problem.NotFound) {
		return Akte{}, err
	}
	if err == nil { // closed: the key moves on to the follow-up
		if _, err := tx.Exec(`update akte set ablage = $2 where id = $1`, a.ID, "zda:"+a.ID); err != nil {
			return Akte{}, err
		}
	}
	return newAkte(tx, p, f, key, int64(year))
}

func newAkte(tx *storage.Tx, p Position, f Filing, key string, year int64) (Akte, error) {
	a := Akte{ID: tx.NewID(), PositionID: p.ID, Betreff: f.Betreff, EinheitID: f.EinheitID, Offen: true, Version: 1,
		AngelegtAt: storage.Millis(tx.Now()), PositionTitel: p.Titel}
	number := int64(0) // of Akten of their own; a Sammelakte has its year
	if f.Sammelakte {
		a.Jahr = year
		a.Betreff = fmt.Sprintf("%s %d", p.Titel, year)
		a.Aktenzeichen = fmt.Sprintf("%s-%d", p.Nummer, year)
	} else {
		var err error
		// The highest number, not a count: it stays right when an Akte is destroyed, and fast with a hundred thousand.
		if number, err = storage.Get(tx, storage.Value[int64], `select coalesce(max(laufnummer), 0) + 1 from akte where aktenplan_id = $1`, p.ID); err != nil {
			return Akte{}, err
		}
		a.Aktenzeichen = fmt.Sprintf("%s-%05d", p.Nummer, number)
	}
	if a.Betreff == "" {
		a.Betreff = p.Titel
	}
	_, err := tx.Exec(`insert into akte (id, aktenplan_id, aktenzeichen, sortierung, betreff, betreff_folded, einheit_id, ablage, jahr, laufnummer,
			geschuetzt, offen, angelegt_at, aufbewahrung_bis, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1, $11, '', 1)`,
		a.ID, a.PositionID, a.Aktenzeichen, sortable(a.Aktenzeichen), a.Betreff, storage.Fold(a.Betreff), a.EinheitID, key, a.Jahr, number, a.AngelegtAt)
	if err != nil {
		return Akte{}, fmt.Errorf("new akte %s: %w", a.Aktenzeichen, err)
	}
	return a, audit.Record(tx, audit.Entry{Noun: "akte", ID: a.ID, Act: "opened", New: a.Aktenzeichen})
}

// GetAkte returns the Akte; problem.NotFound also when whoever acts may not read it.
func GetAkte(tx *storage.Tx, id string) (Akte, error) {
	a, err := storage.Get(tx, scanAkte, `select `+columnsAkte+fromAkte+`where a.id = $1`, id)
	if err != nil {
		return a, fmt.Errorf("akte %s: %w", id, err)
	}
	right := konto.ReadVorgang
	if a.Geschuetzt {
		right = konto.ReadProtected
		tx.Accessed("akte:" + a.ID)
	}
	return a, hide(konto.Require(tx, right, a.EinheitID))
}

// Akten lists the Akten whoever acts may read, by Aktenzeichen, 25 at a time; with a plan number only those of
// that position. The cursor is the last sortable key seen; the one returned is empty at the end.
func Akten(tx *storage.Tx, plan, cursor string) ([]Akte, string, error) {
	units, err := konto.Units(tx, konto.ReadVorgang)
	if err != nil || len(units) == 0 {
		return nil, "", err
	}
	c, ok := decodeCursor(cursor)
	if !ok {
		c = cursorOf{}
	}
	args := []any{c.sort}
	where := `where a.sortierung > $1`
	if plan != "" {
		args = append(args, plan)
		where += ` and p.nummer = $2`
	}
	in := make([]string, len(units))
	for i, u := range units {
		args = append(args, u)
		in[i] = fmt.Sprintf("$%d", len(args))
	}
	rows, err := storage.List(tx, scanAkte, `select `+columnsAkte+fromAkte+where+` and a.geschuetzt = 0 and a.einheit_id in (`+strings.Join(in, ", ")+`)
		order by a.sortierung limit `+pageLimit, args...)
	if err != nil || len(rows) <= PageSize {
		return rows, "", err
	}
	rows = rows[:PageSize]
	return rows, cursorOf{sort: sortable(rows[PageSize-1].Aktenzeichen)}.encode(), nil
}

// VorgaengeOf lists the Vorgaenge of an Akte, newest first, from a cursor on.
func VorgaengeOf(tx *storage.Tx, akteID, cursor string) (List, error) {
	if _, err := GetAkte(tx, akteID); err != nil {
		return List{}, err
	}
	before := "\uffff"
	if c, ok := decodeCursor(cursor); ok {
		before = c.sort
	}
	rows, err := storage.List(tx, scanVorgang, `select `+columnsVorgang+fromVorgang+
		`where v.akte_id = $1 and v.sortierung < $2 order by v.sortierung desc limit `+pageLimit, akteID, before)
	if err != nil {
		return List{}, err
	}
	list := List{Rows: rows}
	if len(rows) > PageSize {
		list.Rows = rows[:PageSize]
		list.Next = cursorOf{sort: sortable(list.Rows[PageSize-1].Zeichen), id: list.Rows[PageSize-1].ID}.encode()
	}
	return list, nil
}

// hide turns "forbidden" into "not found": who may not see a thing must not learn that it exists.
func hide(err error) error {
	if errors.Is(err, problem.Forbidden) {
		return fmt.Errorf("%v: %w", err, problem.NotFound)
	}
	return err
}
