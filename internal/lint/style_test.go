package lint_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Names that say nothing about what is inside.
func bannedNames() []string {
	return []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "misc", "shared", "base", "lib", "core"}
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).sources {
		for _, part := range append(strings.Split(s.pkg, "/"), s.file.Name.Name) {
			if slices.Contains(bannedNames(), part) {
				t.Errorf("%s: a package named %q says nothing about what it is for", s.path, part)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	t.Parallel()
	tr := load(t)
	eachFunc(tr, func(s source, f *ast.FuncDecl) {
		if f.Name.Name == "init" && f.Recv == nil {
			t.Errorf("%s: no init(): hand values in where they are needed", tr.at(f.Pos()))
		}
	})
}

const (
	maxFunction = 100
	maxFile     = 800
)

func TestLength(t *testing.T) {
	t.Parallel()
	tr := load(t)
	eachFunc(tr, func(s source, f *ast.FuncDecl) {
		lines := tr.fset.Position(f.End()).Line - tr.fset.Position(f.Pos()).Line + 1
		// A table of routes or commands is one thing however long it gets.
		if lines > maxFunction && f.Name.Name != "Section" && f.Name.Name != "commands" {
			t.Errorf("%s: %s has %d lines, the limit is %d", tr.at(f.Pos()), f.Name.Name, lines, maxFunction)
		}
	})
	for _, s := range tr.sources {
		if lines := tr.fset.Position(s.file.FileEnd).Line; lines > maxFile {
			t.Errorf("%s: %d lines, the limit is %d; split by noun", s.path, lines, maxFile)
		}
	}
}

// Time comes from clock.Clock, so that tests and the demo can bring their own.
func TestTimeComesFromClock(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.sources {
		if s.test || s.pkg == "internal/clock" || strings.HasPrefix(s.pkg, "tools/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isName(sel.X, "time") && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s: take it from clock.Clock or tx.Now()", tr.at(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

// Package-level values are constants, error sentinels and tables nobody writes to.
func TestNoPackageState(t *testing.T) {
	t.Parallel()
	tr := load(t)
	vars := map[string]map[string]bool{} // package → names
	for _, s := range tr.sources {
		if s.test {
			continue
		}
		for _, spec := range packageVars(s.file) {
			for i, name := range spec.Names {
				if vars[s.pkg] == nil {
					vars[s.pkg] = map[string]bool{}
				}
				vars[s.pkg][name.Name] = true
				if reason := stateful(spec, i, name); reason != "" {
					t.Errorf("%s: %s: %s", tr.at(name.Pos()), name.Name, reason)
				}
			}
		}
	}
	for _, s := range tr.sources {
		if s.test {
			continue
		}
		for _, w := range writes(s.file) {
			if vars[s.pkg][w.Name] && w.Name != "_" && !isLocal(s.file, w) {
				t.Errorf("%s: the package-level variable %s is written to", tr.at(w.Pos()), w.Name)
			}
		}
	}
}

func packageVars(f *ast.File) []*ast.ValueSpec {
	var out []*ast.ValueSpec
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			embed := g.Doc != nil && strings.Contains(g.Doc.Text()+comments(g.Doc), "//go:embed")
			for _, spec := range g.Specs {
				if !embed {
					out = append(out, spec.(*ast.ValueSpec))
				}
			}
		}
	}
	return out
}

// comments gives the raw lines; Text leaves directives out.
func comments(g *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range g.List {
		b.WriteString(c.Text + "\n")
	}
	return b.String()
}

// stateful says why a package-level variable may hold state, or "".
func stateful(spec *ast.ValueSpec, i int, name *ast.Ident) string {
	if name.Name == "_" {
		return ""
	}
	if len(spec.Values) <= i {
		return "declared without a value, so something writes to it later"
	}
	if call, ok := spec.Values[i].(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (isName(sel.X, "errors") || isName(sel.X, "fmt") && sel.Sel.Name == "Errorf") {
			return ""
		}
	}
	if name.IsExported() {
		return "an exported variable can be written to by anybody; make it a function or an error sentinel"
	}
	if lit, ok := unref(spec.Values[i]).(*ast.CompositeLit); ok {
		if sel, ok := lit.Type.(*ast.SelectorExpr); ok && (isName(sel.X, "sync") || isName(sel.X, "atomic")) {
			return "locks and counters belong into a value"
		}
	}
	return ""
}

func unref(e ast.Expr) ast.Expr {
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND {
		return u.X
	}
	return e
}

// writes finds the names at the root of everything assigned to, counted up, deleted from or pointed at.
func writes(f *ast.File) []*ast.Ident {
	var out []*ast.Ident
	add := func(e ast.Expr) {
		if id := rootName(e); id != nil {
			out = append(out, id)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, l := range n.Lhs {
					add(l)
				}
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
				add(n.Args[0])
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if id, ok := n.X.(*ast.Ident); ok { // &table[i] is how large tables are read
					add(id)
				}
			}
		}
		return true
	})
	return out
}

func rootName(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// isLocal: the parser resolved the name to something other than a declaration of this file's package level.
// Without an object the name is declared in another file of the package.
func isLocal(f *ast.File, id *ast.Ident) bool {
	return id.Obj != nil && id.Obj != f.Scope.Lookup(id.Name)
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func eachFunc(tr *tree, visit func(source, *ast.FuncDecl)) {
	for _, s := range tr.sources {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				visit(s, f)
			}
		}
	}
}
