package pdf

import "strings"

// Letter is the first page of a business letter by DIN 5008, form B: window envelope DL or C6/5.
type Letter struct {
	Letterhead    Letterhead
	ReturnAddress string   // one line above the address
	Notes         []string // "Einschreiben", "Per Postzustellungsurkunde": up to two lines above the address
	Recipient     []string
	Info          []Pair // block on the right: Aktenzeichen, Bearbeitung, Telefon, E-Mail, Datum
	Subject       string
	Footer        []Block // columns at the foot: address, hours, bank
}

// Letterhead is the top of the page.
type Letterhead struct {
	Name  string // "Stadt Wiesenbrück"
	Unit  string // "Ordnungsamt"
	Crest *Image // or nil
	Color Color  // of the line below; zero: grey
	// Accent is the colour of the line's right end; zero: like the rest.
	Accent Color
}

// Block is a titled column of the footer.
type Block struct {
	Title string
	Lines []string
}

// DIN 5008 form B, millimetres from the top left corner of the sheet.
const (
	windowTop    = 45.0
	addressTop   = windowTop + 17.7 // below the zone of return address and notes
	addressEnd   = windowTop + 45
	addressLeft  = 25.0
	addressWidth = 75.0 // 85 mm window less 5 mm margin on either side
	infoTop      = 50.0
	infoLeft     = 125.0
	infoWidth    = 75.0
	subjectTop   = addressEnd + 8.46
	upperFold    = 105.0
	lowerFold    = 210.0
	holeMark     = 148.5
)

// NewLetter starts a letter: everything above the body is drawn, the blocks added next are its text.
// The subject is the only heading of level 1.
func NewLetter(fonts *Fonts, meta Meta, l Letter) *Document {
	text := style{size: 10.5, leading: 14.5}
	d := newDocument(fonts, meta, look{
		left: 25 * mm, right: pageWidth - 20*mm,
		top: pageHeight - 25*mm, bottom: 27 * mm, first: 27 * mm,
		text: text,
		heading: [3]style{
			{size: 11.5, leading: 15.5, bold: true},
			{size: 10.5, leading: 14.5, bold: true},
			{size: 10.5, leading: 14.5, bold: true},
		},
		above: [3]float64{0, 12, 10},
	})
	d.footer = l.Footer
	d.look.first = d.footerTop() + 11*mm
	p := d.page()
	d.letterhead(p, l.Letterhead)
	d.address(p, l)
	y := fromTop(infoTop)
	for _, s := range d.pairStrips(l.Info, style{size: 8.8, leading: 12}, infoLeft*mm, infoWidth*mm, 0.8, false) {
		s.draw(p, y)
		y -= s.height
	}
	d.marks(p)
	d.y = min(fromTop(subjectTop), y-8.46*mm)
	d.Heading(1, l.Subject)
	d.space(text.leading, true)
	return d
}

func fromTop(millimetres float64) float64 { return pageHeight - millimetres*mm }

func (d *Document) letterhead(p *page, h Letterhead) {
	const top, height, base = 13.0, 18.0, 35.0
	x := d.look.left
	if h.Crest != nil {
		w, size := h.Crest.within(30*mm, height*mm)
		p.artifact(layoutArtifact) // the name beside it says whose crest it is
		d.drawImage(p, h.Crest, x, fromTop(top)-size, w, size)
		x += w + 5*mm
	}
	width := d.look.right - x
	y := fromTop(top + 2)
	for _, part := range []struct {
		text string
		st   style
	}{
		{h.Name, style{size: 17, leading: 21, bold: true}},
		{h.Unit, style{size: 10.5, leading: 15, color: grey}},
	} {
		for _, s := range d.textStrips("P", d.root, []Run{{Text: part.text}}, part.st, x, width) {
			s.draw(p, y)
			y -= s.height
		}
	}
	p.artifact(layoutArtifact)
	color := h.Color
	if color == black {
		color = hairline
	}
	p.fill(color, d.look.left, fromTop(base), d.look.right-d.look.left, 1.5)
	if h.Accent != black {
		p.fill(h.Accent, d.look.right-infoWidth*mm+10*mm, fromTop(base), infoWidth*mm-10*mm, 1.5)
	}
}

