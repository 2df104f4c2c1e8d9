package pdf_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/pdf"
	"rathaus/internal/pdf/pdftest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// fonts are parsed anew for each test: no test leans on what another left in a cache.
func fonts(t testing.TB) *pdf.Fonts { return pdftest.Fonts(t) }

func meta(title string) pdf.Meta {
	return pdf.Meta{Title: title, Author: "Stadt Wiesenbrück", Created: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), Running: "32.61.10-2026/00417"}
}

// finish writes the document and checks it by our rules and by qpdf.
func finish(t *testing.T, d *pdf.Document) ([]byte, *pdftest.Document) {
	t.Helper()
	b, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b, pdftest.Check(t, b)
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update rewrites it):\n%s", file, diff)
	}
}

func letter() pdf.Letter {
	return pdf.Letter{
		Letterhead:    pdf.Letterhead{Name: "Stadt Wiesenbrück", Unit: "Steueramt", Color: 0x005a5a},
		ReturnAddress: "Stadt Wiesenbrück · Rathausplatz 1 · 00000 Wiesenbrück",
		Notes:         []string{"Einschreiben"},
		Recipient:     []string{"Frau", "Annegret Öztürk-Müller", "Lindenstraße 8", "00000 Wiesenbrück"},
		Info:          []pdf.Pair{{Label: "Aktenzeichen", Value: "22.30-2026/00417"}, {Label: "E-Mail", Value: "steuern@wiesenbrueck.example"}, {Label: "Datum", Value: "20.11.2026"}},
		Subject:       "Bescheid über die Hundesteuer 2026",
		Footer: []pdf.Block{
			{Title: "Anschrift", Lines: []string{"Rathausplatz 1", "00000 Wiesenbrück"}},
			{Title: "Bank", Lines: []string{"DE02 1203 0000 0000 2020 51"}},
		},
	}
}

func TestLetter(t *testing.T) {
	t.Parallel()
	d := pdf.NewLetter(fonts(t), meta("Bescheid über die Hundesteuer 2026"), letter())
	d.Paragraph(pdf.Text("Sehr geehrte Frau Öztürk-Müller,"))
	d.Paragraph(pdf.Text("wir setzen die Hundesteuer auf "), pdf.Bold("120,00 €"), pdf.Text(" fest; siehe "),
		pdf.Link("wiesenbrueck.example/satzung", "https://wiesenbrueck.example/satzung?a=(1)"), pdf.Text("."))
	d.Table(pdf.Table{Caption: "Festsetzung", RowHeads: true, Columns: []pdf.TableColumn{{Title: "Zeitraum"}, {Title: "Betrag", Right: true}},
		Rows: [][]string{{"2026", "120,00 €"}}, Total: []string{"Summe", "120,00 €"}})
	d.Matrix(pdf.Matrix{Modules: [][]bool{{true, false}, {false, true}}, Alt: "QR-Code für die Überweisung"}, 30,
		pdf.Pair{Label: "IBAN", Value: "DE02 1203 0000 0000 2020 51"})
	d.Heading(2, "Rechtsbehelfsbelehrung")
	d.Paragraph(pdf.Text("Gegen diesen Bescheid kann Widerspruch erhoben werden:"))
	d.List("schriftlich", "zur Niederschrift")
	d.Closing("Mit freundlichen Grüßen", nil, "Johanna Petersen", "Sachbearbeitung")
	b, c := finish(t, d)
	golden(t, "letter.txt", c.Root.Dump(""))
	if n := len(c.Pages); n != 1 {
		t.Errorf("%d pages", n)
	}
	if got := pdftest.Tool(t, b, "pdffonts"); strings.Count(got, "yes yes yes") != 2 {
		t.Errorf("fonts must be embedded, subset and have Unicode:\n%s", got)
	}
}

