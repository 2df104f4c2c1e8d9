package akte

import (
	"fmt"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/search"
	"rathaus/internal/storage"
)

// Status is where the work on a Vorgang stands, as lists show it.
type Status string

// The states of work.
const (
	Neu         Status = "neu"
	Bearbeitung Status = "bearbeitung"
	Wartet      Status = "wartet"       // for an answer from outside
	Mitzeichner Status = "mitzeichnung" // for a signature inside the house
	Erledigt    Status = "erledigt"
)

// Statuses lists the states in the order of work.
func Statuses() []Status { return []Status{Neu, Bearbeitung, Wartet, Mitzeichner, Erledigt} }

// Vorgang is a case: one course of business within an Akte, with its documents and steps.
type Vorgang struct {
	ID      string
	AkteID  string
	Nummer  int64
	Zeichen string // Vorgangszeichen: Aktenzeichen of the Akte + number
	Betreff string
	// Art names the kind of matter ("antrag"), Bezug what it is about (slug of a service), BezugName its title.
	Art, Bezug, BezugName string
	Beteiligter           string // who applied
	EinheitID             string
	BearbeiterID          string // empty: nobody yet
	Status                Status
	Offen                 bool
	EingangAt             time.Time
	Frist                 clock.Date // zero: none
	Wiedervorlage         clock.Date // next open one; zero: none
	Version               int64
	// Geschuetzt and Aktenzeichen belong to the Akte.
	Geschuetzt   bool
	Aktenzeichen string
}

// noDay stands for "no day" in columns lists are sorted by: it comes last.
const noDay = "9999-12-31"

func dayColumn(d clock.Date) string {
	if d.IsZero() {
		return noDay
	}
	return d.String()
}

func parseDay(s string) (clock.Date, error) {
	if s == noDay || s == "" {
		return "", nil
	}
	return clock.ParseDate(s)
}

const columnsVorgang = `v.id, v.akte_id, v.nummer, v.zeichen, v.betreff, v.art, v.bezug, v.bezug_name, v.beteiligter, v.einheit_id,
	v.bearbeiter_id, v.status, v.offen, v.eingang_at, v.frist, v.wiedervorlage, v.version, a.geschuetzt, a.aktenzeichen`

const fromVorgang = ` from vorgang v join akte a on a.id = v.akte_id `

func scanVorgang(s storage.Scanner) (Vorgang, error) {
	var v Vorgang
	var open, protected, received int64
	var due, again string
	err := s.Scan(&v.ID, &v.AkteID, &v.Nummer, &v.Zeichen, &v.Betreff, &v.Art, &v.Bezug, &v.BezugName, &v.Beteiligter, &v.EinheitID,
		&v.BearbeiterID, &v.Status, &open, &received, &due, &again, &v.Version, &protected, &v.Aktenzeichen)
	if err != nil {
		return v, err
	}
	v.Offen, v.Geschuetzt, v.EingangAt = open == 1, protected == 1, storage.Time(received)
	if v.Frist, err = parseDay(due); err != nil {
		return v, err
	}
	v.Wiedervorlage, err = parseDay(again)
	return v, err
}

// NewVorgang is what OpenVorgang needs to know.
type NewVorgang struct {
	AkteID      string
	EinheitID   string
	Betreff     string
	Art         string
	Bezug       string
	BezugName   string
	Beteiligter string
	Frist       clock.Date
	EingangAt   time.Time // zero: now
}

