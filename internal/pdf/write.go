package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf16"
)

// The first objects of every file; Merge relies on it.
const (
	catalogObject = iota + 1
	pagesObject
	treeObject
	metadataObject
	profileObject
	infoObject
	resourcesObject
	firstFree
)

// signature follows the header as a comment: only files with it are merged. The number is that of the layout.
const signature = "%Rathaus-PDF 1\n"

// writer lays out objects and remembers where they start.
type writer struct {
	out     bytes.Buffer
	offsets []int // by object number - 1
}

func newWriter() *writer {
	w := &writer{offsets: make([]int, firstFree-1)}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + signature)
	return w
}

func (w *writer) alloc() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

func (w *writer) object(id int, format string, args ...any) {
	w.offsets[id-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n", id)
	fmt.Fprintf(&w.out, format, args...)
	w.out.WriteString("\nendobj\n")
}

func (w *writer) stream(id int, dict string, data []byte) {
	w.offsets[id-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n<<%s/Length %d>>\nstream\n", id, dict, len(data))
	w.out.Write(data)
	w.out.WriteString("\nendstream\nendobj\n")
}

// finish writes what describes the file as a whole. pages and numbers are the kids of the page tree and the entries of
// the parent tree.
func (w *writer) finish(meta Meta, pages []int, documents []int, numbers string, nextKey int, profile []byte) []byte {
	w.object(pagesObject, "<</Type/Pages/Kids[%s]/Count %d>>", refs(pages), len(pages))
	w.object(treeObject, "<</Type/StructTreeRoot/K[%s]/ParentTree<</Nums[%s]>>/ParentTreeNextKey %d>>", refs(documents), numbers, nextKey)
	w.stream(metadataObject, "/Type/Metadata/Subtype/XML", xmp(meta))
	w.stream(profileObject, "/N 3/Filter/FlateDecode", profile)
	date := meta.Created.UTC().Format("20060102150405") + "Z"
	author := ""
	if a := plain(meta.Author); a != "" {
		author = "/Author " + textString(a)
	}
	w.object(infoObject, "<</Title %s%s/Producer(Rathaus)/CreationDate(D:%s)/ModDate(D:%s)>>", textString(plain(meta.Title)), author, date, date)
	w.object(catalogObject, "<</Type/Catalog/Pages %d 0 R/Lang(%s)/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R/Metadata %d 0 R"+
		"/ViewerPreferences<</DisplayDocTitle true>>/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)"+
		"/Info(sRGB IEC61966-2.1)/DestOutputProfile %d 0 R>>]>>", pagesObject, meta.Lang, treeObject, metadataObject, profileObject)
	start := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, offset := range w.offsets {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", offset)
	}
	// The identifier comes from the content: the same letter is the same file.
	id := sha256.Sum256(w.out.Bytes())
	fmt.Fprintf(&w.out, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(w.offsets)+1, catalogObject, infoObject, id[:16], id[:16], start)
	return w.out.Bytes()
}

func refs(ids []int) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d 0 R", id)
	}
	return b.String()
}

// textString writes any text as a PDF string.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}

// write lays the finished document out as a file.
func (d *Document) write() []byte {
	w := newWriter()
	d.writeResources(w)
	var pages []int
	for _, p := range d.pages {
		p.object = w.alloc()
		pages = append(pages, p.object)
		for _, l := range p.links {
			l.object = w.alloc()
		}
	}
	d.root.number(w)
	numbers, key := d.writePages(w)
	d.root.write(w)
	return w.finish(d.meta, pages, []int{d.root.object}, numbers, key, d.fonts.profile())
}

// number gives the elements their objects, in reading order.
func (e *element) number(w *writer) {
	e.object = w.alloc()
	for _, k := range e.kids {
		if k.element != nil {
			k.element.number(w)
		}
	}
}

