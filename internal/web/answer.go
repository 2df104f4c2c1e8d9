package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"rathaus/internal/problem"
	"rathaus/internal/web/ui"
)

// Redirect answers 303 to a path of this site. Anything else is an error: no open redirects.
func (r *Request) Redirect(w http.ResponseWriter, path string) error {
	if !IsLocal(path) {
		return fmt.Errorf("redirect to %q: not a path of this site", path)
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// IsLocal reports whether path stays on this site: it begins with one slash and browsers read no host into it.
func IsLocal(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsRune(path, '\\') {
		return false
	}
	if strings.ContainsFunc(path, unicode.IsControl) {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Host == "" && u.Scheme == ""
}

// Next is where the form wanted to go after sign-in: the value of "weiter" when it is local, else fallback.
func (r *Request) Next(fallback string) string {
	if next := r.FormValue(nextParam); IsLocal(next) {
		return next
	}
	return fallback
}

const nextParam = "weiter"

// Fields extracts form problems from an error.
func Fields(err error) (problem.Fields, bool) {
	var f problem.Fields
	ok := errors.As(err, &f)
	return f, ok
}

// Problem renders the page of a refused form: status 422, problems beside their fields, what was posted kept.
func (r *Request) Problem(w http.ResponseWriter, name string, page ui.Based, fields problem.Fields) error {
	b := page.Base()
	b.Problems = r.Problems(fields)
	if b.Values == nil {
		b.Values = r.PostForm
	}
	if b.Values == nil {
		b.Values = url.Values{}
	}
	return r.render(w, http.StatusUnprocessableEntity, name, page)
}

// Problems puts form problems into the language of the request.
func (r *Request) Problems(fields problem.Fields) []ui.Problem {
	out := make([]ui.Problem, len(fields))
	for i, f := range fields {
		out[i] = ui.Problem{Path: f.Path, Text: r.T(f.Key, f.Args...)}
	}
	return out
}

// JSON answers with v as JSON.
func (r *Request) JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return writeBody(w, status, "application/json", append(body, '\n'))
}

func writeBody(w http.ResponseWriter, status int, mediaType string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// File is a download.
type File struct {
	Name      string // shown to the user; any characters
	MediaType string
	Size      int64 // bytes, -1 when unknown
	Content   io.Reader
	// Inline lets the browser show the file; only for PDF and bitmap images, everything else is saved.
	Inline bool
}

// SendFile answers with a file that was made or uploaded by people: sandboxed, typed as stated, never cached.
func (r *Request) SendFile(w http.ResponseWriter, f File) error {
	h := w.Header()
	disposition := "attachment"
	if f.Inline && showable(f.MediaType) {
		disposition = "inline"
	}
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": fileName(f.Name)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	if f.Size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, f.Content); err != nil {
		return fmt.Errorf("send file: %w", err)
	}
	return nil
}

func showable(mediaType string) bool {
	switch mediaType {
	case "application/pdf", "image/jpeg", "image/png":
		return true
	}
	return false
}

// fileName drops what could mislead a person or a file system.
func fileName(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || strings.ContainsRune(`/\:*?"<>|`, c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	if name = strings.Trim(name, " ."); name == "" {
		return "datei"
	}
	return name
}

// Clean is a text as a form may hand it on: valid UTF-8, without control characters except tab and line ends,
// which both databases and PDF would refuse. The server cleans forms and queries itself; multipart readers call it.
func Clean(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\t' && c != '\n' && c != '\r' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func cleanValues(values url.Values) {
	for name, list := range values {
		for i, v := range list {
			list[i] = Clean(v)
		}
		if clean := Clean(name); clean != name {
			delete(values, name)
		}
	}
}
