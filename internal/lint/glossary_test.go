package lint_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// term is a row of docs/glossar.md.
type term struct {
	name, gloss, source string
	packages            []string
}

var glossaryRow = regexp.MustCompile(`^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)

func glossary(t *testing.T) map[string]term {
	t.Helper()
	terms := map[string]term{}
	last := ""
	for i, line := range strings.Split(read(t, "docs/glossar.md"), "\n") {
		m := glossaryRow.FindStringSubmatch(line)
		if m == nil || m[1] == "Term" {
			continue
		}
		row := term{name: m[1], gloss: m[2], source: m[3]}
		if m[4] != "–" {
			row.packages = strings.Split(m[4], ", ")
		}
		if row.name <= last {
			t.Errorf("docs/glossar.md:%d: %s stands after %s; keep the alphabet", i+1, row.name, last)
		}
		last = row.name
		terms[row.name] = row
	}
	if len(terms) < 30 {
		t.Fatalf("only %d rows found: the table has changed its form", len(terms))
	}
	return terms
}

// The words DESIGN fixes; their German form is the only one.
func fixedTerms() []string {
	return []string{"Akte", "Vorgang", "Dokument", "Aktenplan", "Aktenzeichen", "Antrag", "Leistung", "Nachweis", "Bescheid", "Frist",
		"Wiedervorlage", "Mitzeichnung", "Aussonderung", "Meldung", "Mandant", "Handlungsfeld", "Massnahme", "Kennzahl", "Baustein", "Konvoi"}
}

// Translated twins of fixed terms: two words for one notion.
func twins() map[string]string {
	return map[string]string{"Case": "Vorgang", "Tenant": "Mandant", "Application": "Antrag", "Measure": "Massnahme", "Indicator": "Kennzahl",
		"Deadline": "Frist", "Resubmission": "Wiedervorlage", "Certificate": "Nachweis", "Report": "Meldung", "Citizen": "Buerger", "Employee": "Mitarbeiter"}
}

// typeDecl is an exported type of a business package.
type typeDecl struct {
	pkg, name, doc, place string
}

func businessTypes(tr *tree) []typeDecl {
	var out []typeDecl
	for _, s := range tr.sources {
		if s.test || !slices.Contains(business(), short(s.pkg)) {
			continue
		}
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				ts := spec.(*ast.TypeSpec)
				if !ts.Name.IsExported() {
					continue
				}
				doc := ts.Doc.Text()
				if doc == "" {
					doc = g.Doc.Text()
				}
				out = append(out, typeDecl{short(s.pkg), ts.Name.Name, strings.Join(strings.Fields(doc), " "), tr.at(ts.Pos())})
			}
		}
	}
	return out
}

func TestGlossary(t *testing.T) {
	t.Parallel()
	terms := glossary(t)
	for _, name := range fixedTerms() {
		if _, ok := terms[name]; !ok {
			t.Errorf("docs/glossar.md lacks %s", name)
		}
	}
	found := map[string]bool{}
	for _, d := range businessTypes(load(t)) {
		found[d.pkg+"."+d.name] = true
		if row, ok := terms[d.name]; ok && slices.Contains(row.packages, d.pkg) {
			if head := d.doc[:min(len(d.doc), 160)]; !strings.HasPrefix(head, d.name+" ") || !containsAny(head, strings.Split(row.gloss, "; ")) {
				t.Errorf("%s: the doc comment of %s must open with its gloss %q, it says %q", d.place, d.name, row.gloss, head)
			}
			continue
		}
		for _, word := range words(d.name) {
			if twin, ok := twins()[word]; ok {
				t.Errorf("%s: %s: the word for this is %s", d.place, d.name, twin)
			} else if _, ok := terms[word]; !ok && !slices.Contains(english(), word) {
				t.Errorf("%s: %s.%s: %s is no known English word; a German noun belongs into docs/glossar.md", d.place, d.pkg, d.name, word)
			} else if ok && word == d.name {
				t.Errorf("%s: docs/glossar.md does not name package %s for %s", d.place, d.pkg, d.name)
			}
		}
	}
	for _, row := range terms {
		for _, pkg := range row.packages {
			if slices.Contains(business(), pkg) && !found[pkg+"."+row.name] {
				t.Errorf("docs/glossar.md: there is no type %s.%s", pkg, row.name)
			}
		}
	}
}

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
}

// words splits a name at its capitals; a run of capitals is one word.
func words(name string) []string {
	var out []string
	start := 0
	runes := []rune(name)
	for i := 1; i < len(runes); i++ {
		upper, before := unicode.IsUpper(runes[i]), unicode.IsUpper(runes[i-1])
		last := i+1 == len(runes) || unicode.IsUpper(runes[i+1])
		if upper && (!before || !last) {
			out = append(out, string(runes[start:i]))
			start = i
		}
	}
	return append(out, string(runes[start:]))
}

// english lists the words exported types may be made of. A new one is added after asking: is it not a notion of the
// administration, whose German word belongs into the glossary?
func english() []string {
	return strings.Fields(`
		API Act Answers Applicant Ask Bank Bounds Check Codelist Cost Costs Counter Court Credentials Cursor Definition Edit Element Entry Error Fact
		Field File Filing Filter Finder Form Forms Freetext Gate Hasher Inbox Issue Item Key Kind List Load New Occurs Office Option Origin Overview
		PDF Page Password Person Plan Prepared Privacy Problem Proof Question Receipt Register Result Right Roles Row Rule Rules Section Session Signatory
		Source State Status Stored Step Submission Substitute Switches Task Text Textblock Theme Throttle Throttled Trust Try Upload Value Verified
		Version View Way`)
}
