package pdf

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // decoders of ParseImage
	_ "image/png"
	"math"
	"slices"
)

// Image is a parsed picture, shared by all documents that show it. Safe for concurrent use.
type Image struct {
	width, height int
	space, filter string
	data          []byte
}

// maxPixels bounds the memory of one picture; a crest or signature has far fewer.
const maxPixels = 20e6

// ParseImage reads a JPEG or PNG. JPEGs in grey or RGB are embedded as they are; everything else is decoded,
// transparent parts laid on white paper (PDF/A and paper know no transparency).
func ParseImage(data []byte) (*Image, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("pdf: image: %w", err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width*config.Height > maxPixels {
		return nil, fmt.Errorf("pdf: image of %d × %d pixels", config.Width, config.Height)
	}
	pixels, _, err := image.Decode(bytes.NewReader(data)) // also a JPEG: a damaged one must not reach the archive
	if err != nil {
		return nil, fmt.Errorf("pdf: image: %w", err)
	}
	img := &Image{width: config.Width, height: config.Height}
	switch {
	case format == "jpeg" && config.ColorModel == color.GrayModel:
		img.space, img.filter, img.data = "DeviceGray", "DCTDecode", bytes.Clone(data)
	case format == "jpeg" && config.ColorModel == color.YCbCrModel:
		img.space, img.filter, img.data = "DeviceRGB", "DCTDecode", bytes.Clone(data)
	default:
		img.flatten(pixels)
	}
	return img, nil
}

// flatten stores the pixels on white, in grey if there is no colour.
func (img *Image) flatten(pixels image.Image) {
	rgb := make([]byte, 0, 3*img.width*img.height)
	grey := true
	b := pixels.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := pixels.At(x, y).RGBA() // premultiplied: adding the rest of white is all
			white := 0xffff - a
			p := [3]byte{byte((r + white) >> 8), byte((g + white) >> 8), byte((bl + white) >> 8)}
			grey = grey && p[0] == p[1] && p[1] == p[2]
			rgb = append(rgb, p[:]...)
		}
	}
	img.space, img.filter = "DeviceRGB", "FlateDecode"
	if grey {
		img.space = "DeviceGray"
		for i := range img.width * img.height {
			rgb[i] = rgb[3*i]
		}
		rgb = rgb[:img.width*img.height]
	}
	var buf bytes.Buffer
	w := zlib.NewWriter(&buf)
	_, _ = w.Write(rgb) // memory
	_ = w.Close()
	img.data = buf.Bytes()
}

// within returns the largest size of the picture inside a box.
func (img *Image) within(w, h float64) (float64, float64) {
	scale := math.Min(w/float64(img.width), h/float64(img.height))
	return float64(img.width) * scale, float64(img.height) * scale
}

// Image adds a picture of so many millimetres width (less if it does not fit the page). An empty alt makes it decoration.
func (d *Document) Image(img *Image, alt string, width float64) {
	area := d.look.top - d.look.bottom
	w, h := img.within(math.Min(width*mm, d.look.right-d.look.left), area)
	var e *element
	if alt != "" {
		e = d.figure(alt)
	}
	d.space(paragraphGap, false)
	d.add(strip{height: h, draw: func(p *page, top float64) {
		d.drawFigure(p, e, d.look.left, top-h, w, h)
		d.drawImage(p, img, d.look.left, top-h, w, h)
	}})
	d.space(paragraphGap, false)
}

func (d *Document) figure(alt string) *element {
	e := d.root.child("Figure")
	e.alt = plain(alt)
	return e
}

// drawFigure marks what follows as figure e with its place on the page, or as decoration.
func (d *Document) drawFigure(p *page, e *element, x, y, w, h float64) {
	if e == nil {
		p.artifact(layoutArtifact)
		return
	}
	e.attr = fmt.Sprintf("/O/Layout/Placement/Block/BBox[%s %s %s %s]", number(x), number(y), number(x+w), number(y+h))
	p.mark(e)
}

func (d *Document) drawImage(p *page, img *Image, x, y, w, h float64) {
	i := slices.Index(d.images, img)
	if i < 0 {
		i = len(d.images)
		d.images = append(d.images, img)
	}
	p.op("q")
	p.op("cm", w, 0, 0, h, x, y)
	p.op(fmt.Sprintf("/I%d Do", i))
	p.op("Q")
}

// Matrix is a two-dimensional code as vector squares: rows of modules, true is dark. Alt is required and the same
// data must stand in the text, for those who cannot scan.
type Matrix struct {
	Modules [][]bool
	Alt     string
}

// Matrix adds a code of so many millimetres width, quiet zone included, with pairs set beside it.
func (d *Document) Matrix(m Matrix, width float64, beside ...Pair) {
	if m.Alt == "" || len(m.Modules) == 0 {
		d.fail(errors.New("pdf: code without modules or description"))
		return
	}
	const gap = 6 * mm
	size := width * mm
	st := style{size: d.look.text.size - 0.5, leading: 13.5}
	d.space(paragraphGap, false)
	x := d.look.left + size + gap
	rows := d.pairStrips(beside, st, x, d.look.right-x, rowPad, true)
	e := d.figure(m.Alt)
	text := 0.0
	for _, r := range rows {
		text += r.height
	}
	height := math.Max(size, text)
	d.add(strip{height: height, draw: func(p *page, top float64) {
		y := top
		for _, r := range rows {
			r.draw(p, y)
			y -= r.height
		}
		d.drawFigure(p, e, d.look.left, top-size, size, size)
		drawModules(p, m.Modules, d.look.left, top, size)
	}})
	d.space(paragraphGap, false)
}

// drawModules paints dark modules row by row, neighbours as one rectangle, inside a quiet zone of four modules.
func drawModules(p *page, modules [][]bool, x, top, size float64) {
	const quiet = 4
	n := len(modules)
	for _, row := range modules {
		n = max(n, len(row))
	}
	m := size / float64(n+2*quiet)
	p.paint(black)
	for r, row := range modules {
		for from := 0; from < len(row); from++ {
			to := from
			for to < len(row) && row[to] {
				to++
			}
			if to > from {
				// A hair more than the module: no white seams between rows on screen.
				p.op("re", x+m*float64(quiet+from), top-m*float64(quiet+r+1)-0.01, m*float64(to-from), m+0.02)
				from = to
			}
		}
	}
	p.op("f")
}
