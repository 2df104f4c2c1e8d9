// Command assets copies the third-party style sheets and fonts the program embeds from node_modules into
// internal/web/ui/assets. The list is closed: what is not named here is not served.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// file is one asset: where the package has it and under which name we serve or embed it.
type file struct{ from, to string }

func files() []file {
	list := []file{
		{"@kern-ux/native/dist/kern.min.css", "kern/kern.min.css"},
		{"@kern-ux/native/LICENSE.md", "kern/LICENSE.md"},
		{"@kern-ux/native/dist/fonts/fira-sans.css", "kern/fonts/fira-sans.css"},
		// Only letters use these; the browser never gets them.
		{"@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf", "noto/NotoSans-Regular.ttf"},
		{"@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf", "noto/NotoSans-Bold.ttf"},
		{"@expo-google-fonts/noto-sans/LICENSE_FONT", "noto/LICENSE"},
	}
	// The weights our pages use; a browser loads a weight only when a page shows it.
	for _, weight := range []string{"Regular", "Italic", "Medium", "SemiBold", "Bold"} {
		list = append(list, file{"@kern-ux/native/dist/fonts/fira-sans/FiraSans-" + weight + ".woff2", "kern/fonts/fira-sans/FiraSans-" + weight + ".woff2"})
	}
	return list
}

func main() {
	from := flag.String("from", "node_modules", "folder npm ci has filled")
	to := flag.String("to", filepath.Join("internal", "web", "ui", "assets"), "folder to fill")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run fills the folder anew: files of an earlier list go, .gitkeep stays.
func run(from, to string) error {
	for _, dir := range []string{"kern", "noto"} {
		if err := os.RemoveAll(filepath.Join(to, dir)); err != nil {
			return err
		}
	}
	for _, f := range files() {
		if err := copyFile(filepath.Join(from, filepath.FromSlash(f.from)), filepath.Join(to, filepath.FromSlash(f.to))); err != nil {
			return fmt.Errorf("%s: %w (npm ci --ignore-scripts?)", f.from, err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if len(content) == 0 {
		return errors.New("empty file")
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
