package antrag

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Richtung is the direction of a message, seen from the town hall.
type Richtung string

// The directions.
const (
	Ein Richtung = "ein" // from the applicant
	Aus Richtung = "aus" // from the office
)

// Nachricht is a message about an Antrag. It is part of the record and never changes.
type Nachricht struct {
	ID         string
	AntragID   string
	Richtung   Richtung
	AuthorName string // as the other side reads it: "Steueramt, J. Petersen"; empty for the applicant
	Text       string
	CreatedAt  time.Time
	Dokumente  []akte.Dokument
	// Nachforderung is set when the message asks for something missing.
	Nachforderung *Nachforderung
}

// Nachforderung is a request for something missing. While it is open the clock of the case stands still.
type Nachforderung struct {
	ID          string
	AntragID    string
	NachrichtID string
	Frist       clock.Date // until when an answer is expected
	AskedAt     time.Time
	AnsweredAt  time.Time // zero: not answered
	SettledAt   time.Time // ended by the clerk without an answer
}

// Open reports whether the answer is still awaited.
func (n Nachforderung) Open() bool { return n.AnsweredAt.IsZero() && n.SettledAt.IsZero() }

// end is when the clock went on, or now for an open one.
func (n Nachforderung) end(now time.Time) time.Time {
	switch {
	case !n.AnsweredAt.IsZero():
		return n.AnsweredAt
	case !n.SettledAt.IsZero():
		return n.SettledAt
	default:
		return now
	}
}

const maxMessage = 10_000

func checkMessage(text string, files int) error {
	var p problem.Fields
	switch n := len([]rune(strings.TrimSpace(text))); {
	case n == 0 && files == 0:
		p.Add("nachricht", "problem.required")
	case n > maxMessage:
		p.Add("nachricht", "problem.too_long", maxMessage)
	}
	return p.Err()
}

// SendMessage writes to the applicant: on the status page with a notice by mail, and on paper where there is no
// mail address. Right: konto.EditVorgang.
func SendMessage(tx *storage.Tx, antragID, text string, files []Datei) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if err := checkMessage(text, 0); err != nil {
		return err
	}
	if err := a.move(tx, ActMessage); err != nil {
		return err
	}
	n, err := a.addMessage(tx, Aus, text, files)
	if err != nil {
		return err
	}
	if err := a.record(tx, "message_out", map[string]string{"nachricht": n.ID}, nil, text); err != nil {
		return err
	}
	return a.tell(tx, noticeMessage, n.ID)
}

