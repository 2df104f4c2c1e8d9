package pdf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrForeign: Merge takes unchanged files of this package only. A sealed or otherwise changed letter is printed alone.
var ErrForeign = errors.New("pdf: not an unchanged file of this program")

// MergeOptions describe the joined file.
type MergeOptions struct {
	Meta Meta
	// Duplex adds an empty page after a letter with an odd number of pages, so that each starts on its own sheet.
	Duplex bool
}

// Merge joins files made by this package into one, page for page as they are: the day's letters for the printer.
// The result is tagged like its parts, each of them a Part of the new Document; fonts and pictures they share are
// stored once. A file that is not ours gives ErrForeign with its position.
func Merge(files [][]byte, options MergeOptions) ([]byte, error) {
	meta := options.Meta
	if meta.Lang == "" {
		meta.Lang = "de-DE"
	}
	if len(files) == 0 || plain(meta.Title) == "" || !isLanguageTag(meta.Lang) {
		return nil, errors.New("pdf: merge needs files, a title and a language")
	}
	m := &merger{writer: newWriter(), shared: map[[32]byte]int{}}
	m.root = m.writer.alloc()
	for i, file := range files {
		if err := m.add(file, options.Duplex); err != nil {
			return nil, fmt.Errorf("file %d: %w", i+1, err)
		}
	}
	m.writer.object(m.root, "<</Type/StructElem/S/Document/P %d 0 R/K[%s]>>", treeObject, refs(m.parts))
	m.writer.object(resourcesObject, "<<>>") // pages bring their own
	return m.writer.finish(meta, m.pages, []int{m.root}, m.numbers.String(), m.keys, m.profile), nil
}

type merger struct {
	writer  *writer
	root    int
	pages   []int
	parts   []int
	numbers strings.Builder // entries of the parent tree
	keys    int             // of the parent tree, so far
	shared  map[[32]byte]int
	profile []byte
}

// piece is one file being taken in.
type piece struct {
	*merger
	objects map[int]object
	ids     map[int]int // old object → new
	open    map[int]bool
	damaged bool // a reference leads nowhere or in a circle
}

// object is a parsed object of our own format: one dictionary, perhaps a stream.
type object struct {
	dict   []byte
	stream []byte
}

