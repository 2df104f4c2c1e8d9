package lint_test

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"strings"
	"testing"
)

const migrationDir = "internal/storage/migrations/"

// migration is one file.
type migration struct {
	name   string // path below migrationDir
	base   string
	text   string
	number string
}

func migrationFiles(t *testing.T) []migration {
	t.Helper()
	var out []migration
	err := walkFiles(".sql", func(name string) error {
		if !strings.HasPrefix(name, migrationDir) {
			t.Errorf("%s: SQL files belong to %s", name, migrationDir)
			return nil
		}
		m := migration{name: strings.TrimPrefix(name, migrationDir), base: path.Base(name), text: read(t, name)}
		m.number, _, _ = strings.Cut(m.base, "_")
		out = append(out, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 3 {
		t.Fatalf("only %d migrations found: the walk is broken", len(out))
	}
	return out
}

// oneEngine: the file is read on one engine only and may use its dialect.
func (m migration) oneEngine() bool {
	return strings.HasSuffix(m.base, ".sqlite.sql") || strings.HasSuffix(m.base, ".postgres.sql")
}

var migrationName = regexp.MustCompile(`^\d{5}_[a-z0-9_]+(\.sqlite|\.postgres)?\.sql$`)

func TestMigrationNames(t *testing.T) {
	t.Parallel()
	used := map[string]string{}
	for _, m := range migrationFiles(t) {
		if !migrationName.MatchString(m.base) {
			t.Errorf("%s: name must be NNNNN_name.sql", m.name)
		}
		if m.oneEngine() && m.number > "00009" {
			t.Errorf("%s: only the platform (00001 to 00009) may see the dialect", m.name)
		}
		kinds := []string{path.Dir(m.name)}
		if kinds[0] == "platform" {
			kinds = []string{"town", "central"}
		}
		engines := []string{"sqlite", "postgres"}
		for _, e := range engines {
			if m.oneEngine() && !strings.HasSuffix(m.base, "."+e+".sql") {
				continue
			}
			for _, k := range kinds {
				key := k + " " + e + " " + m.number
				if other := used[key]; other != "" {
					t.Errorf("%s and %s have the same number", m.name, other)
				}
				used[key] = m.name
			}
		}
	}
}

// TestMigrationsGoForward: allowed are new tables, indexes and columns and copying data. A released
// column never changes its type or meaning: plans cached by running servers would break.
func TestMigrationsGoForward(t *testing.T) {
	t.Parallel()
	begins := regexp.MustCompile(`^(create table|create (unique )?index|alter table \w+ add column|insert into|update)\b`)
	for _, m := range migrationFiles(t) {
		if !strings.HasPrefix(m.text, "-- +goose Up\n") {
			t.Errorf("%s: must begin with \"-- +goose Up\"", m.name)
		}
		if strings.Contains(m.text, "+goose Down") {
			t.Errorf("%s: migrations only go forward", m.name)
		}
		if m.oneEngine() {
			continue
		}
		for _, s := range split(m.text) {
			if !begins.MatchString(s) {
				t.Errorf("%s: not allowed: %.60s", m.name, s)
			}
			if add := regexp.MustCompile(`^alter table \w+ add column \w+ \w+ (.*)`).FindStringSubmatch(s); add != nil {
				if strings.Contains(add[1], "not null") && !strings.Contains(add[1], "default") {
					t.Errorf("%s: a new column is nullable or has a constant default: %.60s", m.name, s)
				}
			}
		}
	}
}

var sqlComment = regexp.MustCompile(`(?m)--.*$`)

// split returns the statements without comments, in single blanks.
func split(text string) []string {
	var out []string
	for s := range strings.SplitSeq(sqlComment.ReplaceAllString(text, ""), ";") {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// TestMigrationTypes: text and bigint are what both engines treat alike.
func TestMigrationTypes(t *testing.T) {
	t.Parallel()
	column := regexp.MustCompile(`(?m)^\s+([a-z_0-9]+) ([a-z]+)`)
	forbidden := map[string]string{
		`\bon delete\b`:     "nothing is deleted but by a documented act",
		`\bdeferrable\b`:    "a constraint checked at COMMIT takes the whole batch with it",
		`\btrigger\b`:       "rules stand in Go",
		`\bautoincrement\b`: "ids come from tx.NewID",
		`\bgenerated\b`:     "values are made in Go",
		`\b(CREATE|TABLE|NOT NULL|PRIMARY KEY|INDEX|TEXT|BIGINT)\b`: "keywords in lower case",
	}
	for _, m := range migrationFiles(t) {
		if m.oneEngine() {
			continue
		}
		text := sqlComment.ReplaceAllString(m.text, "")
		for pattern, why := range forbidden {
			if found := regexp.MustCompile(pattern).FindString(text); found != "" {
				t.Errorf("%s: %q: %s", m.name, found, why)
			}
		}
		for _, s := range split(text) {
			if !strings.HasPrefix(s, "create table") {
				continue
			}
			_, body, _ := strings.Cut(s, "(")
			for _, c := range column.FindAllStringSubmatch("\n"+strings.ReplaceAll(withoutNested(body), ",", "\n "), -1) {
				switch c[1] {
				case "primary", "unique", "foreign", "constraint", "check":
				default:
					if c[2] != "text" && c[2] != "bigint" {
						t.Errorf("%s: column %s is %s; text and bigint only", m.name, c[1], c[2])
					}
				}
			}
		}
	}
}

// withoutNested drops what stands in inner parentheses, and adds the blank a column begins with.
func withoutNested(body string) string {
	var b strings.Builder
	b.WriteByte(' ')
	depth := 0
	for _, r := range body {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// TestReleasedMigrationsStay: a released file never changes. testdata/released.txt lists "SHA-256 name";
// a release adds its files.
func TestReleasedMigrationsStay(t *testing.T) {
	t.Parallel()
	now := map[string]string{}
	for _, m := range migrationFiles(t) {
		sum := sha256.Sum256([]byte(m.text))
		now[m.name] = hex.EncodeToString(sum[:])
	}
	for line := range strings.Lines(read(t, "internal/lint/testdata/released.txt")) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if now[name] != sum {
			t.Errorf("%s was released and has changed or is gone: write a new migration", name)
		}
	}
}
