package pdf

import (
	"errors"
	"fmt"
)

const (
	paragraphGap = 6
	headingGap   = 4
)

// Heading adds a heading of level 1 to 3. The first is level 1 and no level is skipped on the way down: screen
// readers navigate by it, so anything else refuses the document.
func (d *Document) Heading(level int, text string) {
	if level < 1 || level > 3 || level > d.level+1 {
		d.fail(fmt.Errorf("pdf: heading level %d after %d", level, d.level))
		return
	}
	if plain(text) == "" {
		d.fail(errors.New("pdf: empty heading"))
		return
	}
	d.level = level
	st := d.look.heading[level-1]
	d.space(d.look.above[level-1], false)
	strips := d.block(fmt.Sprintf("H%d", level), []Run{{Text: text}}, st)
	for i := range strips {
		strips[i].keep = true
	}
	d.add(strips...)
	d.space(headingGap, true)
}

// Paragraph adds text, left aligned.
func (d *Document) Paragraph(runs ...Run) {
	d.space(paragraphGap, false)
	d.add(d.block("P", runs, d.look.text)...)
	d.space(paragraphGap, false)
}

// Small adds a paragraph in small grey type, for remarks.
func (d *Document) Small(runs ...Run) {
	d.space(paragraphGap, false)
	d.add(d.block("P", runs, style{size: 8.5, leading: 11.5, color: grey})...)
	d.space(paragraphGap, false)
}

// List adds a list with bullets.
func (d *Document) List(items ...string) {
	d.list("Disc", items, func(int) string { return "•" })
}

// NumberedList adds a list counted from 1.
func (d *Document) NumberedList(items ...string) {
	d.list("Decimal", items, func(i int) string { return fmt.Sprintf("%d.", i+1) })
}

// Rule adds a line across the page.
func (d *Document) Rule() {
	d.space(paragraphGap, false)
	d.add(strip{height: 0.5, draw: func(p *page, top float64) {
		p.rule(layoutArtifact, hairline, d.look.left, top-0.5, d.look.right-d.look.left)
	}})
	d.space(paragraphGap, false)
}

// Space adds white space of so many millimetres; it collapses with the space around it.
func (d *Document) Space(millimetres float64) { d.space(millimetres*mm, false) }

// PageBreak starts a new page unless the current one is empty.
func (d *Document) PageBreak() {
	d.flush()
	if d.y < d.look.top {
		d.newPage()
	}
}

// Closing ends a letter: the formula, room for the signature (image may be nil), then name and office. It stays in one piece.
func (d *Document) Closing(formula string, signature *Image, signer ...string) {
	d.space(2*paragraphGap, false)
	strips := d.block("P", []Run{{Text: formula}}, d.look.text)
	const room = 15 * mm
	strips = append(strips, strip{height: room, draw: func(p *page, top float64) {
		if signature != nil {
			w, h := signature.within(60*mm, room-2*mm)
			p.artifact(layoutArtifact) // the name below says who signs
			d.drawImage(p, signature, d.look.left, top-room+1*mm, w, h)
		}
	}})
	for _, s := range signer {
		strips = append(strips, d.block("P", []Run{{Text: s}}, d.look.text)...)
	}
	for i := range strips {
		strips[i].keep = i < len(strips)-1
	}
	d.add(strips...)
	d.space(2*paragraphGap, false)
}

// block makes the strips of a text block across the text area; no strips and no element if there is no text.
func (d *Document) block(tag string, runs []Run, st style) []strip {
	return d.textStrips(tag, d.root, runs, st, d.look.left, d.look.right-d.look.left)
}

func (d *Document) textStrips(tag string, parent *element, runs []Run, st style, x, width float64) []strip {
	lines := d.lines(runs, st, width)
	if len(lines) == 0 {
		return nil
	}
	elements := runElements(parent.child(tag), runs)
	strips := make([]strip, len(lines))
	for i, l := range lines {
		strips[i] = strip{
			height: st.leading,
			keep:   keepLine(i, len(lines)),
			draw: func(p *page, top float64) {
				d.drawLine(p, l, runs, elements, st, x, st.baseline(top))
			},
		}
	}
	return strips
}

// keepLine: never fewer than two lines of a paragraph alone on a page.
func keepLine(i, n int) bool { return i < n-1 && (i == 0 || i == n-2) }

// baseline centres capitals in the line that starts at top.
func (st style) baseline(top float64) float64 { return top - (st.leading+0.714*st.size)/2 }

// runElements gives each run the element its text belongs to: links have their own.
func runElements(e *element, runs []Run) []*element {
	elements := make([]*element, len(runs))
	for i, run := range runs {
		elements[i] = e
		if run.URI != "" {
			elements[i] = e.inline("Link")
		}
	}
	return elements
}

func (d *Document) list(numbering string, items []string, label func(int) string) {
	if len(items) == 0 {
		return
	}
	const indent, hang = 4, 18
	st := d.look.text
	x, width := d.look.left+hang, d.look.right-d.look.left-hang
	d.space(paragraphGap/2, false)
	list := d.root.child("L")
	list.attr = "/O/List/ListNumbering/" + numbering
	for i, item := range items {
		li := list.child("LI")
		lbl := li.child("Lbl")
		strips := d.textStrips("LBody", li, []Run{{Text: item}}, st, x, width)
		if len(strips) == 0 {
			continue
		}
		body := strips[0].draw
		strips[0].draw = func(p *page, top float64) {
			p.mark(lbl)
			d.showText(p, label(i), st, d.look.left+indent, st.baseline(top))
			body(p, top)
		}
		d.space(2, false)
		d.add(strips...)
	}
	d.space(paragraphGap, false)
}
