// Package pdf writes tagged documents and DIN 5008 letters that are PDF/A-2a and PDF/UA-1 in one file:
// archivable for decades, readable by a screen reader, the same bytes for the same input.
//
// A caller parses two fonts once (ParseFonts), starts a Document with New or NewLetter, adds blocks from top to
// bottom and takes the Bytes. Blocks never return errors: the first problem is kept and Bytes reports it, and
// a document with a problem is never written. Every mark on paper is either part of the structure tree or an
// artifact; the drawing functions offer no third way.
package pdf

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// mm is a millimetre in points, the unit of all internal geometry. The exported API speaks millimetres.
const mm = 72 / 25.4

// DIN A4.
const (
	pageWidth  = 210 * mm
	pageHeight = 297 * mm
)

// Meta describes a document. Title is required (readers show it instead of the file name).
type Meta struct {
	Title   string
	Author  string    // who issues it: the town, not the clerk
	Lang    string    // BCP 47; empty: de-DE
	Created time.Time // given, never read from a clock
	// Running is printed small on every page beside the page number (a letter: from page two), e.g. the Aktenzeichen.
	Running string
	// Stamp is written large and pale across every page ("Entwurf"): such a paper cannot be taken for a released one.
	Stamp string
}

// MissingGlyphError refuses a document: the fonts have no sign for Rune, and a letter with a hole in a name must not go out.
type MissingGlyphError struct{ Rune rune }

func (e *MissingGlyphError) Error() string {
	return fmt.Sprintf("pdf: no glyph for %q (U+%04X)", e.Rune, e.Rune)
}

// ErrAddress: the recipient's lines do not fit the window of the envelope.
var ErrAddress = errors.New("pdf: recipient does not fit the address window")

// Document is built block by block in reading order. It is used by one goroutine and written once.
type Document struct {
	fonts *Fonts
	meta  Meta
	look  look

	err     error
	written bool
	used    map[*face]*glyphSet
	images  []*Image

	root  *element
	level int // of the last heading

	pages   []*page
	y       float64 // where the next strip starts on the last page
	pending []strip // strips that must not be parted from the next
	gap     float64 // white space added since the last mark, so that margins collapse
	footer  []Block // of a letter's first page
}

// look holds the measures in which a plain document and a letter differ.
type look struct {
	left, right float64 // x of the text area
	top, bottom float64 // y of the text area on pages after the first
	first       float64 // lower end of the text area on page one
	text        style
	heading     [3]style
	above       [3]float64 // space above headings
}

// style is how a line of text is set.
type style struct {
	size, leading float64
	bold          bool
	color         Color
}

// Color is 0xRRGGBB in sRGB.
type Color uint32

// OKLCH is the colour of a lightness (0–1), chroma (0–0.4) and hue (degrees), as towns choose theirs; what sRGB cannot
// show is cut off.
func OKLCH(lightness, chroma, hue float64) Color {
	a, b := chroma*math.Cos(hue*math.Pi/180), chroma*math.Sin(hue*math.Pi/180)
	cube := func(v float64) float64 { return v * v * v }
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	channel := func(v float64) Color {
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		return Color(math.Round(255 * min(max(v, 0), 1)))
	}
	return channel(4.0767416621*l-3.3077115913*m+0.2309699292*s)<<16 |
		channel(-1.2684380046*l+2.6097574011*m-0.3413193965*s)<<8 |
		channel(-0.0041960863*l-0.7034186147*m+1.7076147010*s)
}

// Ink is chosen for contrast on paper: grey stays above 7:1.
const (
	black    Color = 0x000000
	grey     Color = 0x4a4a4a
	hairline Color = 0xb4b4b4
	pale     Color = 0xe4e4e4 // stamp: text stays readable on it
	linkBlue Color = 0x0b3d91
)

// New starts a plain document on A4.
func New(fonts *Fonts, meta Meta) *Document {
	text := style{size: 10.5, leading: 14.5}
	return newDocument(fonts, meta, look{
		left: 25 * mm, right: pageWidth - 20*mm,
		top: pageHeight - 20*mm, bottom: 25 * mm, first: 25 * mm,
		text: text,
		heading: [3]style{
			{size: 17, leading: 22, bold: true},
			{size: 12.5, leading: 17, bold: true},
			{size: 10.5, leading: 14.5, bold: true},
		},
		above: [3]float64{0, 18, 12},
	})
}

func newDocument(fonts *Fonts, meta Meta, l look) *Document {
	if meta.Lang == "" {
		meta.Lang = "de-DE"
	}
	d := &Document{fonts: fonts, meta: meta, look: l, used: map[*face]*glyphSet{}, root: &element{tag: "Document", attached: true}}
	if meta.Title == "" {
		d.fail(errors.New("pdf: title missing"))
	}
	if !isLanguageTag(meta.Lang) {
		d.fail(fmt.Errorf("pdf: language tag %q", meta.Lang))
	}
	d.newPage()
	return d
}

// fail keeps the first problem.
func (d *Document) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// Bytes finishes the document. It returns the first problem met while building: a *MissingGlyphError, ErrAddress,
// or a use the package does not allow (a skipped heading level, a ragged table, a link that is no web or mail address).
func (d *Document) Bytes() ([]byte, error) {
	if d.written {
		return nil, errors.New("pdf: document written twice")
	}
	d.written = true
	d.flush()
	d.furniture()
	if d.err != nil {
		return nil, d.err
	}
	return d.write(), nil
}

// Pages returns how many pages the blocks so far fill.
func (d *Document) Pages() int {
	return len(d.pages)
}

func isLanguageTag(s string) bool {
	part := 0
	for i, r := range s {
		switch {
		case r == '-' && part > 0:
			part = 0
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', i > 1 && r >= '0' && r <= '9':
			part++
		default:
			return false
		}
	}
	return part > 0
}
