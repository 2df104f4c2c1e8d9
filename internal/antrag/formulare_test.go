package antrag_test

import (
	"strings"
	"testing"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

// TestShippedForms sends the example of every shipped form and decides it: each makes a Vorgang with a subject, a
// person and an address, and a Bescheid whose template finds its values.
func TestShippedForms(t *testing.T) {
	t.Parallel()
	examples, err := formular.Examples()
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) < 8 {
		t.Fatalf("only %d shipped forms", len(examples))
	}
	w := antragtest.NewWithShippedForms(t)
	for slug, answers := range examples {
		t.Run(slug, func(t *testing.T) {
			var files []antrag.Datei
			for _, name := range namesIn(answers) {
				files = append(files, w.File(t, name, "%PDF-1.7\n"+name))
			}
			r := w.Submit(t, func(s *antrag.Submission) { s.Slug, s.Answers, s.Files = slug, answers, files })
			w.Read(t, func(tx *storage.Tx) error {
				a, err := antrag.Get(tx, r.AntragID)
				if err != nil {
					return err
				}
				if a.Applicant.Display() == "" || !a.Applicant.HasAddress() || a.Vorgang.Betreff == "" || strings.ContainsAny(a.Vorgang.Betreff, "{}") {
					t.Errorf("applicant %+v, subject %q", a.Applicant, a.Vorgang.Betreff)
				}
				docs, err := akte.Dokumente(tx, a.VorgangID, true)
				if len(docs) != 1+len(files) {
					t.Errorf("%d documents", len(docs))
				}
				return err
			})
			w.Must(t, w.Mayor, func(tx *storage.Tx) error {
				b, err := antrag.Decide(tx, r.AntragID, antrag.Bewilligt)
				if err != nil {
					return err
				}
				brief, err := antrag.Preview(tx, b.ID)
				if err != nil {
					return err
				}
				if text := brief.Text(); strings.Contains(text, "{ergänzen") {
					t.Errorf("gaps in the draft:\n%s", text)
				}
				if slug == "hundesteuer-anmelden" && (brief.Zahlung != nil || !strings.Contains(brief.Text(), "Wir buchen 16,00 € am 21. Dezember 2026")) {
					t.Errorf("a mandate was given:\n%s", brief.Text())
				}
				return nil
			})
		})
	}
}

// namesIn are all texts in the answers that look like file names.
func namesIn(v any) []string {
	var out []string
	switch x := v.(type) {
	case formular.Answers:
		return namesIn(map[string]any(x))
	case map[string]any:
		for _, e := range x {
			out = append(out, namesIn(e)...)
		}
	case []any:
		for _, e := range x {
			out = append(out, namesIn(e)...)
		}
	case string:
		if strings.HasSuffix(x, ".pdf") || strings.HasSuffix(x, ".jpg") || strings.HasSuffix(x, ".png") {
			out = append(out, x)
		}
	}
	return out
}