// The address must show in the window of the envelope, with room for it to slide.
func TestLetterWindow(t *testing.T) {
	t.Parallel()
	l := letter()
	l.Recipient = []string{"Hochbau Nordtor GmbH", "Herrn Dr.-Ing. Maximilian Ferdinand von Hohenstein-Lichterfelde", "Abteilung Planung", "Hinterhaus, 3. Stock", "Lindenstraße 8", "00000 Wiesenbrück", "SCHWEIZ"}
	b, _ := finish(t, pdf.NewLetter(fonts(t), meta("Fenster"), l))
	// -x -y -W -H in pixels at 254 dpi: ten pixels a millimetre.
	got := pdftest.Tool(t, b, "pdftotext", "-r", "254", "-x", "200", "-y", "450", "-W", "850", "-H", "450")
	for _, want := range append([]string{"Rathausplatz 1", "Einschreiben", "SCHWEIZ"}, l.Recipient[0]) {
		if !strings.Contains(got, want) {
			t.Errorf("window lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "Aktenzeichen") || strings.Contains(got, "Bescheid") {
		t.Errorf("window shows more than the address:\n%s", got)
	}
	l.Recipient = strings.Split(strings.Repeat("Zeile\n", 10), "\n")
	if _, err := pdf.NewLetter(fonts(t), meta("Fenster"), l).Bytes(); !errors.Is(err, pdf.ErrAddress) {
		t.Errorf("ten lines: %v", err)
	}
	l.Recipient = nil
	if _, err := pdf.NewLetter(fonts(t), meta("Fenster"), l).Bytes(); !errors.Is(err, pdf.ErrAddress) {
		t.Errorf("no lines: %v", err)
	}
}

func longTable(t *testing.T) *pdf.Document {
	d := pdf.New(fonts(t), meta("Liste"))
	d.Heading(1, "Liste der Sperrungen")
	table := pdf.Table{Columns: []pdf.TableColumn{{Title: "Nummer", Right: true}, {Title: "Straße"}, {Title: "Grund"}}}
	for i := range 130 {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i + 1), "Lindenstraße", "Aufstellen eines Mobilkrans"})
	}
	d.Table(table)
	return d
}

func TestTableRepeatsHead(t *testing.T) {
	t.Parallel()
	_, c := finish(t, longTable(t))
	golden(t, "table.txt", c.Root.Dump(""))
	if len(c.Pages) != 4 {
		t.Fatalf("%d pages", len(c.Pages))
	}
	for i, p := range c.Pages {
		artifacts := strings.Join(p.Artifacts, "|")
		if heads := strings.Count(artifacts, "NummerStraßeGrund"); heads != min(i, 1) {
			t.Errorf("page %d: %d repeated heads in %s", i+1, heads, artifacts)
		}
		if want := fmt.Sprintf("Seite %d von 4", i+1); !strings.Contains(artifacts, want) {
			t.Errorf("page %d lacks %q", i+1, want)
		}
	}
}

func TestTableAtTheTopOfAPageHasOneHead(t *testing.T) {
	t.Parallel()
	d := pdf.New(fonts(t), meta("Kopf"))
	d.Heading(1, "Kopf")
	d.PageBreak()
	d.Table(pdf.Table{Columns: []pdf.TableColumn{{Title: "Nummer"}}, Rows: [][]string{{"1"}}})
	_, c := finish(t, d)
	if strings.Contains(strings.Join(c.Pages[1].Artifacts, "|"), "Nummer") {
		t.Errorf("head drawn twice: %q", c.Pages[1].Artifacts)
	}
}

// A page never starts or ends with a lone line, and a heading never stands at its foot.
func TestPageBreaks(t *testing.T) {
	t.Parallel()
	for lead := range 40 {
		d := pdf.New(fonts(t), meta("Umbruch"))
		d.Heading(1, "Anfang")
		for range lead {
			d.Paragraph(pdf.Text("Zeile."))
		}
		d.Heading(2, "Abschnitt")
		d.Paragraph(pdf.Text(strings.Repeat("Die Sperrung ist rechtzeitig anzukündigen. ", 12)))
		b, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		c, err := pdftest.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.Pages {
			first, last := p.Marks[0], p.Marks[len(p.Marks)-1]
			if strings.HasPrefix(last.Tag, "H") {
				t.Errorf("%d lines: heading at the foot", lead)
			}
			for _, m := range []pdftest.Mark{first, last} {
				if strings.Contains(m.Text, "Sperrung") && len(m.Text) < 100 {
					t.Errorf("%d lines: %q alone", lead, m.Text)
				}
			}
		}
	}
}

func TestTextIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	d := pdf.New(fonts(t), meta("Lesefolge"))
	paragraphs := []string{
		"Ährenweg, Öltank, Übergang, Maße und GROẞE; 12,50 € – „Anführung“ … №? 20 °C, 3 m², § 45 Abs. 1 StVO.",
		"Łukasz Żółć, Şükrü Çağlar, Nguyễn Văn, Ελένη, Владимир, Ægir Þórsson.",
		strings.Repeat("Das Wort steht in einer langen Reihe von Worten. ", 30),
		"ohne eigenen Buchstaben: m̄, M̂, J̌, ḵ, ễ",
		"zerlegt: Mu\u0308ller und Franc\u0327ois",
	}
	want := strings.NewReplacer("u\u0308", "ü", "c\u0327", "ç").Replace(strings.Join(paragraphs, " "))
	d.Heading(1, "Lesefolge")
	for _, p := range paragraphs {
		d.Paragraph(pdf.Text(p))
	}
	b, c := finish(t, d)
	want = "Lesefolge " + strings.Join(strings.Fields(want), " ")
	if diff := cmp.Diff(want, c.Root.Words()); diff != "" {
		t.Error(diff)
	}
	got := strings.Join(strings.Fields(pdftest.Tool(t, b, "pdftotext")), " ")
	got = strings.NewReplacer("ǰ", "J̌", "ḵ", "ḵ").Replace(got)
	want += " 32.61.10-2026/00417 Seite 1 von 1"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLongWordsAreParted(t *testing.T) {
	t.Parallel()
	d := pdf.New(fonts(t), meta("Lange Wörter"))
	d.Heading(1, "Lange Wörter")
	long := "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
	address := "https://wiesenbrueck.example/leistungen/" + strings.Repeat("strassensperrung-", 8) + "antrag"
	d.Table(pdf.Table{Columns: []pdf.TableColumn{{Title: strings.Repeat("Kopf ", 400)}, {Title: "B"}}, Rows: [][]string{{"a", strings.Repeat("Zelle ", 900)}}})
	d.Pairs(pdf.Pair{Label: long, Value: strings.Repeat("x", 300)}, pdf.Pair{Label: "Adresse", Value: address}, pdf.Pair{Label: long + long, Value: "weich\u00adgetrennt"})
	_, c := finish(t, d)
	rows := c.Root.Find("TR")
	if heads, cells := strings.Count(rows[0].Lines(), "Kopf"), strings.Count(rows[1].Lines(), "Zelle"); heads != 400 || cells != 900 {
		t.Errorf("%d words of the head and %d of the cell", heads, cells)
	}
	rows = rows[2:]
	for i, want := range []string{long, strings.Repeat("x", 300), "Adresse", address, long + long, "weichgetrennt"} {
		if got := strings.NewReplacer("\u00ad", "", "\n", "").Replace(rows[i/2].Kids[i%2].Lines()); got != want {
			t.Errorf("cell %d: %q", i, got)
		}
	}
}