// OpenVorgang opens a Vorgang in an open Akte and gives it the next number. Right: konto.IntakeVorgang on the unit.
func OpenVorgang(tx *storage.Tx, n NewVorgang) (Vorgang, error) {
	if err := konto.Require(tx, konto.IntakeVorgang, n.EinheitID); err != nil {
		return Vorgang{}, err
	}
	a, err := storage.Get(tx, scanAkte, `select `+columnsAkte+fromAkte+`where a.id = $1`, n.AkteID)
	if err != nil {
		return Vorgang{}, fmt.Errorf("akte %s: %w", n.AkteID, err)
	}
	if !a.Offen {
		return Vorgang{}, problem.Conflicting("akte.closed", a.Aktenzeichen)
	}
	number, err := storage.Get(tx, storage.Value[int64], `select coalesce(max(nummer), 0) + 1 from vorgang where akte_id = $1`, a.ID)
	if err != nil {
		return Vorgang{}, err
	}
	if n.EingangAt.IsZero() {
		n.EingangAt = tx.Now()
	}
	v := Vorgang{ID: tx.NewID(), AkteID: a.ID, Nummer: number, Zeichen: fmt.Sprintf("%s/%05d", a.Aktenzeichen, number),
		Betreff: n.Betreff, Art: n.Art, Bezug: n.Bezug, BezugName: n.BezugName, Beteiligter: n.Beteiligter, EinheitID: n.EinheitID,
		Status: Neu, Offen: true, EingangAt: n.EingangAt, Frist: n.Frist, Version: 1, Geschuetzt: a.Geschuetzt, Aktenzeichen: a.Aktenzeichen}
	_, err = tx.Exec(`insert into vorgang (id, akte_id, nummer, zeichen, sortierung, betreff, betreff_folded, art, bezug, bezug_name,
			beteiligter, beteiligter_folded, einheit_id, bearbeiter_id, status, offen, eingang_at, frist, wiedervorlage, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, 1, $15, $16, $17, 1)`,
		v.ID, v.AkteID, v.Nummer, v.Zeichen, sortable(v.Zeichen), v.Betreff, storage.Fold(v.Betreff), v.Art, v.Bezug, v.BezugName,
		v.Beteiligter, storage.Fold(v.Beteiligter), v.EinheitID, v.Status, storage.Millis(v.EingangAt), dayColumn(v.Frist), noDay)
	if err != nil {
		return Vorgang{}, fmt.Errorf("open vorgang %s: %w", v.Zeichen, err)
	}
	if err := record(tx, v.ID, "opened", nil, v.Zeichen, ""); err != nil {
		return Vorgang{}, err
	}
	return v, nil
}

// GetVorgang returns the Vorgang; problem.NotFound also when whoever acts may not read it. Reads of a
// protected one are logged.
func GetVorgang(tx *storage.Tx, id string) (Vorgang, error) {
	v, err := load(tx, id)
	if err != nil {
		return v, err
	}
	may, err := MayRead(tx, v)
	if err != nil {
		return Vorgang{}, err
	}
	if !may {
		return Vorgang{}, fmt.Errorf("vorgang %s is not for %s: %w", id, tx.Scope().Actor, problem.NotFound)
	}
	if v.Geschuetzt {
		tx.Accessed("vorgang:" + v.ID)
	}
	return v, nil
}

