package akte

import (
	"fmt"
	"strings"
	"sync"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
)

// Load is the workload of one unit: figures per unit, never per person (that is a switch of its own).
type Load struct {
	EinheitID string
	// Open, Nobody and Late are counted up to CountCap + 1.
	Open, Nobody, Late int64
}

// Overview is what stands around a list: how long it and the other views are, and the units' workload.
// All figures are counted up to CountCap + 1.
type Overview struct {
	Count int64
	Views map[View]int64
	Load  []Load
}

// Counter counts what the inbox shows and remembers it while nothing happens: a page of a busy desk needs dozens of
// counts of up to 1,001 rows. The figures are exact: every act is audited in its transaction, so those taken at one
// head of the chain hold until the head changes, on whatever server. Safe for concurrent use.
type Counter struct {
	mu    sync.Mutex
	towns map[string]*figures
}

// figures are those of one town at one head of its chain.
type figures struct {
	head  string
	lists map[string]Overview // by whoever acts and filter
	rows  map[string]int64    // by condition; shared by everybody who may read the unit
}

// maxFigures bounds what is kept of a town: filters can be combined at will.
const maxFigures = 20_000

// NewCounter returns a Counter that remembers nothing yet.
func NewCounter() *Counter { return &Counter{towns: map[string]*figures{}} }

// Overview counts for whoever acts. The cursor of f does not matter.
func (c *Counter) Overview(tx *storage.Tx, f InboxFilter) (Overview, error) {
	head, err := audit.ReadHead(tx)
	if err != nil {
		return Overview{}, err
	}
	f.Cursor = ""
	scope := tx.Scope()
	key := fmt.Sprint(scope.Actor, "|", scope.OnBehalfOf, "|", clock.DateOf(tx.Now()), "|", f)
	c.mu.Lock()
	known, ok := c.at(scope.Mandant, head.Hash).lists[key]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	o, err := c.count(tx, f, head.Hash)
	if err != nil {
		return Overview{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(scope.Mandant, head.Hash).lists[key] = o
	return o, nil
}

// at returns the figures of a town at a head, dropping those of another one. Caller holds mu.
func (c *Counter) at(town, head string) *figures {
	g := c.towns[town]
	if g == nil || g.head != head || len(g.lists)+len(g.rows) > maxFigures {
		g = &figures{head: head, lists: map[string]Overview{}, rows: map[string]int64{}}
		c.towns[town] = g
	}
	return g
}

func (c *Counter) count(tx *storage.Tx, f InboxFilter, head string) (Overview, error) {
	remembered := func(tx *storage.Tx, cond conditions) (int64, error) { return c.rows(tx, cond, head) }
	countOf := func(f InboxFilter) (int64, error) {
		units, err := unitsOf(tx, f)
		if err != nil {
			return 0, err
		}
		return countIn(tx, f, units, remembered)
	}
	o := Overview{Views: map[View]int64{}}
	var err error
	if o.Count, err = countOf(f); err != nil {
		return o, err
	}
	for _, v := range Views() {
		if o.Views[v], err = countOf(InboxFilter{View: v, Einheit: f.Einheit}); err != nil {
			return o, err
		}
	}
	units, err := konto.Units(tx, konto.ReadVorgang)
	if err != nil {
		return o, err
	}
	o.Load = make([]Load, len(units))
	for i, unit := range units {
		l := &o.Load[i]
		l.EinheitID = unit
		for view, at := range map[View]*int64{ViewEinheit: &l.Open, ViewOhne: &l.Nobody, ViewUeberfaellig: &l.Late} {
			if *at, err = countIn(tx, InboxFilter{View: view}, []string{unit}, remembered); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// rows counts the rows of one condition, which names everything the figure depends on.
func (c *Counter) rows(tx *storage.Tx, cond conditions, head string) (int64, error) {
	key := strings.Join(cond.text, " ") + fmt.Sprint(cond.args)
	town := tx.Scope().Mandant
	c.mu.Lock()
	n, ok := c.at(town, head).rows[key]
	c.mu.Unlock()
	if ok {
		return n, nil
	}
	n, err := count(tx, cond)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(town, head).rows[key] = n
	return n, nil
}
