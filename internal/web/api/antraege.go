package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"

	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// Limits of the parts.
const (
	maxSlug    = 200
	maxAnswers = 1 << 20
	maxFile    = 10 << 20
	maxFiles   = 20
	maxKey     = 200
)

// receipt is the answer to a stored application, and to every repeat of it.
type receipt struct {
	Vorgangsnummer string `json:"vorgangsnummer"`
	Aktenzeichen   string `json:"aktenzeichen"`
	Abholcode      string `json:"abholcode"`
}

// submit stores an application and answers 201 when it is durable.
func (h handlers) submit(w http.ResponseWriter, r *web.Request) error {
	s, err := h.read(r)
	if err != nil {
		return err
	}
	got, err := h.deliver(r, s)
	if err != nil {
		return explain(err)
	}
	return r.JSON(w, http.StatusCreated, receipt{got.Vorgangsnummer, got.Aktenzeichen, got.Abholcode})
}

func (h handlers) deliver(r *web.Request, s antrag.Submission) (antrag.Receipt, error) {
	var plan *antrag.Plan
	err := r.Read(func(tx *storage.Tx) (err error) { plan, err = h.Office.Plan(tx, s); return err })
	if err != nil {
		return antrag.Receipt{}, err
	}
	if plan.Repeated != nil {
		return *plan.Repeated, nil
	}
	prepared, err := h.Office.Prepare(r.Context(), plan)
	if err != nil {
		return antrag.Receipt{}, err
	}
	var got antrag.Receipt
	err = r.Write(func(tx *storage.Tx) (err error) { got, err = h.Office.Submit(tx, prepared); return err })
	return got, err
}

// explain turns what only the API can say into its answer.
func explain(err error) error {
	switch {
	case errors.Is(err, antrag.ErrKeyReused):
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: "api.key_reused", Cause: err}
	case errors.Is(err, problem.NotFound):
		return &web.Error{Status: http.StatusUnprocessableEntity, Key: "api.unknown_leistung", Cause: err}
	}
	return err
}

func refuse(status int, key string, args ...any) error {
	return &web.Error{Status: status, Key: key, Args: args}
}

// read takes the request apart: headers first, then the parts in any order, each within its limit.
func (h handlers) read(r *web.Request) (antrag.Submission, error) {
	s := antrag.Submission{Source: r.Login.Actor, Kanal: antrag.KanalPortal, Key: r.Header.Get("Idempotency-Key")}
	switch {
	case s.Key == "":
		return s, refuse(http.StatusBadRequest, "api.key_missing")
	case len(s.Key) > maxKey || strings.ContainsFunc(s.Key, func(c rune) bool { return c < 0x20 || c > 0x7e }):
		return s, refuse(http.StatusBadRequest, "api.key_invalid", maxKey)
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "multipart/form-data" {
		return s, refuse(http.StatusUnsupportedMediaType, "api.media_type")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return s, web.BadRequest(err)
	}
	var seen partsSeen
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return s, seen.complete()
		}
		if err != nil {
			return s, broken(err)
		}
		if err := seen.take(&s, part); err != nil {
			return s, err
		}
	}
}

// partsSeen notes which of the three kinds of parts came.
type partsSeen struct{ leistung, antworten bool }

func (p *partsSeen) complete() error {
	var fields problem.Fields
	if !p.leistung {
		fields.Add("leistung", "api.part_missing", "leistung")
	}
	if !p.antworten {
		fields.Add("antworten", "api.part_missing", "antworten")
	}
	return fields.Err()
}

func (p *partsSeen) take(s *antrag.Submission, part *multipart.Part) error {
	switch name := part.FormName(); name {
	case "leistung":
		if p.leistung {
			return refuse(http.StatusBadRequest, "api.part_twice", name)
		}
		p.leistung = true
		text, err := readPart(part, maxSlug, name)
		s.Slug = strings.TrimSpace(string(text))
		return err
	case "antworten":
		if p.antworten {
			return refuse(http.StatusBadRequest, "api.part_twice", name)
		}
		p.antworten = true
		text, err := readPart(part, maxAnswers, name)
		if err != nil {
			return err
		}
		s.Answers, err = readAnswers(text)
		return err
	case "datei":
		if len(s.Files) == maxFiles {
			return refuse(http.StatusUnprocessableEntity, "api.too_many_files", maxFiles)
		}
		f, err := readFile(part)
		s.Files = append(s.Files, f)
		return err
	default:
		return refuse(http.StatusBadRequest, "api.part_unknown", cut(web.Clean(name)))
	}
}

