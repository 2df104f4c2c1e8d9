package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// AssetPrefix begins the address of every style sheet and font.
const AssetPrefix = "/assets/"

//go:embed rathaus.css
var ownStyle []byte

//go:embed all:assets
var vendored embed.FS

// ErrNoAssets: the program was built without "make assets".
var ErrNoAssets = errors.New("Assets fehlen: make assets")

// Assets serves style sheets and fonts under one prefix that contains a hash of all of them, so that browsers may
// keep them forever and relative addresses inside style sheets hold.
type Assets struct {
	files  map[string]*asset
	prefix string
}

type asset struct {
	content   []byte
	mediaType string
	etag      string
	gzipped   func() []byte // nil where compression gains nothing
}

// LoadAssets reads the embedded files. Without third-party assets it serves our own style sheet alone; see [HasAssets].
func LoadAssets() (*Assets, error) {
	a := &Assets{files: map[string]*asset{}}
	sum := sha256.New()
	add := func(name string, content []byte) {
		hash := sha256.Sum256(content)
		sum.Write([]byte(name))
		sum.Write(hash[:])
		a.files[name] = newAsset(name, content, hex.EncodeToString(hash[:12]))
	}
	add("rathaus.css", ownStyle)
	err := fs.WalkDir(vendored, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Base(name) == ".gitkeep" {
			return err
		}
		content, err := vendored.ReadFile(name)
		if err != nil {
			return err
		}
		if name = strings.TrimPrefix(name, "assets/"); !strings.HasSuffix(name, ".ttf") { // fonts of letters are not for browsers
			add(name, content)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	a.prefix = AssetPrefix + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
	return a, nil
}

// HasAssets returns ErrNoAssets when the third-party style sheets or fonts are missing.
func HasAssets() error {
	for _, name := range []string{"kern/kern.min.css", "kern/fonts/fira-sans.css", "noto/NotoSans-Regular.ttf", "noto/NotoSans-Bold.ttf"} {
		if _, err := vendored.Open(path.Join("assets", name)); err != nil {
			return ErrNoAssets
		}
	}
	return nil
}

// Fonts returns the TrueType fonts of letters; ErrNoAssets without "make assets".
func Fonts() (regular, bold []byte, err error) {
	if regular, err = vendored.ReadFile("assets/noto/NotoSans-Regular.ttf"); err != nil {
		return nil, nil, ErrNoAssets
	}
	if bold, err = vendored.ReadFile("assets/noto/NotoSans-Bold.ttf"); err != nil {
		return nil, nil, ErrNoAssets
	}
	return regular, bold, nil
}

// Prefix is the address before a file name: "/assets/HASH/".
func (a *Assets) Prefix() string { return a.prefix }

func newAsset(name string, content []byte, hash string) *asset {
	f := &asset{content: content, mediaType: mediaType(name), etag: `"` + hash + `"`}
	if !strings.HasSuffix(name, ".woff2") {
		f.gzipped = sync.OnceValue(func() []byte { return compress(content) })
	}
	return f
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func compress(content []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(content); err != nil || z.Close() != nil {
		return nil
	}
	return b.Bytes()
}

// ServeHTTP answers GET and HEAD below AssetPrefix. An address of an older build gets the file of today, uncached.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "405", http.StatusMethodNotAllowed)
		return
	}
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, AssetPrefix), "/")
	f, ok := a.files[name]
	if !ok {
		http.Error(w, "404", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if AssetPrefix+hash+"/" == a.prefix {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.mediaType)
	body := f.content
	if f.gzipped != nil && acceptsGzip(r) {
		if z := f.gzipped(); z != nil {
			body = z
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the caller may have gone
	}
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" {
			return strings.ReplaceAll(params, " ", "") != "q=0"
		}
	}
	return false
}