// Ask is a Nachforderung: it asks the applicant for something missing until a day; the deadline of the case moves
// on by the days it stays open. Right: konto.EditVorgang.
func Ask(tx *storage.Tx, antragID, text string, until clock.Date, files []Datei) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	var p problem.Fields
	if err := checkMessage(text, 0); err != nil && !errors.As(err, &p) {
		return err
	}
	if !until.Valid() || !until.After(clock.DateOf(tx.Now())) {
		p.Add("frist", "antrag.frist_zukunft")
	}
	if err := p.Err(); err != nil {
		return err
	}
	if err := a.begin(tx); err != nil {
		return err
	}
	if err := a.move(tx, ActAsk); err != nil {
		return err
	}
	n, err := a.addMessage(tx, Aus, text, files)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into nachforderung (id, antrag_id, nachricht_id, frist, asked_at, answered_at, settled_at) values ($1, $2, $3, $4, $5, 0, 0)`,
		tx.NewID(), a.ID, n.ID, until, storage.Millis(tx.Now())); err != nil {
		return err
	}
	if err := akte.SetStatus(tx, a.VorgangID, akte.Wartet); err != nil {
		return err
	}
	if err := a.record(tx, "asked", map[string]string{"nachricht": n.ID, "frist": until.String()}, nil, text); err != nil {
		return err
	}
	return a.tell(tx, noticeAsked, n.ID)
}

// Settle ends an open Nachforderung without an answer: it came by another way, or is no longer needed.
// Right: konto.EditVorgang.
func Settle(tx *storage.Tx, antragID string) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if err := a.move(tx, ActSettle); err != nil {
		return err
	}
	if err := a.endNachforderung(tx, "settled_at"); err != nil {
		return err
	}
	return a.record(tx, "settled", nil, nil, nil)
}

// begin takes a case nobody has taken into work, as the first act of a clerk does.
func (a *Antrag) begin(tx *storage.Tx) error {
	if a.Stand.State != Eingereicht {
		return nil
	}
	if err := akte.TakeOver(tx, a.VorgangID); err != nil {
		return err
	}
	return a.move(tx, ActBegin)
}

// endNachforderung closes the open one and moves the Frist on by the workdays it was open.
func (a *Antrag) endNachforderung(tx *storage.Tx, column string) error {
	open, err := openNachforderung(tx, a.ID)
	if err != nil {
		return err
	}
	stop := `update nachforderung set answered_at = $2 where id = $1`
	if column == "settled_at" {
		stop = `update nachforderung set settled_at = $2 where id = $1`
	}
	if _, err := tx.Exec(stop, open.ID, storage.Millis(tx.Now())); err != nil {
		return err
	}
	if err := akte.SetStatus(tx, a.VorgangID, akte.Bearbeitung); err != nil {
		return err
	}
	if a.Vorgang.Frist.IsZero() {
		return nil
	}
	cal, err := calendar(tx)
	if err != nil {
		return err
	}
	waited := cal.WorkdaysBetween(clock.DateOf(open.AskedAt), clock.DateOf(tx.Now()))
	if waited <= 0 {
		return nil
	}
	return akte.SetFrist(tx, a.VorgangID, cal.AddWorkdays(a.Vorgang.Frist, waited), "Nachforderung")
}

const columnsNachforderung = `id, antrag_id, nachricht_id, frist, asked_at, answered_at, settled_at`

func scanNachforderung(s storage.Scanner) (Nachforderung, error) {
	var n Nachforderung
	var asked, answered, settled int64
	err := s.Scan(&n.ID, &n.AntragID, &n.NachrichtID, &n.Frist, &asked, &answered, &settled)
	n.AskedAt, n.AnsweredAt, n.SettledAt = storage.Time(asked), storage.Time(answered), storage.Time(settled)
	return n, err
}

func openNachforderung(tx *storage.Tx, antragID string) (Nachforderung, error) {
	n, err := storage.Get(tx, scanNachforderung, `select `+columnsNachforderung+` from nachforderung
		where antrag_id = $1 and answered_at = 0 and settled_at = 0`, antragID)
	if err != nil {
		return n, fmt.Errorf("nachforderung of %s: %w", antragID, err)
	}
	return n, nil
}

// nachforderungen lists all of an Antrag, oldest first.
func nachforderungen(tx *storage.Tx, antragID string) ([]Nachforderung, error) {
	return storage.List(tx, scanNachforderung, `select `+columnsNachforderung+` from nachforderung where antrag_id = $1 order by asked_at, id`, antragID)
}

// HandlingTime is how long the office has worked on the case: from submission to decision (or now), less the time
// it waited for the applicant.
func HandlingTime(tx *storage.Tx, a Antrag) (time.Duration, error) {
	all, err := nachforderungen(tx, a.ID)
	if err != nil {
		return 0, err
	}
	end := tx.Now()
	if !a.DecidedAt.IsZero() {
		end = a.DecidedAt
	} else if !a.WithdrawnAt.IsZero() {
		end = a.WithdrawnAt
	}
	d := end.Sub(a.SubmittedAt)
	for _, n := range all {
		d -= n.end(end).Sub(n.AskedAt)
	}
	return max(d, 0), nil
}

// addMessage stores a message with its attachments as Dokumente of the Vorgang.
func (a *Antrag) addMessage(tx *storage.Tx, dir Richtung, text string, files []Datei) (Nachricht, error) {
	n := Nachricht{ID: tx.NewID(), AntragID: a.ID, Richtung: dir, Text: strings.TrimSpace(text), CreatedAt: tx.Now()}
	if dir == Aus {
		name, err := authorName(tx, a.Vorgang.EinheitID)
		if err != nil {
			return n, err
		}
		n.AuthorName = name
	}
	if _, err := tx.Exec(`insert into nachricht (id, antrag_id, richtung, author, author_name, text, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		n.ID, n.AntragID, n.Richtung, tx.Scope().Actor, n.AuthorName, n.Text, storage.Millis(n.CreatedAt)); err != nil {
		return n, err
	}
	art := akte.Eingang
	if dir == Aus {
		art = akte.Ausgang
	}
	for i, f := range files {
		d, err := a.addDokument(tx, f, art, f.Name)
		if err != nil {
			return n, err
		}
		if _, err := tx.Exec(`insert into nachricht_dokument (nachricht_id, dokument_id, position) values ($1, $2, $3)`, n.ID, d.ID, i); err != nil {
			return n, err
		}
		n.Dokumente = append(n.Dokumente, d)
	}
	return n, nil
}

// messages lists the thread, oldest first, with attachments and the requests that came with it.
func messages(tx *storage.Tx, a Antrag) ([]Nachricht, error) {
	antragID := a.ID
	all, err := storage.List(tx, func(s storage.Scanner) (Nachricht, error) {
		var n Nachricht
		var at int64
		err := s.Scan(&n.ID, &n.AntragID, &n.Richtung, &n.AuthorName, &n.Text, &at)
		n.CreatedAt = storage.Time(at)
		return n, err
	}, `select id, antrag_id, richtung, author_name, text, created_at from nachricht where antrag_id = $1 order by created_at, id`, antragID)
	if err != nil {
		return nil, err
	}
	asks, err := nachforderungen(tx, antragID)
	if err != nil {
		return nil, err
	}
	type attachment struct{ message, dokument string }
	files, err := storage.List(tx, func(s storage.Scanner) (f attachment, err error) {
		return f, s.Scan(&f.message, &f.dokument)
	}, `select nd.nachricht_id, nd.dokument_id from nachricht_dokument nd join nachricht n on n.id = nd.nachricht_id
		where n.antrag_id = $1 order by nd.nachricht_id, nd.position`, antragID)
	if err != nil {
		return nil, err
	}
	documents, err := dokumenteByID(tx, a.VorgangID)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for j := range asks {
			if asks[j].NachrichtID == all[i].ID {
				all[i].Nachforderung = &asks[j]
			}
		}
		for _, f := range files {
			if d, ok := documents[f.dokument]; ok && f.message == all[i].ID {
				all[i].Dokumente = append(all[i].Dokumente, d)
			}
		}
	}
	return all, nil
}

// Messages is the thread of an Antrag for staff.
func Messages(tx *storage.Tx, antragID string) ([]Nachricht, error) {
	a, err := Get(tx, antragID)
	if err != nil {
		return nil, err
	}
	return messages(tx, a)
}
