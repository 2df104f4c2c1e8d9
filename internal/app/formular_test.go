package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

const meadow = `<d:xdatenfelder.stammdatenschema.0102 xmlns:d="urn:xoev-de:fim:standard:xdatenfelder_3.0.0"><d:stammdatenschema>
<d:identifikation><d:id>S99000000001</d:id><d:version>1.0.0</d:version></d:identifikation><d:name>Wiese</d:name><d:bezeichnung>Schlüssel zur Wiese</d:bezeichnung>
<d:struktur><d:anzahl>1:1</d:anzahl><d:enthaelt><d:datenfeld><d:identifikation><d:id>F99000000001</d:id><d:version>1.0.0</d:version></d:identifikation>
<d:name>Name</d:name><d:feldart><code>input</code></d:feldart><d:datentyp><code>text</code></d:datentyp></d:datenfeld></d:enthaelt></d:struktur>
</d:stammdatenschema></d:xdatenfelder.stammdatenschema.0102>`

// TestFormularImportCheck: exit codes, lines and errors of the command without a data folder.
func TestFormularImportCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("gut.xml", meadow)
	bad := file("schlecht.xml", strings.Replace(meadow, "<d:id>S99000000001</d:id>", "", 1))
	line := `{"file":"` + good + `","id":"S99000000001","version":"1.0.0","name":"Schlüssel zur Wiese","fields":1,"groups":0,"rules":0,"values":0}` + "\n"
	for name, c := range map[string]struct {
		args     []string
		code     int
		out, err string
	}{
		"no file":      {[]string{"--check"}, exitUsage, "", "es fehlt die Datei"},
		"two services": {[]string{"-leistung", "x", good, good}, exitUsage, "", "nur mit einer Datei"},
		"json":         {[]string{good, "--json", "--check"}, exitDone, line, ""},
		"words":        {[]string{"-check", good}, exitDone, good + ": S99000000001 1.0.0, Schlüssel zur Wiese: 1 Felder, 0 Gruppen, 0 Regeln, 0 Werte – geprüft\n", ""},
		"one broken":   {[]string{"--json", bad, good, filepath.Join(dir, "fehlt.xml")}, exitRefused, line, bad + ":2: identifikation: id fehlt (in Stammdatenschema)\n" + filepath.Join(dir, "fehlt.xml") + ":1: Datei: gibt es nicht\n"},
		"folder":       {[]string{dir}, exitRefused, "", dir + ":1: Datei: ist ein Ordner\n"},
	} {
		var out, errs bytes.Buffer
		data := filepath.Join(dir, "daten")
		code := Main(t.Context(), Process{Args: append([]string{"formular", "import", "-data", data}, c.args...), Stdout: &out, Stderr: &errs})
		if code != c.code || out.String() != c.out || !strings.Contains(errs.String(), c.err) {
			t.Errorf("%s: exit %d, out %q, err %q", name, code, out.String(), errs.String())
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: the data folder was made", name)
		}
	}
}

// TestImportedForms publishes each real schema as a test form and applies with invented answers: each makes a
// Vorgang with a subject, a person or organisation, and an address.
func TestImportedForms(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("RATHAUS_TESTDATEN")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "fim", "xdf3", "*.xml.gz"))
	if err != nil || len(files) == 0 {
		t.Skipf("no test data: %s (set RATHAUS_TESTDATEN)", dir)
	}
	w := antragtest.NewWithShippedForms(t)
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			schema, err := readSchemaFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var slug string
			var answers formular.Answers
			w.As("system").Write(t, func(tx *storage.Tx) (err error) {
				if slug, err = formular.PublishTest(tx, schema, "ordnungsamt", ""); err != nil {
					return err
				}
				form, err := w.Antraege.Forms.ForLeistung(tx, slug)
				if err == nil {
					answers = formular.Example(form, clock.DateOf(tx.Now()))
				}
				return err
			})
			var uploads []antrag.Datei
			for _, name := range uploadNames(map[string]any(answers)) {
				uploads = append(uploads, w.File(t, name, "%PDF-1.7\n"+name))
			}
			r := w.Submit(t, func(s *antrag.Submission) { s.Slug, s.Answers, s.Files = slug, answers, uploads })
			w.Read(t, func(tx *storage.Tx) error {
				a, err := antrag.Get(tx, r.AntragID)
				if err == nil && (a.Applicant.Display() == "" || !a.Applicant.HasAddress() || a.Vorgang.Betreff == "") {
					t.Errorf("applicant %+v, subject %q", a.Applicant, a.Vorgang.Betreff)
				}
				return err
			})
		})
	}
}

// uploadNames are the files that invented answers name.
func uploadNames(v any) []string {
	var out []string
	switch x := v.(type) {
	case map[string]any:
		for _, e := range x {
			out = append(out, uploadNames(e)...)
		}
	case []any:
		for _, e := range x {
			out = append(out, uploadNames(e)...)
		}
	case string:
		if strings.HasPrefix(x, "nachweis-") {
			out = append(out, x)
		}
	}
	return out
}
