package lint_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// What the content security policy forbids, and what would load from elsewhere.
var forbiddenMarkup = regexp.MustCompile(`(?i)<style\b|<script\b|\sstyle=|\son(click|load|change|submit|error|input|focus|key\w+|mouse\w+)=|javascript:|<link[^>]+href="(https?:)?//|<(img|iframe|source|object|embed)[^>]+(src|data)="(https?:)?//`)

func TestTemplatesHaveNoInlineStyleOrScript(t *testing.T) {
	t.Parallel()
	count := 0
	visit := func(name string) error {
		count++
		for i, line := range strings.Split(read(t, name), "\n") {
			if found := forbiddenMarkup.FindString(line); found != "" {
				t.Errorf("%s:%d: %q", name, i+1, found)
			}
		}
		return nil
	}
	if err := walkFiles(".html", visit); err != nil {
		t.Fatal(err)
	}
	if count < 3 {
		t.Fatalf("only %d templates found: the walk is broken", count)
	}
	for _, s := range load(t).sources {
		if !s.test && (strings.HasPrefix(s.pkg, "internal/web") || s.pkg == "internal/htmlform") {
			for i, line := range strings.Split(read(t, s.path), "\n") {
				if found := forbiddenMarkup.FindString(line); found != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
					t.Errorf("%s:%d: %q", s.path, i+1, found)
				}
			}
		}
	}
}

var foreignAddress = regexp.MustCompile(`(?i)url\(\s*["']?(https?:)?//|@import`)

func TestOwnStyleLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	err := walkFiles(".css", func(name string) error {
		for i, line := range strings.Split(read(t, name), "\n") {
			if found := foreignAddress.FindString(line); found != "" {
				t.Errorf("%s:%d: %q", name, i+1, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each package with templates has a test that type-checks and executes them.
func TestEveryTemplateIsChecked(t *testing.T) {
	t.Parallel()
	checked := map[string]bool{"internal/web/ui": true} // components are executed one by one in its own test
	for _, s := range load(t).sources {
		if strings.HasSuffix(s.path, "_test.go") && strings.Contains(read(t, s.path), "webtest.CheckSection(t, ") {
			checked[s.pkg] = true
		}
	}
	seen := map[string]bool{}
	err := walkFiles(".html", func(name string) error {
		if pkg := path.Dir(name); !checked[pkg] && !seen[pkg] && strings.HasPrefix(pkg, "internal/web") {
			seen[pkg] = true
			t.Errorf("%s has templates and no test that calls webtest.CheckSection", pkg)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