// writePages writes pages, their content and links; it returns the entries of the parent tree: pages first, then links.
func (d *Document) writePages(w *writer) (string, int) {
	var pages, links strings.Builder
	key := len(d.pages)
	for i, p := range d.pages {
		var annots []int
		for _, l := range p.links {
			w.object(l.object, "<</Type/Annot/Subtype/Link/Rect[%s %s %s %s]/Border[0 0 0]/F 4/Contents %s/A<</S/URI/URI(%s)>>/StructParent %d/P %d 0 R>>",
				number(l.box[0]), number(l.box[1]), number(l.box[2]), number(l.box[3]), textString(l.label), l.uri, key, p.object)
			fmt.Fprintf(&links, "%d %d 0 R ", key, l.element.object)
			annots = append(annots, l.object)
			key++
		}
		content := w.alloc()
		w.stream(content, "/Filter/FlateDecode", d.fonts.deflate(p.content))
		extra := ""
		if len(annots) > 0 {
			extra = "/Annots[" + refs(annots) + "]"
		}
		w.object(p.object, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources %d 0 R/StructParents %d/Tabs/S%s>>",
			pagesObject, number(pageWidth), number(pageHeight), content, resourcesObject, i, extra)
		var marked []int
		for _, e := range p.marked {
			marked = append(marked, e.object)
		}
		fmt.Fprintf(&pages, "%d [%s] ", i, refs(marked))
	}
	return pages.String() + strings.TrimSpace(links.String()), key
}

// write writes the element and all below it.
func (e *element) write(w *writer) {
	var kids strings.Builder
	var home *page // page of the first mark: its other marks are plain numbers
	for _, k := range e.kids {
		if kids.Len() > 0 {
			kids.WriteByte(' ')
		}
		switch {
		case k.element != nil:
			fmt.Fprintf(&kids, "%d 0 R", k.element.object)
		case k.link != nil:
			fmt.Fprintf(&kids, "<</Type/OBJR/Pg %d 0 R/Obj %d 0 R>>", k.page.object, k.link.object)
		case home == nil || home == k.page:
			home = k.page
			fmt.Fprintf(&kids, "%d", k.mcid)
		default:
			fmt.Fprintf(&kids, "<</Type/MCR/Pg %d 0 R/MCID %d>>", k.page.object, k.mcid)
		}
	}
	var more strings.Builder
	if home != nil {
		fmt.Fprintf(&more, "/Pg %d 0 R", home.object)
	}
	if e.attr != "" {
		fmt.Fprintf(&more, "/A<<%s>>", e.attr)
	}
	if e.alt != "" {
		fmt.Fprintf(&more, "/Alt %s", textString(e.alt))
	}
	parent := treeObject
	if e.parent != nil {
		parent = e.parent.object
	}
	w.object(e.object, "<</Type/StructElem/S/%s/P %d 0 R/K[%s]%s>>", e.tag, parent, kids.String(), more.String())
	for _, k := range e.kids {
		if k.element != nil {
			k.element.write(w)
		}
	}
}

// writeResources writes fonts and images; all pages share one dictionary.
func (d *Document) writeResources(w *writer) {
	var fonts, images strings.Builder
	for _, f := range []*face{d.fonts.regular, d.fonts.bold} {
		if d.used[f] != nil {
			fmt.Fprintf(&fonts, "/%s %d 0 R", f.resource, w.font(f, d.subsetFor(f)))
		}
	}
	for i, img := range d.images {
		id := w.alloc()
		w.stream(id, fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/%s/BitsPerComponent 8/Filter/%s",
			img.width, img.height, img.space, img.filter), img.data)
		fmt.Fprintf(&images, "/I%d %d 0 R", i, id)
	}
	objects := ""
	if images.Len() > 0 {
		objects = "/XObject<<" + images.String() + ">>"
	}
	w.object(resourcesObject, "<</Font<<%s>>%s>>", fonts.String(), objects)
}

// font writes a composite font whose codes are the glyph numbers of the embedded subset.
func (w *writer) font(f *face, s *subset) int {
	program, unicode, descriptor, cid, font := w.alloc(), w.alloc(), w.alloc(), w.alloc(), w.alloc()
	w.stream(program, fmt.Sprintf("/Filter/FlateDecode/Length1 %d", s.length), s.program)
	w.stream(unicode, "/Filter/FlateDecode", s.toUnicode)
	k := 1000 / f.upm
	const symbolic = 4
	w.object(descriptor, "<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%.0f %.0f %.0f %.0f]/ItalicAngle 0/Ascent %.0f/Descent %.0f/CapHeight %.0f/StemV 80/FontFile2 %d 0 R>>",
		s.name, symbolic, float64(f.box[0])*k, float64(f.box[1])*k, float64(f.box[2])*k, float64(f.box[3])*k,
		float64(f.ascent)*k, float64(f.descent)*k, float64(f.cap)*k, program)
	w.object(cid, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 0/W[%s]>>",
		s.name, descriptor, s.widths)
	w.object(font, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", s.name, cid, unicode)
	return font
}
