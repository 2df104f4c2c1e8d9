package fim

import (
	"bufio"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What a document may be at most. The largest known schema has 3.3 MB, 255 fields and 30 levels of XML.
const (
	maxBytes = 64 << 20 // unpacked
	maxDepth = 200      // levels of XML
	maxNodes = 20_000   // fields and groups
)

// Read reads one document, plain or packed with gzip. file is its name in errors, which are always *Error.
func Read(file string, r io.Reader) (*Schema, error) { return readLimited(file, r, maxBytes) }

func readLimited(file string, r io.Reader, limit int64) (*Schema, error) {
	p := &reader{file: file, limit: limit}
	in := bufio.NewReader(r)
	head, err := in.Peek(2)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, p.failAt(1, "Datei", "lässt sich nicht lesen: "+err.Error())
		}
		return nil, p.failAt(1, "Datei", "ist leer")
	}
	plain := io.Reader(in)
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, p.failAt(1, "Datei", "das gzip-Archiv ist beschädigt")
		}
		plain = z
	}
	p.dec = xml.NewDecoder(withoutMark(&limited{r: plain, left: limit}))
	s, err := p.document()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// withoutMark drops a byte order mark.
func withoutMark(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(3); string(head) == "\ufeff" {
		_, _ = in.Discard(3) // cannot fail: the three bytes are in the buffer
	}
	return in
}

var errTooLarge = errors.New("document too large")

// limited fails once more than left bytes were read.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// element is a start tag with its place.
type element struct {
	xml.StartElement
	line int
}

// attr returns an attribute by local name; those of the standard have no namespace.
func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// reader walks through the tokens of one document.
type reader struct {
	file  string
	limit int64 // bytes unpacked
	dec   *xml.Decoder
	ns    string // namespace of the document, fixed by its root
	open  []string
	nodes int
	// owner names the schema element being read, for messages.
	owner string
}

func (p *reader) failAt(line int, element, text string) *Error {
	return &Error{File: p.file, Line: line, Element: element, Text: text}
}

func (p *reader) fail(e element, format string, args ...any) *Error {
	text := fmt.Sprintf(format, args...)
	if p.owner != "" {
		text += " (in " + p.owner + ")"
	}
	return p.failAt(e.line, e.Name.Local, text)
}

func (p *reader) line() int {
	line, _ := p.dec.InputPos()
	return line
}

// token returns the next token that carries content: a start tag, an end tag or text.
func (p *reader) token() (xml.Token, error) {
	for {
		t, err := p.dec.Token()
		if err != nil {
			return nil, p.broken(err)
		}
		switch x := t.(type) {
		case xml.StartElement:
			if len(p.open) >= maxDepth {
				return nil, p.failAt(p.line(), x.Name.Local, fmt.Sprintf("ist tiefer verschachtelt als %d Ebenen", maxDepth))
			}
			p.open = append(p.open, x.Name.Local)
			return x, nil
		case xml.EndElement:
			p.open = p.open[:len(p.open)-1]
			return x, nil
		case xml.CharData:
			return x, nil
		case xml.Directive:
			return nil, p.failAt(p.line(), p.at(), "eine Dokumenttypangabe (DOCTYPE) ist nicht erlaubt")
		}
	}
}

// at is the innermost open element.
func (p *reader) at() string {
	if len(p.open) == 0 {
		return "Datei"
	}
	return p.open[len(p.open)-1]
}

// broken explains why the decoder stopped.
func (p *reader) broken(err error) *Error {
	var syntax *xml.SyntaxError
	text := "lässt sich nicht lesen: " + err.Error()
	switch {
	case errors.Is(err, errTooLarge):
		text = fmt.Sprintf("die Datei ist entpackt größer als %d MB", p.limit>>20)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
		text = "das gzip-Archiv ist beschädigt"
	case errors.Is(err, io.EOF):
		text = "enthält kein XML-Dokument"
	case errors.As(err, &syntax):
		text = syntaxText(syntax.Msg)
	case strings.Contains(err.Error(), "CharsetReader"):
		text = "die Zeichenkodierung muss UTF-8 sein"
	case strings.HasPrefix(err.Error(), "flate:"):
		text = "das gzip-Archiv ist beschädigt"
	}
	return p.failAt(p.line(), p.at(), text)
}

