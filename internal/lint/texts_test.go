package lint_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rathaus/internal/i18n"
)

var (
	keyLike     = regexp.MustCompile(`^([a-z_]+)\.([a-z0-9_]+)$`)
	templateKey = regexp.MustCompile(`\b(t|th|n) "([a-z_]+\.[a-z0-9_]+)"`)
)

// uses is where catalogue keys stand in the source: whole keys, and beginnings of keys put together at run time.
type uses struct {
	keys     map[string]string // key → place
	prefixes []string
}

func keyUses(t *testing.T, areas map[string]bool) uses {
	t.Helper()
	u := uses{keys: map[string]string{}}
	tr := load(t)
	for _, s := range tr.sources {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && spec.Type != nil && isName(spec.Type, "Right") {
				return false // rights are named like texts: "vorgang.read"
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			text := strings.Trim(lit.Value, "`\"")
			m := keyLike.FindStringSubmatch(text)
			switch {
			case m == nil || !areas[m[1]] || fileEnding(m[2]):
				if area, rest, ok := strings.Cut(text, "."); ok && areas[area] && rest == "" {
					u.prefixes = append(u.prefixes, text)
				}
			case strings.HasSuffix(text, "_"):
				u.prefixes = append(u.prefixes, text)
			default:
				u.keys[text] = tr.at(lit.Pos())
			}
			return true
		})
	}
	err := walkFiles(".html", func(name string) error {
		for i, line := range strings.Split(read(t, name), "\n") {
			for _, m := range templateKey.FindAllStringSubmatch(line, -1) {
				if strings.HasSuffix(m[2], "_") {
					u.prefixes = append(u.prefixes, m[2])
					continue
				}
				u.keys[m[2]] = name + ":" + itoa(i+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func fileEnding(s string) bool {
	return slices.Contains([]string{"html", "json", "css", "go", "sql", "md", "txt", "pdf", "xml"}, s)
}

func areasOf(c *i18n.Catalogue) map[string]bool {
	areas := map[string]bool{}
	for _, key := range c.Keys(i18n.De) {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	return areas
}

func TestTextsExist(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	u := keyUses(t, areasOf(c))
	for key, place := range u.keys {
		if !exists(c, key) {
			t.Errorf("%s: no German text for %s", place, key)
		}
	}
}

func exists(c *i18n.Catalogue, key string) bool {
	if _, _, ok := c.Lookup(i18n.De, key); ok {
		return true
	}
	_, _, one := c.Lookup(i18n.De, key+"_one")
	_, _, other := c.Lookup(i18n.De, key+"_other")
	return one && other
}

// A text nobody shows is said, not failed: it may belong to a page that is being written.
func TestUnusedTexts(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	u := keyUses(t, areasOf(c))
	for _, key := range c.Keys(i18n.De) {
		stem := strings.TrimSuffix(strings.TrimSuffix(key, "_one"), "_other")
		used := u.keys[key] != "" || u.keys[stem] != ""
		for _, p := range u.prefixes {
			used = used || strings.HasPrefix(key, p)
		}
		if !used {
			t.Logf("unused text: %s", key)
		}
	}
}
