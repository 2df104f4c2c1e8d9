package akte

import (
	"fmt"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Kinds of steps.
const (
	Stellungnahme = "stellungnahme" // opinion of another office
	Mitzeichnung  = "mitzeichnung"  // co-signature: four eyes
)

// States of a step.
const (
	StepOpen      = "offen"
	StepDone      = "erledigt"
	StepRefused   = "abgelehnt" // not co-signed; the remark says why
	StepWithdrawn = "zurueckgezogen"
)

// Schritt is one Beteiligungsschritt (participation step) of the Geschaeftsgang, as in xdomea: an order
// (Verfuegung) to somebody and what became of it (Bearbeitung). A done step never changes.
type Schritt struct {
	ID                string
	VorgangID         string
	Nummer            int64
	Art               string
	Status            string
	Ersteller         string // actor
	AdressatID        string // employee, or empty
	AdressatEinheitID string // unit, or empty; one of the two is set
	Verfuegung        string // what is asked
	Frist             clock.Date
	ErstelltAt        int64 // unix ms
	Bearbeiter        string
	ImAuftrag         string
	BearbeitetAt      int64
	Vermerk           string
}

const columnsSchritt = `id, vorgang_id, nummer, art, status, ersteller, adressat_id, adressat_einheit_id, verfuegung, frist, erstellt_at,
	bearbeiter, im_auftrag, coalesce(bearbeitet_at, 0), vermerk`

func scanSchritt(s storage.Scanner) (Schritt, error) {
	var x Schritt
	var due string
	err := s.Scan(&x.ID, &x.VorgangID, &x.Nummer, &x.Art, &x.Status, &x.Ersteller, &x.AdressatID, &x.AdressatEinheitID, &x.Verfuegung, &due,
		&x.ErstelltAt, &x.Bearbeiter, &x.ImAuftrag, &x.BearbeitetAt, &x.Vermerk)
	if err != nil {
		return x, err
	}
	x.Frist, err = parseDay(due)
	return x, err
}

// Ask is the order of a new step. Exactly one of MitarbeiterID and EinheitID is set.
type Ask struct {
	Art           string
	MitarbeiterID string
	EinheitID     string
	Verfuegung    string
	Frist         clock.Date
}

// AddSchritt orders a step. Right: konto.EditVorgang. While a Mitzeichnung is open the Vorgang's status says so.
func AddSchritt(tx *storage.Tx, vorgangID string, a Ask) (Schritt, error) {
	v, err := forWork(tx, vorgangID, konto.EditVorgang)
	if err != nil {
		return Schritt{}, err
	}
	if err := checkAsk(tx, a); err != nil {
		return Schritt{}, err
	}
	number, err := storage.Get(tx, storage.Value[int64], `select coalesce(max(nummer), 0) + 1 from beteiligungsschritt where vorgang_id = $1`, v.ID)
	if err != nil {
		return Schritt{}, err
	}
	x := Schritt{ID: tx.NewID(), VorgangID: v.ID, Nummer: number, Art: a.Art, Status: StepOpen, Ersteller: tx.Scope().Actor,
		AdressatID: a.MitarbeiterID, AdressatEinheitID: a.EinheitID, Verfuegung: strings.TrimSpace(a.Verfuegung), Frist: a.Frist,
		ErstelltAt: storage.Millis(tx.Now())}
	_, err = tx.Exec(`insert into beteiligungsschritt (id, vorgang_id, nummer, art, status, ersteller, adressat_id, adressat_einheit_id,
			verfuegung, frist, erstellt_at, bearbeiter, im_auftrag, vermerk)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', '')`,
		x.ID, x.VorgangID, x.Nummer, x.Art, x.Status, x.Ersteller, x.AdressatID, x.AdressatEinheitID, x.Verfuegung, dayColumn(x.Frist), x.ErstelltAt)
	if err != nil {
		return Schritt{}, err
	}
	if a.Art == Mitzeichnung {
		if err := change(tx, v.ID, `status = $2`, Mitzeichner); err != nil {
			return Schritt{}, err
		}
	}
	return x, record(tx, v.ID, "step_ordered", nil, x.ID, a.Art)
}

func checkAsk(tx *storage.Tx, a Ask) error {
	var p problem.Fields
	if a.Art != Stellungnahme && a.Art != Mitzeichnung {
		p.Add("art", "problem.choose")
	}
	if (a.MitarbeiterID == "") == (a.EinheitID == "") {
		p.Add("adressat", "problem.choose")
	}
	if !a.Frist.IsZero() && a.Frist.Before(clock.DateOf(tx.Now())) {
		p.Add("frist", "problem.date_past")
	}
	if a.Art == Mitzeichnung && a.MitarbeiterID != "" {
		me, err := konto.Effective(tx)
		if err == nil && me == a.MitarbeiterID || konto.StaffID(tx.Scope().Actor) == a.MitarbeiterID {
			p.Add("adressat", "problem.four_eyes") // nobody co-signs their own work, nor as a deputy
		}
	}
	return p.Err()
}

// AnswerSchritt records the Bearbeitung of an open step: StepDone or, for a Mitzeichnung, StepRefused with a
// remark. Only the addressee (or who represents them, or a signer of the addressed unit) may, and nobody
// may co-sign what they ordered themselves. A step answered meanwhile is problem.Conflict.
func AnswerSchritt(tx *storage.Tx, id, status, remark string) error {
	x, err := storage.Get(tx, scanSchritt, `select `+columnsSchritt+` from beteiligungsschritt where id = $1`, id)
	if err != nil {
		return fmt.Errorf("schritt %s: %w", id, err)
	}
	if err := MayAnswer(tx, x); err != nil {
		return err
	}
	if x.Status != StepOpen {
		return problem.Conflicting("akte.step_done")
	}
	remark = strings.TrimSpace(remark)
	switch {
	case status != StepDone && (status != StepRefused || x.Art != Mitzeichnung):
		return problem.Fields{{Path: "ergebnis", Key: "problem.choose"}}
	case remark == "" && (status == StepRefused || x.Art == Stellungnahme):
		return problem.Fields{{Path: "vermerk", Key: "problem.required"}}
	}
	if err := finishSchritt(tx, x, status, remark); err != nil {
		return err
	}
	return record(tx, x.VorgangID, "step_answered", x.ID, status, x.Art)
}

// MayAnswer returns nil when whoever acts may answer the step, else why not.
func MayAnswer(tx *storage.Tx, x Schritt) error {
	me, err := konto.Effective(tx)
	if err != nil {
		return hide(err)
	}
	actor := konto.StaffActor(konto.StaffID(tx.Scope().Actor))
	if x.Art == Mitzeichnung && (x.Ersteller == actor || x.Ersteller == konto.StaffActor(me)) {
		return problem.Conflicting("akte.four_eyes")
	}
	switch {
	case x.AdressatID == me:
		return nil
	case x.AdressatEinheitID != "" && x.Art == Mitzeichnung:
		return hide(konto.Require(tx, konto.SignVorgang, x.AdressatEinheitID))
	case x.AdressatEinheitID != "":
		return hide(konto.Require(tx, konto.EditVorgang, x.AdressatEinheitID))
	}
	return fmt.Errorf("schritt %s is addressed to somebody else: %w", x.ID, problem.NotFound)
}

// WithdrawSchritt takes an open step back. Right: konto.EditVorgang on the Vorgang.
func WithdrawSchritt(tx *storage.Tx, id string) error {
	x, err := storage.Get(tx, scanSchritt, `select `+columnsSchritt+` from beteiligungsschritt where id = $1`, id)
	if err != nil {
		return fmt.Errorf("schritt %s: %w", id, err)
	}
	if _, err := forWork(tx, x.VorgangID, konto.EditVorgang); err != nil {
		return err
	}
	if x.Status != StepOpen {
		return problem.Conflicting("akte.step_done")
	}
	if err := finishSchritt(tx, x, StepWithdrawn, ""); err != nil {
		return err
	}
	return record(tx, x.VorgangID, "step_withdrawn", x.ID, nil, x.Art)
}

// finishSchritt closes the step; when the last open Mitzeichnung is answered the Vorgang is back in Bearbeitung.
func finishSchritt(tx *storage.Tx, x Schritt, status, remark string) error {
	_, err := tx.Exec(`update beteiligungsschritt set status = $2, bearbeiter = $3, im_auftrag = $4, bearbeitet_at = $5, vermerk = $6
		where id = $1 and status = 'offen'`, x.ID, status, tx.Scope().Actor, tx.Scope().OnBehalfOf, storage.Millis(tx.Now()), remark)
	if err != nil {
		return err
	}
	open, err := storage.Get(tx, storage.Value[int64], `select count(*) from beteiligungsschritt where vorgang_id = $1 and status = 'offen' and art = $2`,
		x.VorgangID, Mitzeichnung)
	if err != nil || open > 0 || x.Art != Mitzeichnung {
		return err
	}
	_, err = tx.Exec(`update vorgang set version = version + 1, status = $2 where id = $1 and status = $3`, x.VorgangID, Bearbeitung, Mitzeichner)
	return err
}

// Schritte lists the steps of a Vorgang in order. The caller has checked the right to read it.
func Schritte(tx *storage.Tx, vorgangID string) ([]Schritt, error) {
	return storage.List(tx, scanSchritt, `select `+columnsSchritt+` from beteiligungsschritt where vorgang_id = $1 order by nummer`, vorgangID)
}