func (m *merger) add(file []byte, duplex bool) error {
	objects, err := parseOwn(file)
	if err != nil {
		return err
	}
	p := &piece{merger: m, objects: objects, ids: map[int]int{}, open: map[int]bool{}}
	tree, list := objects[treeObject].dict, objects[pagesObject].dict
	pages, roots := refsIn(between(list, "/Kids[", "]")), refsIn(between(tree, "/K[", "]"))
	numbers := between(tree, "/Nums[", "]>>")
	keys, err := strconv.Atoi(string(between(tree, "/ParentTreeNextKey ", ">>")))
	if err != nil || len(pages) == 0 || len(roots) != 1 {
		return ErrForeign
	}
	m.profile = objects[profileObject].stream
	// Pages and elements refer to each other in circles: they get their numbers before anything is written.
	var circular []int
	for id := firstFree; id <= len(objects); id++ {
		if isCircular(objects[id]) {
			circular = append(circular, id)
			p.ids[id] = m.writer.alloc()
		}
	}
	for _, id := range circular {
		p.copyCircular(id, p.ids[id], roots[0])
	}
	for _, page := range pages {
		m.pages = append(m.pages, p.ids[page])
	}
	m.parts = append(m.parts, p.ids[roots[0]])
	p.appendNumbers(numbers)
	if p.damaged {
		return ErrForeign
	}
	m.keys += keys
	if duplex && len(pages)%2 == 1 {
		blank := m.writer.alloc()
		m.writer.object(blank, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources<<>>>>", pagesObject, number(pageWidth), number(pageHeight))
		m.pages = append(m.pages, blank)
	}
	return nil
}

func isCircular(o object) bool {
	for _, kind := range []string{"<</Type/Page/", "<</Type/StructElem/", "<</Type/Annot/"} {
		if bytes.HasPrefix(o.dict, []byte(kind)) {
			return true
		}
	}
	return false
}

// copyCircular writes a page, an element or an annotation under its new number.
func (p *piece) copyCircular(id, at, root int) {
	dict := p.renumber(p.objects[id].dict)
	if id == root {
		// The document of the part becomes a part of the document.
		dict = bytes.Replace(dict, []byte("/S/Document"), []byte("/S/Part"), 1)
		dict = bytes.Replace(dict, fmt.Appendf(nil, "/P %d 0 R", treeObject), fmt.Appendf(nil, "/P %d 0 R", p.root), 1)
		lang := between(p.objects[catalogObject].dict, "/Lang(", ")")
		dict = append(bytes.TrimSuffix(dict, []byte(">>")), fmt.Sprintf("/Lang(%s)>>", lang)...)
	}
	for _, key := range []string{"/StructParents ", "/StructParent "} {
		dict = p.shiftKey(dict, key)
	}
	p.writer.object(at, "%s", dict)
}

// shiftKey moves an entry of the parent tree behind those of the files before.
func (p *piece) shiftKey(dict []byte, key string) []byte {
	before, rest, found := bytes.Cut(dict, []byte(key))
	if !found {
		return dict
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(string(rest[:end]))
	return fmt.Appendf(nil, "%s%s%d%s", before, key, n+p.keys, rest[end:])
}

// appendNumbers takes over the parent tree: "0 [12 0 R 13 0 R] 1 14 0 R".
func (p *piece) appendNumbers(numbers []byte) {
	entry := regexp.MustCompile(`(\d+) (\[[^\]]*\]|\d+ 0 R)`)
	for _, e := range entry.FindAllSubmatch(numbers, -1) {
		key, _ := strconv.Atoi(string(e[1]))
		fmt.Fprintf(&p.numbers, "%d %s ", key+p.keys, p.renumber(e[2]))
	}
}

// renumber rewrites the references of a dictionary, taking in what they lead to.
func (p *piece) renumber(dict []byte) []byte {
	var out []byte
	for i := 0; i < len(dict); {
		if n := stringEnd(dict[i:]); n > 0 {
			out = append(out, dict[i:i+n]...)
			i += n
			continue
		}
		if id, n := reference(dict[i:]); n > 0 && (i == 0 || !isDigit(dict[i-1])) {
			out = fmt.Appendf(out, "%d 0 R", p.resolve(id))
			i += n
			continue
		}
		out = append(out, dict[i])
		i++
	}
	return out
}

// resolve gives the new number of an object. Fonts, pictures and streams are compared by content, so that a thousand
// letters carry one font.
func (p *piece) resolve(id int) int {
	if id < resourcesObject {
		return id // the same in every file
	}
	if at, known := p.ids[id]; known {
		return at
	}
	o, exists := p.objects[id]
	if !exists || p.open[id] {
		p.damaged = true
		return resourcesObject
	}
	p.open[id] = true
	dict := p.renumber(o.dict)
	sum := sha256.New()
	sum.Write(dict)
	sum.Write([]byte{0})
	sum.Write(o.stream)
	key := [32]byte(sum.Sum(nil))
	at, known := p.shared[key]
	if !known {
		at = p.writer.alloc()
		p.shared[key] = at
		if o.stream == nil {
			p.writer.object(at, "%s", dict)
		} else {
			inner := bytes.TrimSuffix(bytes.TrimPrefix(dict, []byte("<<")), []byte(">>"))
			inner, _, _ = bytes.Cut(inner, []byte("/Length "))
			p.writer.stream(at, string(inner), o.stream)
		}
	}
	p.ids[id] = at
	return at
}

// parseOwn reads a file of our own layout by its cross-reference table.
func parseOwn(file []byte) (map[int]object, error) {
	head, _, found := bytes.Cut(file, []byte(signature))
	tail := bytes.LastIndex(file, []byte("startxref\n"))
	if !found || len(head) != len("%PDF-1.7\n%....\n") || tail < 0 || bytes.Count(file, []byte("startxref\n")) != 1 {
		return nil, ErrForeign
	}
	var start, count int
	if _, err := fmt.Sscanf(string(file[tail:]), "startxref\n%d\n%%%%EOF", &start); err != nil || start < 0 || start >= len(file) {
		return nil, ErrForeign
	}
	if _, err := fmt.Sscanf(string(file[start:min(start+40, len(file))]), "xref\n0 %d\n", &count); err != nil {
		return nil, ErrForeign
	}
	table := start + len(fmt.Sprintf("xref\n0 %d\n", count))
	if count < firstFree || count > len(file)/20 || table+20*count > len(file) {
		return nil, ErrForeign
	}
	objects := make(map[int]object, count)
	for id := 1; id < count; id++ {
		entry := file[table+20*id : table+20*id+20]
		at, err := strconv.Atoi(string(entry[:10]))
		if err != nil || entry[17] != 'n' {
			return nil, ErrForeign
		}
		o, ok := parseObject(file, at, id)
		if !ok {
			return nil, ErrForeign
		}
		objects[id] = o
	}
	return objects, nil
}

func parseObject(file []byte, at, id int) (object, bool) {
	head := fmt.Sprintf("%d 0 obj\n", id)
	if at < 0 || at+len(head) > len(file) || string(file[at:at+len(head)]) != head {
		return object{}, false
	}
	line, rest, found := bytes.Cut(file[at+len(head):], []byte("\n"))
	if !found || !bytes.HasPrefix(line, []byte("<<")) || !bytes.HasSuffix(line, []byte(">>")) {
		return object{}, false
	}
	if !bytes.HasPrefix(rest, []byte("stream\n")) {
		return object{dict: line}, bytes.HasPrefix(rest, []byte("endobj\n"))
	}
	rest = rest[len("stream\n"):]
	_, length, _ := bytes.Cut(line, []byte("/Length "))
	n, err := strconv.Atoi(string(bytes.TrimSuffix(length, []byte(">>"))))
	if err != nil || n < 0 || n > len(rest) || !bytes.HasPrefix(rest[n:], []byte("\nendstream\nendobj\n")) {
		return object{}, false
	}
	return object{dict: line, stream: rest[:n:n]}, true
}

// between returns what stands between two marks, nil if one is missing.
func between(b []byte, from, to string) []byte {
	_, rest, found := bytes.Cut(b, []byte(from))
	if !found {
		return nil
	}
	inner, _, found := bytes.Cut(rest, []byte(to))
	if !found {
		return nil
	}
	return inner
}

func refsIn(b []byte) (ids []int) {
	for i := 0; i < len(b); {
		if id, n := reference(b[i:]); n > 0 {
			ids = append(ids, id)
			i += n
			continue
		}
		i++
	}
	return ids
}

// reference reads "12 0 R" at the start of b.
func reference(b []byte) (id, length int) {
	n := 0
	for n < len(b) && n < 9 && isDigit(b[n]) {
		n++
	}
	if n == 0 || !bytes.HasPrefix(b[n:], []byte(" 0 R")) {
		return 0, 0
	}
	id, _ = strconv.Atoi(string(b[:n]))
	return id, n + len(" 0 R")
}

// stringEnd returns the length of the string, or of the dictionary mark, that starts b; our strings hold no brackets
// and no escapes.
func stringEnd(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("<<")):
		return 2
	case b[0] == '(':
		return bytes.IndexByte(b, ')') + 1
	case b[0] == '<':
		return bytes.IndexByte(b, '>') + 1
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
