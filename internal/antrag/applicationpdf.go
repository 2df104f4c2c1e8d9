package antrag

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/i18n"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf"
	"rathaus/internal/problem"
)

// AntragPDF is the application as a document of the E-Akte and as the applicant's copy: what was asked, what was
// answered, what came with it, when it arrived.
type AntragPDF struct {
	Profil         mandant.Profil
	Einheit        string // unit in charge
	Titel          string // "Antrag auf Straßensperrung"
	Vorgangsnummer string
	Zeichen        string // Vorgangszeichen
	Leistung       string // name of the service, where the title does not say it
	Eingang        string // day and perhaps time, in words
	Erfasst        string // when a clerk recorded what came on paper; empty: it came by itself
	Kanal          string // how it came in, in words: "online"
	Created        time.Time
	Abschnitte     []Abschnitt
	Anlagen        []Anlage
	Erklaerung     []string // what the applicant declared, a paragraph each
	Hinweis        string   // said above everything else: "Testformular"
}

// Abschnitt is a group of answers under a heading. Ebene 1 is a topic, 2 a group within it (a person, one of several dogs).
type Abschnitt struct {
	Titel   string
	Ebene   int
	Angaben []Angabe
}

// Angabe is a question with its answer in words.
type Angabe struct{ Frage, Antwort string }

// Anlage is a file that came with the application. Its SHA-256 ties it to this document.
type Anlage struct {
	Name   string
	Bytes  int64
	SHA256 string // hex
}

// PDF sets the application as PDF/A-2a and PDF/UA-1. A Conflict names the character no font has.
func (a AntragPDF) PDF(fonts *pdf.Fonts) ([]byte, error) {
	d := pdf.New(fonts, pdf.Meta{
		Title: a.Titel, Author: a.Profil.Official, Created: a.Created,
		Running: strings.Join(filled(a.Profil.Official, a.Vorgangsnummer), " · "),
	})
	d.Small(pdf.Text(strings.Join(filled(a.Profil.Official, a.Einheit), " · ")))
	d.Heading(1, a.Titel)
	if a.Hinweis != "" {
		d.Paragraph(pdf.Bold(a.Hinweis))
	}
	d.Pairs(pairs(
		"Vorgangsnummer", a.Vorgangsnummer,
		"Aktenzeichen", a.Zeichen,
		"Leistung", a.Leistung,
		"Eingegangen", a.Eingang,
		"Erfasst", a.Erfasst,
		"Weg", a.Kanal,
	)...)
	for i, s := range a.Abschnitte {
		a.abschnitt(d, i, s)
	}
	a.anlagen(d)
	if len(a.Erklaerung) > 0 {
		d.Heading(2, "Erklärung")
		for _, text := range a.Erklaerung {
			d.Paragraph(pdf.Text(text))
		}
	}
	b, err := d.Bytes()
	if err != nil {
		return nil, fmt.Errorf("pdf of antrag %s: %w", a.Vorgangsnummer, paperProblem(err))
	}
	return b, nil
}

func (a AntragPDF) abschnitt(d *pdf.Document, i int, s Abschnitt) {
	level := 2
	if s.Ebene > 1 && i > 0 { // a group without a topic before it is a topic itself
		level = 3
	}
	if strings.TrimSpace(s.Titel) != "" {
		d.Heading(level, s.Titel)
	}
	var list []pdf.Pair
	for _, x := range s.Angaben {
		value := strings.TrimSpace(x.Antwort)
		if value == "" {
			value = "keine Angabe"
		}
		list = append(list, pdf.Pair{Label: x.Frage, Value: value})
	}
	d.Pairs(list...)
}

func (a AntragPDF) anlagen(d *pdf.Document) {
	d.Heading(2, "Anlagen")
	if len(a.Anlagen) == 0 {
		d.Paragraph(pdf.Text("Keine."))
		return
	}
	table := pdf.Table{RowHeads: true, Columns: []pdf.TableColumn{{Title: "Datei"}, {Title: "Größe", Right: true}, {Title: "Prüfsumme (SHA-256)"}}}
	for _, x := range a.Anlagen {
		table.Rows = append(table.Rows, []string{x.Name, i18n.Size(i18n.De, x.Bytes), halves(x.SHA256)})
	}
	d.Table(table)
}

// halves sets a checksum in two lines of half its length.
func halves(sum string) string { return strings.TrimSpace(sum[:len(sum)/2] + "\n" + sum[len(sum)/2:]) }

// pairs makes labels with values; a label without a value is left out.
func pairs(labelled ...string) []pdf.Pair {
	var out []pdf.Pair
	for i := 0; i+1 < len(labelled); i += 2 {
		if labelled[i+1] != "" {
			out = append(out, pdf.Pair{Label: labelled[i], Value: labelled[i+1]})
		}
	}
	return out
}

func filled(parts ...string) (out []string) {
	for _, p := range parts {
		if strings.TrimSpace(p) != "" {
			out = append(out, p)
		}
	}
	return out
}

// paperProblem tells the user in a Conflict what cannot be printed; other errors stay what they are.
func paperProblem(err error) error {
	var glyph *pdf.MissingGlyphError
	switch {
	case errors.As(err, &glyph):
		return problem.Conflicting("antrag.zeichen", string(glyph.Rune), fmt.Sprintf("U+%04X", glyph.Rune))
	case errors.Is(err, pdf.ErrAddress):
		return problem.Conflicting("antrag.anschriftfeld")
	}
	return err
}
