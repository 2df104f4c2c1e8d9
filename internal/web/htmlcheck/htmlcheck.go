// Package htmlcheck asks HTML questions by CSS selector, so that tests say what a page must show and not how it is
// written.
package htmlcheck

import (
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Doc is a parsed page.
type Doc struct {
	t    testing.TB
	root *html.Node
}

// Parse reads a page; the test ends when that fails.
func Parse(t testing.TB, r io.Reader) *Doc {
	t.Helper()
	root, err := html.Parse(r)
	if err != nil {
		t.Fatalf("parse HTML: %v", err)
	}
	return &Doc{t: t, root: root}
}

// All returns the text of each element that matches the selector, white space folded.
func (d *Doc) All(selector string) []string {
	d.t.Helper()
	nodes := d.nodes(selector)
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = text(n)
	}
	return out
}

// Text returns the text of the only element that matches; none or several end the test.
func (d *Doc) Text(selector string) string {
	d.t.Helper()
	return text(d.one(selector))
}

// Attr returns an attribute of the only element that matches; "" when it has none.
func (d *Doc) Attr(selector, name string) string {
	d.t.Helper()
	return attr(d.one(selector), name)
}

// Attrs returns an attribute of every element that matches.
func (d *Doc) Attrs(selector, name string) []string {
	d.t.Helper()
	nodes := d.nodes(selector)
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = attr(n, name)
	}
	return out
}

// Has reports whether an element matches.
func (d *Doc) Has(selector string) bool {
	d.t.Helper()
	return len(d.nodes(selector)) > 0
}

// Want reports an error unless exactly one element matches and its text contains want.
func (d *Doc) Want(selector, want string) {
	d.t.Helper()
	nodes := d.nodes(selector)
	if len(nodes) != 1 {
		d.t.Errorf("%s: %d elements, want one with %q", selector, len(nodes), want)
		return
	}
	if got := text(nodes[0]); !strings.Contains(got, want) {
		d.t.Errorf("%s: text %q, want %q in it", selector, got, want)
	}
}

// WantNone reports an error when an element matches.
func (d *Doc) WantNone(selector string) {
	d.t.Helper()
	if nodes := d.nodes(selector); len(nodes) > 0 {
		d.t.Errorf("%s: %d elements, want none; the first says %q", selector, len(nodes), text(nodes[0]))
	}
}

// WantCount reports an error unless n elements match.
func (d *Doc) WantCount(selector string, n int) {
	d.t.Helper()
	if got := len(d.nodes(selector)); got != n {
		d.t.Errorf("%s: %d elements, want %d", selector, got, n)
	}
}

func (d *Doc) one(selector string) *html.Node {
	d.t.Helper()
	nodes := d.nodes(selector)
	if len(nodes) != 1 {
		d.t.Fatalf("%s: %d elements, want one", selector, len(nodes))
	}
	return nodes[0]
}

func (d *Doc) nodes(selector string) []*html.Node {
	d.t.Helper()
	s, err := cascadia.Parse(selector)
	if err != nil {
		d.t.Fatalf("selector %q: %v", selector, err)
	}
	return cascadia.QueryAll(d.root, s)
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00ad", "")), " ")
}
