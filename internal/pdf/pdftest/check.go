package pdftest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Node is an element of the structure tree as a screen reader meets it, or (Tag empty) a piece of its text.
type Node struct {
	Tag, Text, Alt string
	Kids           []*Node
}

// Page is what one page shows.
type Page struct {
	Marks     []Mark   // in the order they are painted
	Artifacts []string // text no screen reader speaks: page numbers, repeated table heads
}

// Mark is one piece of marked content.
type Mark struct{ Tag, Text string }

// Document is a file that was read.
type Document struct {
	Root  *Node
	Pages []Page
	// Images are the dictionaries of its pictures.
	Images []map[string]any
}

// checker holds the list of abhaengigkeiten.md 2.5: what PDF/A-2a and PDF/UA-1 ask of our files.
type checker struct {
	*file
	problems []error
	pages    []dict
	number   map[ref]int // page object → index
	contents []content
	parents  map[int]any    // parent tree
	reached  map[[2]int]ref // page, MCID → element
	owners   map[ref]ref    // annotation → element
	depth    int            // elements met
	level    int            // of the last heading
}

func (c *checker) expect(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Errorf(format, args...))
	}
}

// Read reads a file and returns every broken rule.
func Read(b []byte) (doc *Document, err error) {
	f, err := readFile(b)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("structure: %v", r)
		}
	}()
	c := &checker{file: f, number: map[ref]int{}, parents: map[int]any{}, reached: map[[2]int]ref{}, owners: map[ref]ref{}}
	c.document(b)
	c.metadata()
	c.collectPages()
	root := c.tree()
	c.marks()
	c.annotations()
	c.fonts()
	return c.result(root), errors.Join(c.problems...)
}

func (c *checker) result(root *Node) *Document {
	doc := &Document{Root: root}
	for _, page := range c.contents {
		p := Page{Artifacts: page.flat}
		for mcid := range len(page.mark) {
			p.Marks = append(p.Marks, Mark{page.mark[mcid], page.text[mcid]})
		}
		doc.Pages = append(doc.Pages, p)
	}
	for id := range len(c.objects) {
		s, isStream := c.objects[id+1].(stream)
		if isStream && s.dict["Subtype"] == name("Image") {
			doc.Images = append(doc.Images, s.dict)
		}
	}
	return doc
}

func (c *checker) document(b []byte) {
	c.expect(bytes.HasPrefix(b, []byte("%PDF-1.7\n%")) && b[10] > 127 && b[11] > 127 && b[12] > 127 && b[13] > 127, "header")
	c.expect(bytes.HasSuffix(b, []byte("%%EOF\n")), "end of file")
	id := c.list(c.trailer, "ID")
	c.expect(len(id) == 2 && len(id[0].(string)) == 16, "trailer ID %v", id)
	cat := c.catalog()
	c.expect(cat["Lang"] != nil && cat["Lang"] != "", "Lang")
	c.expect(c.get(cat, "MarkInfo", "Marked") == true, "MarkInfo")
	c.expect(c.get(cat, "ViewerPreferences", "DisplayDocTitle") == true, "DisplayDocTitle")
	intents := c.list(cat, "OutputIntents")
	c.expect(len(intents) == 1, "output intent")
	for _, o := range intents {
		c.expect(c.get(o, "S") == name("GTS_PDFA1"), "output intent %v", o)
		icc, _ := c.get(o, "DestOutputProfile").(stream)
		c.expect(len(icc.data) > 128 && string(icc.data[36:40]) == "acsp" && string(icc.data[16:20]) == "RGB ", "ICC profile")
		c.expect(len(icc.data) > 4 && int(icc.data[0])<<24|int(icc.data[1])<<16|int(icc.data[2])<<8|int(icc.data[3]) == len(icc.data), "ICC size")
		c.expect(icc.dict["N"] == 3.0, "ICC components")
	}
}

func (c *checker) metadata() {
	meta, _ := c.get(c.catalog(), "Metadata").(stream)
	c.expect(meta.dict["Filter"] == nil && meta.dict["Subtype"] == name("XML"), "metadata stream")
	values := map[string]string{}
	var path []string
	for dec := xml.NewDecoder(bytes.NewReader(meta.data)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.expect(false, "XMP: %v", err)
			break
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Space+t.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 0 {
				values[path[len(path)-1]] += strings.TrimSpace(string(t))
				if path[len(path)-1] == rdf+"li" && len(path) > 2 {
					values[path[len(path)-3]] += strings.TrimSpace(string(t))
				}
			}
		}
	}
	for key, want := range map[string]string{
		"http://www.aiim.org/pdfa/ns/id/part": "2", "http://www.aiim.org/pdfa/ns/id/conformance": "A", "http://www.aiim.org/pdfua/ns/id/part": "1",
		"http://www.aiim.org/pdfa/ns/schema#namespaceURI": "http://www.aiim.org/pdfua/ns/id/", "http://www.aiim.org/pdfa/ns/schema#prefix": "pdfuaid",
		"http://www.aiim.org/pdfa/ns/property#name": "part", "http://www.aiim.org/pdfa/ns/property#valueType": "Integer",
	} {
		c.expect(values[key] == want, "XMP %s = %q, want %q", key, values[key], want)
	}
	info := c.dict(c.trailer, "Info")
	title, _ := info["Title"].(string)
	c.expect(title != "" && values["http://purl.org/dc/elements/1.1/title"] == utf16Text(title), "title: XMP %q, Info %q", values["http://purl.org/dc/elements/1.1/title"], utf16Text(title))
	date := strings.NewReplacer("-", "", ":", "", "T", "").Replace(values["http://ns.adobe.com/xap/1.0/CreateDate"])
	c.expect(info["CreationDate"] == "D:"+date, "dates: XMP %q, Info %q", date, info["CreationDate"])
}

const rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

func (c *checker) collectPages() {
	pages := c.dict(c.catalog(), "Pages")
	kids := c.list(pages, "Kids")
	c.expect(pages["Count"] == float64(len(kids)) && len(kids) > 0, "page count")
	for i, k := range kids {
		page := c.dict(k)
		c.number[k.(ref)] = i
		c.pages = append(c.pages, page)
		content, err := c.readContent(page)
		c.expect(err == nil, "page %d: %v", i+1, err)
		c.contents = append(c.contents, content)
		if page["Contents"] != nil {
			c.expect(page["Tabs"] == name("S"), "page %d: Tabs", i+1)
		}
		c.expect(page["Group"] == nil, "page %d: transparency", i+1)
	}
}

// tree walks the structure in reading order.
func (c *checker) tree() *Node {
	root := c.dict(c.catalog(), "StructTreeRoot")
	nums := c.list(root, "ParentTree", "Nums")
	last := -1
	for i := 0; i+1 < len(nums); i += 2 {
		key := int(nums[i].(float64))
		c.expect(key > last || c.parents[key] == nil, "parent tree key %d twice", key)
		c.parents[key] = nums[i+1]
		last = key
	}
	c.expect(root["ParentTreeNextKey"] == float64(len(c.parents)), "next key %v of %d", root["ParentTreeNextKey"], len(c.parents))
	kids := c.list(root, "K")
	c.expect(len(kids) == 1, "one document element")
	return c.element(kids[0].(ref), c.catalog()["StructTreeRoot"].(ref))
}

func (c *checker) element(at, parent ref) *Node {
	d := c.dict(at)
	if c.depth++; c.depth > 5000 {
		panic("the structure tree goes in circles")
	}
	n := &Node{Tag: string(d["S"].(name))}
	c.expect(d["P"] == parent, "%s %d: parent %v", n.Tag, at, d["P"])
	if alt, ok := d["Alt"].(string); ok {
		n.Alt = utf16Text(alt)
	}
	for _, k := range c.list(d, "K") {
		switch k := k.(type) {
		case ref:
			n.Kids = append(n.Kids, c.element(k, at))
			continue
		case float64:
			n.Kids = append(n.Kids, c.marked(at, d["Pg"], int(k)))
			continue
		}
		switch k := k.(dict); k["Type"] {
		case name("MCR"):
			n.Kids = append(n.Kids, c.marked(at, k["Pg"], int(k["MCID"].(float64))))
		case name("OBJR"):
			c.owners[k["Obj"].(ref)] = at
		}
	}
	c.rules(n, d)
	return n
}

// marked is the text of one piece of marked content.
func (c *checker) marked(at ref, page any, mcid int) *Node {
	pageRef, _ := page.(ref)
	i, known := c.number[pageRef]
	if !known {
		c.expect(false, "element %d: page %v", at, page)
		return &Node{}
	}
	tag, exists := c.contents[i].mark[mcid]
	c.expect(exists, "page %d: no content %d", i+1, mcid)
	c.expect(c.reached[[2]int{i, mcid}] == 0, "page %d: content %d reached twice", i+1, mcid)
	c.expect(name(tag) == c.dict(at)["S"], "page %d: content %d is %s in an element %v", i+1, mcid, tag, c.dict(at)["S"])
	c.reached[[2]int{i, mcid}] = at
	return &Node{Text: c.contents[i].text[mcid]}
}

