package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// glyphSet collects the characters one document uses from a face beyond the basic subset.
type glyphSet struct {
	extra []rune
	code  map[rune]int
}

// codeOf returns the two-byte code of r in page content. Each character has a code of its own, also where two share
// an outline (hyphen and soft hyphen), so extracted text is exactly what was written.
func (d *Document) codeOf(f *face, r rune) int {
	set := d.used[f]
	if set == nil {
		set = &glyphSet{code: map[rune]int{}}
		d.used[f] = set
	}
	if c := f.code[r]; c != 0 {
		return c
	}
	if c := set.code[r]; c != 0 {
		return c
	}
	set.extra = append(set.extra, r)
	c := len(f.common) + len(set.extra)
	set.code[r] = c
	return c
}

// appendMark shows a combining mark that has no composed letter ("m̄" in names by DIN 91379): centred on its base
// letter and lifted above tall ones. It stands inside the code string of the line.
func (f *face) appendMark(codes []byte, base, mark rune, code int, size float64) []byte {
	const bottom, left, right, top = 4, 2, 6, 8 // of an outline's box
	b, m := f.outline(f.glyphs[base]), f.outline(f.glyphs[mark])
	scale := 1000 / f.upm
	shift := float64(b.i16(left)+b.i16(right)-m.i16(left)-m.i16(right))/2*scale - f.advance(base)
	rise := 0.0
	if m.i16(bottom) > 0 { // a mark above, drawn for the height of small letters
		rise = max(0, float64(b.i16(top)-f.tables["OS/2"].i16(86))) * scale * size / 1000
	}
	codes = fmt.Appendf(codes, ">Tj %s Ts[%s<%04X>%s]TJ 0 Ts<", number(rise), number(-shift), code, number(shift))
	return codes
}

// subset is what a file embeds of a face; streams are compressed.
type subset struct {
	name      string
	program   []byte
	length    int // of the program before compression
	widths    string
	toUnicode []byte
}

// subsetFor returns the shared basic subset, or one cut for this document when it uses other characters too.
func (d *Document) subsetFor(f *face) *subset {
	set := d.used[f]
	if len(set.extra) == 0 {
		return f.basic()
	}
	return f.subset(d.fonts, set.extra)
}

// subset cuts out the basic characters and extra ones. Codes are positions: basic characters first, then extra, then
// the parts of composed glyphs, which no text names.
func (f *face) subset(fonts *Fonts, extra []rune) *subset {
	runes := slices.Concat(f.common, extra)
	glyphs := []int{0}
	for _, r := range runes {
		glyphs = append(glyphs, f.glyphs[r])
	}
	program := f.program(glyphs)
	sum := sha256.Sum256(program)
	prefix := make([]byte, 6)
	for i := range prefix {
		prefix[i] = 'A' + sum[i]%26
	}
	var widths strings.Builder
	for _, r := range runes {
		fmt.Fprintf(&widths, "%.0f ", f.advance(r))
	}
	return &subset{
		name:      string(prefix) + "+" + f.name,
		program:   fonts.deflate(program),
		length:    len(program),
		widths:    "1[" + strings.TrimSpace(widths.String()) + "]",
		toUnicode: fonts.deflate(toUnicode(runes)),
	}
}

// program writes a TrueType file with the given glyphs in the given order.
func (f *face) program(glyphs []int) []byte {
	var glyf, loca, hmtx []byte
	be := binary.BigEndian
	position := map[int]int{}
	for i, g := range glyphs {
		if _, known := position[g]; !known {
			position[g] = i
		}
	}
	for i := 0; i < len(glyphs); i++ { // grows: parts of composed glyphs are appended
		g := glyphs[i]
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		hmtx = be.AppendUint16(hmtx, uint16(f.glyphAdvance(g)*f.upm/1000))
		hmtx = be.AppendUint16(hmtx, uint16(f.bearing(g)))
		outline := bytes.Clone(f.outline(g))
		for _, at := range components(outline) {
			part := table(outline).u16(at)
			if _, known := position[part]; !known {
				position[part] = len(glyphs)
				glyphs = append(glyphs, part)
			}
			be.PutUint16(outline[at:], uint16(position[part]))
		}
		glyf = pad4(append(glyf, outline...))
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))

	head, maxp, hhea := bytes.Clone(f.tables["head"]), bytes.Clone(f.tables["maxp"]), bytes.Clone(f.tables["hhea"])
	be.PutUint32(head[8:], 0)
	be.PutUint16(head[50:], 1)
	be.PutUint16(maxp[4:], uint16(len(glyphs)))
	be.PutUint16(hhea[34:], uint16(len(glyphs)))
	tables := map[string][]byte{"glyf": glyf, "loca": loca, "hmtx": hmtx, "head": head, "maxp": maxp, "hhea": hhea}
	for _, name := range []string{"cvt ", "fpgm", "prep"} {
		if f.tables[name] != nil {
			tables[name] = f.tables[name]
		}
	}
	return assemble(tables)
}

// components returns where a composed outline names the glyphs it is made of.
func components(outline table) []int {
	const (
		words, scale, more, xyScale, matrix = 0x01, 0x08, 0x20, 0x40, 0x80
	)
	if len(outline) < 10 || outline.i16(0) >= 0 {
		return nil
	}
	var at []int
	for p := 10; p+4 <= len(outline); {
		flags := outline.u16(p)
		at = append(at, p+2)
		p += 6
		if flags&words != 0 {
			p += 2
		}
		switch {
		case flags&scale != 0:
			p += 2
		case flags&xyScale != 0:
			p += 4
		case flags&matrix != 0:
			p += 8
		}
		if flags&more == 0 {
			break
		}
	}
	return at
}

// assemble writes the table directory, the tables and the checksums.
func assemble(tables map[string][]byte) []byte {
	be := binary.BigEndian
	names := slices.Sorted(maps.Keys(tables))
	n, power := len(names), 0
	for 2<<power <= n {
		power++
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, 16 << power, power, 16*n - 16<<power} {
		out = be.AppendUint16(out, uint16(v))
	}
	offset, headAt := 12+16*n, 0
	var body []byte
	for _, name := range names {
		if name == "head" {
			headAt = offset
		}
		data := pad4(bytes.Clone(tables[name]))
		out = append(out, name...)
		out = be.AppendUint32(out, checksum(data))
		out = be.AppendUint32(out, uint32(offset))
		out = be.AppendUint32(out, uint32(len(tables[name])))
		body = append(body, data...)
		offset += len(data)
	}
	out = append(out, body...)
	be.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	return sum
}

func pad4(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// toUnicode maps the codes 1… to the characters they stand for.
func toUnicode(runes []rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for from := 0; from < len(runes); from += 100 { // the format allows 100 a block
		block := runes[from:min(from+100, len(runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, r := range block {
			fmt.Fprintf(&b, "<%04X> <", from+i+1)
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.Bytes()
}

// deflate compresses a stream. Writers are large, so they are kept with the fonts for the next document.
func (f *Fonts) deflate(data []byte) []byte {
	var b bytes.Buffer
	w, _ := f.deflaters.Get().(*zlib.Writer)
	if w == nil {
		w = zlib.NewWriter(&b)
	} else {
		w.Reset(&b)
	}
	// Writing to memory cannot fail.
	_, _ = w.Write(data)
	_ = w.Close()
	f.deflaters.Put(w)
	return b.Bytes()
}
