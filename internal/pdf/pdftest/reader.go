package pdftest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A small PDF reader, written against the standard and not against the writer: it shares no code with it.

type (
	name string
	ref  int
	dict map[string]any
)

type stream struct {
	dict dict
	data []byte // decoded, but for DCTDecode
}

type file struct {
	objects map[int]any
	trailer dict
}

// parser reads PDF syntax; damage panics with a string that readFile turns into an error.
type parser struct {
	b []byte
	i int
}

func (p *parser) space() {
	for p.i < len(p.b) && strings.IndexByte(" \n\r\t\x00\f", p.b[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) word() string {
	p.space()
	start := p.i
	for p.i < len(p.b) && strings.IndexByte(" \n\r\t\x00\f()<>[]{}/%", p.b[p.i]) < 0 {
		p.i++
	}
	return string(p.b[start:p.i])
}

func (p *parser) has(s string) bool {
	p.space()
	if bytes.HasPrefix(p.b[p.i:], []byte(s)) {
		p.i += len(s)
		return true
	}
	return false
}

func (p *parser) value() any {
	switch {
	case p.has("<<"):
		d := dict{}
		for !p.has(">>") {
			if !p.has("/") {
				panic(fmt.Sprintf("dictionary key expected at %d", p.i))
			}
			key := p.word()
			if _, twice := d[key]; twice {
				panic("key twice: " + key)
			}
			d[key] = p.value()
		}
		return d
	case p.has("["):
		list := []any{}
		for !p.has("]") {
			list = append(list, p.value())
		}
		return list
	case p.has("/"):
		return name(p.word())
	case p.has("("):
		end := bytes.IndexByte(p.b[p.i:], ')')
		s := string(p.b[p.i : p.i+end])
		p.i += end + 1
		return s
	case p.has("<"):
		end := bytes.IndexByte(p.b[p.i:], '>')
		s := make([]byte, end/2)
		if _, err := fmt.Sscanf(string(p.b[p.i:p.i+end]), "%x", &s); err != nil && end > 0 {
			panic("hex string: " + err.Error())
		}
		p.i += end + 1
		return string(s)
	}
	return p.scalar()
}

func (p *parser) scalar() any {
	w := p.word()
	if w == "true" || w == "false" {
		return w == "true"
	}
	n, err := strconv.ParseFloat(w, 64)
	if err != nil {
		panic(fmt.Sprintf("unknown token %q at %d", w, p.i))
	}
	save := p.i
	if gen := p.word(); gen == "0" && p.has("R") {
		return ref(int(n))
	}
	p.i = save
	return n
}

func readFile(b []byte) (f *file, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read pdf: %v", r)
		}
	}()
	f = &file{objects: map[int]any{}}
	at := bytes.LastIndex(b, []byte("startxref"))
	p := &parser{b: b, i: at + len("startxref")}
	p.i = int(p.scalar().(float64))
	if !p.has("xref") || p.word() != "0" {
		panic("no xref")
	}
	count := int(p.scalar().(float64))
	p.space()
	table := p.i
	for id := 1; id < count; id++ {
		entry := string(b[table+20*id : table+20*id+20])
		if entry[10:] != " 00000 n \n" {
			panic("xref entry " + entry)
		}
		offset, _ := strconv.Atoi(entry[:10])
		f.objects[id] = readObject(&parser{b: b, i: offset}, id)
	}
	p.i = table + 20*count
	if !p.has("trailer") {
		panic("no trailer")
	}
	f.trailer = p.value().(dict)
	return f, nil
}

func readObject(p *parser, id int) any {
	if p.word() != strconv.Itoa(id) || p.word() != "0" || p.word() != "obj" {
		panic(fmt.Sprintf("object %d is not where the table says", id))
	}
	v := p.value()
	if !p.has("stream\n") {
		if !p.has("endobj") {
			panic(fmt.Sprintf("object %d does not end", id))
		}
		return v
	}
	d := v.(dict)
	data := p.b[p.i : p.i+int(d["Length"].(float64))]
	p.i += len(data)
	if !p.has("endstream") || !p.has("endobj") {
		panic(fmt.Sprintf("stream %d does not end", id))
	}
	if d["Filter"] == name("FlateDecode") {
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			panic(err.Error())
		}
		if data, err = io.ReadAll(r); err != nil {
			panic(err.Error())
		}
	}
	return stream{d, data}
}

