package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	for _, f := range files() {
		write(t, filepath.Join(from, f.from), "x")
	}
	write(t, filepath.Join(to, "kern", "old.css"), "from an earlier list")
	write(t, filepath.Join(to, ".gitkeep"), "")
	if err := run(from, to); err != nil {
		t.Fatal(err)
	}
	for _, f := range files() {
		if _, err := os.Stat(filepath.Join(to, f.to)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "kern", "old.css")); err == nil {
		t.Error("a file of an earlier list is still there")
	}
	if _, err := os.Stat(filepath.Join(to, ".gitkeep")); err != nil {
		t.Error("the file that keeps the folder is gone")
	}
}

func TestRunMissing(t *testing.T) {
	t.Parallel()
	if err := run(t.TempDir(), t.TempDir()); err == nil {
		t.Error("no error without node_modules")
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
