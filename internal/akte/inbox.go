package akte

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// PageSize is how many rows a list shows at once.
const PageSize = 25

const pageLimit = "26" // PageSize and one more, to know whether there is a next page

// CountCap is where counting ends: lists then say "mehr als 1.000".
const CountCap = 1000

// View is a saved list of the inbox.
type View string

// The views.
const (
	ViewEinheit      View = "einheit"       // everything open in the unit
	ViewMeine        View = "meine"         // where I am Bearbeiter
	ViewOhne         View = "ohne"          // open and nobody's
	ViewUeberfaellig View = "ueberfaellig"  // Frist passed
	ViewWieder       View = "wiedervorlage" // Wiedervorlage due today or before
	ViewMitzeichnung View = "mitzeichnung"  // a step is addressed to me or my unit
)

// StatusClosed filters for Vorgaenge that are z.d.A.; no Vorgang has it as its status.
const StatusClosed Status = "zda"

// Views lists them in the order they are shown.
func Views() []View {
	return []View{ViewEinheit, ViewMeine, ViewOhne, ViewUeberfaellig, ViewWieder, ViewMitzeichnung}
}

// InboxFilter narrows a view. Empty fields do not filter.
type InboxFilter struct {
	View    View
	Einheit string // id; empty: all units whoever acts may read
	Bezug   string // slug of a service
	Status  Status // StatusClosed shows those that are z.d.A.
	// Frist is "ueberfaellig", "woche" (next 7 days) or "14tage".
	Frist  string
	Wer    string // Mitarbeiter id, or "ohne"
	Cursor string // of Next or Prev; a stale one shows page one
}

// List is one page of Vorgaenge, the most urgent first. Next and Prev are cursors, empty at the ends.
type List struct {
	Rows       []Vorgang
	Next, Prev string
}

// cursorOf is a position in a list: the last row seen, and the direction.
type cursorOf struct {
	sort, id string
	back     bool
}

func (c cursorOf) encode() string {
	dir := "v"
	if c.back {
		dir = "z"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(dir + "|" + c.sort + "|" + c.id))
}

func decodeCursor(s string) (cursorOf, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return cursorOf{}, false
	}
	parts := strings.SplitN(string(raw), "|", 3)
	if len(parts) != 3 || parts[0] != "v" && parts[0] != "z" {
		return cursorOf{}, false
	}
	return cursorOf{sort: parts[1], id: parts[2], back: parts[0] == "z"}, true
}

// conditions builds the where clause of a filter for one unit; every part is constant text.
type conditions struct {
	text []string
	args []any
}

func (c *conditions) add(text string, args ...any) {
	for _, a := range args {
		c.args = append(c.args, a)
		text = strings.Replace(text, "?", fmt.Sprintf("$%d", len(c.args)), 1)
	}
	c.text = append(c.text, text)
}

func (c *conditions) where() string { return " where " + strings.Join(c.text, " and ") }

