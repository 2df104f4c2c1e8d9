package lint_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// transactions finds function literals given to a Write or Read and calls visit with the name of their Tx.
func transactions(tr *tree, visit func(s source, method string, lit *ast.FuncLit, tx string)) int {
	count := 0
	for _, s := range tr.sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Write", "Read"}, sel.Sel.Name) {
				return true
			}
			for _, arg := range call.Args {
				if lit, ok := arg.(*ast.FuncLit); ok {
					if tx, ok := txParam(lit.Type); ok {
						count++
						visit(s, sel.Sel.Name, lit, tx)
					}
				}
			}
			return true
		})
	}
	return count
}

// txParam returns the name of the parameter of type *storage.Tx.
func txParam(f *ast.FuncType) (string, bool) {
	for _, p := range f.Params.List {
		star, ok := p.Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		named := false
		switch x := star.X.(type) {
		case *ast.SelectorExpr:
			named = x.Sel.Name == "Tx" && isName(x.X, "storage")
		case *ast.Ident:
			named = x.Name == "Tx"
		}
		if named {
			if len(p.Names) == 0 {
				return "_", true
			}
			return p.Names[0].Name, true
		}
	}
	return "", false
}

// TestTransactionsUseTheirContext: the outer context inside a transaction's function would let a Write
// wait for itself, and lets a cancelled request break a batch that is not its own.
func TestTransactionsUseTheirContext(t *testing.T) {
	t.Parallel()
	tr := load(t)
	count := transactions(tr, func(s source, method string, lit *ast.FuncLit, tx string) {
		if s.test && strings.HasPrefix(s.pkg, "internal/storage") {
			return // tests of exactly this
		}
		own := declared(lit)
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "ctx" && !own["ctx"] {
					t.Errorf("%s: outer ctx inside a %s: use %s.Context()", tr.at(n.Pos()), method, tx)
				}
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if ok && sel.Sel.Name == "Context" && len(n.Args) == 0 && !isName(sel.X, tx) && !s.test {
					t.Errorf("%s: another context inside a %s: use %s.Context()", tr.at(n.Pos()), method, tx)
				}
			}
			return true
		})
	})
	if count < 5 {
		t.Fatalf("only %d transactions found: the search is broken", count)
	}
}

// declared lists the names the function declares itself.
func declared(lit *ast.FuncLit) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(lit, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok.String() == ":=" {
				for _, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						out[id.Name] = true
					}
				}
			}
		case *ast.FuncLit:
			for _, p := range n.Type.Params.List {
				for _, name := range p.Names {
					out[name.Name] = true
				}
			}
		}
		return true
	})
	return out
}

// TestTransactionsDoNotNest: a Write or Read inside another one is refused at run time; better never write it.
func TestTransactionsDoNotNest(t *testing.T) {
	t.Parallel()
	tr := load(t)
	transactions(tr, func(s source, method string, lit *ast.FuncLit, _ string) {
		if s.test {
			return
		}
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Write", "Read"}, sel.Sel.Name) {
				return true
			}
			for _, arg := range call.Args {
				if inner, ok := arg.(*ast.FuncLit); ok {
					if _, ok := txParam(inner.Type); ok {
						t.Errorf("%s: %s inside a %s", tr.at(call.Pos()), sel.Sel.Name, method)
					}
				}
			}
			return true
		})
	})
}

// TestModulesDoNotBegin: module functions take a *storage.Tx; only web, jobs and commands begin one.
func TestModulesDoNotBegin(t *testing.T) {
	t.Parallel()
	tr := load(t)
	allowed := map[string]string{
		"internal/mandant/add.go": "bringing a town into service spans two stores, step by step; called by commands only",
	}
	for _, s := range tr.sources {
		if s.test || allowed[s.path] != "" || !slices.Contains(business(), short(s.pkg)) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isName(sel.X, "storage") && sel.Sel.Name == "DB" {
				t.Errorf("%s: storage.DB in a module: take *storage.Tx", tr.at(sel.Pos()))
			}
			return true
		})
	}
}

// TestTxIsFirst: a function that takes a transaction takes it first, and no context beside it.
func TestTxIsFirst(t *testing.T) {
	t.Parallel()
	tr := load(t)
	eachFunc(tr, func(s source, f *ast.FuncDecl) {
		if s.test || !strings.HasPrefix(s.pkg, "internal/") {
			return
		}
		if _, ok := txParam(f.Type); !ok {
			return
		}
		first, ok := txParam(&ast.FuncType{Params: &ast.FieldList{List: f.Type.Params.List[:1]}})
		if !ok || first == "" {
			t.Errorf("%s: %s: the transaction is the first parameter, its context is tx.Context()", tr.at(f.Pos()), f.Name.Name)
		}
	})
}
