// Package search finds documents by German words and by numbers, with the same hits on both engines: one analysis in
// Go (fold, stem, take compounds apart) feeds FTS5 on SQLite and tsvector on PostgreSQL.
//
// A query of several words wants all of them; a word is found as written, by its stem, as a part of a compound, and
// the last one as a beginning; when nothing fits, one typing error a word is forgiven. Of a frequent word only the newest candidates are looked at and ranked in Go. A hit
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
	// Similar tells that nothing fits as typed and the hits forgive a typing error.
	Similar bool
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
	known, err := remove(tx, d.Kind, d.ID)
	if err != nil {
		return err
	}
	numbers := make([]string, 0, len(d.Numbers))
	for _, n := range d.Numbers {
		if n = number(n); n != "" {
			numbers = append(numbers, n)
		}
	}
	titleTerms := terms(d.Title)
	all := slices.Concat(titleTerms, terms(clip(d.Text, maxText)))
	words := forgivable(all)
	row := row{Doc: d, titleTerms: strings.Join(titleTerms, " "), numbers: strings.Join(numbers, " "),
		all: unique(append(all, numbers...))} // numbers: found beside words
	if len(d.Units) > 0 {
		row.label = d.Units[0]
	}
	seq, err := row.insert(tx)
	if err != nil {
		return fmt.Errorf("index %s %s: %w", d.Kind, d.ID, err)
	}
	for _, n := range numbers {
		if _, err := tx.Exec(`insert into suche_nummer (nummer, seq) values ($1, $2) on conflict (nummer, seq) do nothing`, n, seq); err != nil {
			return err
		}
	}
	if err := forget(tx, without(known, words)); err != nil {
		return err
	}
	return learn(tx, without(words, known))
}

// row is a document as it is stored; the lists are blank-separated.
type row struct {
	Doc
	label, titleTerms, numbers, all string
}

func (r row) insert(tx *storage.Tx) (int64, error) {
	if tx.Engine() == storage.PostgreSQL {
		return storage.Get(tx, storage.Value[int64], `insert into suche_dok (kind, doc_id, label, title, title_terms, numbers, changed, terms)
			values ($1, $2, $3, $4, $5, $6, $7, array_to_tsvector(string_to_array($8, ' '))) returning seq`,
			r.Kind, r.ID, r.label, r.Title, r.titleTerms, r.numbers, storage.Millis(tx.Now()), r.all)
	}
	seq, err := storage.Get(tx, storage.Value[int64], `insert into suche_dok (kind, doc_id, label, title, title_terms, numbers, changed)
		values ($1, $2, $3, $4, $5, $6, $7) returning seq`, r.Kind, r.ID, r.label, r.Title, r.titleTerms, r.numbers, storage.Millis(tx.Now()))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`insert into suche_fts (rowid, terms) values ($1, $2)`, seq, r.all)
	return seq, err
}

// unique drops repeated terms and never gives an empty list.
func unique(terms []string) string {
	slices.Sort(terms)
	terms = slices.Compact(terms)
	if len(terms) == 0 {
		return "_"
	}
	return strings.Join(terms, " ")
}

// Delete takes a document out. Nothing of its text stays in the store: neither in the index nor among the known words.
// PostgreSQL keeps dead rows until its next vacuum, as of every table.
func Delete(tx *storage.Tx, kind, id string) error {
	words, err := remove(tx, kind, id)
	if err != nil {
		return err
	}
	return forget(tx, words)
}

// remove takes a document out and returns its words, which stay known.
func remove(tx *storage.Tx, kind, id string) ([]string, error) {
	query := `select d.seq, d.numbers, coalesce(f.terms, '') from suche_dok d left join suche_fts f on f.rowid = d.seq where d.kind = $1 and d.doc_id = $2`
	if tx.Engine() == storage.PostgreSQL {
		query = `select d.seq, d.numbers, array_to_string(tsvector_to_array(d.terms), ' ') from suche_dok d where d.kind = $1 and d.doc_id = $2`
	}
	var numbers, terms string
	seq, err := storage.Get(tx, func(s storage.Scanner) (seq int64, err error) {
		err = s.Scan(&seq, &numbers, &terms)
		return seq, err
	}, query, kind, id)
	if errors.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if tx.Engine() == storage.SQLite {
		if _, err := tx.Exec(`delete from suche_fts where rowid = $1`, seq); err != nil {
			return nil, err
		}
	}
	for _, n := range strings.Fields(numbers) {
		if _, err := tx.Exec(`delete from suche_nummer where nummer = $1 and seq = $2`, n, seq); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(`delete from suche_dok where seq = $1`, seq)
	return forgivable(strings.Fields(terms)), err
}

// Relabel changes who may find a document, when its Vorgang moves to another unit.
func Relabel(tx *storage.Tx, kind, id, label string) error {
	_, err := tx.Exec(`update suche_dok set label = $3 where kind = $1 and doc_id = $2`, kind, id, label)
	return err
}

// Clear empties the index before it is built anew.
func Clear(tx *storage.Tx) error {
	if tx.Engine() == storage.SQLite { // made anew as in migration 00006 and 00007: erasing row by row takes minutes
		for _, statement := range []string{
			`drop table suche_fts`,
			`create virtual table suche_fts using fts5(terms, detail=none, columnsize=0, tokenize='ascii')`,
			`insert into suche_fts (suche_fts, rank) values ('secure-delete', 1)`,
		} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
	}
	if _, err := tx.Exec(`delete from suche_nummer`); err != nil {
		return err
	}
	if _, err := tx.Exec(`delete from suche_wort`); err != nil {
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
	words := queryWords(r.Text)
	found, cut, err := byWords(tx, r, words)
	if err != nil {
		return Page{}, err
	}
	similar := false
	if len(exact)+len(found) == 0 {
		if words, similar, err = corrected(tx, words); err != nil {
			return Page{}, err
		}
		if similar {
			if found, cut, err = byWords(tx, r, words); err != nil {
				return Page{}, err
			}
		}
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
	p := Page{Cut: cut, Similar: similar && len(hits) > 0}
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

// byWords finds whole words; beginnings of the last one too unless whole words fill the candidates: collecting what a
// frequent beginning finds costs more than all the rest.
func byWords(tx *storage.Tx, r Request, words []queryWord) (hits []Hit, cut bool, err error) {
	if len(words) == 0 {
		return nil, false, nil
	}
	for _, beginnings := range []bool{false, true} {
		words[len(words)-1].last = beginnings
		if hits, err = match(tx, r, words); err != nil || len(hits) == candidates {
			return hits, len(hits) == candidates, err
		}
	}
	return hits, false, nil
}

func match(tx *storage.Tx, r Request, words []queryWord) ([]Hit, error) {
	postgres := tx.Engine() == storage.PostgreSQL
	args := []any{expression(words, postgres)}
	where := allowed(r, &args)
	query := `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_fts f join suche_dok d on d.seq = f.rowid
		where f.suche_fts match $1` + where + ` order by f.rowid desc limit 2000`
	if postgres { // a cast, not to_tsquery: its parser would read "1e5a" as a number and a word
		query = `select d.seq, d.kind, d.doc_id, d.title, d.title_terms from suche_dok d
			where d.terms @@ cast($1 as tsquery)` + where + ` order by d.seq desc limit 2000`
	}
	return storage.List(tx, scanHit(words, 0), query, args...)
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
