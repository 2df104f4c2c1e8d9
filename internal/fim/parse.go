package fim

import (
	"encoding/xml"
	"io"
	"maps"
	"strconv"
	"strings"
)

// document reads the whole file: exactly one root of a known kind and version.
func (p *reader) document() (*Schema, error) {
	var root element
	for root.Name.Local == "" {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		switch x := t.(type) {
		case xml.StartElement:
			root = element{StartElement: x, line: p.line()}
		case xml.CharData:
			if strings.TrimSpace(string(x)) != "" {
				return nil, p.failAt(p.line(), "Datei", "ist kein XML-Dokument")
			}
		}
	}
	s := &Schema{}
	switch root.Name.Space {
	case Namespace2:
		s.Format = "XDatenfelder 2.0"
	case Namespace3:
		s.Format = "XDatenfelder 3.0"
	default:
		return nil, p.fail(root, "unbekannter Namensraum %q, gelesen werden XDatenfelder 2.0 (%s) und 3.0 (%s)", root.Name.Space, Namespace2, Namespace3)
	}
	p.ns = root.Name.Space
	var found bool
	parts := map[string]part{"header": p.skip()}
	switch kind, _, _ := strings.Cut(strings.TrimPrefix(root.Name.Local, "xdatenfelder."), "."); kind {
	case "stammdatenschema":
		parts[kind] = one(func(e element) error { found = true; return p.schema(e, s) })
	case "datenfeldgruppe":
		parts[kind] = one(func(e element) error { found = true; return p.block(e, s) })
	default:
		return nil, p.fail(root, "diese Nachricht ist kein Stammdatenschema und keine Datenfeldgruppe")
	}
	if err := p.object(root, parts); err != nil {
		return nil, err
	}
	if !found {
		return nil, p.fail(root, "enthält weder ein Stammdatenschema noch eine Datenfeldgruppe")
	}
	return s, p.end()
}

