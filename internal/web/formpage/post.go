package formpage

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// MaxPost bounds what one page of a form may send; for Route.Body.
const MaxPost = 64 << 20

const (
	maxValue  = 64 << 10 // of one text field
	maxValues = 5000     // fields of one post
)

// Upload is a file that came with a post and is durable already, but nobody's until a Write files it.
type Upload struct {
	Field, Name, MediaType string
	Ref                    blob.Ref
}

// Post is what a form sent.
type Post struct {
	Values   url.Values
	Uploads  []Upload
	Problems problem.Fields // of files that were refused
}

// Button is the value of the submit button with this name, "" when another was pressed.
func (p Post) Button(name string) string { return p.Values.Get(name) }

// ReadPost reads a plain or multipart post. Each file is checked by size, type and field and made durable before the next one
// is read, so that one upload at a time is in memory.
func ReadPost(r *web.Request, blobs *blob.Store, form *formular.Form) (Post, error) {
	post := Post{Values: url.Values{}}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		post.Values = r.PostForm
		return post, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return post, web.BadRequest(err)
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return post, nil
		}
		if err != nil {
			return post, broken(err)
		}
		if n >= maxValues {
			return post, web.BadRequest(errors.New("too many fields"))
		}
		if err := post.part(r, blobs, form, part); err != nil {
			return post, err
		}
	}
}

func (p *Post) part(r *web.Request, blobs *blob.Store, form *formular.Form, part *multipart.Part) error {
	name := web.Clean(part.FormName())
	_, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if _, file := disposition["filename"]; file {
		return p.file(r, blobs, form, name, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, maxValue))
	if err != nil {
		return broken(err)
	}
	p.Values.Add(name, web.Clean(string(text)))
	return nil
}

// file takes one file. A field left empty sends one without name; files of no field of the form are passed over.
func (p *Post) file(r *web.Request, blobs *blob.Store, form *formular.Form, field string, part *multipart.Part) error {
	e := form.ElementAt(field)
	if part.FileName() == "" || e == nil || e.Kind != formular.File || len(p.Uploads) >= formular.MaxFiles {
		return nil
	}
	limit, types := limits(*e)
	content, err := io.ReadAll(io.LimitReader(part, limit+1))
	if err != nil {
		return broken(err)
	}
	name := fileName(part.FileName())
	switch {
	case len(content) == 0:
		p.Problems.Add(field, "formular.file_empty")
		return nil
	case int64(len(content)) > limit:
		p.Problems.Add(field, "formular.file_size", Megabytes(limit))
		return nil
	}
	mediaType, ok, err := blob.Sniff(bytes.NewReader(content), name)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if !ok || !slices.Contains(types, mediaType) {
		p.Problems.Add(field, "formular.file_type")
		return nil
	}
	ref, err := blobs.Put(r.Context(), r.Town.Key, bytes.NewReader(blob.StripMetadata(mediaType, content)))
	if err != nil {
		return err
	}
	p.Uploads = append(p.Uploads, Upload{Field: field, Name: name, MediaType: mediaType, Ref: ref})
	return nil
}

func limits(e formular.Element) (bytes int64, types []string) {
	bytes, types = formular.MaxFileBytes, []string{"application/pdf", "image/jpeg", "image/png"}
	if e.Upload != nil {
		if e.Upload.MaxBytes > 0 {
			bytes = e.Upload.MaxBytes
		}
		if len(e.Upload.Types) > 0 {
			types = e.Upload.Types
		}
	}
	return bytes, types
}

// broken keeps the answers for size and time, and calls everything else a broken form.
func broken(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || strings.Contains(err.Error(), "timeout") {
		return err
	}
	return web.BadRequest(err)
}

const maxName = 120

// fileName keeps the last part of what the browser called the file.
func fileName(s string) string {
	name := path.Base(strings.ReplaceAll(web.Clean(s), `\`, "/"))
	if r := []rune(name); len(r) > maxName {
		name = string(r[len(r)-maxName:]) // the end holds the type
	}
	return name
}

// AddFiles files uploads in the draft and puts their names into the answers: a field for one file swaps it, one for several
// takes as many as it may. Problems are those of files too many; these stay nobody's and are swept.
func AddFiles(tx *storage.Tx, e *formular.Entwurf, answers formular.Answers, uploads []Upload) (formular.Answers, problem.Fields, error) {
	var problems problem.Fields
	for _, u := range uploads {
		field := e.Form.ElementAt(u.Field)
		if field == nil {
			continue
		}
		if !field.Occurs.Repeated() {
			if err := dropFiles(tx, e, u.Field); err != nil {
				return answers, nil, err
			}
		} else if list, _ := answers.At(u.Field).([]any); !field.Occurs.Allows(len(list) + 1) {
			problems.Add(u.Field, "formular.too_many", field.Occurs.Norm().Max)
			continue
		}
		d := formular.Datei{Path: u.Field, Name: freeName(e.Dateien, u.Name), MediaType: u.MediaType, Ref: u.Ref}
		err := formular.AddDatei(tx, e, d)
		if full, ok := web.Fields(err); ok {
			problems = append(problems, full...)
			continue
		}
		if err != nil {
			return answers, nil, err
		}
		answers = e.Form.SetFile(answers, u.Field, d.Name, true)
	}
	return answers, problems, nil
}

func dropFiles(tx *storage.Tx, e *formular.Entwurf, field string) error {
	var kept []formular.Datei
	for _, d := range e.Dateien {
		if d.Path != field {
			kept = append(kept, d)
			continue
		}
		if err := formular.RemoveDatei(tx, e.ID, d.ID); err != nil {
			return err
		}
	}
	e.Dateien = kept
	return nil
}

// freeName gives each file of a draft a name of its own: "foto (2).jpg".
func freeName(files []formular.Datei, name string) string {
	ending := path.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	try := name
	for n := 2; slices.ContainsFunc(files, func(d formular.Datei) bool { return d.Name == try }); n++ {
		try = stem + " (" + strconv.Itoa(n) + ")" + ending
	}
	return try
}

// Pressed carries out the buttons of a form that add or remove something. at is the id of the place to show next; ok is false
// when none of them was pressed.
func Pressed(tx *storage.Tx, e *formular.Entwurf, answers formular.Answers, post Post) (next formular.Answers, at string, ok bool, err error) {
	if name := post.Button("hinzufuegen"); name != "" {
		next = e.Form.AddEntry(answers, name)
		if list, _ := next.At(name).([]any); len(list) > 0 {
			name += "." + strconv.Itoa(len(list)-1)
		}
		return next, name, true, nil
	}
	if name := post.Button("entfernen"); name != "" {
		if err := formular.RemoveEntryFiles(tx, e, name); err != nil {
			return answers, "", true, err
		}
		return e.Form.RemoveEntry(answers, name), name[:max(strings.LastIndexByte(name, '.'), 0)], true, nil
	}
	wanted := post.Button("loeschen")
	if wanted == "" {
		return answers, "", false, nil
	}
	for _, d := range e.Dateien {
		if d.ID == wanted {
			return e.Form.SetFile(answers, d.Path, d.Name, false), d.Path, true, formular.RemoveDatei(tx, e.ID, d.ID)
		}
	}
	return answers, "", true, nil
}
