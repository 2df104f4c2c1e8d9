package formular_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/akte"
	"rathaus/internal/fim"
	"rathaus/internal/formular"
	"rathaus/internal/leistung"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// kennel is an invented schema with every kind of field.
func kennel() *fim.Schema {
	field := func(id, name, art, typ string, low, high int) fim.Node {
		return fim.Node{Min: low, Max: high, Field: &fim.Field{Element: fim.Element{ID: id, WrittenID: id, Name: name, LabelInput: name}, Feldart: art, Datentyp: typ}}
	}
	with := func(n fim.Node, change func(*fim.Field)) fim.Node { change(n.Field); return n }
	group := func(id, name string, low, high int, nodes ...fim.Node) fim.Node {
		return fim.Node{Min: low, Max: high, Group: &fim.Group{Element: fim.Element{ID: id, WrittenID: id, Name: name, LabelInput: name}, Nodes: nodes}}
	}
	address := func(low int) fim.Node {
		return group("G99000000088", "Straßenanschrift", low, 1,
			field("F1", "Straße", "input", "text", 1, 1), field("F2", "Hausnummer", "input", "text", 0, 1),
			with(field("F3", "Postleitzahl", "input", "text", 1, 1), func(f *fim.Field) {
				f.MinLength, f.MaxLength, f.Pattern = "5", "5", "([0]{1}[1-9]{1}|[1-9]{1}[0-9]{1})[0-9]{3}"
			}),
			field("F4", "Ort", "input", "text", 1, 1))
	}
	other := address(0)
	person := group("G1", "Antragstellende Person", 1, 1,
		field("F10", "Familienname", "input", "text", 1, 1), field("F11", "Vornamen", "input", "text", 1, 1), field("F12", "Geburtsdatum", "input", "date", 1, 1),
		address(1), with(field("F13", "E-Mail", "input", "text", 0, 1), func(f *fim.Field) { f.Pattern = `[a-z.]+@[a-z.]+$` }), field("F14", "Telefon", "input", "text", 0, 1))
	for i := range person.Group.Nodes {
		person.Group.Nodes[i].References = []fim.Reference{{Text: "§ 2 Zwingersatzung"}}
	}
	person.Group.Rules = []fim.Rule{{Element: fim.Element{WrittenID: "R1", Name: "Regel"}, Text: " WENN … \n DANN …"}}
	choice := group("G3", "Art der Haltung", 1, 1, field("F30", "Zwinger", "input", "bool", 1, 1), field("F31", "Haus", "input", "bool", 1, 1))
	choice.Group.Kind = "X"
	return &fim.Schema{
		Element: fim.Element{ID: "S99000000001", WrittenID: "S99000000001", Version: "1.2.0", WrittenVersion: "1.2.0", Name: "Zwinger", Status: "5", References: []fim.Reference{{Text: "§ 1 Zwingersatzung", Link: "https://recht.example/1"}}},
		Format:  "XDatenfelder 3.0", Title: "Antrag auf Genehmigung eines Zwingers",
		Rules: []fim.Rule{{Element: fim.Element{WrittenID: "R0"}, Text: "Mindestens ein Hund."}},
		Root: []fim.Node{
			field("F90", "Aktenzeichen", "hidden", "text", 0, 1), person,
			group("G2", "Hund", 1, fim.Unbounded, field("F20", "Name", "input", "text", 1, 1), field("F20", "Name", "input", "text", 0, 1),
				with(field("F21", "Farbe", "select", "text", 1, 2), func(f *fim.Field) {
					f.Values = []fim.Value{{Code: "001", Name: "schwarz"}, {Code: "002", Name: "weiß", Help: "auch hellgrau"}}
				}),
				with(field("F22", "Gewicht", "input", "num", 1, 1), func(f *fim.Field) { f.MinValue, f.MaxValue = "0,5", "99" }),
				with(field("F23", "Herkunft", "select", "text", 1, 1), func(f *fim.Field) { f.Codelist = &fim.Codelist{URI: "urn:beispiel:staat"} }),
				field("F24", "Impfpass", "input", "file", 1, 3), group("G2", "Bisheriger Halter", 0, 1, other)),
			choice,
			with(field("F91", "Hinweis", "label", "text", 1, 1), func(f *fim.Field) { f.Content = "Bitte lesen." }),
			with(field("F92", "Muster", "input", "text", 0, 1), func(f *fim.Field) { f.Pattern, f.Note = `(?<=x)y`, "nur in Worten" }),
			with(field("F93", "Gebühr", "locked", "num_currency", 1, 1), func(f *fim.Field) { f.Content = "12,50" }),
			field("F94", "Uhrzeit", "input", "time", 1, 1), field("F95", "Termin", "input", "datetime", 1, 1), field("F96", "Anzahl", "input", "num_int", 1, 1),
			field("F97", "Begründung", "input", "text_latin", 1, 1), field("F98", "Anlage", "input", "obj", 0, 1),
		},
	}
}

