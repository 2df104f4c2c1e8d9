package storage

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

// memFS is a flat folder of files in memory, as goose wants one.
type memFS map[string][]byte

func (m memFS) names() []string { return slices.Sorted(maps.Keys(m)) }

// Open opens a file by its name.
func (m memFS) Open(name string) (fs.File, error) {
	b, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &memFile{name: name, size: int64(len(b)), Reader: bytes.NewReader(b)}, nil
}

// Glob lists matching files; goose finds its migrations with it.
func (m memFS) Glob(pattern string) ([]string, error) {
	var out []string
	for _, n := range m.names() {
		ok, err := path.Match(pattern, n)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, n)
		}
	}
	return out, nil
}

type memFile struct {
	name string
	size int64
	*bytes.Reader
}

func (f *memFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memFile) Close() error               { return nil }
func (f *memFile) Name() string               { return f.name }
func (f *memFile) Size() int64                { return f.size }
func (f *memFile) Mode() fs.FileMode          { return 0o444 }
func (f *memFile) ModTime() time.Time         { return time.Time{} }
func (f *memFile) IsDir() bool                { return false }
func (f *memFile) Sys() any                   { return nil }
