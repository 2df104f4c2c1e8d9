package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/api"
	"rathaus/internal/web/webtest"
)

// portal is a site with one key.
type portal struct {
	*webtest.Site
	world *antragtest.World
	key   string
}

func newPortal(t *testing.T) *portal {
	t.Helper()
	w := antragtest.New(t)
	p := &portal{world: w, Site: webtest.New(t, w.Store, api.Section(api.Config{Office: w.Antraege}))}
	w.Must(t, w.Admin, func(tx *storage.Tx) (err error) {
		p.key, _, err = konto.CreateAPIKey(tx, "Nachbarportal")
		return err
	})
	p.Resolve = api.Login
	return p
}

// part is a part of a multipart body.
type part struct{ name, file, content string }

func answers(t *testing.T) part {
	t.Helper()
	b, err := json.Marshal(antragtest.Answers())
	if err != nil {
		t.Fatal(err)
	}
	return part{"antworten", "", string(b)}
}

const pdfFile = "%PDF-1.7\nNachweis\n%%EOF\n"

// post sends an application; header lines replace the usual ones, an empty value drops one.
func (p *portal) post(t *testing.T, key string, parts []part, header ...string) *webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for _, x := range parts {
		h := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name=%q`, x.name)
		if x.file != "" {
			disposition += fmt.Sprintf(`; filename=%q`, x.file)
		}
		h.Set("Content-Disposition", disposition)
		w, err := m.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(x.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/antraege", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+p.key)
	r.Header.Set("Idempotency-Key", key)
	for i := 0; i < len(header); i += 2 {
		r.Header.Del(header[i])
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	return p.Do(t, r)
}

func decode[T any](t *testing.T, a *webtest.Answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return v
}

type receipt struct{ Vorgangsnummer, Aktenzeichen, Abholcode string }

type problemBody struct {
	Type, Title, Detail string
	Status              int
	Errors              []struct{ Path, Type, Detail string }
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	parts := []part{{"leistung", "", "hundesteuer-anmelden"}, answers(t), {"datei", "vertrag.pdf", pdfFile}}
	first := p.post(t, "k-1", parts)
	if first.Status != http.StatusCreated || first.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("status %d: %s", first.Status, first.Body)
	}
	got := decode[receipt](t, first)
	if got.Vorgangsnummer == "" || got.Aktenzeichen == "" || got.Abholcode == "" {
		t.Errorf("receipt %+v", got)
	}
	again := p.post(t, "k-1", parts)
	if again.Status != http.StatusCreated || again.Body != first.Body {
		t.Errorf("the repeat: %d %s", again.Status, again.Body)
	}
	p.world.As(p.world.Clerk).Read(t, func(tx *storage.Tx) error {
		n, err := storage.Get(tx, storage.Value[int64], `select count(*) from antrag`)
		if n != 1 {
			t.Errorf("%d applications", n)
		}
		return err
	})
	p.world.Read(t, func(tx *storage.Tx) error {
		_, err := p.world.Antraege.VerifyCode(tx, got.Vorgangsnummer, got.Abholcode)
		return err
	})
	other := p.post(t, "k-1", append(slices.Clone(parts), part{"datei", "zweiter.pdf", pdfFile}))
	if b := decode[problemBody](t, other); other.Status != http.StatusUnprocessableEntity || b.Type != "urn:rathaus:problem:key_reused" {
		t.Errorf("another content under the key: %d %s", other.Status, other.Body)
	}
	if next := decode[receipt](t, p.post(t, "k-2", parts)); next.Vorgangsnummer == got.Vorgangsnummer {
		t.Error("another key is another application")
	}
}

// typesOf are the problem types the description lists.
func typesOf(t *testing.T) []string {
	t.Helper()
	return regexp.MustCompile(`urn:rathaus:problem:\w+`).FindAllString(string(api.Description()), -1)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	slug, good := part{"leistung", "", "hundesteuer-anmelden"}, answers(t)
	for _, c := range []struct {
		name   string
		parts  []part
		header []string
		status int
		kind   string
		path   string // of the first field
	}{
		{"no key", []part{slug, good}, []string{"Authorization", ""}, 401, "api_key", ""},
		{"wrong key", []part{slug, good}, []string{"Authorization", "Bearer rathaus_falsch"}, 401, "api_key", ""},
		{"basic login", []part{slug, good}, []string{"Authorization", "Basic eDp5"}, 401, "api_key", ""},
		{"no idempotency key", []part{slug, good}, []string{"Idempotency-Key", ""}, 400, "key_missing", ""},
		{"long idempotency key", []part{slug, good}, []string{"Idempotency-Key", strings.Repeat("x", 201)}, 400, "key_invalid", ""},
		{"not multipart", []part{slug, good}, []string{"Content-Type", "application/json"}, 415, "media_type", ""},
		{"broken multipart", []part{slug, good}, []string{"Content-Type", "multipart/form-data"}, 400, "bad_request", ""},
		{"no service", []part{good}, nil, 422, "fields", "leistung"},
		{"no answers", []part{slug}, nil, 422, "fields", "antworten"},
		{"two answers", []part{slug, good, good}, nil, 400, "part_twice", ""},
		{"unknown part", []part{slug, good, {"anhang", "", "x"}}, nil, 400, "part_unknown", ""},
		{"unknown service", []part{{"leistung", "", "erfunden"}, good}, nil, 422, "unknown_leistung", ""},
		{"service without form", []part{{"leistung", "", "abfallbehaelter"}, good}, nil, 422, "unknown_leistung", ""},
		{"no json", []part{slug, {"antworten", "", "{"}}, nil, 422, "fields", "antworten"},
		{"a list", []part{slug, {"antworten", "", "[]"}}, nil, 422, "fields", "antworten"},
		{"null", []part{slug, {"antworten", "", "null"}}, nil, 422, "fields", "antworten"},
		{"a key twice", []part{slug, {"antworten", "", `{"hund":{"name":"a","name":"b"}}`}}, nil, 422, "fields", "antworten"},
		{"too deep", []part{slug, {"antworten", "", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)}}, nil, 422, "fields", "antworten"},
		{"missing answer", []part{slug, {"antworten", "", `{"person":{"vorname":"Mira","nachname":"Tannhof"}}`}}, nil, 422, "fields", "hund.name"},
		{"unknown answer", []part{slug, {"antworten", "", `{"katze":"Minka"}`}}, nil, 422, "fields", ""},
		{"missing file", []part{slug, {"antworten", "", strings.Replace(good.content, `{`, `{"nachweis":"fehlt.pdf",`, 1)}}, nil, 422, "fields", "nachweis"},
		{"file of a wrong type", []part{slug, good, {"datei", "bild.pdf", "GIF89a"}}, nil, 422, "fields", "datei"},
		{"file without name", []part{slug, good, {"datei", "", pdfFile}}, nil, 422, "fields", "datei"},
		{"large answers", []part{slug, {"antworten", "", strings.Repeat(" ", 1<<20) + "{}"}}, nil, 413, "part_too_large", ""},
		{"large file", []part{slug, good, {"datei", "a.pdf", pdfFile + strings.Repeat("x", 10<<20)}}, nil, 413, "file_too_large", ""},
		{"many files", append([]part{slug, good}, slices.Repeat([]part{{"datei", "a.pdf", pdfFile}}, 21)...), nil, 422, "too_many_files", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := p.post(t, "k", c.parts, c.header...)
			b := decode[problemBody](t, a)
			if a.Status != c.status || b.Status != c.status || b.Type != "urn:rathaus:problem:"+c.kind || b.Detail == "" || strings.Contains(b.Detail, "⟨") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if a.Header.Get("Content-Type") != "application/problem+json" || !slices.Contains(typesOf(t), b.Type) {
				t.Errorf("%s as %s is not described", b.Type, a.Header.Get("Content-Type"))
			}
			if c.path != "" && (len(b.Errors) == 0 || b.Errors[0].Path != c.path || strings.Contains(b.Errors[0].Detail, "⟨")) {
				t.Errorf("fields %+v, want %s first", b.Errors, c.path)
			}
		})
	}
	p.world.Read(t, func(tx *storage.Tx) error {
		n, err := storage.Get(tx, storage.Value[int64], `select count(*) from antrag`)
		if n != 0 {
			t.Errorf("refusals left %d applications", n)
		}
		return err
	})
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	list := p.Get(t, "/api/v1/leistungen").WantStatus(t, http.StatusOK)
	got := decode[struct {
		Leistungen []struct{ Slug, Titel, URL, Formular string }
	}](t, list)
	var slugs []string
	for _, l := range got.Leistungen {
		slugs = append(slugs, l.Slug)
		if l.Titel == "" || !strings.HasSuffix(l.URL, "/leistungen/"+l.Slug) {
			t.Errorf("%+v", l)
		}
	}
	slices.Sort(slugs)
	if diff := cmp.Diff([]string{"baumfaellung", "hundesteuer-anmelden"}, slugs); diff != "" {
		t.Error(diff)
	}
	form := p.Get(t, "/api/v1/leistungen/hundesteuer-anmelden/formular").WantStatus(t, http.StatusOK)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(form.Body))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("form.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("form.json")
	if err != nil {
		t.Fatal(err)
	}
	valid, err := jsonschema.UnmarshalJSON(strings.NewReader(answers(t).content))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(valid); err != nil {
		t.Errorf("answers the form takes do not fit its schema: %v", err)
	}
	if err := schema.Validate(map[string]any{"katze": "Minka"}); err == nil {
		t.Error("the schema takes anything")
	}
	missing := p.Get(t, "/api/v1/leistungen/abfallbehaelter/formular")
	if b := decode[problemBody](t, missing); missing.Status != http.StatusNotFound || b.Type != "urn:rathaus:problem:not_found" {
		t.Errorf("%d %s", missing.Status, missing.Body)
	}
}

// TestDescriptionMatchesRoutes: each route stands in openapi.yaml and nothing else does.
func TestDescriptionMatchesRoutes(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	var routes, described []string
	for _, r := range p.Server.Routes() {
		if r.Access == web.API {
			routes = append(routes, r.Method+" "+r.Pattern)
		}
	}
	path := ""
	for _, line := range strings.Split(string(api.Description()), "\n") {
		if m := regexp.MustCompile(`^  (/\S+):$`).FindStringSubmatch(line); m != nil {
			path = m[1]
		}
		if m := regexp.MustCompile(`^    (get|post|put|delete|patch):$`).FindStringSubmatch(line); m != nil {
			described = append(described, strings.ToUpper(m[1])+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	if diff := cmp.Diff(routes, described); diff != "" {
		t.Errorf("routes (-) and openapi.yaml (+):\n%s", diff)
	}
	if got := p.Get(t, "/api/v1/openapi.yaml").WantStatus(t, http.StatusOK); got.Body != string(api.Description()) {
		t.Error("the description served is another one")
	}
}

// TestKeyOfAnotherTown opens nothing here.
func TestKeyOfAnotherTown(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	p.Town = "sturmkoog"
	a := p.post(t, "k", []part{{"leistung", "", "hundesteuer-anmelden"}, answers(t)})
	if a.Status != http.StatusUnauthorized {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
	if _, err := antrag.Canonical([]byte(answers(t).content)); err != nil {
		t.Error(err)
	}
}
