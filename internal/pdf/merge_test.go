package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/pdf"
	"rathaus/internal/pdf/pdftest"
)

func dayLetters(t *testing.T) [][]byte {
	t.Helper()
	var files [][]byte
	for i, name := range []string{"Öztürk", "Kowalčík", "Müller"} {
		d := pdf.NewLetter(fonts(t), meta(fmt.Sprintf("Bescheid %d", i+1)), letter())
		d.Paragraph(pdf.Text("Guten Tag "+name+", siehe "), pdf.Link("wiesenbrueck.example", "https://wiesenbrueck.example/"))
		d.Image(testImage(t), "Lageplan", 40)
		if i == 2 {
			d.PageBreak()
			d.Paragraph(pdf.Text("Zweite Seite"))
		}
		b, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	return files
}

func TestMerge(t *testing.T) {
	t.Parallel()
	files := dayLetters(t)
	single, words := 0, ""
	for _, f := range files {
		words += pdftest.Check(t, f).Root.Words() + " "
		single += len(f)
	}
	for duplex, pages := range map[bool]int{false: 4, true: 6} {
		b, err := pdf.Merge(files, pdf.MergeOptions{Meta: meta("Tagespost"), Duplex: duplex})
		if err != nil {
			t.Fatal(err)
		}
		c := pdftest.Check(t, b)
		if len(c.Pages) != pages {
			t.Errorf("duplex %v: %d pages, want %d", duplex, len(c.Pages), pages)
		}
		if diff := cmp.Diff(words, c.Root.Words()+" "); diff != "" {
			t.Error(diff)
		}
		if len(c.Root.Kids) != 3 || c.Root.Kids[1].Tag != "Part" {
			t.Errorf("parts: %d", len(c.Root.Kids))
		}
		if len(b) > single*2/3 {
			t.Errorf("%d bytes of %d: fonts are not shared", len(b), single)
		}
		if !bytes.Contains(b, []byte("Tagespost")) {
			t.Error("title missing")
		}
		again, err := pdf.Merge([][]byte{b, files[0]}, pdf.MergeOptions{Meta: meta("Wieder")})
		if err != nil {
			t.Fatal(err)
		}
		pdftest.Check(t, again)
	}
}

func TestMergeRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	good := dayLetters(t)[0]
	for what, b := range map[string][]byte{
		"empty":      nil,
		"other":      []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF"),
		"cut":        good[:len(good)-200],
		"moved":      append([]byte("\n"), good...),
		"sealed":     append(bytes.Clone(good), "\n9 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n7\n%%EOF\n"...),
		"reference":  bytes.Replace(good, []byte("/Resources 7 0 R"), []byte("/Resources 9999 0 R"), 1),
		"wrong size": bytes.Replace(good, []byte("/Length "), []byte("/Length 9"), 1),
	} {
		if _, err := pdf.Merge([][]byte{good, b}, pdf.MergeOptions{Meta: meta("Post")}); !errors.Is(err, pdf.ErrForeign) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := pdf.Merge(nil, pdf.MergeOptions{Meta: meta("Post")}); err == nil {
		t.Error("no files pass")
	}
}

func FuzzMerge(f *testing.F) {
	d := pdf.New(fonts(f), meta("Seite"))
	d.Heading(1, "Seite")
	d.Paragraph(pdf.Link("Adresse", "mailto:post@wiesenbrueck.example"))
	b, err := d.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = pdf.Merge([][]byte{b}, pdf.MergeOptions{Meta: meta("Post")}) // must not panic or hang
	})
}
