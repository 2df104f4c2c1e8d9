package akte

import (
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Notiz is an internal note on a Vorgang; the applicant never sees it.
type Notiz struct {
	ID          string
	Text        string
	AngelegtAt  int64 // unix ms
	AngelegtVon string
	ImAuftrag   string // actor represented, or empty
}

const maxNote = 10000 // characters

// AddNotiz writes a note. Right: konto.EditVorgang, or a step addressed to whoever acts.
func AddNotiz(tx *storage.Tx, vorgangID, text string) error {
	v, err := GetVorgang(tx, vorgangID)
	if err != nil {
		return err
	}
	if err := konto.Require(tx, konto.EditVorgang, v.EinheitID); err != nil {
		return hide(err)
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return problem.Fields{{Path: "notiz", Key: "problem.required"}}
	case len([]rune(text)) > maxNote:
		return problem.Fields{{Path: "notiz", Key: "problem.too_long", Args: []any{maxNote}}}
	}
	_, err = tx.Exec(`insert into notiz (id, vorgang_id, text, angelegt_at, angelegt_von, im_auftrag) values ($1, $2, $3, $4, $5, $6)`,
		tx.NewID(), vorgangID, text, storage.Millis(tx.Now()), tx.Scope().Actor, tx.Scope().OnBehalfOf)
	if err != nil {
		return err
	}
	return record(tx, vorgangID, "note_added", nil, text, "")
}

// Notizen lists the notes of a Vorgang, newest first. The caller has checked the right to read it.
func Notizen(tx *storage.Tx, vorgangID string) ([]Notiz, error) {
	return storage.List(tx, func(s storage.Scanner) (Notiz, error) {
		var n Notiz
		err := s.Scan(&n.ID, &n.Text, &n.AngelegtAt, &n.AngelegtVon, &n.ImAuftrag)
		return n, err
	}, `select id, text, angelegt_at, angelegt_von, im_auftrag from notiz where vorgang_id = $1 order by angelegt_at desc, id desc`, vorgangID)
}

// Wiedervorlage is a resubmission: the day a Vorgang comes up again, with the reason.
type Wiedervorlage struct {
	ID        string
	Am        clock.Date
	Grund     string
	Erledigt  bool
	VorgangID string
}

// SetWiedervorlage brings the Vorgang up again on a day not before today. Right: konto.EditVorgang.
func SetWiedervorlage(tx *storage.Tx, vorgangID string, am clock.Date, reason string) error {
	if _, err := forWork(tx, vorgangID, konto.EditVorgang); err != nil {
		return err
	}
	var p problem.Fields
	if am.IsZero() || am.Before(clock.DateOf(tx.Now())) {
		p.Add("am", "problem.date_past")
	}
	if strings.TrimSpace(reason) == "" {
		p.Add("grund", "problem.required")
	}
	if err := p.Err(); err != nil {
		return err
	}
	_, err := tx.Exec(`insert into wiedervorlage (id, vorgang_id, am, grund, angelegt_at, angelegt_von) values ($1, $2, $3, $4, $5, $6)`,
		tx.NewID(), vorgangID, am.String(), strings.TrimSpace(reason), storage.Millis(tx.Now()), tx.Scope().Actor)
	if err != nil {
		return err
	}
	if err := nextWiedervorlage(tx, vorgangID); err != nil {
		return err
	}
	return record(tx, vorgangID, "resubmission_set", nil, am.String(), reason)
}

// SettleWiedervorlage marks one as done. Right: konto.EditVorgang.
func SettleWiedervorlage(tx *storage.Tx, vorgangID, id string) error {
	if _, err := forWork(tx, vorgangID, konto.EditVorgang); err != nil {
		return err
	}
	n, err := tx.Exec(`update wiedervorlage set erledigt_at = $3 where id = $1 and vorgang_id = $2 and erledigt_at is null`,
		id, vorgangID, storage.Millis(tx.Now()))
	if err != nil || n == 0 {
		return err
	}
	if err := nextWiedervorlage(tx, vorgangID); err != nil {
		return err
	}
	return record(tx, vorgangID, "resubmission_done", nil, nil, "")
}

// nextWiedervorlage keeps the column lists are filtered by.
func nextWiedervorlage(tx *storage.Tx, vorgangID string) error {
	next, err := storage.Get(tx, storage.Value[string], `select coalesce(min(am), '`+noDay+`') from wiedervorlage where vorgang_id = $1 and erledigt_at is null`, vorgangID)
	if err != nil {
		return err
	}
	return change(tx, vorgangID, `wiedervorlage = $2`, next)
}

// Wiedervorlagen lists those of a Vorgang by day. The caller has checked the right to read it.
func Wiedervorlagen(tx *storage.Tx, vorgangID string) ([]Wiedervorlage, error) {
	return storage.List(tx, func(s storage.Scanner) (Wiedervorlage, error) {
		w := Wiedervorlage{VorgangID: vorgangID}
		var done int64
		err := s.Scan(&w.ID, &w.Am, &w.Grund, &done)
		w.Erledigt = done == 1
		return w, err
	}, `select id, am, grund, case when erledigt_at is null then 0 else 1 end from wiedervorlage where vorgang_id = $1 order by am, id`, vorgangID)
}
