package portal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"

	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// Limits of what comes with a message.
const (
	maxUpload   = 60 << 20
	maxFile     = 10 << 20
	maxFiles    = 10
	maxFormText = 64 << 10
)

// upload is a file that came with a form, held in memory until the whole form is accepted.
type upload struct {
	name, mediaType string
	content         []byte
}

// readUpload reads a multipart form: its text fields, and the files of field "datei" checked by count, size and content.
func readUpload(r *web.Request) (url.Values, []upload, problem.Fields, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, nil, web.BadRequest(err)
	}
	values := url.Values{}
	var files []upload
	var fields problem.Fields
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, files, fields, nil
		}
		if err != nil {
			return nil, nil, nil, badPart(err)
		}
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, maxFormText))
			if err != nil {
				return nil, nil, nil, badPart(err)
			}
			if part.FormName() != "datei" { // a file field left empty
				values.Add(part.FormName(), web.Clean(string(text)))
			}
			continue
		}
		f, problems, err := readFile(part)
		if err != nil {
			return nil, nil, nil, err
		}
		if fields = append(fields, problems...); len(files) < maxFiles {
			files = append(files, f)
		} else {
			fields = problem.Fields{{Path: "datei", Key: "vorgang.file_count"}}
		}
	}
}

// badPart keeps the answers for size and time, and calls everything else a broken form.
func badPart(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || strings.Contains(err.Error(), "timeout") {
		return err
	}
	return web.BadRequest(err)
}

func readFile(part *multipart.Part) (upload, problem.Fields, error) {
	name := fileName(part.FileName())
	content, err := io.ReadAll(io.LimitReader(part, maxFile+1))
	if err != nil {
		return upload{}, nil, badPart(err)
	}
	if len(content) > maxFile {
		if _, err := io.Copy(io.Discard, part); err != nil {
			return upload{}, nil, badPart(err)
		}
		return upload{}, problem.Fields{{Path: "datei", Key: "vorgang.file_size", Args: []any{name}}}, nil
	}
	mediaType, ok, err := blob.Sniff(bytes.NewReader(content), name)
	if err != nil {
		return upload{}, nil, fmt.Errorf("upload: %w", err)
	}
	if !ok || mediaType == "text/plain" {
		return upload{}, problem.Fields{{Path: "datei", Key: "vorgang.file_type", Args: []any{name}}}, nil
	}
	return upload{name, mediaType, blob.StripMetadata(mediaType, content)}, nil, nil
}

// fileName keeps the last part of what the browser called the file.
func fileName(s string) string {
	name := path.Base(strings.ReplaceAll(web.Clean(s), `\`, "/"))
	if r := []rune(name); len(r) > 120 {
		name = string(r[len(r)-120:]) // the end holds the type
	}
	return name
}

// store makes the files durable.
func (h handlers) store(r *web.Request, files []upload) ([]antrag.Datei, error) {
	out := make([]antrag.Datei, 0, len(files))
	for _, f := range files {
		ref, err := h.Office.Blobs.Put(r.Context(), r.Town.Key, bytes.NewReader(f.content))
		if err != nil {
			return nil, err
		}
		out = append(out, antrag.Datei{Name: f.name, MediaType: f.mediaType, Ref: ref})
	}
	return out, nil
}

// writeMessage takes a message or the answer to a Nachforderung.
func (h handlers) writeMessage(w http.ResponseWriter, r *web.Request) error {
	values, files, fields, err := readUpload(r)
	if err != nil {
		return err
	}
	answers := values.Get("antwort") == "ja"
	if strings.TrimSpace(values.Get("nachricht")) == "" && len(files) == 0 && len(fields) == 0 {
		fields.Add("nachricht", "problem.required")
	}
	if len(fields) == 0 {
		stored, err := h.store(r, files)
		if err != nil {
			return err
		}
		err = r.Write(func(tx *storage.Tx) error {
			antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
			if err != nil {
				return err
			}
			return antrag.Reply(tx, antragID, values.Get("nachricht"), stored, answers)
		})
		refused, ok := web.Fields(err)
		if err != nil && !ok {
			return err
		}
		fields = refused
	}
	if len(fields) > 0 {
		page, err := readCase(r)
		if err != nil {
			return err
		}
		page.Values = values
		return r.Problem(w, "portal/vorgang_stand", page, fields)
	}
	key := "vorgang.message_sent"
	if answers {
		key = "vorgang.answer_sent"
	}
	r.Notice(w, "success", key)
	return r.Redirect(w, "/vorgang/"+r.PathValue("nummer"))
}
