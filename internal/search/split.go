package search

import (
	_ "embed"
	"strings"
)

//go:embed words.txt
var wordFile string

//go:embed stopwords.txt
var stopwordFile string

// base and stopwords are read once from the embedded files and never change.
var (
	base      = newDictionary(listed(wordFile))
	stopwords = set(listed(stopwordFile))
)

const (
	minPart   = 3  // letters of the shortest word a compound is made of
	minLoose  = 4  // the same where the rest of the compound is unknown
	maxSplit  = 48 // longer words are not taken apart
	maxFolded = 64 // bytes of a term; the rest of a longer word is dropped
)

// listed reads the words of an embedded list, folded.
func listed(file string) []string {
	var out []string
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			out = append(out, Fold(w))
		}
	}
	return out
}

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// dictionary knows the words that compounds are made of. It is immutable.
type dictionary struct {
	words map[string]bool
}

func newDictionary(folded []string) *dictionary {
	return &dictionary{words: set(folded)}
}

func (d *dictionary) has(w string) bool {
	return d.words[w]
}

// links are the letters German puts between the parts, endings those after the last.
var (
	links   = [...]string{"", "s", "es", "en", "n", "e", "er", "ens"}
	endings = [...]string{"", "e", "en", "er", "es", "s", "n", "ern", "em", "ens"}
)

// split takes a folded compound apart. whole: the parts cover all of w (two or
// more). loose: only its beginning or its end is a known word; such a part helps
// to find w but does not stand for it.
func (d *dictionary) split(w string) (whole, loose []string) {
	if len(w) < 2*minPart || len(w) > maxSplit || !letters(w) || d.has(w) {
		return nil, nil
	}
	s := splitter{d: d, w: w, seen: make([]solution, len(w)+1)}
	if best := s.from(0); best.cost > 0 {
		parts := s.parts()
		if len(parts) > 1 {
			return parts, nil
		}
		return nil, nil // one word with an ending: the stem covers it
	}
	return nil, d.looseParts(w)
}

// solution is the cheapest way to read w from one position on; cost 0 = none, next 0 = end.
type solution struct {
	cost, end, next int
	known           bool
}

type splitter struct {
	d    *dictionary
	w    string
	seen []solution
}

// from finds the fewest and longest parts that cover w[i:].
func (s *splitter) from(i int) solution {
	if s.seen[i].known {
		return s.seen[i]
	}
	var best solution
	for j := len(s.w); j >= i+minPart; j-- {
		if !s.d.has(s.w[i:j]) {
			continue
		}
		cost := 10
		if j-i == minPart {
			cost = 15 // short words are found in everything
		}
		rest := s.w[j:]
		for _, e := range endings {
			if rest == e {
				best = cheaper(best, solution{cost: cost + len(e), end: j})
			}
		}
		for _, l := range links {
			if len(rest)-len(l) < minPart || !strings.HasPrefix(rest, l) {
				continue
			}
			if next := s.from(j + len(l)); next.cost > 0 {
				best = cheaper(best, solution{cost: cost + len(l) + next.cost, end: j, next: j + len(l)})
			}
		}
	}
	best.known = true
	s.seen[i] = best
	return best
}

func cheaper(a, b solution) solution {
	if a.cost == 0 || b.cost < a.cost {
		return b
	}
	return a
}

func (s *splitter) parts() []string {
	var out []string
	for i := 0; ; {
		sol := s.seen[i]
		out = append(out, s.w[i:sol.end])
		if sol.next == 0 {
			return out
		}
		i = sol.next
	}
}

// looseParts finds the longest known word at the end and at the beginning of w.
func (d *dictionary) looseParts(w string) []string {
	var out []string
	if head := d.looseHead(w); head != "" {
		out = append(out, head)
	}
	for j := len(w) - minLoose; j >= minLoose; j-- {
		if d.has(w[:j]) && !derived(w[j:]) {
			return append(out, w[:j])
		}
	}
	return out
}

func (d *dictionary) looseHead(w string) string {
	for i := minPart; i <= len(w)-minLoose; i++ {
		for _, e := range endings {
			if part, ok := strings.CutSuffix(w[i:], e); ok && len(part) >= minLoose && d.has(part) {
				return part
			}
		}
	}
	return ""
}

// derived reports whether rest makes a new word of the one before it instead of a compound.
func derived(rest string) bool {
	for _, e := range [...]string{"heit", "keit", "lich", "schaft", "isch", "erin", "ungen", "igung"} {
		if strings.HasPrefix(rest, e) {
			return true
		}
	}
	return false
}

// letters reports whether w has no digit, so that German word rules apply.
func letters(w string) bool {
	return !strings.ContainsAny(w, "0123456789")
}
