package fim_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/fim"
)

// dogSchema is an invented schema of 3.0: a prefix of its own, code without namespace, an address at two positions.
const dogSchema = `<?xml version="1.0" encoding="UTF-8"?>
<q:xdatenfelder.stammdatenschema.0102 xmlns:q="urn:xoev-de:fim:standard:xdatenfelder_3.0.0">
<q:header><q:nachrichtID>1</q:nachrichtID></q:header>
<q:stammdatenschema>
<q:identifikation><q:id>S99000000001</q:id><q:version>1.0.0</q:version></q:identifikation>
<q:name>Hundewiese</q:name>
<q:bezug link="https://recht.example/1">§ 1 Wiesensatzung; § 2</q:bezug><q:bezug>§ 3</q:bezug>
<q:freigabestatus><code>5</code></q:freigabestatus>
<q:relation><q:praedikat><code>VKN</code></q:praedikat><q:objekt><q:id>S99000000002</q:id></q:objekt></q:relation>
<q:bezeichnung>Antrag auf einen Schlüssel zur Hundewiese</q:bezeichnung>
<q:regel><q:identifikation><q:id>R99000000001</q:id><q:version>1.0.0</q:version></q:identifikation><q:name>R</q:name>
<q:freitextRegel> WENN F99000000001 = 001,
 DANN … </q:freitextRegel><q:typ><code>K</code></q:typ></q:regel>
<q:struktur><q:anzahl>1:1</q:anzahl><q:enthaelt>` + personGroup + `</q:enthaelt></q:struktur>
<q:struktur><q:anzahl>0:*</q:anzahl><q:bezug link="https://recht.example/2">§ 4</q:bezug><q:enthaelt>` + personGroup + `</q:enthaelt></q:struktur>
<q:struktur><q:anzahl>2:5</q:anzahl><q:enthaelt>` + choiceField + `</q:enthaelt></q:struktur>
</q:stammdatenschema>
</q:xdatenfelder.stammdatenschema.0102>`

const personGroup = `<q:datenfeldgruppe><q:identifikation><q:id>G99000000001</q:id><q:version>1.0.0</q:version></q:identifikation>
<q:name>Person</q:name><q:schemaelementart><code>HAR</code></q:schemaelementart>
<q:struktur><q:anzahl>0:1</q:anzahl><q:enthaelt><q:datenfeld><q:identifikation><q:id>F99000000001</q:id><q:version>1.0.0</q:version></q:identifikation>
<q:name>Rufname</q:name><q:bezeichnungEingabe>Rufname?</q:bezeichnungEingabe><q:hilfetextEingabe>Wie rufen Sie?</q:hilfetextEingabe>
<q:feldart><code>input</code></q:feldart><q:datentyp><code>text</code></q:datentyp>
<q:praezisierung minLength="2" maxLength="9" pattern="[a-z ]+"/><q:inhalt/><q:inhalt>Balu</q:inhalt></q:datenfeld></q:enthaelt></q:struktur>
</q:datenfeldgruppe>`

const choiceField = `<q:datenfeld><q:identifikation><q:id>F99000000002</q:id><q:version>1.0.0</q:version></q:identifikation>
<q:name>Farbe</q:name><q:feldart><code>select</code></q:feldart><q:datentyp><code>text</code></q:datentyp>
<q:werte><q:wert><q:code>001</q:code><q:name>schwarz</q:name><q:hilfe>wie Kohle</q:hilfe></q:wert><q:wert><q:code>002</q:code><q:name>weiß</q:name></q:wert></q:werte>
<q:codelisteReferenz><q:canonicalIdentification>urn:beispiel:farben</q:canonicalIdentification></q:codelisteReferenz></q:datenfeld>`