func fromFIM(t *testing.T, s *fim.Schema) *formular.Form {
	t.Helper()
	d, err := formular.FromFIM(s)
	if err != nil {
		t.Fatal(err)
	}
	f, err := formular.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// outline lists path, kind and cardinality of each element.
func outline(prefix string, elements []formular.Element) []string {
	var out []string
	for _, e := range elements {
		out = append(out, prefix+e.Key+" "+string(e.Kind)+" "+e.Occurs.String())
		out = append(out, outline(prefix+e.Key+".", e.Elements)...)
	}
	return out
}

func TestFromFIM(t *testing.T) {
	t.Parallel()
	f := fromFIM(t, kennel())
	var got []string
	for _, a := range f.Abschnitte {
		got = append(append(got, "# "+a.Key), outline("", a.Elements)...)
	}
	want := strings.Split(strings.TrimSpace(`
# angaben
f90 text 0:1
f91 note 1:1
f92 text 0:1
f93 money 1:1
f94 time 1:1
f95 datetime 1:1
f96 integer 1:1
f97 textarea 1:1
f98 file 0:1
# antragstellende-person
g1 group 1:1
g1.f10 text 1:1
g1.f11 text 1:1
g1.f12 date 1:1
g1.g99000000088 group 1:1
g1.g99000000088.f1 text 1:1
g1.g99000000088.f2 text 0:1
g1.g99000000088.f3 text 1:1
g1.g99000000088.f4 text 1:1
g1.f13 email 0:1
g1.f14 phone 0:1
# hund
g2 group 1:*
g2.f20 text 1:1
g2.f20_2 text 0:1
g2.f21 multichoice 1:2
g2.f22 decimal 1:1
g2.f23 choice 1:1
g2.f24 file 1:3
g2.g2 group 0:1
g2.g2.g99000000088 group 0:1
g2.g2.g99000000088.f1 text 1:1
g2.g2.g99000000088.f2 text 0:1
g2.g2.g99000000088.f3 text 1:1
g2.g2.g99000000088.f4 text 1:1
# art-der-haltung
g3 group 1:1
g3.f30 bool 0:1
g3.f31 bool 0:1`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outline (-want +got):\n%s", diff)
	}
	wantRoles := formular.Roles{Name: []string{"g1.f11", "g1.f10"}, Mail: "g1.f13", Phone: "g1.f14", Address: "g1.g99000000088", BirthDate: "g1.f12"}
	if diff := cmp.Diff(wantRoles, f.Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	var rules []string
	for _, r := range f.FreetextRules {
		rules = append(rules, r.Path+"|"+r.ID+r.Name+"|"+r.Text)
	}
	if diff := cmp.Diff([]string{"|R0|Mindestens ein Hund.", "g1|R1Regel| WENN … \n DANN …", "g3|Auswahlgruppe|Genau eines der Elemente dieser Gruppe wird angegeben.",
		"f92|Präzisierung|pattern (?<=x)y\n nur in Worten"}, rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if g := f.Abschnitte[1].Elements[0]; !cmp.Equal(g.Law, []string{"§ 2 Zwingersatzung"}) || g.Elements[0].Law != nil || g.Elements[0].Source.References == nil {
		t.Errorf("the law stands not once at the group: %v, %v", g.Law, g.Elements[0].Law)
	}
	hund := f.Abschnitte[2].Elements[0].Elements
	if hund[3].Min != "0.5" || hund[3].Max != "99" || hund[4].Codelist.URI != "urn:beispiel:staat" || hund[4].Hint == "" || hund[2].Options[1].Help == "" {
		t.Errorf("constraints, code list or values are lost: %+v", hund)
	}
	if s := f.Source; s.Standard != "fim" || s.ID != "S99000000001" || s.References[0] != "§ 1 Zwingersatzung https://recht.example/1" || s.Status != "5" {
		t.Errorf("source: %+v", s)
	}
}

func TestExample(t *testing.T) {
	t.Parallel()
	f := fromFIM(t, kennel())
	a := formular.Example(f, today)
	if _, problems := f.Check(today, a); len(problems) > 0 {
		t.Errorf("the example is refused: %v", problems)
	}
	for path, want := range map[string]any{"g1.f10": "Tannhof", "g1.g99000000088.f4": "Wiesenbrück", "f93": "12.50", "g2.0.f24.0": "nachweis-1.pdf", "g1.g99000000088.f3": "01111"} {
		if got := a.At(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestImportAndPublish(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	leistungtest.Fill(t, s)
	s.Write(t, func(tx *storage.Tx) error { return akte.SeedAktenplan(tx) })
	var first, second formular.Stored
	var slug string
	s.Write(t, func(tx *storage.Tx) (err error) { first, err = formular.ImportFIM(tx, kennel()); return err })
	s.Write(t, func(tx *storage.Tx) (err error) { second, err = formular.ImportFIM(tx, kennel()); return err })
	if first.ID == "" || first.ID != second.ID || first.Published || first.Origin != "fim" {
		t.Errorf("imported twice: %+v, %+v", first, second)
	}
	for range 2 { // the demo does it at each start
		s.Write(t, func(tx *storage.Tx) (err error) {
			slug, err = formular.PublishTest(tx, kennel(), "ordnungsamt", "32.55")
			return err
		})
	}
	forms := formular.NewForms()
	s.Read(t, func(tx *storage.Tx) error {
		form, err := forms.ForLeistung(tx, slug)
		if err != nil {
			return err
		}
		l, err := leistung.Get(tx, slug)
		if err != nil {
			return err
		}
		text, _ := l.In("de")
		if slug != "test-s99000000001" || !form.Source.Test || !strings.HasSuffix(form.Title, "(Testformular)") || text.Title != "Test: Antrag auf Genehmigung eines Zwingers" || l.Checked {
			t.Errorf("%s: %q, %q, %+v", slug, form.Title, text.Title, form.Source)
		}
		return nil
	})
	block := &fim.Schema{Element: fim.Element{ID: "G1", Name: "Person"}, Block: true, Root: kennel().Root[1:2]}
	s.Write(t, func(tx *storage.Tx) error { _, err := formular.ImportFIM(tx, block); return err })
	err := s.DB.Write(t.Context(), s.Scope, func(tx *storage.Tx) error {
		_, err := formular.PublishTest(tx, block, "ordnungsamt", "32.55")
		return err
	})
	if err == nil {
		t.Error("a building block was published")
	}
	err = s.DB.Write(t.Context(), s.Scope, func(tx *storage.Tx) error {
		_, err := formular.PublishFIM(tx, kennel(), "gibt-es-nicht")
		return err
	})
	if !errors.Is(err, problem.NotFound) {
		t.Errorf("unknown service: %v", err)
	}
}

// TestRealForms: each real schema becomes a form that compiles, keeps every field, group and rule, and has an answer.
func TestRealForms(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("RATHAUS_TESTDATEN")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "fim", "xdf3", "*.xml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("no test data: %s (set RATHAUS_TESTDATEN)", dir)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := fim.Read(path, bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			checkRealForm(t, s)
		})
	}
}

func checkRealForm(t *testing.T, s *fim.Schema) {
	t.Helper()
	f := fromFIM(t, s)
	var got fim.Counts
	var count func(elements []formular.Element)
	count = func(elements []formular.Element) {
		for _, e := range elements {
			if e.Kind == formular.Group {
				got.Groups++
			} else {
				got.Fields++
			}
			got.Values += len(e.Options)
			count(e.Elements)
		}
	}
	for _, a := range f.Abschnitte {
		count(a.Elements)
	}
	for _, r := range f.FreetextRules {
		if r.ID != "" {
			got.Rules++
		}
	}
	if diff := cmp.Diff(s.Counts(), got); diff != "" {
		t.Errorf("form against schema (-schema +form):\n%s", diff)
	}
	a := formular.Example(f, today)
	clean, problems := f.Check(today, a)
	if len(problems) > 0 {
		t.Errorf("the example is refused: %v", problems)
	}
	if diff := cmp.Diff(a, clean); diff != "" {
		t.Errorf("the example is not in its stored form (-example +clean):\n%s", diff)
	}
	raw, err := f.AnswersSchema()
	if err != nil {
		t.Fatal(err)
	}
	checkSchema(t, f.Key, raw, a)
	data, err := json.Marshal(f.Definition)
	if err != nil {
		t.Fatal(err)
	}
	if err := fits(t, definitionSchema(t), data); err != nil {
		t.Errorf("the definition against its schema: %v", err)
	}
	if err := f.Sound(); err != nil {
		t.Error(err)
	}
	r := f.Roles
	if len(r.Name) == 0 && r.Organisation == "" || r.Address == "" {
		t.Errorf("no applicant or address: %+v", r)
	}
	for _, p := range append([]string{r.Address}, r.Name...) {
		if formular.Empty(a.At(p)) {
			t.Errorf("role %s has no answer", p)
		}
	}
}
