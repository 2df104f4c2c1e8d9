package pdf_test

import (
	"errors"
	"strings"
	"testing"

	"rathaus/internal/pdf"
	"rathaus/internal/pdf/pdftest"
)

// Any string anywhere: a valid file, a refused character, or an address that does not fit; never a panic.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "Straße", "a\u0308 \u200b\u00ad\u00ad-", "§ 1 €\n\n\t", strings.Repeat("Wort-", 90), strings.Repeat("ö", 500), "\xff\x00", "漢字", "<FEFF>(\\)", "\ufffe&<]]>"} {
		f.Add(s)
	}
	fonts := fonts(f)
	f.Fuzz(func(t *testing.T, s string) {
		l := letter()
		l.Recipient = append(l.Recipient, s)
		l.Notes, l.ReturnAddress = nil, "Absender"
		l.Info = append(l.Info, pdf.Pair{Label: s, Value: s})
		l.Footer = append(l.Footer, pdf.Block{Title: s, Lines: []string{s}})
		m := meta("Titel " + s)
		m.Running = s
		d := pdf.NewLetter(fonts, m, l)
		d.Heading(2, "Titel "+s)
		d.Paragraph(pdf.Text(s), pdf.Bold(s), pdf.Link(s+"?", "https://wiesenbrueck.example/?q="+strings.ToValidUTF8(strings.Map(printable, s), "")))
		d.List(s, s)
		d.Table(pdf.Table{Caption: s, Columns: []pdf.TableColumn{{Title: s}, {Title: "B", Right: true}}, Rows: [][]string{{s, s}, {"1", s}}, RowHeads: true})
		d.Pairs(pdf.Pair{Label: s, Value: s})
		d.Matrix(pdf.Matrix{Modules: [][]bool{{true}}, Alt: "Code " + s}, 20, pdf.Pair{Label: "Text", Value: s})
		d.Closing(s, nil, s)
		b, err := d.Bytes()
		var glyph *pdf.MissingGlyphError
		if errors.As(err, &glyph) || errors.Is(err, pdf.ErrAddress) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pdftest.Read(b); err != nil {
			t.Fatal(err)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == '%' || r == '#' {
		return -1
	}
	return r
}
