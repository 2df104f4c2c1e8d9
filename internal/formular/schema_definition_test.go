package formular_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rathaus/internal/formular"
)

func definitionSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(formular.DefinitionSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("definition.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("definition.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestOwnFormsFitTheSchema(t *testing.T) {
	t.Parallel()
	s := definitionSchema(t)
	own, err := formular.Own()
	if err != nil {
		t.Fatal(err)
	}
	for slug, d := range own {
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := fits(t, s, data); err != nil {
			t.Errorf("%s: %v", slug, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := definitionSchema(t)
	const form = `{"format":1,"key":"x","version":"1","title":"X","roles":{},"abschnitte":[{"key":"s","title":"S","elements":[ELEMENT]}]}`
	for name, c := range map[string]struct {
		element string
		ok      bool
	}{
		"a text":                 {`{"key":"a","kind":"text","label":"A","occurs":"0:1"}`, true},
		"a repeated group":       {`{"key":"a","kind":"group","label":"A","occurs":"1:*","elements":[{"key":"b","kind":"date","label":"B","max":"heute-18j"}]}`, true},
		"no kind":                {`{"key":"a","label":"A"}`, false},
		"unknown kind":           {`{"key":"a","kind":"colour","label":"A"}`, false},
		"misspelt key":           {`{"key":"a","kind":"text","label":"A","showIf":"true"}`, false},
		"key with an umlaut":     {`{"key":"ä","kind":"text","label":"A"}`, false},
		"key of a later proof":   {`{"key":"a_nachreichen","kind":"text","label":"A"}`, false},
		"group without elements": {`{"key":"a","kind":"group","label":"A"}`, false},
		"text with options":      {`{"key":"a","kind":"text","label":"A","options":[{"value":"1","label":"1"}]}`, false},
		"occurs in words":        {`{"key":"a","kind":"text","label":"A","occurs":"oft"}`, false},
		"bound in words":         {`{"key":"a","kind":"date","label":"A","max":"morgen"}`, false},
	} {
		if err := fits(t, s, []byte(strings.Replace(form, "ELEMENT", c.element, 1))); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaNamesEveryField: the Go types and the schema list the same keys.
func TestSchemaNamesEveryField(t *testing.T) {
	t.Parallel()
	type node struct {
		Properties map[string]any  `json:"properties"`
		Defs       map[string]node `json:"$defs"`
	}
	var root node
	if err := json.Unmarshal(formular.DefinitionSchema(), &root); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"": formular.Definition{}, "privacy": formular.Privacy{}, "source": formular.Source{}, "abschnitt": formular.Abschnitt{},
		"element": formular.Element{}, "option": formular.Option{}, "codelist": formular.Codelist{}, "upload": formular.Upload{}, "check": formular.Check{},
		"freetextRule": formular.FreetextRule{}, "gebuehr": formular.Gebuehr{}, "roles": formular.Roles{}} {
		n := root
		if name != "" {
			n = root.Defs[name]
		}
		var got, want []string
		for k := range n.Properties {
			got = append(got, k)
		}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			want = append(want, key)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Go +schema):\n%s", name, diff)
		}
	}
}
