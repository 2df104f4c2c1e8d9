package search

import (
	"slices"
	"strings"
)

// Entry is one thing of a small collection, such as a service of the catalogue.
type Entry struct {
	ID       string
	Title    string
	Synonyms []string
	Text     string
}

// Small is an index in memory for up to a few hundred entries. It forgives one typing error per word.
// Immutable; safe for concurrent use.
type Small struct {
	entries []smallEntry
	vocab   []string // all terms, sorted
}

type smallEntry struct {
	id    string
	order int
	title map[string]bool
	other map[string]bool // synonyms
	text  map[string]bool
	parts map[string]bool // parts of compounds, anywhere
}

// NewSmall builds the index.
func NewSmall(entries []Entry) *Small {
	s := &Small{}
	seen := map[string]bool{}
	for i, e := range entries {
		x := smallEntry{id: e.ID, order: i, title: map[string]bool{}, other: map[string]bool{}, text: map[string]bool{}, parts: map[string]bool{}}
		add := func(into map[string]bool, text string) {
			for _, w := range analyse(base, text) {
				into[w.surface], into[w.stem] = true, true
				for _, p := range slices.Concat(w.parts, w.loose) {
					x.parts[p] = true
					seen[p] = true
				}
				seen[w.surface], seen[w.stem] = true, true
			}
		}
		add(x.title, e.Title)
		for _, syn := range e.Synonyms {
			add(x.other, syn)
		}
		add(x.text, e.Text)
		s.entries = append(s.entries, x)
	}
	for t := range seen {
		s.vocab = append(s.vocab, t)
	}
	slices.Sort(s.vocab)
	return s
}

// Search returns ids, the best first. Every word counts; an entry must fit at least one word of the query and, where
// some entry fits all of them, all.
func (s *Small) Search(query string) []string {
	words := analyse(base, query)
	if len(words) == 0 {
		return nil
	}
	type scored struct {
		id          string
		fits, score int
		order       int
	}
	var all []scored
	most := 0
	options := make([][]string, len(words))
	for i, w := range words {
		options[i] = s.alternatives(w, spellings(query, w))
	}
	for _, e := range s.entries {
		x := scored{id: e.id, order: e.order}
		for i, w := range words {
			if n := e.rank(w, options[i]); n > 0 {
				x.fits++
				x.score += n
			}
		}
		if x.fits > 0 {
			all = append(all, x)
			most = max(most, x.fits)
		}
	}
	all = slices.DeleteFunc(all, func(x scored) bool { return x.fits < most })
	slices.SortStableFunc(all, func(a, b scored) int {
		if a.score != b.score {
			return b.score - a.score
		}
		return a.order - b.order
	})
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = x.id
	}
	return out
}

// rank says how well an entry fits a word; corrected are known terms one error away.
func (e smallEntry) rank(w word, corrected []string) int {
	switch {
	case e.title[w.surface]:
		return 20
	case e.title[w.stem]:
		return 18
	case e.other[w.surface], e.other[w.stem]:
		return 15
	case begins(e.title, w.surface):
		return 12
	case len(w.parts) > 1 && containsAll(e, w.parts):
		return 11
	case e.parts[w.stem], e.parts[w.surface]:
		return 10
	case begins(e.other, w.surface):
		return 9
	case e.text[w.stem], e.text[w.surface]:
		return 5
	}
	best := 0
	for _, c := range corrected {
		switch {
		case e.title[c]:
			best = max(best, 8)
		case e.other[c]:
			best = max(best, 6)
		case e.parts[c]:
			best = max(best, 4)
		}
	}
	return best
}

func begins(terms map[string]bool, prefix string) bool {
	if len(prefix) < 3 {
		return false
	}
	for t := range terms {
		if strings.HasPrefix(t, prefix) {
			return true
		}
	}
	return false
}

func containsAll(e smallEntry, parts []string) bool {
	for _, p := range parts {
		if !e.parts[p] && !e.title[p] && !e.other[p] {
			return false
		}
	}
	return true
}

const minForgiven = 4 // letters of the shortest word in which an error is forgiven

// alternatives are the known terms one typing error away from a word that is not known itself.
func (s *Small) alternatives(w word, spelled []string) []string {
	if len(w.surface) < minForgiven {
		return nil
	}
	if _, known := slices.BinarySearch(s.vocab, w.surface); known {
		return nil
	}
	var out []string
	for _, t := range s.vocab {
		if slices.ContainsFunc(spelled, func(x string) bool { return oneError(x, t) }) {
			out = append(out, t)
		}
	}
	return out
}

// spellings are the forms of a word that may hold the error: folded, its stem, and as typed, where a swapped "ue" is
// no umlaut.
func spellings(query string, w word) []string {
	out := []string{w.surface, w.stem}
	for _, run := range runs(query) {
		for _, typed := range run {
			if Fold(typed) == w.surface {
				out = append(out, expand(typed))
			}
		}
	}
	return out
}

// oneError reports whether a and b differ by one letter added, left out, changed, or two neighbours swapped.
func oneError(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 || len(b) < minForgiven-1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	if len(a) > len(b) {
		return a[i+1:] == b[i:]
	}
	if i == len(a) {
		return true
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
