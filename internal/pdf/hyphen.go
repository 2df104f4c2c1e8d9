package pdf

import (
	"strings"
	"unicode"
)

// partLongWords puts soft hyphens and break marks into words wider than a line, and only there: parting is by simple
// German rules, good enough for the rare word that leaves no choice.
func partLongWords(atoms []atom, width, hyphen float64) []atom {
	var out []atom
	for from := 0; from < len(atoms); {
		to, wide := from, 0.0
		for to < len(atoms) && atoms[to].r != ' ' && atoms[to].r != '\n' {
			if atoms[to].r != softHyphen {
				wide += atoms[to].width
			}
			to++
		}
		switch {
		case to == from:
			out = append(out, atoms[from])
			from++
			continue
		case wide <= width:
			out = append(out, atoms[from:to]...)
		default:
			out = appendParted(out, atoms[from:to], hyphen)
		}
		from = to
	}
	return out
}

// appendParted parts one word: letters between syllables with a hyphen, addresses and numbers after punctuation without.
func appendParted(out, word []atom, hyphen float64) []atom {
	for from := 0; from < len(word); {
		to := from
		for to < len(word) && unicode.IsLetter(word[to].r) {
			to++
		}
		if to == from {
			a := word[from]
			out = append(out, a)
			if strings.ContainsRune("/.,;:-_@?&=+#", a.r) {
				out = append(out, atom{r: breakHere, run: a.run})
			}
			from++
			continue
		}
		part := word[from:to]
		for i, a := range part {
			if syllableStarts(part, i) {
				out = append(out, atom{r: softHyphen, run: a.run, width: hyphen})
			}
			out = append(out, a)
		}
		from = to
	}
	return out
}

// syllableStarts: a syllable starts with the last consonant before a vowel ("Stra-ßen-sper-rung"); "ch", "sch" and
// their like count as one. Three letters stay on either side.
func syllableStarts(word []atom, i int) bool {
	if i < 3 || len(word)-i < 3 {
		return false
	}
	at := func(k int) rune { return unicode.ToLower(word[k].r) }
	vowel := func(k int) bool { return strings.ContainsRune("aeiouyäöüáàâéèêíìîóòôúùû", at(k)) }
	seen := false // a vowel must stand before, or nothing can be spoken
	for k := range i {
		seen = seen || vowel(k)
	}
	if !seen || vowel(i) {
		return false
	}
	// The consonants from i up to the next vowel must be one sound.
	for _, sound := range []string{"sch", "ch", "ck", "ph", "th", "sh", "qu"} {
		n := len(sound)
		if i+n < len(word) && at(i) == rune(sound[0]) && at(i+1) == rune(sound[1]) && (n == 2 || at(i+2) == rune(sound[2])) {
			return vowel(i+n) && !insideSound(at, i)
		}
	}
	return vowel(i+1) && !insideSound(at, i)
}

// insideSound: i is the second or third letter of a sound written with several.
func insideSound(at func(int) rune, i int) bool {
	switch at(i) {
	case 'h':
		return strings.ContainsRune("cpst", at(i-1))
	case 'k':
		return at(i-1) == 'c'
	case 'c':
		return at(i-1) == 's' && at(i+1) == 'h'
	case 'u':
		return at(i-1) == 'q'
	}
	return false
}
