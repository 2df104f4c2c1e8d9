package pdf

import (
	"fmt"
	"strings"
)

// Table is a table with header cells. Every row has as many cells as there are columns.
type Table struct {
	Caption  string // what the table shows; may be empty where the heading above says it
	Columns  []TableColumn
	Rows     [][]string
	Total    []string // last row in bold, or nil
	RowHeads bool     // the first column names the rows
}

// TableColumn is the head of a column.
type TableColumn struct {
	Title string
	Right bool // figures: right aligned
}

// Pair is a label and what it stands for.
type Pair struct{ Label, Value string }

const (
	cellPad = 14 // between columns
	pairPad = 8  // between label and value
	rowPad  = 3  // above and below the text of a row
	tallRow = 280
)

// cell is a table cell ready to be drawn.
type cell struct {
	element *element
	lines   []line
	runs    []Run
	st      style
	x, w    float64
	right   bool
}

// Table adds a table. Its head is repeated on every page it reaches; a row is parted only if it is taller than a third of a page.
func (d *Document) Table(t Table) {
	for _, row := range append(t.Rows, t.totals()...) {
		if len(row) != len(t.Columns) {
			d.fail(fmt.Errorf("pdf: row of %d cells in a table of %d columns", len(row), len(t.Columns)))
			return
		}
	}
	if len(t.Columns) == 0 {
		d.fail(fmt.Errorf("pdf: table without columns"))
		return
	}
	d.space(paragraphGap, false)
	table := d.root.child("Table")
	d.caption(table, t.Caption)
	xs, ws := d.columnWidths(t)
	head, repeat := d.tableHead(table, t, xs, ws)
	d.add(head...)
	body := table.child("TBody")
	for i, row := range append(t.Rows, t.totals()...) {
		st := style{size: 9.5, leading: 13, bold: i >= len(t.Rows)}
		tr := body.child("TR")
		cells := make([]cell, len(row))
		for k, text := range row {
			e := tr.child("TD")
			if k == 0 && t.RowHeads {
				e.tag, e.attr = "TH", "/O/Table/Scope/Row"
			}
			cells[k] = d.cell(e, text, st, xs[k], ws[k], t.Columns[k].Right)
		}
		strips := d.rowStrips(cells, rowPad, hairline)
		for k := range strips {
			if i > 0 || k > 0 { // the very first stands below the head itself
				strips[k].repeat = repeat
			}
		}
		d.add(strips...)
	}
	d.flush()
	d.space(2*paragraphGap, false)
}

func (t Table) totals() [][]string {
	if t.Total == nil {
		return nil
	}
	return [][]string{t.Total}
}

// Pairs adds labels with their values below one another: facts of a case, answers of a form.
func (d *Document) Pairs(pairs ...Pair) {
	d.space(paragraphGap, false)
	st := style{size: d.look.text.size - 0.5, leading: 13.5}
	d.add(d.pairStrips(pairs, st, d.look.left, d.look.right-d.look.left, rowPad, true)...)
	d.space(paragraphGap, false)
}

// pairStrips sets pairs as a table whose row heads are the labels.
func (d *Document) pairStrips(pairs []Pair, st style, x, width, pad float64, ruled bool) []strip {
	if len(pairs) == 0 {
		return nil
	}
	label := st
	label.color = grey
	if !ruled { // the block beside an address: room for the values
		label.size -= 1
	}
	labels := 0.0
	for _, p := range pairs {
		labels = max(labels, d.measure(p.Label, label))
	}
	if ruled && x == d.look.left { // below one another in a document: one line down the page
		labels = 0.36 * width
	}
	labels = min(labels, 0.42*width)
	table := d.root.child("Table")
	var strips []strip
	for _, p := range pairs {
		tr := table.child("TR")
		th := tr.child("TH")
		th.attr = "/O/Table/Scope/Row"
		cells := []cell{
			d.cell(th, p.Label, label, x, labels, false),
			d.cell(tr.child("TD"), p.Value, st, x+labels+pairPad, width-labels-pairPad, false),
		}
		color := hairline
		if !ruled {
			color = noRule
		}
		strips = append(strips, d.rowStrips(cells, pad, color)...)
	}
	return strips
}

const noRule Color = 0xffffffff

func (d *Document) cell(e *element, text string, st style, x, w float64, right bool) cell {
	runs := []Run{{Text: text}}
	return cell{element: e, lines: d.lines(runs, st, w), runs: runs, st: st, x: x, w: w, right: right}
}

// line draws line i of the cell, if it has one, below top.
func (c cell) line(d *Document, p *page, i int, top float64) {
	if i >= len(c.lines) {
		return
	}
	x := c.x
	if c.right {
		x += c.w - c.lines[i].width
	}
	var elements []*element // nil: into what is marked, the repeated head
	if c.element != nil {
		elements = []*element{c.element}
	}
	d.drawLine(p, c.lines[i], c.runs, elements, c.st, x, c.st.baseline(top))
}