// oldGroup is an invented group of 2.0: nine-character ids, short versions, JSON constraint, several Bezuege in one.
const oldGroup = `<xdatenfelder.datenfeldgruppe.0103 xmlns="urn:xoev-de:fim:standard:xdatenfelder_2">
<datenfeldgruppe><identifikation><id>G99000001</id><version>1.2</version></identifikation><name>Wiese</name>
<bezug>§ 1 WieSa; § 2 WieSa</bezug><status><code xmlns="">aktiv</code></status>
<struktur><anzahl>1:1</anzahl><enthaelt><datenfeld><identifikation><id>F99000002</id><version>1.0</version></identifikation><name>Größe</name>
<feldart><code xmlns="">input</code></feldart><datentyp><code xmlns="">num</code></datentyp><praezisierung>{"minValue":"1","maxValue":99.5,"einheit":"m²"}</praezisierung>
<regel><identifikation><id>R99000001</id><version>1.0</version></identifikation><name>r</name><definition>Wenn groß, dann teuer.</definition><script>f()</script></regel>
</datenfeld></enthaelt></struktur></datenfeldgruppe></xdatenfelder.datenfeldgruppe.0103>`

func read(t *testing.T, doc string) *fim.Schema {
	t.Helper()
	s, err := fim.Read("probe.xml", strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRead(t *testing.T) {
	t.Parallel()
	s := read(t, dogSchema)
	if diff := cmp.Diff(fim.Counts{Fields: 3, Groups: 2, Rules: 1, Values: 2}, s.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if s.ID != "S99000000001" || s.Version != "1.0.0" || s.Heading() != "Antrag auf einen Schlüssel zur Hundewiese" || s.Format != "XDatenfelder 3.0" || s.Status != "5" {
		t.Errorf("schema: %+v", s)
	}
	want := []fim.Reference{{Text: "§ 1 Wiesensatzung; § 2", Link: "https://recht.example/1"}, {Text: "§ 3"}}
	if diff := cmp.Diff(want, s.References); diff != "" {
		t.Errorf("Bezug (-want +got):\n%s", diff)
	}
	if got := s.Rules[0].Text; got != " WENN F99000000001 = 001,\n DANN … " {
		t.Errorf("rule is not kept word for word: %q", got)
	}
	var paths []string
	s.Walk(func(path string, n fim.Node) { paths = append(paths, fmt.Sprintf("%s %d:%d", path, n.Min, n.Max)) })
	if diff := cmp.Diff([]string{"G99000000001 1:1", "G99000000001/F99000000001 0:1", "G99000000001 0:-1", "G99000000001/F99000000001 0:1", "F99000000002 2:5"}, paths); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	f := s.Root[0].Group.Nodes[0].Field
	if diff := cmp.Diff(fim.Constraint{MinLength: "2", MaxLength: "9", Pattern: "[a-z ]+"}, f.Constraint); diff != "" || f.Content != "Balu" || f.HelpInput != "Wie rufen Sie?" {
		t.Errorf("field: %+v %s", f, diff)
	}
	c := s.Root[2].Field
	if diff := cmp.Diff([]fim.Value{{Code: "001", Name: "schwarz", Help: "wie Kohle"}, {Code: "002", Name: "weiß"}}, c.Values); diff != "" || c.Codelist.URI != "urn:beispiel:farben" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestReadVersion2(t *testing.T) {
	t.Parallel()
	s := read(t, oldGroup)
	if !s.Block || s.ID != "G99000000001" || s.WrittenID != "G99000001" || s.Version != "1.2.0" || s.WrittenVersion != "1.2" || len(s.References) != 2 {
		t.Errorf("group: %+v", s)
	}
	f := s.Root[0].Group.Nodes[0].Field
	if diff := cmp.Diff(fim.Constraint{MinValue: "1", MaxValue: "99.5", Note: "einheit: m²"}, f.Constraint); diff != "" {
		t.Errorf("constraint (-want +got):\n%s", diff)
	}
	if r := f.Rules[0]; r.Text != "Wenn groß, dann teuer." || r.Script != "f()" {
		t.Errorf("rule: %+v", r)
	}
	if diff := cmp.Diff(fim.Counts{Fields: 1, Groups: 1, Rules: 1}, s.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestReadPacked(t *testing.T) {
	t.Parallel()
	packed := pack(t, "\ufeff"+dogSchema)
	if _, err := fim.Read("probe", bytes.NewReader(packed)); err != nil {
		t.Error(err)
	}
	for name, doc := range map[string][]byte{"cut": packed[:len(packed)/2], "header only": packed[:5]} {
		if _, err := fim.Read("probe", bytes.NewReader(doc)); err == nil || !strings.Contains(err.Error(), "gzip-Archiv ist beschädigt") {
			t.Errorf("%s: %v", name, err)
		}
	}
	bomb := pack(t, dogSchema+strings.Repeat(" ", 1<<20))
	if _, err := fim.ReadLimited("probe", bytes.NewReader(bomb), 1<<20); err == nil || !strings.Contains(err.Error(), "größer als 1 MB") {
		t.Errorf("bomb: %v", err)
	}
}

func pack(t *testing.T, doc string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(doc)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRefused: each broken document is refused with line, element and a German reason.
func TestRefused(t *testing.T) {
	t.Parallel()
	swap := func(old, new string) string { return strings.Replace(dogSchema, old, new, 1) }
	for name, c := range map[string]struct{ doc, want string }{
		"empty":            {"", "p.xml:1: Datei: ist leer"},
		"no xml":           {"Guten Tag", "p.xml:1: Datei: ist kein XML-Dokument"},
		"other namespace":  {swap("xdatenfelder_3.0.0", "xdatenfelder_9"), "p.xml:2: xdatenfelder.stammdatenschema.0102: unbekannter Namensraum"},
		"other message":    {`<datenfeld.0104 xmlns="` + fim.Namespace3 + `"/>`, "p.xml:1: datenfeld.0104: diese Nachricht ist kein"},
		"single field":     {`<xdatenfelder.datenfeld.0104 xmlns="` + fim.Namespace3 + `"/>`, "p.xml:1: xdatenfelder.datenfeld.0104: diese Nachricht ist kein"},
		"no schema":        {`<xdatenfelder.stammdatenschema.0102 xmlns="` + fim.Namespace3 + `"/>`, "enthält weder"},
		"doctype":          {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + dogSchema, "p.xml:1: Datei: eine Dokumenttypangabe"},
		"entity":           {swap(">Hundewiese<", ">&x;<"), "p.xml:6: name: kein wohlgeformtes XML: eine unbekannte"},
		"encoding":         {swap("UTF-8", "ISO-8859-1"), "die Zeichenkodierung muss UTF-8 sein"},
		"cut":              {dogSchema[:len(dogSchema)/2], "die Datei endet mitten im Dokument"},
		"wrong end":        {swap("</q:name>", "</q:nam>"), "p.xml:6: name: kein wohlgeformtes XML: Anfang und Ende"},
		"second root":      {dogSchema + "<x/>", ": x: steht hinter dem Ende"},
		"deep":             {swap("<q:nachrichtID>", strings.Repeat("<q:nachrichtID>", 300)), "ist tiefer verschachtelt als 200 Ebenen"},
		"no id":            {swap("<q:id>S99000000001</q:id>", ""), "p.xml:5: identifikation: id fehlt (in Stammdatenschema)"},
		"empty id":         {swap("S99000000001", " "), "p.xml:5: id: ist leer"},
		"no identity":      {swap("<q:identifikation><q:id>G99000000001</q:id><q:version>1.0.0</q:version></q:identifikation>", ""), "datenfeldgruppe: identifikation fehlt"},
		"two names":        {swap("<q:name>Hundewiese", "<q:name/><q:name>Hundewiese"), "p.xml:6: name: steht zweimal in stammdatenschema (in Stammdatenschema S99000000001)"},
		"unknown element":  {swap("<q:name>Hundewiese", "<q:fremd/><q:name>Hundewiese"), "p.xml:6: fremd: ist hier nicht vorgesehen"},
		"foreign element":  {swap("<q:name>Hundewiese", "<name>x</name><q:name>Hundewiese"), "p.xml:6: name: ist hier nicht vorgesehen"},
		"stray text":       {swap("<q:name>Hundewiese", "Hallo<q:name>Hundewiese"), "unerwarteter Text"},
		"element in text":  {swap(">Hundewiese<", "><q:b>Hund</q:b><"), "p.xml:6: b: ist hier nicht vorgesehen, in name steht nur Text"},
		"status":           {swap("<code>5</code>", "<code>10</code>"), `p.xml:8: freigabestatus: unbekannter Code "10", erlaubt sind 1,`},
		"kind of field":    {swap("<code>input</code>", "<code>knopf</code>"), `feldart: unbekannter Code "knopf"`},
		"no kind of field": {swap("<q:feldart><code>input</code></q:feldart>", ""), "datenfeld: feldart fehlt (in Datenfeld F99000000001)"},
		"cardinality":      {swap("2:5", "5:2"), `anzahl: "5:2" ist keine Anzahl`},
		"no cardinality":   {swap("<q:anzahl>2:5</q:anzahl>", ""), "struktur: anzahl fehlt"},
		"empty position":   {swap(choiceField, ""), "struktur: enthält weder"},
		"two in one":       {swap(choiceField, choiceField+personGroup), "steht neben einem anderen"},
		"two contents":     {swap("<q:inhalt/>", "<q:inhalt>A</q:inhalt>"), "inhalt: steht zweimal"},
		"value":            {swap("<q:code>001</q:code>", "<q:code/>"), "wert: code fehlt"},
	} {
		_, err := fim.Read("p.xml", strings.NewReader(c.doc))
		var refused *fim.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(dogSchema))
	f.Add([]byte(oldGroup))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := fim.Read("f", bytes.NewReader(doc))
		var refused *fim.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Line < 1 || refused.Element == "" || refused.Text == "" {
				t.Fatalf("error without place: %#v", err)
			}
			return
		}
		if s.ID == "" {
			t.Fatal("a schema without id was accepted")
		}
		s.Counts()
	})
}

// testData is the folder of real schemas, outside the repository; without it the test is skipped.
func testData(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RATHAUS_TESTDATEN")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "fim")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no test data: %s (set RATHAUS_TESTDATEN)", dir)
	}
	return dir
}

func open(t *testing.T, path string) (*fim.Schema, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return fim.Read(path, f)
}

// TestRealSchemas: what is read of the approved schemas is what their index counts.
func TestRealSchemas(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testData(t), "xdf3")
	raw, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index []struct {
		ID, Version, Name, Status               string
		Fields, Groups, Rules, Codelists, Werte int
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	if len(index) == 0 {
		t.Fatal("the index is empty")
	}
	for _, want := range index {
		s, err := open(t, filepath.Join(dir, want.ID+"_"+want.Version+".xdf.xml.gz"))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(fim.Counts{Fields: want.Fields, Groups: want.Groups, Rules: want.Rules, Values: want.Werte}, s.Counts()); diff != "" {
			t.Errorf("%s (-index +read):\n%s", want.ID, diff)
		}
		lists := 0
		s.Walk(func(_ string, n fim.Node) {
			if n.Field != nil && n.Field.Codelist != nil {
				lists++
			}
		})
		if s.ID != want.ID || s.Version != want.Version || s.Status != want.Status || s.Heading() != want.Name || lists != want.Codelists {
			t.Errorf("%s: read %s %s status %s, %d code lists, %q", want.ID, s.ID, s.Version, s.Status, lists, s.Heading())
		}
	}
}

// TestConformance: the parser cases behave as their names say.
func TestConformance(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testData(t), "parserfaelle")
	cases, err := filepath.Glob(filepath.Join(dir, "*", "*.xml"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases in %s: %v", dir, err)
	}
	refused := 0
	for _, path := range cases {
		bad := false
		for _, word := range []string{"duplicate-", "unknown-", "empty-id", "missing-id", "invalid-", "unexpected-"} {
			bad = bad || strings.HasPrefix(filepath.Base(path), word)
		}
		_, err := open(t, path)
		if bad != (err != nil) {
			t.Errorf("%s: refused %v, want %v: %v", filepath.Base(path), err != nil, bad, err)
		}
		if err != nil {
			refused++
			t.Log(err)
		}
	}
	if refused != 9 {
		t.Errorf("%d cases refused, want 9", refused)
	}
}
