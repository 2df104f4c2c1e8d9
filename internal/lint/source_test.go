package lint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the repository, seen from this package.
const root = "../.."

// source is one parsed Go file.
type source struct {
	path string // "internal/web/mux.go"
	pkg  string // folder: "internal/web"
	test bool   // a _test.go file, or a package for tests (storagetest, htmlcheck)
	file *ast.File
}

type tree struct {
	fset    *token.FileSet
	sources []source
}

// parsed reads every Go file of the module once for all tests of this package.
var parsed = sync.OnceValues(func() (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	err := walkFiles(".go", func(name string) error {
		f, err := parser.ParseFile(t.fset, filepath.Join(root, filepath.FromSlash(name)), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		t.sources = append(t.sources, source{path: name, pkg: pkg, file: f, test: strings.HasSuffix(name, "_test.go") || isTestPackage(pkg)})
		return nil
	})
	return t, err
})

func load(t *testing.T) *tree {
	t.Helper()
	tr, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.sources) < 20 {
		t.Fatalf("only %d Go files found: the walk is broken", len(tr.sources))
	}
	return tr
}

// isTestPackage: packages that only tests import.
func isTestPackage(pkg string) bool {
	base := path.Base(pkg)
	return strings.HasSuffix(base, "test") && base != "test" || base == "htmlcheck" || base == "lint"
}

// walkFiles visits files by ending, in folders that hold our own code.
func walkFiles(ending string, visit func(name string) error) error {
	for _, dir := range []string{"cmd", "internal", "tools"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ending) {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(rel)
			if strings.HasPrefix(name, "internal/web/ui/assets/") {
				return nil
			}
			return visit(name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (t *tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	rel, err := filepath.Rel(root, p.Filename)
	if err != nil {
		rel = p.Filename
	}
	return filepath.ToSlash(rel) + ":" + itoa(p.Line)
}