func readPart(part io.Reader, limit int64, name string) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(part, limit+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(content)) > limit {
		return nil, refuse(http.StatusRequestEntityTooLarge, "api.part_too_large", name, limit>>10)
	}
	return content, nil
}

// readAnswers accepts one JSON object. A field given twice is refused: readers would disagree about which counts.
func readAnswers(text []byte) (formular.Answers, error) {
	bad := func(err error) error {
		return fmt.Errorf("%w: %w", problem.Fields{{Path: "antworten", Key: "api.answers_invalid"}}, err)
	}
	if err := checkKeys(json.NewDecoder(bytes.NewReader(text))); err != nil {
		return nil, bad(err)
	}
	var answers formular.Answers
	if err := json.Unmarshal(text, &answers); err != nil {
		return nil, bad(err)
	}
	if answers == nil {
		return nil, bad(errors.New("null"))
	}
	clean(map[string]any(answers))
	return answers, nil
}

var errTwice = errors.New("a key stands twice in one object")

// maxDepth of nested answers; no form goes deeper than a handful.
const maxDepth = 32

// checkKeys reads one value and reports a key that stands twice in one object.
func checkKeys(dec *json.Decoder) error {
	var keys []map[string]bool // of the open objects; nil for arrays
	expectKey := func() bool { return len(keys) > 0 && keys[len(keys)-1] != nil }
	isKey := false
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch x := token.(type) {
		case json.Delim:
			if x == '}' || x == ']' {
				keys = keys[:len(keys)-1]
				isKey = expectKey()
				continue
			}
			if len(keys) == maxDepth {
				return errors.New("nested too deep")
			}
			if x == '{' {
				keys = append(keys, map[string]bool{})
			} else {
				keys = append(keys, nil)
			}
			isKey = expectKey()
			continue
		case string:
			if isKey {
				if keys[len(keys)-1][x] {
					return errTwice
				}
				keys[len(keys)-1][x] = true
				isKey = false
				continue
			}
		}
		isKey = expectKey()
	}
}

// clean drops control characters from all texts, as forms do: neither database nor PDF takes them.
func clean(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			x[k] = clean(e)
		}
	case []any:
		for i, e := range x {
			x[i] = clean(e)
		}
	case string:
		return web.Clean(x)
	}
	return v
}

func readFile(part *multipart.Part) (antrag.Datei, error) {
	name := path.Base(strings.ReplaceAll(web.Clean(part.FileName()), `\`, "/"))
	if part.FileName() == "" || name == "/" || name == "." {
		return antrag.Datei{}, fmt.Errorf("%w", problem.Fields{{Path: "datei", Key: "api.file_name"}})
	}
	content, err := io.ReadAll(io.LimitReader(part, maxFile+1))
	if err != nil {
		return antrag.Datei{}, broken(err)
	}
	if len(content) > maxFile {
		return antrag.Datei{}, refuse(http.StatusRequestEntityTooLarge, "api.file_too_large", name, maxFile>>20)
	}
	mediaType, ok, err := blob.Sniff(bytes.NewReader(content), name)
	if err != nil {
		return antrag.Datei{}, err
	}
	if !ok || mediaType == "text/plain" {
		return antrag.Datei{}, problem.Fields{{Path: "datei", Key: "api.file_type", Args: []any{name}}}
	}
	return antrag.NewDatei(name, mediaType, blob.StripMetadata(mediaType, content)), nil
}

// broken keeps the answers for size and time; everything else is a body no client should send.
func broken(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || strings.Contains(err.Error(), "timeout") {
		return err
	}
	return web.BadRequest(err)
}

func cut(s string) string {
	if r := []rune(s); len(r) > 50 {
		return string(r[:50]) + "…"
	}
	return s
}
