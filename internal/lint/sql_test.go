package lint_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statement is one SQL text of the program.
type statement struct {
	pkg  string
	in   string // "internal/akte.Inbox": the function it stands in
	at   string
	text string   // literals joined; other parts appear as hole
	hole []string // what stands between the literals, unless it is a constant
}

// hole stands for a part that is no literal.
const hole = "§"

var beginsSQL = regexp.MustCompile(`(?i)^\s*(select|insert\s+into|insert\s+or|update|delete\s+from|with|create|alter|drop)\s`)

// statements finds the SQL texts outside tests: string literals, joined by +, that begin like a statement.
func statements(tr *tree) []statement {
	consts := constants(tr)
	var out []statement
	for _, s := range tr.sources {
		if s.test {
			continue
		}
		done := map[ast.Node]bool{}
		in := ""
		ast.Inspect(s.file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok {
				in = s.pkg + "." + f.Name.Name
			}
			e, ok := n.(ast.Expr)
			if !ok || done[n] {
				return true
			}
			parts := flatten(e, done)
			if parts == nil {
				return true
			}
			st := statement{pkg: s.pkg, in: in, at: tr.at(e.Pos())}
			for _, p := range parts {
				if lit, ok := p.(*ast.BasicLit); ok {
					text, err := strconv.Unquote(lit.Value)
					if err != nil {
						continue
					}
					st.text += text
					continue
				}
				st.text += hole
				if id, ok := p.(*ast.Ident); !ok || !consts[s.pkg+"."+id.Name] {
					st.hole = append(st.hole, tr.at(p.Pos()))
				}
			}
			if beginsSQL.MatchString(st.text) && looksLikeSQL(st.text) {
				out = append(out, st)
			}
			return true
		})
	}
	return out
}

// looksLikeSQL keeps prose that begins with "select" or "update" out.
func looksLikeSQL(text string) bool {
	l := strings.ToLower(text)
	for _, word := range []string{" from ", " into ", " set ", " table ", " index ", " values", " where ", "\nfrom ", "\nset ", "\nwhere ", "\tfrom ", "select "} {
		if strings.Contains(l, word) {
			return true
		}
	}
	return false
}

// flatten returns the parts of a string literal or of literals joined by +; nil for anything else.
func flatten(e ast.Expr, done map[ast.Node]bool) []ast.Expr {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			done[e] = true
			return []ast.Expr{e}
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return nil
		}
		left, right := flatten(e.X, done), flatten(e.Y, done)
		if left == nil && right == nil {
			return nil
		}
		done[e] = true
		if left == nil {
			left = []ast.Expr{e.X}
		}
		if right == nil {
			right = []ast.Expr{e.Y}
		}
		return append(left, right...)
	}
	return nil
}

// constants names all constants as package.name; local ones too, which is close enough.
func constants(tr *tree) map[string]bool {
	out := map[string]bool{}
	for _, s := range tr.sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				return true
			}
			for _, spec := range d.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					out[s.pkg+"."+name.Name] = true
				}
			}
			return true
		})
	}
	return out
}

// seesDialect: packages that may write for one engine.
func seesDialect(pkg string) bool {
	return slices.Contains([]string{"internal/storage", "internal/storage/backup", "internal/job", "internal/search"}, pkg)
}

// notPortable maps what module SQL must not contain to what to write instead.
func notPortable() map[string]string {
	return map[string]string{
		`\b(lower|upper)\s*\(`:              "fold in Go: storage.Fold into a _folded column",
		`\bi?like\b.*\bescape\b`:            "escape in Go before folding",
		`\bilike\b`:                         "like on a _folded column",
		`->`:                                "JSON is decoded in Go",
		`\bjsonb?_\w+\s*\(`:                 "JSON is decoded in Go",
		`::`:                                "no casts; cast(x as bigint) where needed",
		`\bnow\s*\(`:                        "storage.Millis(tx.Now())",
		`\bcurrent_(timestamp|date|time)\b`: "storage.Millis(tx.Now())",
		`\b(strftime|datetime|date_trunc|to_char|extract)\s*\(`:        "compute in Go",
		`\bfor (update|share)\b`:                                       "one writer per town: read, then write",
		`select\s+(distinct\s+)?(\w+\.)?\*`:                            "name the columns",
		`returning\s+\*`:                                               "name the columns",
		`\b(random|ifnull|iif|group_concat|string_agg|array_agg)\s*\(`: "exists on one engine only",
		`\bglob\b`:         "exists on one engine only",
		`\binsert or\b`:    "on conflict",
		`\boffset\b`:       "keyset: where (sort, id) < ($1, $2)",
		`\?`:               "$1 … $n",
		`\b(true|false)\b`: "flags are bigint 0 and 1",
		`\browid\b`:        "exists on one engine only",
		`\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|VALUES|ORDER BY|LIMIT|AND|JOIN)\b`: "keywords in lower case",
	}
}

