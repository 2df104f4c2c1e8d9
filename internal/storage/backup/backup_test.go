package backup_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/audit"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/job"
	"rathaus/internal/storage"
	"rathaus/internal/storage/backup"
	"rathaus/internal/storage/storagetest"
)

type bundle struct {
	*storagetest.Store
	blobs *blob.Store
	ref   blob.Ref
}

// setup is an installation with two towns, a file and an audit chain.
func setup(t *testing.T, options ...func(*storage.Config)) bundle {
	t.Helper()
	s := storagetest.New(t, options...)
	b := bundle{Store: s, blobs: blob.New(s.DB.Dir(), s.Clock, id.Source{})}
	ref, err := b.blobs.Put(t.Context(), s.Scope.Mandant, strings.NewReader("Nachweis"))
	if err != nil {
		t.Fatal(err)
	}
	b.ref = ref
	for _, key := range []string{storagetest.Wiesenbrueck, storagetest.Sturmkoog} {
		s.In(key).Write(t, func(tx *storage.Tx) error {
			return audit.Record(tx, audit.Entry{Noun: "vorgang", ID: "v", Act: "opened", New: key})
		})
	}
	return b
}

func create(t *testing.T, b bundle, o backup.Options) (string, backup.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sicherung")
	m, err := backup.Create(t.Context(), b.DB, b.blobs, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

func findings(t *testing.T, dir string) string {
	t.Helper()
	list, err := backup.Verify(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		out = append(out, f.Text)
	}
	return strings.Join(out, "; ")
}

func TestBackupVerifyRestore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := backup.WriteAnchor(t.Context(), b.DB, b.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "schluessel.bin")
	if err := os.WriteFile(key, []byte("geheim"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir, m := create(t, b, backup.Options{KeyFiles: []string{key}, NotIncluded: []string{"TLS-Schlüssel"}, Rows: true})
	if len(m.Stores) != 3 || m.Stores[0].Mandant != storage.Central {
		t.Errorf("stores: %+v", m.Stores)
	}
	if diff := cmp.Diff([]string{"TLS-Schlüssel"}, m.NotIncluded); diff != "" {
		t.Errorf("not included (-want +got):\n%s", diff)
	}
	want := []backup.KeyEntry{
		{Mandant: storagetest.Sturmkoog, Table: "audit_key", Rows: 1}, {Mandant: storagetest.Wiesenbrueck, Table: "audit_key", Rows: 1},
		{File: "schluessel/schluessel.bin"},
	}
	if diff := cmp.Diff(want, m.Keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := findings(t, dir); got != "" {
		t.Errorf("a sound backup has findings: %s", got)
	}
	cfg := storage.Config{Dir: filepath.Join(t.TempDir(), "neu"), Log: b.Config.Log}
	if _, err := backup.Restore(t.Context(), dir, cfg); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(cfg.Dir, "schluessel.bin")); err != nil || string(got) != "geheim" {
		t.Errorf("key file: %q, %v", got, err)
	}
	db, err := storage.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	blobs := blob.New(cfg.Dir, clock.System{}, id.Source{})
	if err := blobs.Verify(t.Context(), b.Scope.Mandant, b.ref); err != nil {
		t.Error(err)
	}
	for _, key := range []string{storage.Central, storagetest.Wiesenbrueck, storagetest.Sturmkoog} {
		r, err := backup.Inspect(t.Context(), db, blobs, key)
		if err != nil || len(r.Findings) > 0 {
			t.Errorf("%q: %+v, %v", key, r, err)
		}
	}
	if _, err := backup.Restore(t.Context(), dir, cfg); !errors.Is(err, storage.ErrExists) {
		t.Errorf("restore over it: got %v, want ErrExists", err)
	}
}

// TestEveryDamagedFileIsFound changes one byte in each file of a backup in turn.
func TestEveryDamagedFileIsFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dir, m := create(t, b, backup.Options{})
	for _, f := range m.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte(nil), whole...)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := findings(t, dir); !strings.Contains(got, f.Path) {
			t.Errorf("%s changed: findings %q", f.Path, got)
		}
		target := t.TempDir()
		if _, err := backup.Restore(t.Context(), dir, storage.Config{Dir: target}); err == nil {
			t.Errorf("%s changed: was restored", f.Path)
		}
		if left, err := os.ReadDir(target); err != nil || len(left) > 0 {
			t.Errorf("%s changed: restore left %v, %v", f.Path, left, err)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := findings(t, dir); got != "" {
		t.Errorf("mended, but: %s", got)
	}
}

func TestInspectFindsDamage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Write(t, func(tx *storage.Tx) error {
		for _, q := range []string{
			`create table thing (id text not null primary key, blob_id text not null, sha256 text not null)`,
			`insert into thing (id, blob_id, sha256) values ('1', '` + b.ref.ID + `', '` + b.ref.SHA256 + `')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	inspect := func() []string {
		t.Helper()
		r, err := backup.Inspect(t.Context(), b.DB, b.blobs, b.Scope.Mandant)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range r.Findings {
			out = append(out, f.Text)
		}
		return out
	}
	if got := inspect(); len(got) > 0 {
		t.Errorf("sound, but %v", got)
	}
	path := filepath.Join(b.DB.Dir(), "mandant", b.Scope.Mandant, "blob", b.ref.ID[34:], b.ref.ID)
	if err := os.WriteFile(path, []byte("Nachwexs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Datei " + b.ref.ID + " ist verändert"}, inspect()); diff != "" {
		t.Errorf("changed file (-want +got):\n%s", diff)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	b.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`update audit_entry set act = 'closed' where seq = 1`)
		return err
	})
	want := []string{"Protokoll: Eintrag 1 ist nicht unverändert (verändert)", "Datei " + b.ref.ID + " fehlt"}
	if diff := cmp.Diff(want, inspect()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestAnchorsFindARewrittenChain: the anchors kept beside the store count.
func TestAnchorsFindARewrittenChain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := backup.WriteAnchor(t.Context(), b.DB, b.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
	b.Write(t, func(tx *storage.Tx) error {
		for _, q := range []string{`delete from audit_entry where seq = 1`, `update audit_head set seq = 0, hash = '' where id = 1`} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return audit.Record(tx, audit.Entry{Noun: "vorgang", ID: "v", Act: "forged"})
	})
	r, err := backup.Inspect(t.Context(), b.DB, b.blobs, b.Scope.Mandant)
	if err != nil || len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Text, "Anker") {
		t.Errorf("findings %v, %v", r.Findings, err)
	}
}

func TestUnfinishedBackupHasAnotherName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "sicherung")
	if _, err := backup.Create(ctx, b.DB, b.blobs, dir, backup.Options{}); err == nil {
		t.Error("a cancelled backup succeeded")
	}
	if left, err := filepath.Glob(dir + "*"); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Create(t.Context(), b.DB, b.blobs, dir, backup.Options{}); !errors.Is(err, storage.ErrExists) {
		t.Errorf("into an existing folder: got %v, want ErrExists", err)
	}
}

// TestNightly: a month under a moving clock leaves one anchor a night and no orphaned file.
func TestNightly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Clock.Set(time.Now().Add(time.Hour)) // files carry the machine's time
	b.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(`create table thing (id text not null primary key, blob_id text not null)`)
		return err
	})
	r := job.NewRunner(b.DB)
	backup.Register(r, b.DB, b.blobs)
	for range 4 { // the first plans the nights
		if _, err := r.Drain(t.Context(), b.Scope.Mandant); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(24 * time.Hour)
	}
	anchors, err := backup.ReadAnchors(b.DB.Dir(), b.Scope.Mandant)
	if err != nil || len(anchors) != 3 || anchors[0].Seq != 1 {
		t.Errorf("anchors %v, %v", anchors, err)
	}
	if f, err := b.blobs.Open(t.Context(), b.Scope.Mandant, b.ref.ID); err == nil {
		_ = f.Close()
		t.Error("the file no row refers to is still there")
	}
}

func TestManifestPathsStayInside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	dir, _ := create(t, b, backup.Options{})
	path := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(text), `"path": "central/`, `"path": "../central/`, 1)
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), dir, storage.Config{Dir: t.TempDir()}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a refusal", err)
	}
}