// get follows references along a path of keys.
func (f *file) get(v any, path ...string) any {
	for {
		if r, isRef := v.(ref); isRef {
			v = f.objects[int(r)]
			continue
		}
		if len(path) == 0 {
			return v
		}
		switch d := v.(type) {
		case dict:
			v = d[path[0]]
		case stream:
			v = d.dict[path[0]]
		default:
			return nil
		}
		path = path[1:]
	}
}

func (f *file) dict(v any, path ...string) dict {
	d, _ := f.get(v, path...).(dict)
	return d
}

func (f *file) list(v any, path ...string) []any {
	l, _ := f.get(v, path...).([]any)
	return l
}

func (f *file) catalog() dict { return f.dict(f.trailer, "Root") }

func utf16Text(s string) string {
	if !strings.HasPrefix(s, "\xfe\xff") {
		return s
	}
	var units []uint16
	for i := 2; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(units))
}

// toUnicode reads the bfchar lines of a font's map.
func (f *file) toUnicode(font any) map[int]string {
	cmap, _ := f.get(font, "ToUnicode").(stream)
	codes := map[int]string{}
	for _, l := range strings.Split(string(cmap.data), "\n") {
		var code int
		var text []byte
		if n, _ := fmt.Sscanf(l, "<%04X> <%X>", &code, &text); n == 2 {
			codes[code] = utf16Text("\xfe\xff" + string(text))
		}
	}
	return codes
}

// content is what one page shows, by marked content.
type content struct {
	text map[int]string // by MCID
	mark map[int]string // tag of the marked content
	flat []string       // artifacts
}

// readContent interprets a page; anything painted outside marked content is an error.
func (f *file) readContent(page dict) (c content, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("page content: %v", r)
		}
	}()
	c = content{text: map[int]string{}, mark: map[int]string{}}
	body, _ := f.get(page, "Contents").(stream)
	p := &parser{b: body.data}
	var args []any
	var font any
	maps := map[name]map[int]string{}
	var codes map[int]string
	var widths []any
	mcid, artifact, depth := -1, false, 0
	show := func(s string) {
		for i := 0; i+1 < len(s); i += 2 {
			code := int(s[i])<<8 | int(s[i+1])
			text, known := codes[code]
			if !known || code == 0 || code > len(widths) {
				panic(fmt.Sprintf("code %d has no character or width", code))
			}
			if mcid >= 0 {
				c.text[mcid] += text
			} else {
				c.flat[len(c.flat)-1] += text
			}
		}
	}
	for p.space(); p.i < len(p.b); p.space() {
		if strings.IndexByte("/[(<+-.0123456789", p.b[p.i]) >= 0 {
			args = append(args, p.value())
			continue
		}
		op := p.word()
		switch op {
		case "BDC":
			if depth++; depth > 1 {
				panic("nested marks")
			}
			if args[0] == name("Artifact") {
				artifact = true
				c.flat = append(c.flat, "")
			} else {
				mcid = int(args[1].(dict)["MCID"].(float64))
				c.mark[mcid] = string(args[0].(name))
			}
		case "EMC":
			depth--
			mcid, artifact = -1, false
		case "Tf":
			font = f.get(page, "Resources", "Font", string(args[0].(name)))
			if font == nil {
				panic("unknown font")
			}
			if codes = maps[args[0].(name)]; codes == nil {
				codes = f.toUnicode(font)
				maps[args[0].(name)] = codes
			}
			widths = f.list(f.list(f.dict(font), "DescendantFonts")[0], "W")[1].([]any)
		case "Tj":
			show(args[0].(string))
		case "TJ":
			for _, a := range args[0].([]any) {
				if s, isText := a.(string); isText {
					show(s)
				}
			}
		case "Do":
			if f.get(page, "Resources", "XObject", string(args[0].(name))) == nil {
				panic("unknown picture")
			}
		case "f", "re", "BT", "ET", "Td", "Ts", "rg", "q", "Q", "cm":
		default:
			panic("operator " + op)
		}
		if strings.Contains(" Tj TJ f Do ", " "+op+" ") && mcid < 0 && !artifact {
			panic("painted outside marked content: " + op)
		}
		args = nil
	}
	if depth != 0 {
		panic("marked content not closed")
	}
	return c, nil
}
