package pdf

import (
	"math"
	"strconv"
)

// element is a node of the structure tree.
type element struct {
	tag      string
	attr     string // attribute object, e.g. the scope of a header cell
	alt      string
	parent   *element
	kids     []kid
	attached bool // listed among the parent's kids
	object   int
}

// kid is what an element holds, in reading order: another element, marked content of a page, or an annotation.
type kid struct {
	element *element
	page    *page
	mcid    int
	link    *link
}

// child appends a new element.
func (e *element) child(tag string) *element {
	c := e.inline(tag)
	c.attach()
	return c
}

// inline makes an element that joins its parent's kids when first drawn: its place is between pieces of text that
// are not drawn yet.
func (e *element) inline(tag string) *element { return &element{tag: tag, parent: e} }

func (e *element) attach() {
	if !e.attached {
		e.attached = true
		e.parent.kids = append(e.parent.kids, kid{element: e})
	}
}

// link is the clickable area of a Link element on one line.
type link struct {
	element    *element
	label, uri string
	box        [4]float64
	object     int
}

// page collects content. Nothing reaches it but through mark and artifact.
type page struct {
	content []byte
	marked  []*element // by MCID
	links   []*link
	open    mark
	color   Color
	object  int
}

// mark is the marked content now open: an element's, or an artifact of a kind, or none.
type mark struct {
	element  *element
	artifact string
}

// Kinds of artifacts: properties of the marked content.
const (
	layoutArtifact = "/Type/Layout"
	headerArtifact = "/Type/Pagination/Subtype/Header"
	footerArtifact = "/Type/Pagination/Subtype/Footer"
	stampArtifact  = "/Type/Pagination/Subtype/Watermark"
)

// mark makes what is drawn next belong to e.
func (p *page) mark(e *element) {
	if p.open.element == e {
		return
	}
	p.end()
	e.attach()
	p.open = mark{element: e}
	e.kids = append(e.kids, kid{page: p, mcid: len(p.marked)})
	p.content = append(p.content, '/')
	p.content = append(p.content, e.tag...)
	p.content = append(p.content, "<</MCID "...)
	p.content = strconv.AppendInt(p.content, int64(len(p.marked)), 10)
	p.content = append(p.content, ">>BDC\n"...)
	p.marked = append(p.marked, e)
}

// artifact makes what is drawn next invisible to assistive technology.
func (p *page) artifact(kind string) {
	if p.open.artifact == kind {
		return
	}
	p.end()
	p.open = mark{artifact: kind}
	p.content = append(p.content, "/Artifact<<"...)
	p.content = append(p.content, kind...)
	p.content = append(p.content, ">>BDC\n"...)
}

// end closes the open marked content.
func (p *page) end() {
	if p.open != (mark{}) {
		p.content = append(p.content, "EMC\n"...)
		p.open = mark{}
	}
}

// op writes an operator with its numbers.
func (p *page) op(name string, numbers ...float64) {
	for _, n := range numbers {
		p.content = appendNumber(p.content, n)
		p.content = append(p.content, ' ')
	}
	p.content = append(p.content, name...)
	p.content = append(p.content, '\n')
}

// paint sets the fill colour.
func (p *page) paint(c Color) {
	if p.color != c {
		p.color = c
		p.op("rg", float64(c>>16&0xff)/255, float64(c>>8&0xff)/255, float64(c&0xff)/255)
	}
}

// fill paints a rectangle from its lower left corner. Lines are thin rectangles: they need no stroke state.
func (p *page) fill(c Color, x, y, w, h float64) {
	p.paint(c)
	p.op("re", x, y, w, h)
	p.op("f")
}

// rule paints a hairline of the page furniture.
func (p *page) rule(kind string, c Color, x, y, w float64) {
	p.artifact(kind)
	p.fill(c, x, y, w, 0.5)
}

// glyphs shows text codes at a point of the baseline.
func (p *page) glyphs(f *face, size float64, c Color, x, y float64, codes []byte) {
	p.paint(c)
	p.content = append(p.content, "BT /"...)
	p.content = append(p.content, f.resource...)
	p.content = append(p.content, ' ')
	p.op("Tf", size)
	p.op("Td", x, y)
	p.content = append(p.content, codes...)
	p.content = append(p.content, "ET\n"...)
}

// appendNumber writes n with three decimals at most and never as an exponent.
func appendNumber(b []byte, n float64) []byte {
	return strconv.AppendFloat(b, math.Round(n*1000)/1000, 'f', -1, 64)
}

func appendHex(b []byte, code int) []byte {
	const digits = "0123456789ABCDEF"
	return append(b, digits[code>>12&15], digits[code>>8&15], digits[code>>4&15], digits[code&15])
}

func number(n float64) string { return string(appendNumber(nil, n)) }
