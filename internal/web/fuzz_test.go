package web_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"rathaus/internal/web"
)

// FuzzIsLocal: whatever is called local resolves to our own host, also as browsers do it, which read \ as /.
func FuzzIsLocal(f *testing.F) {
	for _, s := range []string{"/amt", "//boese.example", `/\boese.example`, "/a?b=//c", "https://x", "/%2f%2fboese", "/\t/boese"} {
		f.Add(s)
	}
	base, err := url.Parse("https://rathaus.example/vorgang")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !web.IsLocal(path) {
			return
		}
		for _, seen := range []string{path, strings.ReplaceAll(path, `\`, "/")} {
			u, err := base.Parse(seen)
			if err != nil || u.Host != base.Host || u.Scheme != base.Scheme {
				t.Errorf("%q leads to %v", path, u)
			}
		}
	})
}

// FuzzClean: the result is what both databases accept, and cleaning again changes nothing.
func FuzzClean(f *testing.F) {
	f.Add("Ayla\x00 Demirci\xff\r\n\u0085")
	f.Fuzz(func(t *testing.T, s string) {
		got := web.Clean(s)
		if strings.ContainsFunc(got, func(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune("\t\r\n", c) }) || web.Clean(got) != got {
			t.Errorf("Clean(%q) = %q", s, got)
		}
	})
}