// address fills the window: return address and notes end at the line where the address starts.
func (d *Document) address(p *page, l Letter) {
	x, width := addressLeft*mm, addressWidth*mm
	small := style{size: 6.5, leading: 9, color: grey}
	note := style{size: 8.5, leading: 11}
	returns, notes := d.stack([]string{l.ReturnAddress}, small, x, width), d.stack(l.Notes, note, x, width)
	y := fromTop(addressTop) + 1.5*mm
	for _, s := range notes {
		y += s.height
	}
	if len(returns) > 1 || len(notes) > 3 {
		d.fail(ErrAddress)
	}
	for _, s := range returns {
		y += 1 * mm
		s.draw(p, y+s.height)
		p.rule(layoutArtifact, hairline, x, y, width)
		y -= 1 * mm
	}
	for _, s := range notes {
		s.draw(p, y)
		y -= s.height
	}
	st, lines := d.fitAddress(l.Recipient, width)
	top := fromTop(addressTop)
	to := d.root.child("P")
	runs := []Run{{Text: strings.Join(lines, "\n")}}
	for _, ln := range d.lines(runs, st, width) {
		d.drawLine(p, ln, runs, []*element{to}, st, x, st.baseline(top))
		top -= st.leading
	}
}

func (d *Document) stack(lines []string, st style, x, width float64) (strips []strip) {
	for _, l := range lines {
		strips = append(strips, d.textStrips("P", d.root, []Run{{Text: l}}, st, x, width)...)
	}
	return strips
}

// fitAddress chooses the type size in which the recipient's lines fit the 27.3 mm of the address zone: six lines in
// normal type, up to nine in small type.
func (d *Document) fitAddress(recipient []string, width float64) (style, []string) {
	var lines []string
	for _, r := range recipient {
		if r = plain(r); r != "" {
			lines = append(lines, r)
		}
	}
	if len(lines) == 0 {
		d.fail(ErrAddress)
	}
	zone := (addressEnd - addressTop) * mm
	for _, st := range []style{{size: 10.5, leading: 12.9}, {size: 9.5, leading: 11.4}, {size: 8, leading: 8.6}} {
		if n := len(d.lines([]Run{{Text: strings.Join(lines, "\n")}}, st, width)); float64(n)*st.leading <= zone+0.1 {
			return st, lines
		}
	}
	d.fail(ErrAddress)
	return style{size: 8, leading: 8.6}, lines
}

// marks shows where to fold and punch.
func (d *Document) marks(p *page) {
	p.artifact(layoutArtifact)
	p.fill(hairline, 5*mm, fromTop(upperFold), 3*mm, 0.5)
	p.fill(hairline, 5*mm, fromTop(holeMark), 5*mm, 0.5)
	p.fill(hairline, 5*mm, fromTop(lowerFold), 3*mm, 0.5)
}

// The footer stands 12 mm above the lower edge.
const footerBase = 12 * mm

func footerStyle() style { return style{size: 7.5, leading: 10, color: grey} }

// footerTop is the upper end of the footer columns.
func (d *Document) footerTop() float64 {
	rows := 0
	for k := range d.footer {
		rows = max(rows, len(d.footerLines(k)))
	}
	return footerBase + float64(rows)*footerStyle().leading + 3
}

// footerWidths gives each column what it needs and shares the rest; columns are equal if they do not fit.
func (d *Document) footerWidths() []float64 {
	n := float64(len(d.footer))
	room := d.look.right - d.look.left - (n-1)*cellPad
	widths := make([]float64, len(d.footer))
	for k := range d.footer {
		for _, l := range d.lines(d.footerRuns(k), footerStyle(), room) {
			widths[k] = max(widths[k], l.width)
		}
	}
	spare := (room - sum(widths)) / n
	for k := range widths {
		if widths[k] += spare; spare < 0 {
			widths[k] = room / n
		}
	}
	return widths
}

func (d *Document) footerRuns(k int) []Run {
	b := d.footer[k]
	return []Run{Bold(b.Title + "\n"), Text(strings.Join(b.Lines, "\n"))}
}

func (d *Document) footerLines(k int) []line {
	return d.lines(d.footerRuns(k), footerStyle(), d.footerWidths()[k]+0.1)
}

// letterFooter draws the columns of page one. They say what stands nowhere else (bank, hours), so they are text at the
// end of the letter, not artifacts.
func (d *Document) letterFooter() {
	if len(d.footer) == 0 {
		return
	}
	p, top := d.pages[0], d.footerTop()
	p.rule(layoutArtifact, hairline, d.look.left, top, d.look.right-d.look.left)
	x := d.look.left
	for k := range d.footer {
		y := top - 3
		runs := d.footerRuns(k)
		e := d.root.child("P")
		for _, l := range d.footerLines(k) {
			d.drawLine(p, l, runs, []*element{e, e}, footerStyle(), x, footerStyle().baseline(y))
			y -= footerStyle().leading
		}
		x += d.footerWidths()[k] + cellPad
	}
}
