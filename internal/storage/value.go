package storage

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Millis is how an instant is stored: milliseconds since 1970 UTC; the zero time is 0.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Time is the instant stored as ms; 0 is the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Fold is how text is stored for sorting and comparing: lower case, ä→ae, ö→oe, ü→ue, ß→ss, other
// marks dropped, white space as single blanks. Both sides of a comparison must be folded.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 4)
	blank := false
	for _, r := range norm.NFC.String(s) {
		r = unicode.ToLower(r)
		if unicode.IsSpace(r) {
			blank = b.Len() > 0
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		writeFolded(&b, r)
	}
	return b.String()
}

func writeFolded(b *strings.Builder, r rune) {
	switch r {
	case 'ä', 'æ':
		b.WriteString("ae")
	case 'ö', 'ø', 'œ':
		b.WriteString("oe")
	case 'ü':
		b.WriteString("ue")
	case 'ß':
		b.WriteString("ss")
	case 'ł':
		b.WriteByte('l')
	case 'đ', 'ð':
		b.WriteByte('d')
	default:
		if r < 0x80 {
			b.WriteByte(byte(r))
			return
		}
		for _, d := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, d) {
				b.WriteRune(d)
			}
		}
	}
}
