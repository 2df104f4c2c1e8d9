package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"rathaus/internal/pdf"
)

// crest is half transparent, as crests come.
func crest() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 30, 36))
	for y := range 36 {
		for x := range 30 {
			img.Set(x, y, color.NRGBA{0, 0x5a, 0x5a, uint8(8 * x)})
		}
	}
	return img
}

func testImage(t *testing.T) *pdf.Image {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, crest()); err != nil {
		t.Fatal(err)
	}
	img, err := pdf.ParseImage(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestImages(t *testing.T) {
	t.Parallel()
	var grey, rgb bytes.Buffer
	if err := jpeg.Encode(&grey, image.NewGray(image.Rect(0, 0, 20, 10)), nil); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&rgb, crest(), nil); err != nil {
		t.Fatal(err)
	}
	l := letter()
	l.Letterhead.Crest = testImage(t)
	d := pdf.NewLetter(fonts(t), meta("Bilder"), l)
	for _, data := range [][]byte{grey.Bytes(), rgb.Bytes()} {
		img, err := pdf.ParseImage(data)
		if err != nil {
			t.Fatal(err)
		}
		d.Image(img, "Ein Bild", 50)
	}
	d.Image(testImage(t), "", 500) // decoration, wider than the page
	d.Closing("Mit freundlichen Grüßen", testImage(t), "Johanna Petersen")
	_, c := finish(t, d)
	if n := len(c.Root.Find("Figure")); n != 2 {
		t.Errorf("%d figures, want the two with a description", n)
	}
	for i, img := range c.Images {
		if img["SMask"] != nil || img["Interpolate"] != nil {
			t.Errorf("picture %d is transparent or interpolated", i)
		}
	}
	for what, data := range map[string][]byte{"empty": nil, "text": []byte("kein Bild"), "cut": rgb.Bytes()[:rgb.Len()/2]} {
		if _, err := pdf.ParseImage(data); err == nil {
			t.Errorf("%s passes", what)
		}
	}
}
