package antrag

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// RuleStatus says of a legal rule what the town did with it.
type RuleStatus struct {
	Own         bool      // entered by the town
	ConfirmedBy string    // actor; empty: not confirmed
	ConfirmedAt time.Time // zero: not confirmed
}

// Confirmed reports whether the rule may be used without the remark "von der Stadt zu bestätigen".
func (s RuleStatus) Confirmed() bool { return !s.ConfirmedAt.IsZero() }

type storedRule struct {
	key, art, data string
	RuleStatus
}

func storedRules(tx *storage.Tx) ([]storedRule, error) {
	return storage.List(tx, func(s storage.Scanner) (storedRule, error) {
		var r storedRule
		var at int64
		err := s.Scan(&r.key, &r.art, &r.data, &r.ConfirmedBy, &at)
		r.Own, r.ConfirmedAt = r.data != "", storage.Time(at)
		return r, err
	}, `select regel, art, data, confirmed_by, confirmed_at from rechtsregel order by regel`)
}

const (
	artBekanntgabe  = "bekanntgabe"
	artRechtsbehelf = "rechtsbehelf"
)

// Rules returns the legal rules that count for the town, its own first, and by key what it did with them.
func Rules(tx *storage.Tx) (Regelwerk, map[string]RuleStatus, error) {
	rows, err := storedRules(tx)
	if err != nil {
		return Regelwerk{}, nil, err
	}
	var own Regelwerk
	status := map[string]RuleStatus{}
	for _, r := range rows {
		status[r.key] = r.RuleStatus
		switch {
		case !r.Own:
		case r.art == artBekanntgabe:
			var rule Bekanntgaberegel
			if err := json.Unmarshal([]byte(r.data), &rule); err != nil {
				return own, nil, fmt.Errorf("rechtsregel %s: %w", r.key, err)
			}
			own.Bekanntgabe = append(own.Bekanntgabe, rule)
		default:
			var rule Rechtsbehelf
			if err := json.Unmarshal([]byte(r.data), &rule); err != nil {
				return own, nil, fmt.Errorf("rechtsregel %s: %w", r.key, err)
			}
			own.Rechtsbehelf = append(own.Rechtsbehelf, rule)
		}
	}
	shipped := ShippedRules()
	own.Bekanntgabe = append(own.Bekanntgabe, shipped.Bekanntgabe...)
	own.Rechtsbehelf = append(own.Rechtsbehelf, shipped.Rechtsbehelf...)
	return own, status, nil
}

// ConfirmRule records that the town has checked a rule. problem.NotFound for an unknown key.
func ConfirmRule(tx *storage.Tx, key string) error {
	if err := konto.Require(tx, konto.ManageTown, ""); err != nil {
		return err
	}
	rules, _, err := Rules(tx)
	if err != nil {
		return err
	}
	art := ""
	if slices.ContainsFunc(rules.Bekanntgabe, func(r Bekanntgaberegel) bool { return r.Key == key }) {
		art = artBekanntgabe
	} else if slices.ContainsFunc(rules.Rechtsbehelf, func(r Rechtsbehelf) bool { return r.Key == key }) {
		art = artRechtsbehelf
	} else {
		return fmt.Errorf("rechtsregel %q: %w", key, problem.NotFound)
	}
	return storeRule(tx, key, art, "")
}

// EnterBekanntgabe stores a rule of the town's own and confirms it; it goes before the shipped ones.
func EnterBekanntgabe(tx *storage.Tx, r Bekanntgaberegel) error {
	var p problem.Fields
	checkRule(&p, r.Key, r.Paragraph)
	if r.Days < 0 || r.Days > 60 {
		p.Add("days", "problem.number")
	}
	if !slices.Contains([]Weg{WegBrief, WegAbruf, WegPostfach, WegZustellung}, r.Weg) {
		p.Add("weg", "problem.choice")
	}
	return enterRule(tx, r.Key, artBekanntgabe, r, p)
}

// EnterRechtsbehelf stores a rule of remedy of the town's own and confirms it.
func EnterRechtsbehelf(tx *storage.Tx, r Rechtsbehelf) error {
	var p problem.Fields
	checkRule(&p, r.Key, r.Paragraph)
	if r.Months < 1 || r.Months > 12 {
		p.Add("months", "problem.number")
	}
	if strings.TrimSpace(r.Text) == "" {
		p.Add("text", "problem.required")
	}
	if strings.TrimSpace(r.Art) == "" {
		p.Add("art", "problem.required")
	}
	return enterRule(tx, r.Key, artRechtsbehelf, r, p)
}

func checkRule(p *problem.Fields, key, paragraph string) {
	if strings.TrimSpace(key) == "" {
		p.Add("key", "problem.required")
	}
	if strings.TrimSpace(paragraph) == "" {
		p.Add("paragraph", "problem.required")
	}
}

func enterRule(tx *storage.Tx, key, art string, rule any, p problem.Fields) error {
	if err := konto.Require(tx, konto.ManageTown, ""); err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	data, err := json.Marshal(rule)
	if err != nil {
		return fmt.Errorf("rechtsregel %s: %w", key, err)
	}
	return storeRule(tx, key, art, string(data))
}

// storeRule writes the row; confirming (data empty) leaves an own rule's content alone.
func storeRule(tx *storage.Tx, key, art, data string) error {
	if _, err := tx.Exec(`insert into rechtsregel (regel, art, data, confirmed_by, confirmed_at) values ($1, $2, $3, $4, $5)
		on conflict (regel) do update set confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at,
			data = case when excluded.data = '' then rechtsregel.data else excluded.data end`,
		key, art, data, tx.Scope().Actor, storage.Millis(tx.Now())); err != nil {
		return err
	}
	act := "confirmed"
	if data != "" {
		act = "entered"
	}
	return audit.Record(tx, audit.Entry{Noun: "rechtsregel", ID: key, Act: act, New: data})
}
