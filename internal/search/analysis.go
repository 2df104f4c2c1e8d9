package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/german"
)

// word is one word of a text or a query after analysis.
type word struct {
	surface string   // folded as written
	stem    string   // folded stem, may equal surface
	parts   []string // stems of the compound's parts, which cover all of it
	loose   []string // stems of parts of a compound that is only known in part
}

// analyse cuts a text into words. Stop words and lone letters are left out.
// Words joined by a hyphen are returned joined as well as apart, so that
// "Hunde-Steuer" and "Hundesteuer" find each other.
func analyse(d *dictionary, text string) []word {
	var out []word
	for _, run := range runs(text) {
		for _, s := range run {
			if w, ok := newWord(d, s); ok {
				out = append(out, w)
			}
		}
		if len(run) > 1 {
			if w, ok := newWord(d, strings.Join(run, "")); ok {
				out = append(out, w)
			}
		}
	}
	return out
}

func newWord(d *dictionary, s string) (word, bool) {
	surface := clip(strings.Map(wordRune, Fold(s)), maxFolded)
	if surface == "" || stopwords[surface] || (len(surface) == 1 && letters(surface)) {
		return word{}, false
	}
	w := word{surface: surface, stem: stem(surface)}
	whole, loose := d.split(surface)
	w.parts, w.loose = stems(whole), stems(loose)
	return w, true
}

// runs cuts text at everything that is neither letter nor digit; pieces that
// only a hyphen separates form one run.
func runs(text string) [][]string {
	var out [][]string
	joined := false
	for len(text) > 0 {
		n := strings.IndexFunc(text, isWordRune)
		if n < 0 {
			return out
		}
		joined = joined && hyphen(text[:n])
		text = text[n:]
		end := strings.IndexFunc(text, func(r rune) bool { return !isWordRune(r) })
		if end < 0 {
			end = len(text)
		}
		if joined && len(out) > 0 {
			out[len(out)-1] = append(out[len(out)-1], text[:end])
		} else {
			out = append(out, []string{text[:end]})
		}
		text, joined = text[end:], true
	}
	return out
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

// wordRune drops what taking a letter apart may leave besides letters, such as the blanks of Arabic ligatures.
func wordRune(r rune) rune {
	if !isWordRune(r) {
		return -1
	}
	return r
}

func hyphen(between string) bool {
	switch between {
	case "-", "\u2010", "\u2011", "\u00ad":
		return true
	}
	return false
}

// stem reduces a folded word to its German stem; words with digits stay.
func stem(folded string) string {
	if len(folded) < 4 || !letters(folded) {
		return folded
	}
	env := snowballstem.NewEnv(folded)
	german.Stem(env)
	if s := Fold(env.Current()); s != "" {
		return s
	}
	return folded
}

func stems(folded []string) []string {
	if len(folded) == 0 {
		return nil
	}
	out := make([]string, len(folded))
	for i, w := range folded {
		out[i] = stem(w)
	}
	return out
}

// clip cuts s to at most n bytes without breaking a letter.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// number is the form an Aktenzeichen or Vorgangsnummer is compared in: letters
// and digits only, with O read as 0 and I, L as 1 as the Vorgangsnummer allows.
func number(s string) string {
	var b strings.Builder
	for _, r := range Fold(s) {
		switch {
		case r == 'o':
			b.WriteByte('0')
		case r == 'i' || r == 'l':
			b.WriteByte('1')
		case unicode.IsDigit(r) || unicode.IsLetter(r):
			b.WriteRune(r)
		}
	}
	return clip(b.String(), maxFolded)
}