// Inbox lists open Vorgaenge of the units whoever acts may read, by Frist. Several units are read one by one
// in index order and merged, so a page costs the same in a small and in a large town.
func Inbox(tx *storage.Tx, f InboxFilter) (List, error) {
	today := clock.DateOf(tx.Now())
	units, err := unitsOf(tx, f)
	if err != nil {
		return List{}, err
	}
	cur, paging := decodeCursor(f.Cursor)
	var found []place
	seen := map[string]bool{}
	for _, unit := range units {
		c, err := filterFor(tx, f, unit, today)
		if err != nil {
			return List{}, err
		}
		part, err := places(tx, c, cur, paging)
		if err != nil {
			return List{}, err
		}
		for _, p := range part {
			if !seen[p.id] {
				seen[p.id] = true
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b place) int { return cmp.Or(cmp.Compare(a.frist, b.frist), cmp.Compare(a.id, b.id)) })
	found, list := cut(found, cur, paging)
	if len(found) > 0 {
		list.Rows, err = readRows(tx, found)
	}
	return list, err
}

// place is where a Vorgang stands in a list; all an index needs to be asked for.
type place struct{ frist, id string }

func scanPlace(s storage.Scanner) (p place, err error) { return p, s.Scan(&p.frist, &p.id) }

// places reads one page of one unit from the index alone: of many units' pages one is shown.
func places(tx *storage.Tx, c conditions, cur cursorOf, paging bool) ([]place, error) {
	order := `order by v.frist, v.id`
	switch {
	case paging && cur.back:
		c.add(`(v.frist < ? or v.frist = ? and v.id < ?)`, cur.sort, cur.sort, cur.id)
		order = `order by v.frist desc, v.id desc`
	case paging:
		c.add(`(v.frist > ? or v.frist = ? and v.id > ?)`, cur.sort, cur.sort, cur.id)
	}
	return storage.List(tx, scanPlace, `select v.frist, v.id from vorgang v`+c.where()+` `+order+` limit `+pageLimit, c.args...)
}

// readRows reads the Vorgaenge of one page, always by the same statement: a short page is filled up with no id.
func readRows(tx *storage.Tx, page []place) ([]Vorgang, error) {
	args := make([]any, PageSize)
	for i := range args {
		args[i] = ""
		if i < len(page) {
			args[i] = page[i].id
		}
	}
	return storage.List(tx, scanVorgang, `select `+columnsVorgang+fromVorgang+`where v.id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) order by v.frist, v.id`, args...)
}

// cut keeps one page of the merged places and makes the cursors around it.
func cut(found []place, cur cursorOf, paging bool) ([]place, List) {
	more := len(found) > PageSize
	if more && paging && cur.back {
		found = found[len(found)-PageSize:]
	} else if more {
		found = found[:PageSize]
	}
	var list List
	if len(found) == 0 {
		return nil, list
	}
	first, last := found[0], found[len(found)-1]
	if more || paging && cur.back {
		list.Next = cursorOf{sort: last.frist, id: last.id}.encode()
	}
	if paging && (!cur.back || more) {
		list.Prev = cursorOf{sort: first.frist, id: first.id, back: true}.encode()
	}
	return found, list
}

// unitsOf lists the units to read: the chosen one if it may be read, else all readable ones; one empty
// entry for views that go by person.
func unitsOf(tx *storage.Tx, f InboxFilter) ([]string, error) {
	if f.View == ViewMeine {
		return []string{""}, nil
	}
	right := konto.ReadVorgang
	if f.View == ViewMitzeichnung {
		return []string{""}, nil
	}
	units, err := konto.Units(tx, right)
	if err != nil {
		return nil, err
	}
	if f.Einheit == "" {
		return units, nil
	}
	if !slices.Contains(units, f.Einheit) {
		return nil, fmt.Errorf("einheit %s: %w", f.Einheit, problem.NotFound)
	}
	return []string{f.Einheit}, nil
}

func filterFor(tx *storage.Tx, f InboxFilter, unit string, today clock.Date) (conditions, error) {
	var c conditions
	open := int64(1)
	if f.Status == StatusClosed {
		open = 0
	}
	if unit != "" {
		c.add(`v.einheit_id = ?`, unit)
	}
	c.add(`v.offen = ?`, open)
	switch f.View {
	case ViewMeine, ViewMitzeichnung:
		me, err := konto.Effective(tx)
		if err != nil {
			return c, hide(err)
		}
		if f.View == ViewMeine {
			c.add(`v.bearbeiter_id = ?`, me)
			break
		}
		return c, addressed(tx, &c, me)
	case ViewOhne:
		c.add(`v.bearbeiter_id = ?`, "")
	case ViewUeberfaellig:
		c.add(`v.frist < ?`, today.String())
	case ViewWieder:
		c.add(`v.wiedervorlage <= ?`, today.String())
	}
	refine(&c, f, today)
	return c, nil
}

func refine(c *conditions, f InboxFilter, today clock.Date) {
	if f.Bezug != "" {
		c.add(`v.bezug = ?`, f.Bezug)
	}
	if f.Status != "" && f.Status != StatusClosed {
		c.add(`v.status = ?`, f.Status)
	}
	switch f.Frist {
	case "ueberfaellig":
		c.add(`v.frist < ?`, today.String())
	case "woche":
		c.add(`v.frist >= ?`, today.String())
		c.add(`v.frist <= ?`, today.AddDays(7).String())
	case "14tage":
		c.add(`v.frist >= ?`, today.String())
		c.add(`v.frist <= ?`, today.AddDays(14).String())
	}
	switch f.Wer {
	case "":
	case "ohne":
		c.add(`v.bearbeiter_id = ?`, "")
	default:
		c.add(`v.bearbeiter_id = ?`, f.Wer)
	}
}

// addressed keeps the Vorgaenge with an open step for this person, for a unit they sign for, or, where an opinion
// is asked, for a unit they work in: whoever may answer a step finds it.
func addressed(tx *storage.Tx, c *conditions, me string) error {
	sign, err := konto.Units(tx, konto.SignVorgang)
	if err != nil {
		return err
	}
	work, err := konto.Units(tx, konto.EditVorgang)
	if err != nil {
		return err
	}
	args := []any{StepOpen, me, Mitzeichnung}
	signList := marks(&args, sign)
	args = append(args, Stellungnahme)
	workList := marks(&args, work)
	c.add(`v.id in (select s.vorgang_id from beteiligungsschritt s where s.status = ? and (s.adressat_id = ?
		or s.art = ? and s.adressat_einheit_id in (`+signList+`) or s.art = ? and s.adressat_einheit_id in (`+workList+`)))`, args...)
	return nil
}

// marks appends the ids to args and returns their place holders. Without ids it is a list nothing equals: not ”,
// which stands in steps that are addressed to a person.
func marks(args *[]any, ids []string) string {
	if len(ids) == 0 {
		return `'-'`
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		*args = append(*args, id)
		list[i] = "?"
	}
	return strings.Join(list, ", ")
}

// Count counts the rows of a filter up to CountCap + 1.
func Count(tx *storage.Tx, f InboxFilter) (int64, error) {
	units, err := unitsOf(tx, f)
	if err != nil {
		return 0, err
	}
	return countIn(tx, f, units, count)
}

// countIn adds up the units' rows with a function that counts those of one condition.
func countIn(tx *storage.Tx, f InboxFilter, units []string, count func(*storage.Tx, conditions) (int64, error)) (int64, error) {
	today := clock.DateOf(tx.Now())
	var total int64
	for _, unit := range units {
		c, err := filterFor(tx, f, unit, today)
		if err != nil {
			return 0, err
		}
		n, err := count(tx, c)
		if err != nil {
			return 0, err
		}
		if total += n; total > CountCap {
			return CountCap + 1, nil
		}
	}
	return total, nil
}

func count(tx *storage.Tx, c conditions) (int64, error) {
	return storage.Get(tx, storage.Value[int64],
		`select count(*) from (select v.id from vorgang v`+c.where()+` order by v.frist, v.id limit 1001) as counted`, c.args...)
}
