package search

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Words that take part in forgiving a typing error, in bytes, and how many neighbours of one are tried.
const (
	maxForgiven    = 40
	maxNeighbours  = 20
	maxCorrections = 6 // words of a query that are corrected
)

// forgivable lists the distinct words of terms that a typing error may lead to, sorted.
func forgivable(terms []string) []string {
	var out []string
	for _, t := range terms {
		if len(t) >= minForgiven && len(t) <= maxForgiven && letters(t) {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// learn notes the words nobody has used before. It writes only those, so that it costs a look most of the time.
func learn(tx *storage.Tx, words []string) error {
	if len(words) == 0 {
		return nil
	}
	list, err := json.Marshal(words)
	if err != nil {
		return err
	}
	query := `select j.value from json_each($1) j where not exists (select 1 from suche_wort where wort = j.value) order by j.value`
	if tx.Engine() == storage.PostgreSQL {
		query = `select j.value from json_array_elements_text(cast($1 as json)) as j(value)
			where not exists (select 1 from suche_wort where wort = j.value) order by j.value`
	}
	fresh, err := storage.List(tx, storage.Value[string], query, string(list))
	if err != nil {
		return err
	}
	for _, w := range fresh {
		if _, err := tx.Exec(`insert into suche_wort (wort, rueckwaerts, laenge) values ($1, $2, $3)`, w, backwards(w), len(w)); err != nil {
			return err
		}
	}
	return nil
}

// forget drops those of the words that no document holds any more.
func forget(tx *storage.Tx, words []string) error {
	query, term := `select rowid from suche_fts where suche_fts match $1 order by rowid desc limit 1`, `"`
	if tx.Engine() == storage.PostgreSQL {
		query, term = `select seq from suche_dok where terms @@ cast($1 as tsquery) order by seq desc limit 1`, `'`
	}
	for _, w := range words {
		_, err := storage.Get(tx, storage.Value[int64], query, term+w+term)
		if errors.Is(err, problem.NotFound) {
			_, err = tx.Exec(`delete from suche_wort where wort = $1`, w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// without returns what a has and b has not; both are sorted.
func without(a, b []string) []string {
	var out []string
	for _, w := range a {
		if _, ok := slices.BinarySearch(b, w); !ok {
			out = append(out, w)
		}
	}
	return out
}

func backwards(s string) string {
	b := []rune(s)
	slices.Reverse(b)
	return string(b)
}

// corrected gives each word its neighbours one typing error away; false when there are none at all.
func corrected(tx *storage.Tx, words []queryWord) ([]queryWord, bool, error) {
	out := slices.Clone(words)
	found := false
	for i := range out[:min(len(out), maxCorrections)] {
		w := &out[i]
		if w.number != "" && len(w.pieces) > 1 {
			continue // a number, or a double name: its pieces are looked for as they are
		}
		var err error
		if w.similar, err = neighbours(tx, w.word, w.typed); err != nil {
			return nil, false, err
		}
		found = found || len(w.similar) > 0
	}
	return out, found, nil
}

// neighbours are the known words one error away from the word, its stem, or the word as typed, where a swapped "ue"
// is no umlaut.
func neighbours(tx *storage.Tx, w word, typed string) ([]string, error) {
	if !letters(w.surface) {
		return nil, nil
	}
	var out []string
	forms := []string{w.surface, w.stem, clip(expand(typed), maxFolded)}
	slices.Sort(forms)
	for _, form := range slices.Compact(forms) {
		if len(form) < minForgiven || len(form) > maxForgiven {
			continue
		}
		near, err := around(tx, form)
		if err != nil {
			return nil, err
		}
		for _, n := range near {
			if n != w.surface && n != w.stem && oneError(form, n) {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxNeighbours)], nil
}

// around reads the known words that share the first or the last half of a word. One error, swapped neighbours
// included, cannot spoil both when the halves leave one letter free.
func around(tx *storage.Tx, form string) ([]string, error) {
	r := []rune(form)
	half := (len(r) - 1) / 2
	head, tail := string(r[:half]), backwards(string(r[half+1:]))
	const end = "\U0010ffff"
	first, err := storage.List(tx, storage.Value[string], `select wort from suche_wort
		where wort >= $1 and wort < $2 and laenge between $3 and $4 order by wort limit 5000`, head, head+end, len(form)-1, len(form)+1)
	if err != nil {
		return nil, err
	}
	second, err := storage.List(tx, storage.Value[string], `select wort from suche_wort
		where rueckwaerts >= $1 and rueckwaerts < $2 and laenge between $3 and $4 order by rueckwaerts limit 5000`, tail, tail+end, len(form)-1, len(form)+1)
	return append(first, second...), err
}

// spelledIn reports whether a list of terms, blank-separated, holds one of the neighbours.
func (w queryWord) spelledIn(title string) bool {
	return slices.ContainsFunc(w.similar, func(n string) bool { return strings.Contains(title, " "+n+" ") })
}
