// Package fim reads XDatenfelder, the federal XML format of form schemas (FIM: the catalogue of German
// administrative services, forms and processes), in its versions 2.0 and 3.0.
//
// A Schema holds everything the document says about fields, groups, their positions, constraints, values,
// help texts and rules. Only relations between versions of elements are left out. The same element may
// stand at several positions, so a node is addressed by its path of ids, never by its id.
package fim

import (
	"fmt"
	"strings"
)

// Namespace URIs of the versions read. Prefixes vary from tool to tool and mean nothing.
const (
	Namespace2 = "urn:xoev-de:fim:standard:xdatenfelder_2"
	Namespace3 = "urn:xoev-de:fim:standard:xdatenfelder_3.0.0"
)

// Error is a refused document: where it is broken and, in German, why.
type Error struct {
	File    string
	Line    int
	Element string // local name of the XML element, "Datei" when the document as a whole is meant
	Text    string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Element, e.Text)
}

// Schema is a Stammdatenschema (form schema), or a single Datenfeldgruppe handed round as a building block.
type Schema struct {
	Element
	// Format is the wire format: "XDatenfelder 2.0" or "XDatenfelder 3.0".
	Format string
	// Block is true when the document holds one Datenfeldgruppe; Root is then that group alone.
	Block bool
	// Title is the heading of the form (bezeichnung, in 2.0 bezeichnungEingabe); Help its help text.
	Title, Help string
	// DerivedStructure and DerivedLayout say what a derived schema may change (code lists of the standard).
	DerivedStructure, DerivedLayout string
	// Steckbrief is the id of the document profile the schema implements.
	Steckbrief string
	Root       []Node
	Rules      []Rule
}

// Element is what schema, group, field and rule have in common.
type Element struct {
	// ID and Version in the shape of 3.0: "F60000000227", "1.2.0".
	ID, Version string
	// WrittenID and WrittenVersion as the document has them: "F60000227", "1.2".
	WrittenID, WrittenVersion                  string
	Name, Description, Definition              string
	References                                 []Reference
	Status, StatusSetOn, StatusSetBy           string // Status: code 1…8, in 2.0 a word
	ValidFrom, ValidTo, PublishedOn, ChangedAt string
	ReleasedOn, Creator, VersionNote           string
	Keywords                                   []Keyword
	// LabelInput asks for the value, LabelOutput names it once given; HelpInput and HelpOutput belong to them.
	LabelInput, LabelOutput, HelpInput, HelpOutput string
	// Class is the schemaelementart: ABS, HAR or RNG.
	Class string
	// Line is where the element begins.
	Line int
}

// Reference is a Bezug: the law or standard an element rests on.
type Reference struct{ Text, Link string }

// Keyword is a Stichwort with the URI of its vocabulary.
type Keyword struct{ Text, URI string }

// Unbounded is the Max of a Node that may repeat without limit.
const Unbounded = -1

// Node is a position: a field or a group with the number of times it occurs there.
type Node struct {
	Min, Max   int
	References []Reference
	Field      *Field // one of the two
	Group      *Group
}

// Group is a Datenfeldgruppe.
type Group struct {
	Element
	// Kind is the art of the group: "X" when exactly one of its children is chosen.
	Kind  string
	Nodes []Node
	Rules []Rule
}

// Field is a Datenfeld.
type Field struct {
	Element
	Feldart  string // input, select, label, hidden, locked
	Datentyp string // text, text_latin, date, time, datetime, bool, num, num_int, num_currency, file, obj
	Constraint
	// Content is the text of a label, else the value to begin with.
	Content string
	// Prefill: keine, optional, verpflichtend.
	Prefill string
	Values  []Value
	// Codelist is nil when the field refers to none.
	Codelist                  *Codelist
	CodeKey, NameKey, HelpKey string
	MaxSize                   int64 // bytes of a file; 0: none stated
	MediaTypes                []string
	Rules                     []Rule
}

// Constraint is a praezisierung; empty strings where it says nothing.
type Constraint struct {
	MinLength, MaxLength, MinValue, MaxValue, Pattern string
	// Note is what it says in words.
	Note string
}

// Value is one entry of a field's own list of values.
type Value struct{ Code, Name, Help string }

// Codelist refers to a code list published elsewhere.
type Codelist struct {
	ID                       string // 2.0 only
	URI, Version, VersionURI string
}

// Rule is a Regel. Text is the German free text, Script a program of a tool; both as written.
type Rule struct {
	Element
	Text, Script, Type string
	// Params, Targets and Errors are what newer tools add, flattened to text.
	Params, Targets, Errors []string
}

// Counts are the occurrences in a document: an element that stands at three positions counts three times.
type Counts struct {
	Fields int `json:"fields"`
	Groups int `json:"groups"`
	Rules  int `json:"rules"`
	Values int `json:"values"`
}

// Counts counts the occurrences.
func (s *Schema) Counts() Counts {
	c := Counts{Rules: len(s.Rules)}
	s.Walk(func(_ string, n Node) {
		if n.Group != nil {
			c.Groups++
			c.Rules += len(n.Group.Rules)
			return
		}
		c.Fields++
		c.Rules += len(n.Field.Rules)
		c.Values += len(n.Field.Values)
	})
	return c
}

// Walk visits every node in document order with its path of ids, "G1/G2/F3".
func (s *Schema) Walk(visit func(path string, n Node)) { walk("", s.Root, visit) }

func walk(prefix string, nodes []Node, visit func(path string, n Node)) {
	for _, n := range nodes {
		path := prefix + n.Element().ID
		visit(path, n)
		if n.Group != nil {
			walk(path+"/", n.Group.Nodes, visit)
		}
	}
}

// Element returns what the node's field or group says about itself.
func (n Node) Element() Element {
	if n.Group != nil {
		return n.Group.Element
	}
	return n.Field.Element
}

// Heading is the name to show: the title of a schema, the name of a group.
func (s *Schema) Heading() string {
	if s.Title != "" && !s.Block {
		return s.Title
	}
	return s.Name
}

// modernID turns a nine-character id of 2.0 into that of 3.0: sub-range 000 goes after the first three characters.
func modernID(id string) string {
	if len(id) != 9 || strings.Trim(id[1:], "0123456789") != "" {
		return id
	}
	return id[:3] + "000" + id[3:]
}

// modernVersion turns "1.2" into "1.2.0".
func modernVersion(v string) string {
	if strings.Count(v, ".") == 1 {
		return v + ".0"
	}
	return v
}
