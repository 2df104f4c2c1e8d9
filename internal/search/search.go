// Package search finds documents by German words and by numbers, with the same hits on both engines: one analysis in
// Go (fold, stem, take compounds apart) feeds FTS5 on SQLite and tsvector on PostgreSQL.
//
// A query of several words wants all of them; a word is found as written, by its stem, as a part of a compound, and
// the last one as a beginning. Of a frequent word only the newest candidates are looked at and ranked in Go. A hit
// needs a label the caller has; that is part of the query, so counts and pages cannot tell of other documents.
package search

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Doc is one thing to be found.
type Doc struct {
	Kind  string // "vorgang"
	ID    string
	Title string
	Text  string
	// Numbers are found exactly, whatever blanks and signs are typed: Aktenzeichen, Vorgangsnummer.
	Numbers []string
	// Units are the labels that may see it; the first one counts. None: everybody.
	Units []string
}

// Hit is one result.
type Hit struct {
	Kind, ID, Title string
	score           int
	seq             int64
}

// Request is a query. Labels are those of the caller; a document without label is found by everybody.
type Request struct {
	Text   string
	Kinds  []string // empty: all
	Labels []string
	Offset int
}

// Page is a page of hits, the best first.
type Page struct {
	Hits []Hit
	More bool
	// Cut tells that a frequent word was looked at among its newest documents only.
	Cut bool
}

// PageSize is how many hits a page has; candidates how many of a frequent word are ranked.
const (
	PageSize   = 25
	candidates = 2000
	maxWords   = 12
	maxQuery   = 1000    // bytes of a query that are read
	maxText    = 200_000 // bytes of a document that are indexed
)

// Index puts or replaces a document, in the transaction of its row.
func Index(tx *storage.Tx, d Doc) error {
	if err := Delete(tx, d.Kind, d.ID); err != nil {
		return err
	}
	label := ""
	if len(d.Units) > 0 {
		label = d.Units[0]
	}
	numbers := make([]string, 0, len(d.Numbers))
	for _, n := range d.Numbers {
		if n = number(n); n != "" {
			numbers = append(numbers, n)
		}
	}
	titleTerms := terms(d.Title)
	all := strings.Join(slices.Concat(titleTerms, terms(clip(d.Text, maxText)), numbers), " ") // numbers: found beside words
	seq, err := insert(tx, d, label, strings.Join(titleTerms, " "), strings.Join(numbers, " "), all)
	if err != nil {
		return fmt.Errorf("index %s %s: %w", d.Kind, d.ID, err)
	}
	for _, n := range numbers {
		if _, err := tx.Exec(`insert into suche_nummer (nummer, seq) values ($1, $2) on conflict (nummer, seq) do nothing`, n, seq); err != nil {
			return err
		}
	}
	return nil
}

func insert(tx *storage.Tx, d Doc, label, titleTerms, numbers, all string) (int64, error) {
	if tx.Engine() == storage.PostgreSQL {
		return storage.Get(tx, storage.Value[int64], `insert into suche_dok (kind, doc_id, label, title, title_terms, numbers, changed, terms)
			values ($1, $2, $3, $4, $5, $6, $7, array_to_tsvector(string_to_array($8, ' '))) returning seq`,
			d.Kind, d.ID, label, d.Title, titleTerms, numbers, storage.Millis(tx.Now()), unique(all))
	}
	seq, err := storage.Get(tx, storage.Value[int64], `insert into suche_dok (kind, doc_id, label, title, title_terms, numbers, changed)
		values ($1, $2, $3, $4, $5, $6, $7) returning seq`, d.Kind, d.ID, label, d.Title, titleTerms, numbers, storage.Millis(tx.Now()))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`insert into suche_fts (rowid, terms) values ($1, $2)`, seq, all)
	return seq, err
}

// unique drops repeated terms and never gives an empty array element.
func unique(all string) string {
	list := strings.Fields(all)
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return "_"
	}
	return strings.Join(list, " ")
}

// Delete takes a document out; nothing of its text stays behind.
func Delete(tx *storage.Tx, kind, id string) error {
	seq, err := storage.Get(tx, storage.Value[int64], `select seq from suche_dok where kind = $1 and doc_id = $2`, kind, id)
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if tx.Engine() == storage.SQLite {
		if _, err := tx.Exec(`delete from suche_fts where rowid = $1`, seq); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`delete from suche_nummer where seq = $1`, seq); err != nil {
		return err
	}
	_, err = tx.Exec(`delete from suche_dok where seq = $1`, seq)
	return err
}

// Relabel changes who may find a document, when its Vorgang moves to another unit.
func Relabel(tx *storage.Tx, kind, id, label string) error {
	_, err := tx.Exec(`update suche_dok set label = $3 where kind = $1 and doc_id = $2`, kind, id, label)
	return err
}

