package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unicode"
)

// Fonts is a parsed pair of TrueType fonts, shared by all documents. Safe for concurrent use.
type Fonts struct {
	regular, bold *face
	profile       func() []byte // compressed ICC profile, made once
	deflaters     sync.Pool
}

// ParseFonts reads two TrueType fonts with glyf outlines (static, embeddable) and prepares what all documents share.
// Parsing takes some milliseconds: call it once and keep the result.
func ParseFonts(regular, bold []byte) (*Fonts, error) {
	fonts := &Fonts{}
	var err error
	if fonts.regular, err = parseFace("R", regular); err != nil {
		return nil, fmt.Errorf("pdf: regular font: %w", err)
	}
	if fonts.bold, err = parseFace("B", bold); err != nil {
		return nil, fmt.Errorf("pdf: bold font: %w", err)
	}
	fonts.profile = sync.OnceValue(func() []byte { return fonts.deflate(srgbProfile()) })
	for _, f := range []*face{fonts.regular, fonts.bold} {
		f.basic = sync.OnceValue(func() *subset { return f.subset(fonts, nil) })
	}
	return fonts, nil
}

// table is a part of a font file. Reads beyond its end give zero, so a damaged font yields odd glyphs, never a panic.
type table []byte

func (t table) u16(at int) int {
	if at < 0 || at+2 > len(t) {
		return 0
	}
	return int(binary.BigEndian.Uint16(t[at:]))
}

func (t table) i16(at int) int { return int(int16(t.u16(at))) }

func (t table) u32(at int) int {
	if at < 0 || at+4 > len(t) {
		return 0
	}
	return int(binary.BigEndian.Uint32(t[at:]))
}

func (t table) from(at int) table {
	if at < 0 || at > len(t) {
		return nil
	}
	return t[at:]
}

// face is one parsed font.
type face struct {
	resource string // name in page resources
	name     string // PostScript name
	tables   map[string]table
	upm      float64
	ascent   int
	descent  int
	cap      int
	box      [4]int
	glyphs   map[rune]int // character → glyph of the font file
	count    int          // glyphs in the file
	common   []rune       // the characters of the basic subset, in code order
	code     map[rune]int // character of the basic subset → code in the page content
	basic    func() *subset
}

func parseFace(resource string, data []byte) (*face, error) {
	f := &face{resource: resource, tables: map[string]table{}, glyphs: map[rune]int{}, code: map[rune]int{}}
	file := table(data)
	if file.u32(0) != 0x00010000 {
		return nil, errors.New("not a TrueType file")
	}
	for i := range file.u16(4) {
		entry := file.from(12 + 16*i)
		offset, length := entry.u32(8), entry.u32(12)
		if len(entry) < 16 || offset+length > len(data) {
			return nil, errors.New("table directory is damaged")
		}
		f.tables[string(entry[:4])] = file[offset : offset+length]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "cmap", "OS/2"} {
		if len(f.tables[name]) < 6 {
			return nil, fmt.Errorf("table %q missing", name)
		}
	}
	if f.tables["fvar"] != nil {
		return nil, errors.New("variable font")
	}
	if f.tables["OS/2"].u16(8)&0x000e == 2 {
		return nil, errors.New("licence bits forbid embedding")
	}
	f.parseMetrics()
	if f.upm == 0 || f.count == 0 {
		return nil, errors.New("head or maxp is damaged")
	}
	f.parseCmap()
	f.name = f.postScriptName()
	f.common = f.commonRunes()
	for i, r := range f.common {
		f.code[r] = i + 1
	}
	if len(f.common) < 100 {
		return nil, errors.New("no Latin letters")
	}
	return f, nil
}

func (f *face) parseMetrics() {
	head, hhea := f.tables["head"], f.tables["hhea"]
	f.upm = float64(head.u16(18))
	for i := range f.box {
		f.box[i] = head.i16(36 + 2*i)
	}
	f.ascent, f.descent = hhea.i16(4), hhea.i16(6)
	f.count = f.tables["maxp"].u16(4)
	if f.cap = f.tables["OS/2"].i16(88); f.cap == 0 {
		f.cap = f.ascent * 2 / 3
	}
}

