package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

const town = "wiesenbrueck"

func newStore(t *testing.T) (*blob.Store, *clock.Fake, string) {
	t.Helper()
	dir := t.TempDir()
	c := clock.NewFake(time.Now()) // compared with the files' times
	return blob.New(dir, c, id.Source{}), c, dir
}

func put(t *testing.T, s *blob.Store, text string) blob.Ref {
	t.Helper()
	ref, err := s.Put(t.Context(), town, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".lock" {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPutOpenDelete(t *testing.T) {
	t.Parallel()
	s, _, dir := newStore(t)
	ref := put(t, s, "Hallo")
	if ref.Size != 5 || ref.SHA256 != "753692ec36adb4c794c973945eb2a99c1649703ea6f76bf259abb4fb838e013e" {
		t.Errorf("ref %+v", ref)
	}
	f, err := s.Open(t.Context(), town, ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil || string(b) != "Hallo" {
		t.Errorf("read %q, %v", b, err)
	}
	if err := s.Verify(t.Context(), town, ref); err != nil {
		t.Error(err)
	}
	if _, err := s.Open(t.Context(), "sturmkoog", ref.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("the other town: got %v, want NotFound", err)
	}
	for range 2 {
		if err := s.Delete(t.Context(), town, ref.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Open(t.Context(), town, ref.ID); !errors.Is(err, problem.NotFound) {
		t.Errorf("deleted: got %v, want NotFound", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestNamesAreNoPaths(t *testing.T) {
	t.Parallel()
	s, _, _ := newStore(t)
	for _, bad := range []string{"", "../x", "..", "/etc/passwd", "0190a000-0000-7000-8000-00000000000/", strings.Repeat("a", 36)} {
		if _, err := s.Open(t.Context(), town, bad); !errors.Is(err, problem.NotFound) {
			t.Errorf("id %q: got %v, want NotFound", bad, err)
		}
		if _, err := s.Put(t.Context(), bad, strings.NewReader("x")); !errors.Is(err, problem.NotFound) && bad != strings.Repeat("a", 36) {
			t.Errorf("town %q: got %v, want NotFound", bad, err)
		}
	}
}

// TestNothingIsLeft: an error of the reader, of an fsync or of the folder leaves no file.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	s, _, dir := newStore(t)
	_, err := s.Put(t.Context(), town, io.MultiReader(strings.NewReader("half"), errReader{broken}))
	if !errors.Is(err, broken) || errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("got %v, want the reader's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, town, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	for _, what := range []string{"file", "folder"} {
		blob.FailSync(s, func(f *os.File) error {
			if info, err := f.Stat(); err == nil && info.IsDir() == (what == "folder") {
				return errors.New("input/output error")
			}
			return nil
		})
		if _, err := s.Put(t.Context(), town, strings.NewReader("x")); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("fsync of the %s fails: got %v, want ErrUnavailable", what, err)
		}
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	blocked := filepath.Join(dir, "mandant", "sturmkoog")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "sturmkoog", strings.NewReader("x")); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("no folder: got %v, want ErrUnavailable", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestVerifyFindsAChangedFile(t *testing.T) {
	t.Parallel()
	s, _, dir := newStore(t)
	ref := put(t, s, "Hallo")
	path := filepath.Join(dir, "mandant", town, "blob", ref.ID[34:], ref.ID)
	if err := os.WriteFile(path, []byte("Hullo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), town, ref); !errors.Is(err, problem.Conflict) {
		t.Errorf("changed file: got %v, want Conflict", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), town, ref); !errors.Is(err, problem.NotFound) {
		t.Errorf("missing file: got %v, want NotFound", err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	s, c, dir := newStore(t)
	kept, orphan := put(t, s, "kept"), put(t, s, "orphan")
	_, err := s.Put(t.Context(), town, errReader{errors.New("x")})
	if err == nil {
		t.Fatal("no error")
	}
	tmp := filepath.Join(dir, "mandant", town, "blob", kept.ID[34:], kept.ID+".tmp")
	if err := os.WriteFile(tmp, nil, 0o600); err != nil { // of a process that died
		t.Fatal(err)
	}
	referenced := func(context.Context) (map[string]string, error) { return map[string]string{kept.ID: ""}, nil }
	sweep := func() []string {
		t.Helper()
		out, err := s.Sweep(t.Context(), town, referenced)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := sweep(); len(got) != 0 {
		t.Errorf("a young file was swept: %v", got)
	}
	c.Advance(25 * time.Hour)
	if diff := cmp.Diff([]string{orphan.ID}, sweep()); diff != "" {
		t.Errorf("swept (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{kept.ID}, files(t, dir)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	put(t, s, "late")
	c.Advance(25 * time.Hour)
	fail := errors.New("database away")
	_, err = s.Sweep(t.Context(), town, func(context.Context) (map[string]string, error) { return nil, fail })
	if !errors.Is(err, fail) || len(files(t, dir)) != 2 {
		t.Errorf("without knowing the rows: %v, files %v", err, files(t, dir))
	}
}

func TestReferencedFindsColumns(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	s.Write(t, func(tx *storage.Tx) error {
		for _, q := range []string{
			`create table a_thing (id text not null primary key, blob_id text not null, preview_blob_id text, preview_sha256 text not null, noblob_id text)`,
			`insert into a_thing (id, blob_id, preview_blob_id, preview_sha256, noblob_id) values ('1', 'x', 'y', 'abc', 'n'), ('2', 'z', null, '', 'n')`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	s.Read(t, func(tx *storage.Tx) error {
		got, err := blob.Referenced(tx)
		if diff := cmp.Diff(map[string]string{"x": "", "y": "abc", "z": ""}, got); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestLargeFileKeepsItsBytes(t *testing.T) {
	t.Parallel()
	s, _, _ := newStore(t)
	in := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	ref, err := s.Put(t.Context(), town, bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(t.Context(), town, ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(in, out) || ref.Size != int64(len(in)) {
		t.Errorf("read %d bytes of %d, %v", len(out), len(in), err)
	}
}