func TestMissingGlyphRefuses(t *testing.T) {
	t.Parallel()
	for text, missing := range map[string]rune{"Frau 李": '李', "Hund 🐕": '🐕', "\ue000": '\ue000', "\xff": '\ufffd', "नमस्ते": 'न'} {
		d := pdf.New(fonts(t), meta("Zeichen"))
		d.Heading(1, "Zeichen")
		d.Table(pdf.Table{Columns: []pdf.TableColumn{{Title: "Name"}}, Rows: [][]string{{text}}})
		b, err := d.Bytes()
		var glyph *pdf.MissingGlyphError
		if !errors.As(err, &glyph) || glyph.Rune != missing || b != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMisuseIsRefused(t *testing.T) {
	t.Parallel()
	for what, add := range map[string]func(d *pdf.Document){
		"skipped level": func(d *pdf.Document) { d.Heading(3, "Zu tief") },
		"empty heading": func(d *pdf.Document) { d.Heading(2, " ") },
		"ragged table": func(d *pdf.Document) {
			d.Table(pdf.Table{Columns: []pdf.TableColumn{{Title: "A"}}, Rows: [][]string{{"1", "2"}}})
		},
		"no columns":  func(d *pdf.Document) { d.Table(pdf.Table{}) },
		"script link": func(d *pdf.Document) { d.Paragraph(pdf.Link("x", "javascript:alert(1)")) },
		"file link":   func(d *pdf.Document) { d.Paragraph(pdf.Link("x", "file:///etc/passwd")) },
		"bare link":   func(d *pdf.Document) { d.Paragraph(pdf.Link("x", "wiesenbrueck.example")) },
		"silent code": func(d *pdf.Document) { d.Matrix(pdf.Matrix{Modules: [][]bool{{true}}}, 20) },
	} {
		d := pdf.New(fonts(t), meta("Fehler"))
		d.Heading(1, "Fehler")
		add(d)
		if _, err := d.Bytes(); err == nil {
			t.Errorf("%s passes", what)
		}
	}
	for _, m := range []pdf.Meta{{}, {Title: "x", Lang: "de DE"}, {Title: "x", Lang: "de)/X("}} {
		if _, err := pdf.New(fonts(t), m).Bytes(); err == nil {
			t.Errorf("%+v passes", m)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	var files [3][]byte
	for i := range files {
		d := longTable(t)
		d.Paragraph(pdf.Text("Žofie Çağlar"))
		files[i], _ = d.Bytes()
	}
	if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[1], files[2]) {
		t.Error("files differ")
	}
}

func TestStampIsOnEveryPageAndInNoText(t *testing.T) {
	t.Parallel()
	m := meta("Entwurf eines Bescheids")
	m.Stamp = "Entwurf"
	d := pdf.NewLetter(fonts(t), m, letter())
	for range 40 {
		d.Paragraph(pdf.Text("Zeile."))
	}
	_, c := finish(t, d)
	for i, p := range c.Pages {
		if p.Artifacts[0] != "Entwurf" {
			t.Errorf("page %d begins with %q", i+1, p.Artifacts[0])
		}
	}
	if strings.Contains(c.Root.Words(), "Entwurf") {
		t.Error("the stamp is read aloud")
	}
}

// Values from the CSS Color 4 reference implementation.
func TestOKLCH(t *testing.T) {
	t.Parallel()
	for want, lch := range map[pdf.Color][3]float64{0xffffff: {1, 0, 0}, 0: {0, 0, 0}, 0xff0000: {0.62796, 0.25768, 29.234}, 0x0000ff: {0.45201, 0.31321, 264.052}} {
		if got := pdf.OKLCH(lch[0], lch[1], lch[2]); got != want {
			t.Errorf("%v: %06x, want %06x", lch, got, want)
		}
	}
}

// Names in German registers use the letters of DIN 91379.
func TestLettersOfNames(t *testing.T) {
	t.Parallel()
	var all []rune
	for _, block := range [][2]rune{{0xc0, 0x17e}, {0x1cd, 0x1dc}, {0x1e2, 0x1f0}, {0x1f8, 0x21b}, {0x1e02, 0x1ef9}} {
		for r := block[0]; r <= block[1]; r++ {
			all = append(all, r)
		}
	}
	d := pdf.New(fonts(t), meta("Namen"))
	d.Heading(1, "Namen")
	d.Paragraph(pdf.Text(string(all)), pdf.Bold(string(all)))
	if _, err := d.Bytes(); err != nil {
		t.Error(err)
	}
}

func TestFontsAreChecked(t *testing.T) {
	t.Parallel()
	whole := pdftest.FontFile(t, "400Regular/NotoSans_400Regular.ttf")
	for what, data := range map[string][]byte{"empty": nil, "text": []byte("keine Schrift"), "cut": whole[:2000], "web font": append([]byte("wOF2"), whole[4:]...)} {
		if _, err := pdf.ParseFonts(data, whole); err == nil {
			t.Errorf("%s passes", what)
		}
	}
}

func BenchmarkLetter(b *testing.B) {
	f := fonts(b)
	for b.Loop() {
		d := pdf.NewLetter(f, meta("Bescheid"), letter())
		for range 8 {
			d.Paragraph(pdf.Text(strings.Repeat("Die Steuerpflicht beginnt mit dem Monat, in dem der Hund gehalten wird. ", 4)))
		}
		d.Closing("Mit freundlichen Grüßen", nil, "Johanna Petersen")
		if _, err := d.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
