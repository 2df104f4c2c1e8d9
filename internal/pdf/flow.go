package pdf

import (
	"fmt"
	"math"
	"strings"
	"unicode"
)

// strip is a slice of the flow that is never cut: a line, a table row, a figure.
type strip struct {
	height float64
	keep   bool                             // stays on the page of the strip that follows
	space  bool                             // white: left out at the top of a page
	draw   func(p *page, top float64)       // nil for white space
	repeat func(p *page, y float64) float64 // drawn above the strip when it opens a page; returns where it ends
}

func (d *Document) newPage() {
	d.pages = append(d.pages, &page{})
	d.y = d.look.top
}

func (d *Document) page() *page { return d.pages[len(d.pages)-1] }

// floor is the lower end of the text area of the current page.
func (d *Document) floor() float64 {
	if len(d.pages) == 1 {
		return d.look.first
	}
	return d.look.bottom
}

// add puts strips into the flow. Strips that keep with the next wait until the group is complete.
func (d *Document) add(strips ...strip) {
	for _, s := range strips {
		d.pending = append(d.pending, s)
		if !s.space {
			d.gap = 0
		}
		if !s.keep {
			d.flush()
		}
	}
}

// space adds white space between blocks; neighbouring spaces collapse into the larger one.
func (d *Document) space(height float64, keep bool) {
	if height > d.gap {
		before := d.gap
		waiting := len(d.pending) > 0
		d.add(strip{height: height - before, space: true, keep: keep || waiting})
		d.gap = height
	}
}

// flush places the waiting group: on this page, or on the next if it fits there, or else strip by strip.
func (d *Document) flush() {
	group := d.pending
	d.pending = nil
	height := 0.0
	for _, s := range group {
		height += s.height
	}
	whole := height <= d.look.top-d.look.bottom
	if whole && !d.fits(height) && !allSpace(group) {
		d.newPage()
	}
	for _, s := range group {
		d.place(s)
	}
}

func (d *Document) fits(height float64) bool { return d.y-height >= d.floor()-0.01 }

func allSpace(group []strip) bool {
	for _, s := range group {
		if !s.space {
			return false
		}
	}
	return true
}

func (d *Document) place(s strip) {
	if s.space {
		if d.y < d.look.top {
			d.y -= s.height
		}
		return
	}
	if !d.fits(s.height) && d.y < d.look.top {
		d.newPage()
	}
	if d.y == d.look.top && s.repeat != nil {
		d.y = s.repeat(d.page(), d.y)
	}
	s.draw(d.page(), d.y)
	d.y -= s.height
}

// furniture draws what stands outside the flow: page numbers, the running line, a letter's footer.
func (d *Document) furniture() {
	d.letterFooter()
	small := style{size: 8, leading: 10, color: grey}
	for i, p := range d.pages {
		y := d.look.bottom - 10*mm
		if i == 0 {
			y = d.look.first - 7*mm
		}
		if d.meta.Stamp != "" {
			d.stamp(p)
		}
		p.artifact(footerArtifact)
		label := fmt.Sprintf(pageLabel(d.meta.Lang), i+1, len(d.pages))
		d.showText(p, label, small, d.look.right-d.measure(label, small), y)
		if i > 0 || d.footer == nil {
			d.showText(p, plain(d.meta.Running), small, d.look.left, y)
		}
		p.end()
	}
}

// stamp writes behind everything else on the page.
func (d *Document) stamp(p *page) {
	below := &page{}
	below.artifact(stampArtifact)
	below.op("q")
	cos, sin := math.Cos(math.Pi/3.4), math.Sin(math.Pi/3.4)
	below.op("cm", cos, sin, -sin, cos, pageWidth/2, pageHeight/2)
	text := plain(d.meta.Stamp)
	st := style{size: 110, bold: true, color: pale}
	st.size = min(st.size, st.size*0.75*pageHeight/max(d.measure(text, st), 1))
	d.showText(below, text, st, -d.measure(text, st)/2, -0.36*st.size)
	below.op("Q")
	below.end()
	p.end()
	p.content = append(below.content, p.content...)
}

func pageLabel(lang string) string {
	if strings.HasPrefix(lang, "en") {
		return "Page %d of %d"
	}
	return "Seite %d von %d"
}

// showText draws one line into whatever is marked.
func (d *Document) showText(p *page, s string, st style, x, baseline float64) {
	runs := []Run{{Text: s}}
	for _, l := range d.lines(runs, st, pageHeight) {
		d.drawLine(p, l, runs, nil, st, x, baseline)
	}
}

// drawLine shows a line at a baseline. elements, by run, say what each piece belongs to; nil leaves the mark as it is.
func (d *Document) drawLine(p *page, l line, runs []Run, elements []*element, st style, x, baseline float64) {
	for from := 0; from < len(l.atoms); {
		run := l.atoms[from].run
		f := d.face(runs[run], st)
		codes, width, to := []byte("<"), 0.0, from
		for ; to < len(l.atoms) && l.atoms[to].run == run; to++ {
			code := d.codeOf(f, l.atoms[to].r)
			if to > from && unicode.Is(unicode.Mn, l.atoms[to].r) {
				codes = f.appendMark(codes, l.atoms[to-1].r, l.atoms[to].r, code, st.size)
			} else {
				codes = appendHex(codes, code)
			}
			width += l.atoms[to].width
		}
		if to == len(l.atoms) && l.blank {
			codes = appendHex(codes, d.codeOf(f, ' '))
		}
		codes = append(codes, ">Tj\n"...)
		color := st.color
		if elements != nil {
			p.mark(elements[run])
		}
		if runs[run].URI != "" && elements != nil {
			color = linkBlue
			seen := width
			for k := to - 1; k > from && l.atoms[k].r == ' '; k-- {
				seen -= l.atoms[k].width
			}
			d.drawLink(p, elements[run], runs[run], x, baseline, seen, st)
		}
		p.glyphs(f, st.size, color, x, baseline, codes)
		x += width
		from = to
	}
}

// drawLink underlines a piece of link text and makes it clickable.
func (d *Document) drawLink(p *page, e *element, run Run, x, baseline, width float64, st style) {
	uri, err := target(run.URI)
	if err != nil {
		d.fail(err)
		return
	}
	p.fill(linkBlue, x, baseline-1.8, width, 0.5)
	l := &link{element: e, label: plain(run.Text), uri: uri, box: [4]float64{x, baseline - 0.3*st.size, x + width, baseline + 0.9*st.size}}
	p.links = append(p.links, l)
	e.kids = append(e.kids, kid{page: p, link: l})
}