// rules of single elements.
func (c *checker) rules(n *Node, d dict) {
	inside := map[string]string{
		"TR": " TH TD ", "THead": " TR ", "TBody": " TR ", "Table": " Caption THead TBody TR ", "L": " LI ", "LI": " Lbl LBody ",
	}[n.Tag]
	for _, k := range n.Kids {
		if k.Tag != "" && inside != "" {
			c.expect(strings.Contains(inside, " "+k.Tag+" "), "%s in %s", k.Tag, n.Tag)
		}
		c.expect(inside == "" || k.Tag != "", "text in %s", n.Tag)
	}
	switch n.Tag {
	case "TH":
		c.expect(c.get(d, "A", "Scope") == name("Row") || c.get(d, "A", "Scope") == name("Column"), "TH without scope")
	case "L":
		c.expect(c.get(d, "A", "ListNumbering") != nil, "L without numbering")
	case "Figure":
		c.expect(n.Alt != "" && len(c.list(d, "A", "BBox")) == 4, "figure without description or place")
	case "H1", "H2", "H3":
		level := int(n.Tag[1] - '0')
		c.expect(level <= c.level+1, "H%d after H%d", level, c.level)
		c.level = level
	case "Table":
		width := 0
		for _, row := range n.Find("TR") {
			c.expect(width == 0 || width == len(row.Kids), "rows of %d and %d cells", width, len(row.Kids))
			width = len(row.Kids)
		}
	}
}

// marks: all marked content is reached, and the parent tree leads back.
func (c *checker) marks() {
	for i, page := range c.pages {
		if page["Contents"] == nil {
			continue
		}
		key, ok := page["StructParents"].(float64)
		c.expect(ok, "page %d: StructParents", i+1)
		entry, _ := c.parents[int(key)].([]any)
		c.expect(len(entry) == len(c.contents[i].mark), "page %d: %d of %d marks in the parent tree", i+1, len(entry), len(c.contents[i].mark))
		for mcid := range c.contents[i].mark {
			at := c.reached[[2]int{i, mcid}]
			c.expect(at != 0, "page %d: content %d is not in the structure tree", i+1, mcid)
			c.expect(mcid < len(entry) && entry[mcid] == at, "page %d: parent tree of content %d", i+1, mcid)
		}
	}
}

func (c *checker) annotations() {
	for i, page := range c.pages {
		for _, a := range c.list(page, "Annots") {
			d := c.dict(a)
			c.expect(d["Subtype"] == name("Link") && d["F"] == 4.0, "page %d: annotation %v", i+1, d)
			contents, _ := d["Contents"].(string)
			c.expect(utf16Text(contents) != "", "page %d: annotation without contents", i+1)
			key, ok := d["StructParent"].(float64)
			at := c.owners[a.(ref)]
			c.expect(ok && at != 0 && c.parents[int(key)] == at, "page %d: annotation is not in the tree", i+1)
			c.expect(c.get(at, "S") == name("Link"), "page %d: annotation belongs to %v", i+1, c.get(at, "S"))
			uri, _ := c.get(d, "A", "URI").(string)
			c.expect(strings.HasPrefix(uri, "http://") || strings.HasPrefix(uri, "https://") || strings.HasPrefix(uri, "mailto:"), "URI %q", uri)
		}
	}
}

func (c *checker) fonts() {
	for _, page := range c.pages {
		for _, font := range c.dict(page, "Resources", "Font") {
			cid := c.list(font, "DescendantFonts")[0]
			program, ok := c.get(cid, "FontDescriptor", "FontFile2").(stream)
			c.expect(ok && program.dict["Length1"] == float64(len(program.data)), "font program")
			c.expect(c.get(cid, "CIDToGIDMap") == name("Identity") && c.get(font, "Encoding") == name("Identity-H"), "font encoding")
			base, _ := c.get(font, "BaseFont").(name)
			c.expect(len(base) > 7 && base[6] == '+' && c.get(cid, "BaseFont") == base && c.get(cid, "FontDescriptor", "FontName") == base, "subset name %q", base)
		}
	}
}

// Find returns all elements below with a tag.
func (n *Node) Find(tag string) (found []*Node) {
	for _, k := range n.Kids {
		if k.Tag == tag {
			found = append(found, k)
		}
		found = append(found, k.Find(tag)...)
	}
	return found
}

// Words is the text in reading order, with single spaces; parted words are whole again.
func (n *Node) Words() string {
	return strings.ReplaceAll(strings.Join(strings.Fields(n.Lines()), " "), "\u00ad", "")
}

// Lines is the text in reading order, a line for each element.
func (n *Node) Lines() string {
	s := n.Text
	for _, k := range n.Kids {
		s += k.Lines()
	}
	if n.Tag != "" && n.Tag != "Link" {
		s += "\n"
	}
	return s
}

// Dump is the golden form of a structure: one element a line, text in place.
func (n *Node) Dump(indent string) string {
	if n.Tag == "" {
		return ""
	}
	s := indent + n.Tag
	if n.Alt != "" {
		s += " [" + n.Alt + "]"
	}
	inner := ""
	for _, k := range n.Kids {
		if k.Tag == "" {
			s += fmt.Sprintf(" %q", k.Text)
		}
		inner += k.Dump(indent + "  ")
	}
	return s + "\n" + inner
}
