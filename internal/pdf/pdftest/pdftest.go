// Package pdftest checks files of package pdf in tests: by qpdf and by a small reader of its own that knows the rules
// of PDF/A-2a and PDF/UA-1 the writer must keep. It shares no code with the writer.
package pdftest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"rathaus/internal/pdf"
)

// Fonts parses the fonts the program ships with; without them the test fails and says how to get them.
func Fonts(t testing.TB) *pdf.Fonts {
	t.Helper()
	regular, bold := FontFile(t, "400Regular/NotoSans_400Regular.ttf"), FontFile(t, "700Bold/NotoSans_700Bold.ttf")
	fonts, err := pdf.ParseFonts(regular, bold)
	if err != nil {
		t.Fatal(err)
	}
	return fonts
}

// FontFile reads a file of the font package.
func FontFile(t testing.TB, name string) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(here), "../../../node_modules/@expo-google-fonts/noto-sans", name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("fonts: %v (make assets)", err)
	}
	return b
}

// Check fails the test unless the file keeps all rules and qpdf finds no fault.
func Check(t testing.TB, b []byte) *Document {
	t.Helper()
	doc, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	Tool(t, b, "qpdf", "--check")
	return doc
}

// Tool runs a program on the file and returns what it prints; pdftotext prints the text.
func Tool(t testing.TB, b []byte, program string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, path)
	if program == "pdftotext" {
		args = append(args, "-")
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s(Debian: apt install qpdf poppler-utils)", program, err, out)
	}
	return string(out)
}