// parseCmap reads the Unicode character map, the full one (format 12) where there is one.
func (f *face) parseCmap() {
	cmap := f.tables["cmap"]
	var short, full table
	for i := range cmap.u16(2) {
		sub := cmap.from(cmap.u32(4 + 8*i + 4))
		switch sub.u16(0) {
		case 4:
			short = sub
		case 12:
			full = sub
		}
	}
	if full != nil {
		f.parseCmap12(full)
		return
	}
	f.parseCmap4(short)
}

func (f *face) mapRune(r rune, glyph int) {
	if glyph > 0 && glyph < f.count {
		f.glyphs[r] = glyph
	}
}

func (f *face) parseCmap12(t table) {
	groups := min(t.u32(12), len(t)/12)
	for i := range groups {
		g := t.from(16 + 12*i)
		first, last, glyph := g.u32(0), g.u32(4), g.u32(8)
		for r := first; r <= min(last, unicode.MaxRune) && r-first < f.count; r++ {
			f.mapRune(rune(r), glyph+r-first)
		}
	}
}

func (f *face) parseCmap4(t table) {
	n := t.u16(6) / 2
	for k := range n {
		end, start := t.u16(14+2*k), t.u16(16+2*n+2*k)
		delta, offset := t.u16(16+4*n+2*k), t.u16(16+6*n+2*k)
		for r := start; r <= end && r < 0xffff; r++ {
			glyph := r + delta
			if offset != 0 {
				if glyph = t.u16(16 + 6*n + 2*k + offset + 2*(r-start)); glyph != 0 {
					glyph += delta
				}
			}
			f.mapRune(rune(r), glyph&0xffff)
		}
	}
}

// postScriptName reads name record 6 as written for Windows (UTF-16).
func (f *face) postScriptName() string {
	t := f.tables["name"]
	for i := range t.u16(2) {
		record := t.from(6 + 12*i)
		if record.u16(0) != 3 || record.u16(6) != 6 {
			continue
		}
		text := t.from(t.u16(4) + record.u16(10))
		var name []byte
		for k := 0; k < record.u16(8); k += 2 {
			if c := text.u16(k); c > ' ' && c < 0x7f && c != '/' && c != '(' && c != ')' && c != '#' {
				name = append(name, byte(c))
			}
		}
		if len(name) > 0 {
			return string(name)
		}
	}
	return "Font" + f.resource
}

// commonRunes are the characters of the basic subset: whatever most German letters need, so that most letters
// share one embedded font program that is cut out and compressed once.
func (f *face) commonRunes() []rune {
	const typography = "\u00a0\u00ad§°²³½©«»·×ÄÖÜäöüßẞàáâçèéêëíîïñóôøåæúÅÉØ–—‘’‚“”„•…€−"
	var common []rune
	add := func(r rune) {
		if f.glyphs[r] != 0 {
			common = append(common, r)
		}
	}
	for r := ' '; r <= '~'; r++ {
		add(r)
	}
	for _, r := range typography {
		add(r)
	}
	return common
}

// has tells whether the face can show r as plain text. Private use characters carry no meaning a reader could speak,
// the replacement character stands for a lost one, and scripts that need shaping would come out wrong: all are missing.
func (f *face) has(r rune) bool {
	return f.glyphs[r] != 0 && r != unicode.ReplacementChar && !unicode.In(r, unicode.Co, unicode.Devanagari)
}

// advance is the width of r in thousandths of the font size.
func (f *face) advance(r rune) float64 { return f.glyphAdvance(f.glyphs[r]) }

func (f *face) glyphAdvance(glyph int) float64 {
	last := f.tables["hhea"].u16(34) - 1
	return float64(f.tables["hmtx"].u16(4*min(glyph, last))) * 1000 / f.upm
}

func (f *face) bearing(glyph int) int {
	metrics := f.tables["hhea"].u16(34)
	if glyph < metrics {
		return f.tables["hmtx"].i16(4*glyph + 2)
	}
	return f.tables["hmtx"].i16(4*metrics + 2*(glyph-metrics))
}

// outline returns the glyf entry of a glyph.
func (f *face) outline(glyph int) table {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to int
	if f.tables["head"].u16(50) == 1 {
		from, to = loca.u32(4*glyph), loca.u32(4*glyph+4)
	} else {
		from, to = 2*loca.u16(2*glyph), 2*loca.u16(2*glyph+2)
	}
	if from < 0 || from >= to || to > len(glyf) {
		return nil
	}
	return glyf[from:to]
}
