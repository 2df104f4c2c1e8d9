package search

import (
	"slices"
	"strings"
)

// queryWord is one blank-separated piece of a query with everything it may be found by.
type queryWord struct {
	word
	// pieces are the words of something written with signs inside ("Müller-Lürsen", "22.30-2026/00041"): all of them
	// find it as well. Empty for a plain word.
	pieces []word
	number string // the piece as an Aktenzeichen or Vorgangsnummer; empty for a plain word
	last   bool   // its beginning finds it: it may be still being typed
	typed  string
	// similar are known words one typing error away; used when nothing is found without them.
	similar []string
}

// queryWords takes a query apart, at most maxWords words.
func queryWords(text string) []queryWord {
	var out []queryWord
	for field := range strings.FieldsSeq(clip(text, maxQuery)) {
		pieces := slices.Concat(runs(field)...)
		w := queryWord{typed: strings.Join(pieces, "")}
		if len(pieces) > 1 {
			w.number = number(field)
			for _, p := range pieces[:min(len(pieces), maxWords)] {
				if x, ok := newWord(base, p); ok {
					w.pieces = append(w.pieces, x)
				}
			}
		}
		whole, ok := newWord(base, w.typed)
		if !ok {
			continue
		}
		w.word = whole
		if out = append(out, w); len(out) == maxWords {
			break
		}
	}
	return out
}

// rank says how well the word fits a title, given as its terms with a blank at each end.
func (w queryWord) rank(title string) int {
	if len(w.pieces) > 0 && !strings.Contains(title, " "+w.surface+" ") {
		best := 8
		for _, p := range w.pieces {
			best = min(best, rankTerm(p, title))
		}
		return best
	}
	if n := rankTerm(w.word, title); n > 0 || !w.spelledIn(title) {
		return n
	}
	return 1
}

func rankTerm(w word, title string) int {
	switch {
	case strings.Contains(title, " "+w.surface+" "):
		return 8
	case strings.Contains(title, " "+w.stem+" "):
		return 6
	case strings.Contains(title, " "+w.surface):
		return 4
	case strings.Contains(title, w.surface):
		return 2
	}
	return 0
}

// syntax is how an engine writes a query. Terms hold letters and digits only, so nothing needs escaping.
type syntax struct{ and, or, open, close, begins string }

// expression is the query in the engine's own syntax.
func expression(words []queryWord, postgres bool) string {
	s := syntax{" AND ", " OR ", `"`, `"`, `"*`}
	if postgres {
		s = syntax{" & ", " | ", `'`, `'`, `':*`}
	}
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = "(" + strings.Join(w.ways(s), s.or) + ")"
	}
	return strings.Join(all, s.and)
}

// ways lists what finds the word, each an expression.
func (w queryWord) ways(s syntax) []string {
	out := s.forms(w.word, w.last)
	if w.number != "" {
		out = append(out, s.open+w.number+s.close)
		if w.last && len(w.number) >= minBeginning {
			out = append(out, s.open+w.number+s.begins)
		}
	}
	if len(w.pieces) > 0 {
		pieces := make([]string, len(w.pieces))
		for i, p := range w.pieces {
			pieces[i] = "(" + strings.Join(s.forms(p, w.last && i == len(w.pieces)-1), s.or) + ")"
		}
		out = append(out, "("+strings.Join(pieces, s.and)+")")
	}
	for _, n := range w.similar {
		out = append(out, s.open+n+s.close)
	}
	return out
}

// forms are the ways to find one plain word: stem, as written, as a beginning, by all parts of the compound.
func (s syntax) forms(w word, last bool) []string {
	out := []string{s.open + w.stem + s.close}
	if w.surface != w.stem {
		out = append(out, s.open+w.surface+s.close)
	}
	if last && len(w.surface) >= minBeginning {
		out = append(out, s.open+w.surface+s.begins)
	}
	if len(w.parts) > 1 {
		parts := make([]string, len(w.parts))
		for i, p := range w.parts {
			parts[i] = s.open + p + s.close
		}
		out = append(out, "("+strings.Join(parts, s.and)+")")
	}
	return out
}
