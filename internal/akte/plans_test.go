package akte_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/akte/aktetest"
	"rathaus/internal/search"
	"rathaus/internal/storage"
)

// statement is a query as it was sent.
type statement struct {
	text string
	args []any
}

// observed collects the queries of a store while on is set.
type observed struct {
	mu   sync.Mutex
	on   bool
	seen map[string]statement
}

func (o *observed) add(query string, args []any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.on {
		o.seen[query] = statement{query, args}
	}
}

func (o *observed) watch(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on = on
}

// What clerks open all day finds its rows by an index: no query of lists, counts, search or a single Vorgang reads a
// whole table that grows with the years.
func TestPlans(t *testing.T) {
	t.Parallel()
	o := &observed{seen: map[string]statement{}}
	office := aktetest.New(t, func(c *storage.Config) { c.Observe = o.add })
	v := office.Vorgang(t)
	middle := func(back bool) string { return akte.Cursor("2026-12-01", v.ID, back) }
	o.watch(true)
	office.As(office.Clerk).Read(t, func(tx *storage.Tx) error {
		counter := akte.NewCounter()
		for _, view := range akte.Views() {
			for _, f := range []akte.InboxFilter{{}, {Cursor: middle(false)}, {Cursor: middle(true)}, {Bezug: "hundesteuer-anmelden"},
				{Status: akte.Neu}, {Status: akte.StatusClosed}, {Frist: "woche"}, {Frist: "ueberfaellig"}, {Wer: "ohne"}, {Einheit: office.UnitID}} {
				f.View = view
				if _, err := akte.Inbox(tx, f); err != nil {
					return err
				}
				if _, err := counter.Overview(tx, f); err != nil {
					return err
				}
			}
		}
		if _, err := akte.GetVorgang(tx, v.ID); err != nil {
			return err
		}
		if _, err := akte.VorgaengeOf(tx, v.AkteID, ""); err != nil {
			return err
		}
		if _, _, err := akte.Akten(tx, "", ""); err != nil {
			return err
		}
		for _, text := range []string{"Hund", "22.30-2026/00001", "Tannhof Fenja"} {
			if _, err := search.Query(tx, search.Request{Text: text, Kinds: []string{"vorgang"}, Labels: []string{office.UnitID}}); err != nil {
				return err
			}
		}
		return nil
	})
	o.watch(false)
	if len(o.seen) < 30 {
		t.Fatalf("only %d statements were seen", len(o.seen))
	}
	for _, s := range o.seen {
		for _, line := range plan(t, office, s) {
			if scansAll(line) {
				t.Errorf("%s\n%s", line, s.text)
			}
		}
	}
}

// growing are the tables that get a row with each case.
func growing() []string {
	return []string{"v", "vorgang", "a", "akte", "d", "suche_dok", "x", "suche_nummer", "s", "beteiligungsschritt", "dokument", "audit_entry"}
}

// scansAll reads a line of either engine's plan.
func scansAll(line string) bool {
	for _, table := range growing() {
		if line == "SCAN "+table || strings.HasPrefix(line, "SCAN "+table+" ") || strings.Contains(line, "Seq Scan on "+table+" ") {
			return true
		}
	}
	return false
}

// plan asks the engine how it would run a query. PostgreSQL is told that tables are large, as these are.
func plan(t *testing.T, office *aktetest.Office, s statement) []string {
	t.Helper()
	var lines []string
	office.As("system").Write(t, func(tx *storage.Tx) error {
		explain := "explain query plan "
		scan := func(r storage.Scanner) (line string, err error) {
			var id, parent, unused int64
			return line, r.Scan(&id, &parent, &unused, &line)
		}
		if tx.Engine() == storage.PostgreSQL {
			if _, err := tx.Exec(`set local enable_seqscan = off`); err != nil {
				return err
			}
			explain, scan = "explain ", storage.Value[string]
		}
		var err error
		lines, err = storage.List(tx, scan, explain+s.text, s.args...)
		if err != nil {
			return fmt.Errorf("%s: %w", s.text, err)
		}
		return nil
	})
	return lines
}
