package pdf

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Run is a piece of text set in one way.
type Run struct {
	Text string
	Bold bool
	URI  string // not empty: a link
}

// Text is plain text. A line feed breaks the line, a soft hyphen (U+00AD) is where a word may be parted.
func Text(s string) Run { return Run{Text: s} }

// Bold is emphasised text.
func Bold(s string) Run { return Run{Text: s, Bold: true} }

// Link is text that leads to a web or mail address (http, https, mailto); other addresses refuse the document.
// The label must tell the aim on paper too.
func Link(label, uri string) Run { return Run{Text: label, URI: uri} }

// atom is one character of a paragraph.
type atom struct {
	r     rune
	run   int
	width float64
}

// line is a broken line: its atoms, spaces at its end included (they part the words for a screen reader).
type line struct {
	atoms []atom
	width float64 // without spaces at the end
	blank bool    // broken without a space: a line feed
}

const (
	softHyphen = '\u00ad'
	breakHere  = '\u200b' // zero width space: a line may end here, nothing is drawn
)

// target checks and normalises a link address.
func target(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("pdf: link address: %w", err)
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	case u.Scheme == "mailto" && u.Opaque != "":
	default:
		return "", fmt.Errorf("pdf: link address %q is no web or mail address", uri)
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>\"`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// clean turns any string into the characters that will be set: composed letters, single spaces, no invisible controls.
func clean(s string) []rune {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r == '\n', r == '\u2028', r == '\u2029', r == '\v', r == '\f':
			r = '\n'
		case r == '\t', r == '\u2009', r == '\u2002', r == '\u2003':
			r = ' '
		case r == '\u202f', r == '\u2007':
			r = '\u00a0'
		case r == '\u2011':
			r = '-'
		case r == softHyphen, r == breakHere:
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Noncharacter_Code_Point):
			continue
		}
		if n := len(out); n > 0 {
			if c := compose(out[n-1], r); c != 0 {
				out[n-1] = c
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// plain is cleaned text on one line, for metadata and descriptions.
func plain(s string) string { return strings.Join(strings.Fields(string(clean(s))), " ") }

// compose joins a letter and a combining mark (file names from a Mac, some forms); zero: no such letter.
// The tables hold base and result in turn.
func compose(base, mark rune) rune {
	var pairs string
	switch mark {
	case '\u0300':
		pairs = "AÀEÈIÌOÒUÙaàeèiìoòuùNǸnǹ"
	case '\u0301':
		pairs = "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzź"
	case '\u0302':
		pairs = "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ"
	case '\u0303':
		pairs = "AÃNÑOÕaãnñoõIĨiĩUŨuũ"
	case '\u0304':
		pairs = "AĀaāEĒeēIĪiīOŌoōUŪuū"
	case '\u0306':
		pairs = "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ"
	case '\u0307':
		pairs = "CĊcċEĖeėGĠgġIİZŻzż"
	case '\u0308':
		pairs = "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸ"
	case '\u030a':
		pairs = "AÅaåUŮuů"
	case '\u030b':
		pairs = "OŐoőUŰuű"
	case '\u030c':
		pairs = "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzž"
	case '\u0327':
		pairs = "CÇcçGĢKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ"
	case '\u0328':
		pairs = "AĄaąEĘeęIĮiįUŲuų"
	default:
		return 0
	}
	wanted := false
	for i, r := range []rune(pairs) {
		if wanted {
			return r
		}
		wanted = i%2 == 0 && r == base
	}
	return 0
}

// atoms measures runs in a style. Spaces are joined, also across runs; a missing glyph fails the document.
func (d *Document) atoms(runs []Run, st style) []atom {
	var out []atom
	for i, run := range runs {
		f := d.face(run, st)
		for _, r := range clean(run.Text) {
			last := '\n'
			if len(out) > 0 {
				last = out[len(out)-1].r
			}
			switch {
			case r == ' ' && (last == ' ' || last == '\n'):
				continue
			case r == '\n', r == breakHere:
				out = append(out, atom{r: r, run: i})
				continue
			case !f.has(r):
				d.fail(&MissingGlyphError{r})
				continue
			}
			out = append(out, atom{r, i, f.advance(r) * st.size / 1000})
		}
	}
	return out
}

func (d *Document) face(run Run, st style) *face {
	if run.Bold || st.bold {
		return d.fonts.bold
	}
	return d.fonts.regular
}

// measure is the width of a text on one line.
func (d *Document) measure(s string, st style) (width float64) {
	for _, a := range d.atoms([]Run{{Text: s}}, st) {
		if a.r != softHyphen {
			width += a.width
		}
	}
	return width
}

// lines breaks runs to a width, left aligned. Text is never lost: a word too long is parted by German rules, then anywhere.
func (d *Document) lines(runs []Run, st style, width float64) []line {
	atoms := partLongWords(d.atoms(runs, st), width, d.fonts.regular.advance('-')*st.size/1000)
	var out []line
	start, cut, x := 0, 0, 0.0
	loose := 0 // behind the last space, good or not
	finish := func(end int, blank bool) {
		out = append(out, finishLine(atoms[start:end], blank))
		for end < len(atoms) && atoms[end].r == ' ' {
			end++
		}
		start, cut, x = end, end, 0
	}
	for i := 0; i < len(atoms); i++ {
		a := atoms[i]
		if a.r == '\n' {
			finish(i, true)
			start, cut = i+1, i+1
			continue
		}
		w := a.width
		if a.r == softHyphen {
			w = 0 // drawn only at the end of a line
		}
		if a.r != ' ' && x+w > width+0.01 && i > start {
			if cut <= start {
				cut = loose
			}
			if cut <= start {
				cut = i
			}
			finish(cut, false)
			i = start - 1
			continue
		}
		x += w
		if a.r == ' ' {
			loose = i + 1
		}
		if mayBreakAfter(atoms, i) && (a.r != softHyphen || x+a.width <= width+0.01) {
			cut = i + 1
		}
	}
	if start < len(atoms) {
		finish(len(atoms), false)
	}
	return out
}

// finishLine drops what is not drawn and measures the rest.
func finishLine(atoms []atom, blank bool) line {
	l := line{blank: blank, atoms: make([]atom, 0, len(atoms))}
	x := 0.0
	for i, a := range atoms {
		if a.r == breakHere || a.r == softHyphen && i < len(atoms)-1 {
			continue
		}
		l.atoms = append(l.atoms, a)
		x += a.width
		if a.r != ' ' {
			l.width = x
		}
	}
	return l
}

// mayBreakAfter tells whether a line may end after atom i.
func mayBreakAfter(atoms []atom, i int) bool {
	at := func(k int) rune {
		if k < 0 || k >= len(atoms) {
			return ' '
		}
		return atoms[k].r
	}
	before, next := at(i-1), at(i+1)
	switch at(i) {
	case softHyphen, breakHere:
		return true
	case ' ':
		// "§ 45", "12 €", "19 %" and the groups of an IBAN stay together.
		return before != '§' && next != '€' && next != '%' && !(unicode.IsDigit(before) && unicode.IsDigit(next))
	case '-', '–', '/':
		return unicode.IsLetter(before) && unicode.IsLetter(at(i-2)) && unicode.IsLetter(next)
	}
	return false
}
