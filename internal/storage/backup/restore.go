package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"rathaus/internal/storage"
)

// ReadManifest reads the description of a backup.
func ReadManifest(dir string) (Manifest, error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return Manifest{}, fmt.Errorf("backup %s: %w", dir, err)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return Manifest{}, fmt.Errorf("backup %s: %s: %w", dir, manifestName, err)
	}
	if m.Format != format {
		return Manifest{}, fmt.Errorf("backup %s: format %q, expected %q", dir, m.Format, format)
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return Manifest{}, fmt.Errorf("backup %s: %q leaves the folder", dir, f.Path)
		}
	}
	return m, nil
}

// checkFiles compares every file with the manifest.
func (m Manifest) checkFiles(ctx context.Context, dir string) ([]Finding, error) {
	var out []Finding
	for _, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		got, err := digestFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		switch {
		case err != nil:
			out = append(out, Finding{Text: fmt.Sprintf("Datei %s fehlt oder ist nicht lesbar: %v", f.Path, err)})
		case got.Size != f.Size || got.SHA256 != f.SHA256:
			out = append(out, Finding{Text: fmt.Sprintf("Datei %s weicht vom Verzeichnis der Sicherung ab", f.Path)})
		}
	}
	return out, nil
}

// Restore brings the backup in dir into the empty installation of cfg: first the files, then the stores.
// A damaged backup is refused before anything is written. Key files come back below cfg.Dir under their
// names; what the manifest lists as not included must be put there by the operator.
func Restore(ctx context.Context, dir string, cfg storage.Config) (Manifest, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return Manifest{}, err
	}
	findings, err := m.checkFiles(ctx, dir)
	if err != nil {
		return Manifest{}, err
	}
	if len(findings) > 0 {
		return Manifest{}, fmt.Errorf("backup %s is damaged: %s", dir, findings[0].Text)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Dir, "mandant", "*")); err != nil || len(left) > 0 {
		return Manifest{}, fmt.Errorf("restore: %s holds towns already: %w", cfg.Dir, storage.ErrExists)
	}
	if err := m.restore(ctx, dir, cfg); err != nil {
		// Nothing was here before; nothing half stays.
		return Manifest{}, errors.Join(fmt.Errorf("restore: %w", err),
			os.RemoveAll(filepath.Join(cfg.Dir, "mandant")), os.RemoveAll(filepath.Join(cfg.Dir, folder(storage.Central))))
	}
	return m, nil
}

func (m Manifest) restore(ctx context.Context, dir string, cfg storage.Config) error {
	from := map[string]string{}
	for _, s := range m.Stores {
		from[s.Mandant] = filepath.Join(dir, filepath.FromSlash(s.Folder))
	}
	for _, f := range m.Files {
		if err := restoreFile(dir, cfg.Dir, f); err != nil {
			return err
		}
	}
	if err := syncTree(cfg.Dir); err != nil {
		return err
	}
	return storage.Restore(ctx, cfg, from)
}

// restoreFile copies what is no store: blobs, anchors, key files.
func restoreFile(dir, to string, f FileEntry) error {
	rel := f.Path
	switch {
	case strings.Contains(rel, "/blob/"), strings.HasSuffix(rel, "/"+anchorFile):
	case strings.HasPrefix(rel, keyFolder+"/"):
		rel = strings.TrimPrefix(rel, keyFolder+"/")
	default:
		return nil
	}
	in, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = writeFile(filepath.Join(to, filepath.FromSlash(rel)), in)
	return err
}
