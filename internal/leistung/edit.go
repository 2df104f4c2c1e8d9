package leistung

import (
	"encoding/json"
	"errors"
	"fmt"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Save keeps l as the draft of its slug, over an older draft. It refuses with problem.Fields what the
// rules forbid, with problem.Conflict when the published version has changed since l was read, with
// problem.Forbidden who has not the Redaktion role for the competent unit (the present and the new one).
func Save(tx *storage.Tx, l Leistung) error {
	p := l.Check()
	unit, err := mandant.EinheitByKey(tx, l.Einheit)
	if errors.Is(err, problem.NotFound) {
		p.Add("einheit", "problem.choice")
	} else if err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	if err := konto.Require(tx, konto.EditCatalogue, unit.ID); err != nil {
		return err
	}
	if err := requireUnchanged(tx, l); err != nil {
		return err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into leistung_entwurf (slug, body, base_version, changed_at, changed_by) values ($1, $2, $3, $4, $5)
		on conflict (slug) do update set body = excluded.body, base_version = excluded.base_version,
			changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
		l.Slug, string(body), l.Version, storage.Millis(tx.Now()), tx.Scope().Actor)
	if err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "leistung", ID: l.Slug, Act: "draft_saved", New: string(body)})
}

// requireUnchanged checks the version l was read at and the right on the unit that is competent now.
func requireUnchanged(tx *storage.Tx, l Leistung) error {
	live, err := Get(tx, l.Slug)
	if errors.Is(err, problem.NotFound) {
		if l.Version != 0 {
			return problem.Conflicting("problem.conflict")
		}
		return nil
	}
	if err != nil {
		return err
	}
	if live.Version != l.Version {
		return problem.Conflicting("problem.conflict")
	}
	return requireRedaktion(tx, live)
}

func requireRedaktion(tx *storage.Tx, l Leistung) error {
	unit, err := mandant.EinheitByKey(tx, l.Einheit)
	if errors.Is(err, problem.NotFound) {
		return konto.Require(tx, konto.EditCatalogue, "") // the unit is gone: any Redaktion may repair it
	}
	if err != nil {
		return err
	}
	return konto.Require(tx, konto.EditCatalogue, unit.ID)
}

// Entwurf is the draft of a Leistung.
func Entwurf(tx *storage.Tx, slug string) (Leistung, error) {
	l, err := storage.Get(tx, func(s storage.Scanner) (l Leistung, err error) {
		var body string
		if err := s.Scan(&body, &l.Version); err != nil {
			return l, err
		}
		return l, json.Unmarshal([]byte(body), &l)
	}, `select body, base_version from leistung_entwurf where slug = $1`, slug)
	if err != nil {
		return l, fmt.Errorf("draft of leistung %q: %w", slug, err)
	}
	return l, requireRedaktion(tx, l)
}

// Publish makes the draft of the slug live. problem.NotFound without a draft, problem.Conflict when the
// published version has changed since the draft was begun, problem.Forbidden as in Save.
func Publish(tx *storage.Tx, slug string) error {
	l, err := Entwurf(tx, slug)
	if err != nil {
		return err
	}
	if err := requireUnchanged(tx, l); err != nil {
		return err
	}
	if err := replace(tx, l, "published"); err != nil {
		return err
	}
	_, err = tx.Exec(`delete from leistung_entwurf where slug = $1`, slug)
	return err
}

// Confirm records that the town has checked the published text on that day. From then on the page no
// longer says "noch nicht geprüft", and amounts are no longer marked as examples.
func Confirm(tx *storage.Tx, slug string, on clock.Date) error {
	l, err := Get(tx, slug)
	if err != nil {
		return err
	}
	if err := requireRedaktion(tx, l); err != nil {
		return err
	}
	if !on.Valid() || on > clock.DateOf(tx.Now()) {
		return problem.Fields{{Path: "checkedOn", Key: "problem.date"}}
	}
	l.CheckedOn, l.Checked, l.Gebuehr.Example = on, true, false
	return replace(tx, l, "checked")
}

// Hide takes a Leistung out of the portal, Show brings it back.
func Hide(tx *storage.Tx, slug string) error { return setHidden(tx, slug, true) }

// Show brings a hidden Leistung back into the portal.
func Show(tx *storage.Tx, slug string) error { return setHidden(tx, slug, false) }

func setHidden(tx *storage.Tx, slug string, hidden bool) error {
	l, err := Get(tx, slug)
	if err != nil {
		return err
	}
	if err := requireRedaktion(tx, l); err != nil {
		return err
	}
	if _, err := tx.Exec(`update leistung set hidden = $2, version = (select max(version) + 1 from leistung),
		changed_at = $3, changed_by = $4 where slug = $1`, slug, flag(hidden), storage.Millis(tx.Now()), tx.Scope().Actor); err != nil {
		return err
	}
	act := "shown"
	if hidden {
		act = "hidden"
	}
	return audit.Record(tx, audit.Entry{Noun: "leistung", ID: slug, Act: act})
}

// replace publishes l as the town's own version.
func replace(tx *storage.Tx, l Leistung, act string) error {
	var old string
	if live, err := Get(tx, l.Slug); err == nil {
		raw, err := json.Marshal(live)
		if err != nil {
			return err
		}
		old = string(raw)
	} else if !errors.Is(err, problem.NotFound) {
		return err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := store(tx, l, body, "", true); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "leistung", ID: l.Slug, Act: act, Old: old, New: string(body)})
}
