package konto

import (
	"errors"
	"fmt"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Vertretung is a deputyship: Deputy acts on behalf of Represented from the first to the last day, both included.
// The deputy stays himself; every act names both.
type Vertretung struct {
	ID            string
	RepresentedID string
	DeputyID      string
	From, To      clock.Date
	CreatedAt     time.Time
	EndedAt       time.Time // zero while it was not ended early
}

// Current reports whether the deputyship holds on the day.
func (v Vertretung) Current(day clock.Date) bool {
	return v.EndedAt.IsZero() && day.Between(v.From, v.To)
}

const columnsVertretung = `v.id, v.represented_id, v.deputy_id, v.from_day, v.to_day, v.created_at, coalesce(v.ended_at, 0)`

func scanVertretung(s storage.Scanner) (Vertretung, error) {
	var v Vertretung
	var created, ended int64
	err := s.Scan(&v.ID, &v.RepresentedID, &v.DeputyID, &v.From, &v.To, &created, &ended)
	v.CreatedAt = storage.Time(created)
	if ended != 0 {
		v.EndedAt = storage.Time(ended)
	}
	return v, err
}

// Vertreten returns the employees the acting one may represent today, by name.
func Vertreten(tx *storage.Tx) ([]Mitarbeiter, error) {
	actor := StaffID(tx.Scope().Actor)
	ids, err := storage.List(tx, storage.Value[string], `select m.id from mitarbeiter m
		where m.active = 1 and exists (select 1 from vertretung v where v.represented_id = m.id and v.deputy_id = $1
			and v.from_day <= $2 and v.to_day >= $2 and v.ended_at is null)
		order by m.name_folded, m.id`, actor, clock.DateOf(tx.Now()))
	if err != nil {
		return nil, err
	}
	out := make([]Mitarbeiter, len(ids))
	for i, id := range ids {
		if out[i], err = Get(tx, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Vertretungen lists the deputyships of an employee that are not over: in both directions, by first day.
func Vertretungen(tx *storage.Tx, mitarbeiterID string) ([]Vertretung, error) {
	return storage.List(tx, scanVertretung, `select `+columnsVertretung+` from vertretung v
		where (v.represented_id = $1 or v.deputy_id = $1) and v.to_day >= $2 and v.ended_at is null
		order by v.from_day, v.id`, mitarbeiterID, clock.DateOf(tx.Now()))
}

// DeputyOf returns who represents the employee today, or problem.NotFound; shown beside names of absent people.
func DeputyOf(tx *storage.Tx, mitarbeiterID string) (Mitarbeiter, Vertretung, error) {
	all, err := storage.List(tx, scanVertretung, `select `+columnsVertretung+` from vertretung v
		where v.represented_id = $1 and v.from_day <= $2 and v.to_day >= $2 and v.ended_at is null
		order by v.from_day, v.id`, mitarbeiterID, clock.DateOf(tx.Now()))
	if err != nil {
		return Mitarbeiter{}, Vertretung{}, err
	}
	if len(all) == 0 {
		return Mitarbeiter{}, Vertretung{}, fmt.Errorf("deputy of %s: %w", mitarbeiterID, problem.NotFound)
	}
	m, err := Get(tx, all[0].DeputyID)
	return m, all[0], err
}

// AddVertretung arranges a deputy: employees for themselves, ManageDeputies for anybody. At most a year.
func AddVertretung(tx *storage.Tx, v Vertretung) (Vertretung, error) {
	if err := mayArrange(tx, v.RepresentedID); err != nil {
		return v, err
	}
	if err := checkVertretung(tx, v); err != nil {
		return v, err
	}
	v.ID, v.CreatedAt, v.EndedAt = tx.NewID(), tx.Now(), time.Time{}
	_, err := tx.Exec(`insert into vertretung (id, represented_id, deputy_id, from_day, to_day, created_by, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		v.ID, v.RepresentedID, v.DeputyID, v.From, v.To, tx.Scope().Actor, storage.Millis(v.CreatedAt))
	if err != nil {
		return v, fmt.Errorf("add vertretung: %w", err)
	}
	return v, audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: v.RepresentedID, Act: "deputy_added",
		Data: map[string]string{"deputy": v.DeputyID, "from": string(v.From), "to": string(v.To)}})
}

func mayArrange(tx *storage.Tx, representedID string) error {
	if StaffID(tx.Scope().Actor) == representedID && tx.Scope().OnBehalfOf == "" {
		return requireActive(tx, representedID)
	}
	return Require(tx, ManageDeputies, "")
}

func checkVertretung(tx *storage.Tx, v Vertretung) error {
	var p problem.Fields
	if v.DeputyID == v.RepresentedID {
		p.Add("deputy", "konto.deputy_self")
	}
	for _, f := range []struct{ path, id string }{{"represented", v.RepresentedID}, {"deputy", v.DeputyID}} {
		m, err := Get(tx, f.id)
		if err != nil && !errors.Is(err, problem.NotFound) {
			return err
		}
		if err != nil || !m.Active {
			p.Add(f.path, "problem.choice")
		}
	}
	today := clock.DateOf(tx.Now())
	switch {
	case !v.From.Valid():
		p.Add("from", "problem.date")
	case !v.To.Valid():
		p.Add("to", "problem.date")
	case v.To < v.From, v.To < today:
		p.Add("to", "konto.deputy_range")
	case v.From.AddYears(1) < v.To:
		p.Add("to", "konto.deputy_long")
	}
	return p.Err()
}

// EndVertretung ends a deputyship at once. Sessions that act on it go on in the deputy's own name.
func EndVertretung(tx *storage.Tx, id string) error {
	v, err := storage.Get(tx, scanVertretung, `select `+columnsVertretung+` from vertretung v where v.id = $1`, id)
	if err != nil {
		return fmt.Errorf("vertretung %s: %w", id, err)
	}
	if err := mayArrange(tx, v.RepresentedID); err != nil {
		return err
	}
	if !v.EndedAt.IsZero() {
		return nil
	}
	if _, err := tx.Exec(`update vertretung set ended_at = $2 where id = $1`, id, storage.Millis(tx.Now())); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: v.RepresentedID, Act: "deputy_ended",
		Data: map[string]string{"deputy": v.DeputyID}})
}

// Represent switches a session of the acting employee to act on behalf of somebody, or back with "".
// problem.Forbidden when there is no such deputyship today.
func Represent(tx *storage.Tx, s Sitzung, representedID string) error {
	if StaffID(tx.Scope().Actor) != s.Subject || s.Kind != SessionStaff {
		return fmt.Errorf("session of another: %w", problem.Forbidden)
	}
	if representedID != "" {
		if err := requireDeputy(tx, s.Subject, representedID); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`update sitzung set on_behalf_of = $2 where id = $1`, s.ID, representedID)
	return err
}

// AllVertretungen lists every deputyship that is not over, by first day. Needs ManageDeputies.
func AllVertretungen(tx *storage.Tx) ([]Vertretung, error) {
	if err := Require(tx, ManageDeputies, ""); err != nil {
		return nil, err
	}
	return storage.List(tx, scanVertretung, `select `+columnsVertretung+` from vertretung v
		where v.to_day >= $1 and v.ended_at is null order by v.from_day, v.id`, clock.DateOf(tx.Now()))
}