// Clear empties the index before it is built anew.
func Clear(tx *storage.Tx) error {
	if tx.Engine() == storage.SQLite {
		if _, err := tx.Exec(`insert into suche_fts (suche_fts) values ('delete-all')`); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`delete from suche_nummer`); err != nil {
		return err
	}
	_, err := tx.Exec(`delete from suche_dok`)
	return err
}

// terms are what a text is found by.
func terms(text string) []string {
	var out []string
	for _, w := range analyse(base, text) {
		out = append(out, w.surface)
		for _, t := range slices.Concat([]string{w.stem}, w.parts, w.loose) {
			if !slices.Contains(out[max(0, len(out)-8):], t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// Query returns a page of hits. Any text is a query; one without words has no hits.
func Query(tx *storage.Tx, r Request) (Page, error) {
	exact, err := byNumber(tx, r)
	if err != nil {
		return Page{}, err
	}
	found, cut, err := byWords(tx, r, queryWords(r.Text))
	if err != nil {
		return Page{}, err
	}
	seen := map[int64]bool{}
	var hits []Hit
	for _, h := range slices.Concat(exact, found) {
		if !seen[h.seq] {
			seen[h.seq] = true
			hits = append(hits, h)
		}
	}
	sort.SliceStable(hits, func(i, j int) bool {
		if hits[i].score != hits[j].score {
			return hits[i].score > hits[j].score
		}
		return hits[i].seq > hits[j].seq
	})
	p := Page{Cut: cut}
	if r.Offset < len(hits) {
		p.Hits = hits[max(0, r.Offset):]
	}
	if len(p.Hits) > PageSize {
		p.Hits, p.More = p.Hits[:PageSize], true
	}
	return p, nil
}

// Scores of a number: a whole one goes before those it is the beginning of, both before any words.
const (
	exactScore   = 2000
	beginScore   = 1000
	minBeginning = 3 // characters of a beginning looked for
)

// byNumber takes the whole query for a number, or for the beginning of one.
func byNumber(tx *storage.Tx, r Request) ([]Hit, error) {
	n := number(r.Text)
	if len(n) < minBeginning {
		return nil, nil
	}
	args := []any{n}
	where := allowed(r, &args)
	whole, err := storage.List(tx, scanHit(nil, exactScore), `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_nummer x join suche_dok d on d.seq = x.seq
		where x.nummer = $1`+where+` order by d.seq desc limit 50`, args...)
	if err != nil {
		return nil, err
	}
	args = []any{n, n + "\uffff"}
	where = allowed(r, &args)
	begun, err := storage.List(tx, scanHit(nil, beginScore), `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_nummer x join suche_dok d on d.seq = x.seq
		where x.nummer > $1 and x.nummer < $2`+where+` order by x.nummer, d.seq desc limit 50`, args...)
	return append(whole, begun...), err
}

func byWords(tx *storage.Tx, r Request, words []queryWord) ([]Hit, bool, error) {
	if len(words) == 0 {
		return nil, false, nil
	}
	postgres := tx.Engine() == storage.PostgreSQL
	args := []any{expression(words, postgres)}
	where := allowed(r, &args)
	query := `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_fts f join suche_dok d on d.seq = f.rowid
		where f.suche_fts match $1` + where + ` order by f.rowid desc limit 2000`
	if postgres { // a cast, not to_tsquery: its parser would read "1e5a" as a number and a word
		query = `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_dok d
			where d.terms @@ cast($1 as tsquery)` + where + ` order by d.seq desc limit 2000`
	}
	hits, err := storage.List(tx, scanHit(words, 0), query, args...)
	return hits, len(hits) == candidates, err
}

// allowed narrows by label and kind, with parameters only.
func allowed(r Request, args *[]any) string {
	list := func(values []string) string {
		marks := make([]string, len(values))
		for i, v := range values {
			*args = append(*args, v)
			marks[i] = "$" + strconv.Itoa(len(*args))
		}
		return strings.Join(marks, ", ")
	}
	where := ` and d.label in (` + list(append([]string{""}, r.Labels...)) + `)`
	if len(r.Kinds) > 0 {
		where += ` and d.kind in (` + list(r.Kinds) + `)`
	}
	return where
}

// scanHit reads a candidate and ranks it: words in the title as written before beginnings before parts before the
// text; the newest first among equals.
func scanHit(words []queryWord, score int) func(storage.Scanner) (Hit, error) {
	return func(s storage.Scanner) (Hit, error) {
		h := Hit{score: score}
		var titleTerms string
		if err := s.Scan(&h.seq, &h.Kind, &h.ID, &h.Title, &titleTerms); err != nil {
			return h, err
		}
		title := " " + titleTerms + " "
		for _, w := range words {
			h.score += w.rank(title)
		}
		return h, nil
	}
}