// end makes sure nothing follows the root.
func (p *reader) end() error {
	for {
		t, err := p.dec.Token()
		switch x := t.(type) {
		case xml.StartElement:
			return p.failAt(p.line(), x.Name.Local, "steht hinter dem Ende des Dokuments")
		case xml.CharData:
			if strings.TrimSpace(string(x)) != "" {
				return p.failAt(p.line(), "Datei", "hinter dem Ende des Dokuments steht Text")
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return p.broken(err)
		}
	}
}

func (p *reader) schema(e element, s *Schema) error {
	parts := p.common(&s.Element)
	maps.Copy(parts, map[string]part{
		"bezeichnung": p.into(&s.Title),
		"hilfetext":   p.into(&s.Help),
		"dokumentsteckbrief": one(func(e element) error {
			var ignored string
			return p.object(e, map[string]part{"id": p.into(&s.Steckbrief), "version": p.into(&ignored)})
		}),
		"ableitungsmodifikationenStruktur":        p.code(&s.DerivedStructure),
		"ableitungsmodifikationenRepraesentation": p.code(&s.DerivedLayout),
		"regel":    p.rules(&s.Rules),
		"struktur": p.structure(&s.Root),
	})
	if err := p.element(e, "Stammdatenschema", &s.Element, parts); err != nil {
		return err
	}
	if s.Title == "" {
		s.Title = s.LabelInput
	}
	return nil
}

// block reads a document that holds one group.
func (p *reader) block(e element, s *Schema) error {
	g, err := p.group(e)
	if err != nil {
		return err
	}
	s.Block, s.Element, s.Title = true, g.Element, g.LabelInput
	s.Root = []Node{{Min: 1, Max: 1, Group: g}}
	return nil
}

func (p *reader) group(e element) (*Group, error) {
	if err := p.count(e); err != nil {
		return nil, err
	}
	g := &Group{}
	parts := p.common(&g.Element)
	parts["art"] = p.code(&g.Kind)
	parts["regel"] = p.rules(&g.Rules)
	parts["struktur"] = p.structure(&g.Nodes)
	return g, p.element(e, "Datenfeldgruppe", &g.Element, parts)
}

func (p *reader) field(e element) (*Field, error) {
	if err := p.count(e); err != nil {
		return nil, err
	}
	f := &Field{}
	var size string
	parts := p.common(&f.Element)
	maps.Copy(parts, map[string]part{
		"feldart":           p.code(&f.Feldart, "input", "select", "label", "hidden", "locked"),
		"datentyp":          p.code(&f.Datentyp, "text", "text_latin", "date", "time", "datetime", "bool", "num", "num_int", "num_currency", "file", "obj"),
		"praezisierung":     one(func(e element) error { return p.constraint(e, &f.Constraint) }),
		"inhalt":            p.content(&f.Content),
		"vorbefuellung":     p.code(&f.Prefill),
		"werte":             one(func(e element) error { return p.object(e, map[string]part{"wert": p.values(&f.Values)}) }),
		"codelisteReferenz": one(func(e element) error { f.Codelist = &Codelist{}; return p.codelist(e, f.Codelist) }),
		"codeKey":           p.into(&f.CodeKey),
		"nameKey":           p.into(&f.NameKey),
		"helpKey":           p.into(&f.HelpKey),
		"maxSize":           p.into(&size),
		"mediaType":         p.list(&f.MediaTypes),
		"regel":             p.rules(&f.Rules),
	})
	if err := p.element(e, "Datenfeld", &f.Element, parts); err != nil {
		return nil, err
	}
	p.owner = "Datenfeld " + f.WrittenID
	defer func() { p.owner = "" }()
	switch {
	case f.Feldart == "":
		return nil, p.fail(e, "feldart fehlt")
	case f.Datentyp == "":
		return nil, p.fail(e, "datentyp fehlt")
	case size != "":
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil || n < 0 {
			return nil, p.fail(e, "maxSize %q ist keine Anzahl von Bytes", size)
		}
		f.MaxSize = n
	}
	return f, nil
}

// count keeps a document from filling the memory with empty fields.
func (p *reader) count(e element) error {
	if p.nodes++; p.nodes > maxNodes {
		return p.fail(e, "das Dokument hat mehr als %d Felder und Gruppen", maxNodes)
	}
	return nil
}

// element reads a schema element and demands what identifies it.
func (p *reader) element(e element, kind string, to *Element, parts map[string]part) error {
	to.Line = e.line
	outer := p.owner
	p.owner = kind
	identified := false
	ident := parts["identifikation"].read
	parts["identifikation"] = one(func(c element) error {
		identified = true
		if err := ident(c); err != nil {
			return err
		}
		p.owner = kind + " " + to.WrittenID
		return nil
	})
	if err := p.object(e, parts); err != nil {
		return err
	}
	if !identified {
		return p.fail(e, "identifikation fehlt")
	}
	p.owner = outer
	return nil
}

// common are the children every schema element may have, of both versions: the standard moved a few of them
// between its versions, and tools write what they know.
func (p *reader) common(to *Element) map[string]part {
	parts := map[string]part{
		"identifikation": one(func(e element) error { return p.identification(e, to) }),
		"name":           p.into(&to.Name), "beschreibung": p.into(&to.Description), "definition": p.into(&to.Definition),
		"bezug":           p.references(&to.References),
		"versionshinweis": p.into(&to.VersionNote),
		"gueltigAb":       p.into(&to.ValidFrom), "gueltigBis": p.into(&to.ValidTo),
		"fachlicherErsteller": p.into(&to.Creator), "veroeffentlichungsdatum": p.into(&to.PublishedOn),
		"bezeichnungEingabe": p.into(&to.LabelInput), "bezeichnungAusgabe": p.into(&to.LabelOutput),
		"hilfetextEingabe": p.into(&to.HelpInput), "hilfetextAusgabe": p.into(&to.HelpOutput),
		"schemaelementart": p.code(&to.Class, "ABS", "HAR", "RNG"),
	}
	if p.ns == Namespace2 {
		parts["status"] = p.code(&to.Status)
		parts["freigabedatum"] = p.into(&to.ReleasedOn)
		return parts
	}
	parts["freigabestatus"] = p.code(&to.Status, "1", "2", "3", "4", "5", "6", "7", "8")
	parts["statusGesetztAm"] = p.into(&to.StatusSetOn)
	parts["statusGesetztDurch"] = p.into(&to.StatusSetBy)
	parts["letzteAenderung"] = p.into(&to.ChangedAt)
	parts["stichwort"] = many(func(e element) error {
		text, err := p.raw(e)
		to.Keywords = append(to.Keywords, Keyword{strings.TrimSpace(text), e.attr("uri")})
		return err
	})
	parts["relation"] = p.skip() // to other versions and elements: most of the bytes, nothing a form needs
	return parts
}

func (p *reader) identification(e element, to *Element) error {
	id := one(func(c element) error {
		if err := p.into(&to.WrittenID).read(c); err != nil {
			return err
		}
		if to.WrittenID == "" {
			return p.fail(c, "ist leer")
		}
		return nil
	})
	if err := p.object(e, map[string]part{"id": id, "version": p.into(&to.WrittenVersion)}); err != nil {
		return err
	}
	if to.WrittenID == "" {
		return p.fail(e, "id fehlt")
	}
	to.ID, to.Version = to.WrittenID, to.WrittenVersion
	if p.ns == Namespace2 {
		to.ID, to.Version = modernID(to.ID), modernVersion(to.Version)
	}
	return nil
}

// references reads Bezug: in 3.0 one each, in 2.0 several in one text, split by semicolons.
func (p *reader) references(to *[]Reference) part {
	read := func(e element) error {
		text, err := p.raw(e)
		if err != nil {
			return err
		}
		texts := []string{text}
		if p.ns == Namespace2 {
			texts = strings.Split(text, ";")
		}
		for _, t := range texts {
			if t = strings.TrimSpace(t); t != "" || e.attr("link") != "" {
				*to = append(*to, Reference{t, e.attr("link")})
			}
		}
		return nil
	}
	return part{read: read, many: p.ns == Namespace3}
}

func (p *reader) rules(to *[]Rule) part {
	return many(func(e element) error {
		var r Rule
		parts := p.common(&r.Element)
		maps.Copy(parts, map[string]part{
			"freitextRegel": p.verbatim(&r.Text), "skript": p.verbatim(&r.Script), "script": p.verbatim(&r.Script),
			"typ": p.code(&r.Type), "param": p.flat(&r.Params), "ziel": p.flat(&r.Targets), "fehler": p.flat(&r.Errors),
		})
		if err := p.element(e, "Regel", &r.Element, parts); err != nil {
			return err
		}
		if r.Text == "" && p.ns == Namespace2 {
			r.Text = r.Definition // 2.0 has no place of its own for the rule in words
		}
		*to = append(*to, r)
		return nil
	})
}

// structure reads one position.
func (p *reader) structure(to *[]Node) part {
	return many(func(e element) error {
		var n Node
		var amount string
		put := func(read func(element) error) part {
			return one(func(c element) error {
				if n.Field != nil || n.Group != nil {
					return p.fail(c, "steht neben einem anderen Element in enthaelt")
				}
				return read(c)
			})
		}
		owner := p.owner
		err := p.object(e, map[string]part{
			"anzahl": one(func(c element) (err error) {
				if amount, err = p.raw(c); err != nil {
					return err
				}
				amount = strings.TrimSpace(amount)
				if n.Min, n.Max, err = occurrences(amount); err != nil {
					return p.fail(c, "%q ist keine Anzahl wie 0:1, 1:1 oder 1:*", amount)
				}
				return nil
			}),
			"bezug": p.references(&n.References),
			"enthaelt": one(func(c element) error {
				return p.object(c, map[string]part{
					"datenfeld":       put(func(c element) (err error) { n.Field, err = p.field(c); return err }),
					"datenfeldgruppe": put(func(c element) (err error) { n.Group, err = p.group(c); return err }),
				})
			}),
		})
		if err != nil {
			return err
		}
		p.owner = owner
		switch {
		case amount == "":
			return p.fail(e, "anzahl fehlt")
		case n.Field == nil && n.Group == nil:
			return p.fail(e, "enthält weder ein Datenfeld noch eine Datenfeldgruppe")
		}
		*to = append(*to, n)
		return nil
	})
}

// occurrences reads "0:1" or "1:*".
func occurrences(s string) (low, high int, err error) {
	a, b, _ := strings.Cut(s, ":")
	if low, err = strconv.Atoi(a); err != nil {
		return 0, 0, err
	}
	if b == "*" {
		high = Unbounded
	} else if high, err = strconv.Atoi(b); err != nil {
		return 0, 0, err
	}
	if low < 0 || high != Unbounded && (high < low || high < 1) {
		return 0, 0, strconv.ErrRange
	}
	return low, high, nil
}

// content reads inhalt, which some documents have twice: once empty, once filled.
func (p *reader) content(to *string) part {
	return many(func(e element) error {
		text, err := p.raw(e)
		if err != nil {
			return err
		}
		if text = strings.TrimSpace(text); text == "" {
			return nil
		}
		if *to != "" {
			return p.fail(e, "steht zweimal, mit zwei Texten")
		}
		*to = text
		return nil
	})
}

func (p *reader) list(to *[]string) part {
	return many(func(e element) error {
		text, err := p.raw(e)
		if text = strings.TrimSpace(text); text != "" {
			*to = append(*to, text)
		}
		return err
	})
}

func (p *reader) values(to *[]Value) part {
	return many(func(e element) error {
		var v Value
		if err := p.object(e, map[string]part{"code": p.into(&v.Code), "name": p.into(&v.Name), "hilfe": p.into(&v.Help)}); err != nil {
			return err
		}
		if v.Code == "" {
			return p.fail(e, "code fehlt oder ist leer")
		}
		*to = append(*to, v)
		return nil
	})
}
