package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold maps a word or text to the letters it is found by: lower case, without
// diacritics, and with ä = ae = a (ö, ü likewise), ß = ss. So "Müller", "Mueller"
// and "Muller" are one word. "ae", "oe", "ue" after a vowel or q are letters of
// their own ("Steuer", "Frauen", "Quelle") and stay.
//
// Folding a beginning of a word gives a beginning of the folded word, which is
// what searching while typing needs.
func Fold(s string) string {
	return contract(expand(s))
}

// expand lowers s and writes each letter in plain letters, umlauts as two.
func expand(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 4)
	for _, r := range norm.NFC.String(s) {
		r = unicode.ToLower(r)
		switch {
		case r < 0x80:
			b.WriteByte(byte(r))
		case spelled(r) != "":
			b.WriteString(spelled(r))
		default:
			for _, d := range norm.NFKD.String(string(r)) {
				if !unicode.Is(unicode.Mn, d) {
					b.WriteRune(unicode.ToLower(d))
				}
			}
		}
	}
	return b.String()
}

// spelled gives the letters that Unicode does not take apart as German readers would.
func spelled(r rune) string {
	switch r {
	case 'ä', 'æ':
		return "ae"
	case 'ö', 'ø', 'œ':
		return "oe"
	case 'ü':
		return "ue"
	case 'ß':
		return "ss"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return ""
}

// contract writes ae, oe, ue as one letter unless a vowel or q stands before.
func contract(s string) string {
	if !strings.Contains(s, "e") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		out = append(out, c)
		if (c == 'a' || c == 'o' || c == 'u') && i+1 < len(s) && s[i+1] == 'e' && !blocksUmlaut(out) {
			i++
		}
	}
	return string(out)
}

// blocksUmlaut reports whether the letter before the last of out forbids reading it as an umlaut.
func blocksUmlaut(out []byte) bool {
	if len(out) < 2 {
		return false
	}
	switch out[len(out)-2] {
	case 'a', 'e', 'i', 'o', 'u', 'q':
		return true
	}
	return false
}