// rowStrips makes one strip of a row, or, for a tall row, a strip for each of its lines.
func (d *Document) rowStrips(cells []cell, pad float64, rule Color) []strip {
	n, leading := 1, 0.0
	for _, c := range cells {
		n, leading = max(n, len(c.lines)), max(leading, c.st.leading)
	}
	underline := func(p *page, y float64) {
		if rule != noRule {
			last := cells[len(cells)-1]
			p.rule(layoutArtifact, rule, cells[0].x, y, last.x+last.w-cells[0].x)
		}
	}
	if height := float64(n)*leading + 2*pad; height <= tallRow {
		return []strip{{height: height, draw: func(p *page, top float64) {
			for _, c := range cells {
				for i := range c.lines {
					c.line(d, p, i, top-pad-float64(i)*leading)
				}
			}
			underline(p, top-height)
		}}}
	}
	strips := make([]strip, n)
	for i := range strips {
		above, below := 0.0, 0.0
		if i == 0 {
			above = pad
		}
		if i == n-1 {
			below = pad
		}
		strips[i] = strip{height: leading + above + below, keep: keepLine(i, n), draw: func(p *page, top float64) {
			for _, c := range cells {
				c.line(d, p, i, top-above)
			}
			if i == n-1 {
				underline(p, top-leading-above-below)
			}
		}}
	}
	return strips
}

func (d *Document) caption(table *element, text string) {
	if text == "" {
		return
	}
	st := style{size: 9.5, leading: 13, bold: true}
	strips := d.textStrips("Caption", table, []Run{{Text: text}}, st, d.look.left, d.look.right-d.look.left)
	for i := range strips {
		strips[i].keep = true
	}
	d.add(strips...)
	d.space(2, true)
}

// tableHead makes the header row, which keeps with the first row, and what repeats it on the next pages. A monstrous
// head is not repeated.
func (d *Document) tableHead(table *element, t Table, xs, ws []float64) ([]strip, func(p *page, y float64) float64) {
	st := style{size: 9, leading: 12.5, bold: true}
	tr := table.child("THead").child("TR")
	cells := make([]cell, len(t.Columns))
	for k, c := range t.Columns {
		e := tr.child("TH")
		e.attr = "/O/Table/Scope/Column"
		cells[k] = d.cell(e, c.Title, st, xs[k], ws[k], c.Right)
	}
	head := d.rowStrips(cells, rowPad, black)
	for i := range head {
		head[i].keep = true
	}
	if len(head) > 1 {
		return head, nil
	}
	return head, func(p *page, top float64) float64 {
		p.artifact(headerArtifact)
		for _, c := range cells {
			c.element = nil
			for i := range c.lines {
				c.line(d, p, i, top-rowPad-float64(i)*st.leading)
			}
		}
		p.rule(headerArtifact, black, xs[0], top-head[0].height, xs[len(xs)-1]+ws[len(ws)-1]-xs[0])
		return top - head[0].height
	}
}

// columnWidths shares the text area: every column as wide as its longest line if there is room, else between its
// longest word and that. What is left goes to columns of text.
func (d *Document) columnWidths(t Table) (xs, ws []float64) {
	n := len(t.Columns)
	room := d.look.right - d.look.left - float64(n-1)*cellPad
	words, natural := make([]float64, n), make([]float64, n)
	for k, c := range t.Columns {
		d.widen(&words[k], &natural[k], c.Title, style{size: 9, bold: true})
		for _, row := range append(t.Rows, t.totals()...) {
			d.widen(&words[k], &natural[k], row[k], style{size: 9.5, bold: t.Total != nil})
		}
	}
	for k := range words { // a monstrous word is parted, it does not starve the other columns
		words[k] = min(words[k], 0.4*room, 2*room/float64(n))
	}
	low, high := sum(words), sum(natural)
	ws = make([]float64, n)
	for k := range ws {
		switch {
		case high <= room:
			ws[k] = natural[k]
		case low <= room:
			ws[k] = words[k] + (natural[k]-words[k])*(room-low)/(high-low)
		default:
			ws[k] = words[k] * room / low
		}
	}
	spread(ws, natural, t.Columns, room)
	xs = make([]float64, n)
	x := d.look.left
	for k := range xs {
		xs[k] = x
		x += ws[k] + cellPad
	}
	return xs, ws
}

// spread gives spare room to the columns of text by their width, or to the first if all are figures.
func spread(ws, natural []float64, columns []TableColumn, room float64) {
	spare, texts := room-sum(ws), 0.0
	for k, c := range columns {
		if !c.Right {
			texts += natural[k]
		}
	}
	if spare <= 0 {
		return
	}
	if texts == 0 {
		ws[0] += spare
		return
	}
	for k, c := range columns {
		if !c.Right {
			ws[k] += spare * natural[k] / texts
		}
	}
}

// widen raises the width of the longest word and the longest line to those of a cell.
func (d *Document) widen(word, natural *float64, text string, st style) {
	for _, l := range strings.Split(string(clean(text)), "\n") {
		*natural = max(*natural, d.measure(l, st)+0.1)
		for _, w := range strings.Split(l, " ") {
			*word = max(*word, d.measure(w, st)+0.1)
		}
	}
}

func sum(numbers []float64) (s float64) {
	for _, n := range numbers {
		s += n
	}
	return s
}
