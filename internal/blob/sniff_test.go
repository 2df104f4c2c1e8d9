package blob_test

import (
	"bytes"
	"io"
	"testing"

	"rathaus/internal/blob"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, content, want string
		ok                  bool
	}{
		{"a.pdf", "%PDF-1.7\n", "application/pdf", true},
		{"a.PDF", "%PDF-1.7\n", "application/pdf", true},
		{"foto.jpeg", "\xff\xd8\xff\xe0", "image/jpeg", true},
		{"foto.png", "\x89PNG\r\n\x1a\n", "image/png", true},
		{"notiz.txt", "Guten Tag", "text/plain", true},
		{"a.pdf", "MZ\x90\x00", "application/octet-stream", false},
		{"a.exe", "%PDF-1.7\n", "application/pdf", false},
		{"seite.pdf", "<html><script>", "text/html", false},
		{"leer.pdf", "", "text/plain", false},
	} {
		f := bytes.NewReader([]byte(c.content))
		got, ok, err := blob.Sniff(f, c.name)
		if err != nil || ok != c.ok || ok && got != c.want {
			t.Errorf("Sniff(%q, %q) = %q, %v, %v; want %q, %v", c.content, c.name, got, ok, err, c.want, c.ok)
		}
		if rest, _ := io.ReadAll(f); string(rest) != c.content {
			t.Errorf("%s: the file was not rewound", c.name)
		}
	}
}