func TestSQLIsPortable(t *testing.T) {
	t.Parallel()
	list := statements(load(t))
	if len(list) < 20 {
		t.Fatalf("only %d statements found: the search is broken", len(list))
	}
	type rule struct {
		re      *regexp.Regexp
		instead string
	}
	var rules []rule
	for pattern, instead := range notPortable() {
		rules = append(rules, rule{regexp.MustCompile(pattern), instead})
	}
	for _, st := range list {
		if seesDialect(st.pkg) {
			continue
		}
		text := withoutLiterals(st.text)
		for _, r := range rules {
			if found := r.re.FindString(text); found != "" {
				t.Errorf("%s: %q in SQL: %s", st.at, found, r.instead)
			}
		}
		checkOrder(t, st)
		checkLike(t, st)
	}
}

var sqlLiteral = regexp.MustCompile(`'[^']*'`)

// withoutLiterals empties 'text' inside SQL.
func withoutLiterals(text string) string { return sqlLiteral.ReplaceAllString(text, "''") }

var hasLimit = regexp.MustCompile(`\blimit\b`)

// checkOrder: rows cut off without an order are different rows on each engine.
func checkOrder(t *testing.T, st statement) {
	t.Helper()
	if len(st.hole) > 0 {
		return // the order may stand in a part; composed() says where from
	}
	if hasLimit.MatchString(st.text) && !strings.Contains(st.text, "order by") {
		t.Errorf("%s: limit without order by", st.at)
	}
}

var likeOperand = regexp.MustCompile(`([\w.]+)\s+(not\s+)?like\b`)

// checkLike: like tells upper from lower case on one engine only, so it needs folded text.
func checkLike(t *testing.T, st statement) {
	t.Helper()
	for _, m := range likeOperand.FindAllStringSubmatch(withoutLiterals(st.text), -1) {
		if !strings.HasSuffix(m[1], "_folded") {
			t.Errorf("%s: like on %s: needs a _folded column", st.at, m[1])
		}
	}
}

// composed names the functions, or whole packages, that put a statement together from more than constants,
// and where the parts come from.
func composed() map[string]string {
	return map[string]string{
		"internal/blob":           "names of columns read from the schema itself",
		"internal/storage":        "identifiers checked against a pattern and quoted",
		"internal/storage/backup": "names of tables read from the schema itself",
		"internal/search":         "its dialects",

		"internal/akte.Akten":  "placeholders by number",
		"internal/akte.places": "conditions of constant text, placeholders by number",
		"internal/akte.count":  "conditions of constant text, placeholders by number",
		"internal/akte.change": "assignments of constant text given by callers in the package",
		"internal/antrag.load": "column given as constant text by callers in the package",
	}
}

// TestSQLIsConstant: a statement consists of literals and constants; values are parameters. The role a
// town works under stops a forgotten scope, not an injected statement.
func TestSQLIsConstant(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, st := range statements(load(t)) {
		for _, at := range st.hole {
			used[st.pkg], used[st.in] = true, true
			if composed()[st.pkg] == "" && composed()[st.in] == "" {
				t.Errorf("%s: SQL in %s is put together from something that is no constant", at, st.in)
			}
		}
	}
	for name := range composed() {
		if !used[name] && strings.Contains(name, ".") {
			t.Errorf("composed() names %s, which puts no statement together", name)
		}
	}
}

// TestRulesBite: each of these statements is refused.
func TestRulesBite(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`select lower(name) from x`, `select * from x`, `select a.* from x a`, `select data->>'a' from x`, `select a::text from x`,
		`select a from x where at < now()`, `select a from x for update`, `select a from x where b = ?`, `select a from x where b = true`,
		`insert or replace into x (a) values (1)`, `SELECT a from x`, `select a from x order by a limit 2 offset 4`, `select a from x where b ilike $1`,
	} {
		hit := false
		for pattern := range notPortable() {
			hit = hit || regexp.MustCompile(pattern).MatchString(withoutLiterals(bad))
		}
		if !hit {
			t.Errorf("passes: %s", bad)
		}
	}
	for _, good := range []string{
		`select name_folded from x where name_folded like $1 and note <> 'now() * ?' order by name_folded, id limit 26`,
		`select count(*) from x`, `insert into x (a) values ($1) on conflict (a) do update set a = excluded.a`,
	} {
		for pattern := range notPortable() {
			if found := regexp.MustCompile(pattern).FindString(withoutLiterals(good)); found != "" {
				t.Errorf("%q refused in: %s", found, good)
			}
		}
	}
}