// syntaxText is German for the messages of encoding/xml.
func syntaxText(msg string) string {
	switch {
	case strings.Contains(msg, "unexpected EOF"):
		return "die Datei endet mitten im Dokument"
	case strings.Contains(msg, "closed by"), strings.Contains(msg, "unexpected end element"):
		return "kein wohlgeformtes XML: Anfang und Ende der Elemente passen nicht zusammen"
	case strings.Contains(msg, "entity"):
		return "kein wohlgeformtes XML: eine unbekannte oder fremde Entität steht im Text"
	case strings.Contains(msg, "UTF-8"):
		return "die Zeichenkodierung muss UTF-8 sein"
	case strings.Contains(msg, "illegal character"):
		return "kein wohlgeformtes XML: ein unerlaubtes Zeichen steht im Text"
	}
	return "kein wohlgeformtes XML"
}

// part reads one kind of child.
type part struct {
	read func(element) error
	many bool // may stand several times
}

func one(read func(element) error) part  { return part{read: read} }
func many(read func(element) error) part { return part{read: read, many: true} }

// object reads an element that has children only: each known one is handed to its part, anything else refused.
func (p *reader) object(e element, parts map[string]part) error {
	seen := map[string]bool{}
	for {
		t, err := p.token()
		if err != nil {
			return err
		}
		switch x := t.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			if strings.TrimSpace(string(x)) != "" {
				return p.fail(e, "unerwarteter Text zwischen den Elementen")
			}
		case xml.StartElement:
			c := element{StartElement: x, line: p.line()}
			known, ok := parts[x.Name.Local]
			switch {
			case !ok || !p.native(x.Name):
				return p.fail(c, "ist hier nicht vorgesehen, erwartet wird ein Element aus %s", e.Name.Local)
			case seen[x.Name.Local] && !known.many:
				return p.fail(c, "steht zweimal in %s", e.Name.Local)
			}
			seen[x.Name.Local] = true
			if err := known.read(c); err != nil {
				return err
			}
		}
	}
}

// native: the element belongs to the standard. code is written without a namespace, by some tools with one.
func (p *reader) native(n xml.Name) bool {
	return n.Space == p.ns || n.Local == "code" && n.Space == ""
}

// raw reads an element that has text only, as written.
func (p *reader) raw(e element) (string, error) {
	var b strings.Builder
	for {
		t, err := p.token()
		if err != nil {
			return "", err
		}
		switch x := t.(type) {
		case xml.EndElement:
			return b.String(), nil
		case xml.CharData:
			b.Write(x)
		case xml.StartElement:
			return "", p.fail(element{StartElement: x, line: p.line()}, "ist hier nicht vorgesehen, in %s steht nur Text", e.Name.Local)
		}
	}
}

// into reads trimmed text to a place.
func (p *reader) into(to *string) part {
	return one(func(e element) error {
		s, err := p.raw(e)
		*to = strings.TrimSpace(s)
		return err
	})
}

// verbatim reads text as written, line ends and blanks included.
func (p *reader) verbatim(to *string) part {
	return one(func(e element) (err error) {
		*to, err = p.raw(e)
		return err
	})
}

// code reads a coded value: the text of the child code. An allowed list that is not empty must have it.
func (p *reader) code(to *string, allowed ...string) part {
	return one(func(e element) error {
		if err := p.object(e, map[string]part{"code": p.into(to)}); err != nil {
			return err
		}
		if len(allowed) == 0 {
			return nil
		}
		for _, a := range allowed {
			if *to == a {
				return nil
			}
		}
		return p.fail(e, "unbekannter Code %q, erlaubt sind %s", *to, strings.Join(allowed, ", "))
	})
}

// flat collects the texts of everything below an element.
func (p *reader) flat(to *[]string) part {
	return many(func(element) error {
		var texts []string
		for depth := 1; depth > 0; {
			t, err := p.token()
			if err != nil {
				return err
			}
			switch x := t.(type) {
			case xml.StartElement:
				depth++
			case xml.EndElement:
				depth--
			case xml.CharData:
				if s := strings.TrimSpace(string(x)); s != "" {
					texts = append(texts, s)
				}
			}
		}
		*to = append(*to, strings.Join(texts, " "))
		return nil
	})
}

// skip leaves an element out, with everything below it.
func (p *reader) skip() part {
	return many(func(element) error {
		for depth := len(p.open); len(p.open) >= depth; {
			if _, err := p.token(); err != nil {
				return err
			}
		}
		return nil
	})
}