// MayRead reports whether whoever acts may see the Vorgang: by role on its unit, as its Bearbeiter, or
// because a step on it is or was addressed to them (need to know by task).
func MayRead(tx *storage.Tx, v Vorgang) (bool, error) {
	right := konto.ReadVorgang
	if v.Geschuetzt {
		right = konto.ReadProtected
	}
	if ok, err := konto.Has(tx, right, v.EinheitID); ok || err != nil {
		return ok, err
	}
	if konto.StaffID(tx.Scope().Actor) == "" {
		return false, nil
	}
	me, err := konto.Effective(tx)
	if err != nil {
		return false, hide(err)
	}
	if v.BearbeiterID == me {
		return true, nil
	}
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from beteiligungsschritt where vorgang_id = $1 and adressat_id = $2`, v.ID, me)
	if n > 0 || err != nil {
		return n > 0, err
	}
	units, err := storage.List(tx, storage.Value[string], `select distinct adressat_einheit_id from beteiligungsschritt
		where vorgang_id = $1 and adressat_einheit_id <> ''`, v.ID)
	for _, unit := range units {
		if ok, err := konto.Has(tx, konto.ReadVorgang, unit); ok || err != nil {
			return ok, err
		}
	}
	return false, err
}

// Head returns a Vorgang without asking for rights: for the modules above, which have proven by other means
// (number and code of the applicant) that whoever they serve may know of it.
func Head(tx *storage.Tx, id string) (Vorgang, error) { return load(tx, id) }

// load reads without asking for rights; for acts that check their own.
func load(tx *storage.Tx, id string) (Vorgang, error) {
	v, err := storage.Get(tx, scanVorgang, `select `+columnsVorgang+fromVorgang+`where v.id = $1`, id)
	if err != nil {
		return v, fmt.Errorf("vorgang %s: %w", id, err)
	}
	return v, nil
}

// forWork loads an open Vorgang for an act that needs right on its unit.
func forWork(tx *storage.Tx, id string, right konto.Right) (Vorgang, error) {
	v, err := load(tx, id)
	if err != nil {
		return v, err
	}
	if err := konto.Require(tx, right, v.EinheitID); err != nil {
		return v, hide(err)
	}
	if !v.Offen {
		return v, problem.Conflicting("akte.vorgang_closed", v.Zeichen)
	}
	return v, nil
}

// change updates columns of one Vorgang and counts its version up.
func change(tx *storage.Tx, id, assignments string, args ...any) error {
	n, err := tx.Exec(`update vorgang set version = version + 1, `+assignments+` where id = $1`, append([]any{id}, args...)...)
	if err == nil && n != 1 {
		err = fmt.Errorf("vorgang %s: %w", id, problem.NotFound)
	}
	return err
}

// record writes an entry of the Vorgang's history. text is what the page shows besides the act; it may hold
// names and is therefore kept where it can be deleted.
func record(tx *storage.Tx, id, act string, before, after any, text string) error {
	e := audit.Entry{Noun: "vorgang", ID: id, Act: act, Old: before, New: after}
	if text != "" {
		e.Data = map[string]string{"text": text}
	}
	return audit.Record(tx, e)
}

// TakeOver makes whoever acts (or whom they represent) the Bearbeiter. A Vorgang somebody else took
// meanwhile is problem.Conflict. Right: konto.EditVorgang.
func TakeOver(tx *storage.Tx, id string) error {
	v, err := forWork(tx, id, konto.EditVorgang)
	if err != nil {
		return err
	}
	me, err := konto.Effective(tx)
	if err != nil {
		return err
	}
	switch v.BearbeiterID {
	case me:
		return nil
	case "":
	default:
		return problem.Conflicting("akte.taken_by_other")
	}
	return setBearbeiter(tx, v, me, "taken_over")
}

// Assign gives the Vorgang to an employee who may edit it. Right: konto.AssignVorgang.
func Assign(tx *storage.Tx, id, mitarbeiterID string) error {
	v, err := forWork(tx, id, konto.AssignVorgang)
	if err != nil {
		return err
	}
	people, err := konto.PeopleWith(tx, konto.EditVorgang, v.EinheitID)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p.ID == mitarbeiterID {
			return setBearbeiter(tx, v, mitarbeiterID, "assigned")
		}
	}
	return problem.Fields{{Path: "bearbeiter", Key: "problem.choose"}}
}

// GiveBack makes the Vorgang nobody's again. Right: konto.EditVorgang.
func GiveBack(tx *storage.Tx, id string) error {
	v, err := forWork(tx, id, konto.EditVorgang)
	if err != nil {
		return err
	}
	return setBearbeiter(tx, v, "", "given_back")
}

func setBearbeiter(tx *storage.Tx, v Vorgang, person, act string) error {
	status := v.Status
	if status == Neu && person != "" {
		status = Bearbeitung
	}
	if err := change(tx, v.ID, `bearbeiter_id = $2, status = $3`, person, status); err != nil {
		return err
	}
	return record(tx, v.ID, act, v.BearbeiterID, person, "")
}

// Forward hands the Vorgang to another unit, where nobody has it yet. The reason is kept in the history.
// Right: konto.ForwardVorgang on the present unit.
func Forward(tx *storage.Tx, id, einheitID, reason string) error {
	v, err := forWork(tx, id, konto.ForwardVorgang)
	if err != nil {
		return err
	}
	var p problem.Fields
	if einheitID == "" || einheitID == v.EinheitID {
		p.Add("einheit", "problem.choose_other_unit")
	}
	if strings.TrimSpace(reason) == "" {
		p.Add("grund", "problem.required")
	}
	if err := p.Err(); err != nil {
		return err
	}
	status := v.Status
	if status == Bearbeitung {
		status = Neu
	}
	if err := change(tx, v.ID, `einheit_id = $2, bearbeiter_id = '', status = $3`, einheitID, status); err != nil {
		return err
	}
	if err := search.Relabel(tx, "vorgang", v.ID, einheitID); err != nil {
		return err
	}
	return record(tx, v.ID, "forwarded", v.EinheitID, einheitID, reason)
}

// SetStatus moves the state of work; Erledigt also ends the deadline. Staff need konto.EditVorgang; residents and portals act through the
// modules above, which have checked number and code.
func SetStatus(tx *storage.Tx, id string, status Status) error {
	v, err := load(tx, id)
	if err != nil {
		return err
	}
	if err := requireWork(tx, v); err != nil {
		return err
	}
	if v.Status == status {
		return nil
	}
	due := v.Frist
	if status == Erledigt {
		due = "" // what is done cannot be late; z.d.A. is still to come
	}
	if err := change(tx, v.ID, `status = $2, frist = $3`, status, dayColumn(due)); err != nil {
		return err
	}
	return record(tx, v.ID, "status", v.Status, status, "")
}

// requireWork asks for EditVorgang from staff and lets residents and portals pass.
func requireWork(tx *storage.Tx, v Vorgang) error {
	right := konto.EditVorgang
	if konto.StaffID(tx.Scope().Actor) == "" {
		right = konto.IntakeVorgang
	}
	return hide(konto.Require(tx, right, v.EinheitID))
}

// SetFrist sets or clears the deadline. Right: konto.EditVorgang.
func SetFrist(tx *storage.Tx, id string, due clock.Date, reason string) error {
	v, err := load(tx, id)
	if err != nil {
		return err
	}
	if err := requireWork(tx, v); err != nil {
		return err
	}
	if v.Frist == due {
		return nil
	}
	if err := change(tx, v.ID, `frist = $2`, dayColumn(due)); err != nil {
		return err
	}
	return record(tx, v.ID, "deadline_set", v.Frist.String(), due.String(), reason)
}

// Rename changes Betreff and Beteiligter. Right: konto.EditVorgang.
func Rename(tx *storage.Tx, id, betreff, beteiligter string) error {
	v, err := load(tx, id)
	if err != nil {
		return err
	}
	if err := requireWork(tx, v); err != nil {
		return err
	}
	if err := change(tx, v.ID, `betreff = $2, betreff_folded = $3, beteiligter = $4, beteiligter_folded = $5`,
		betreff, storage.Fold(betreff), beteiligter, storage.Fold(beteiligter)); err != nil {
		return err
	}
	return record(tx, v.ID, "renamed", v.Betreff, betreff, "")
}

// CloseBlockers names what keeps a Vorgang from being closed: catalogue keys, empty when it may be closed.
func CloseBlockers(tx *storage.Tx, id string) ([]string, error) {
	var out []string
	steps, err := storage.Get(tx, storage.Value[int64], `select count(*) from beteiligungsschritt where vorgang_id = $1 and status = $2`, id, StepOpen)
	if err != nil {
		return nil, err
	}
	if steps > 0 {
		out = append(out, "akte.blocker_steps")
	}
	again, err := storage.Get(tx, storage.Value[int64], `select count(*) from wiedervorlage where vorgang_id = $1 and erledigt_at is null`, id)
	if err != nil {
		return nil, err
	}
	if again > 0 {
		out = append(out, "akte.blocker_wiedervorlage")
	}
	return out, nil
}

// CloseVorgang is z.d.A. (zu den Akten): the Vorgang is done. Open steps and Wiedervorlagen block it.
// Right: konto.CloseVorgang; residents close by withdrawing, through the module above.
func CloseVorgang(tx *storage.Tx, id string) error {
	v, err := load(tx, id)
	if err != nil {
		return err
	}
	right := konto.CloseVorgang
	if konto.StaffID(tx.Scope().Actor) == "" {
		right = konto.IntakeVorgang
	}
	if err := konto.Require(tx, right, v.EinheitID); err != nil {
		return hide(err)
	}
	if !v.Offen {
		return nil
	}
	blockers, err := CloseBlockers(tx, id)
	if err != nil {
		return err
	}
	if len(blockers) > 0 {
		return problem.Conflicting(blockers[0])
	}
	if err := change(tx, id, `offen = 0, status = $2, geschlossen_at = $3`, Erledigt, storage.Millis(tx.Now())); err != nil {
		return err
	}
	return record(tx, id, "closed", nil, nil, "")
}

// ReopenVorgang undoes z.d.A.; the retention period starts anew. Right of its own: konto.ReopenVorgang.
func ReopenVorgang(tx *storage.Tx, id, reason string) error {
	v, err := load(tx, id)
	if err != nil {
		return err
	}
	if err := konto.Require(tx, konto.ReopenVorgang, v.EinheitID); err != nil {
		return hide(err)
	}
	if v.Offen {
		return problem.Conflicting("akte.vorgang_open", v.Zeichen)
	}
	if strings.TrimSpace(reason) == "" {
		return problem.Fields{{Path: "grund", Key: "problem.required"}}
	}
	if err := change(tx, id, `offen = 1, status = $2, geschlossen_at = null`, Bearbeitung); err != nil {
		return err
	}
	return record(tx, id, "reopened", nil, nil, reason)
}
