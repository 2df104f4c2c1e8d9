package formular

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Entwurf is a draft: answers given so far. It begins with the first answered page, can be resumed with a code
// and is deleted, uploads included, when nobody touches it for DraftLife.
type Entwurf struct {
	ID        string
	Slug      string
	Form      *Form
	Answers   Answers
	Done      []string // keys of the pages saved without a problem
	BuergerID string
	ChangedAt time.Time
	ExpiresAt time.Time
	Version   int64
	Dateien   []Datei
}

// Datei is a file uploaded into a draft.
type Datei struct {
	ID        string
	Path      string // of the field
	Name      string
	MediaType string
	Ref       blob.Ref
}

// DraftLife is how long a draft lives since its last change.
const DraftLife = 30 * 24 * time.Hour

// MaxFiles bounds the uploads of one draft, MaxFileBytes one file without a limit of its own.
const (
	MaxFiles     = 20
	MaxFileBytes = 10 << 20
)

// codeBytes of a resume code: 128 bits, 26 Crockford characters.
const codeBytes = 16

func hashCode(code string) string {
	sum := sha256.Sum256([]byte("entwurf:" + id.Normal(code)))
	return hex.EncodeToString(sum[:])
}

// Begin makes a draft for a service and returns the code to resume it with. The code is not stored.
func (f *Forms) Begin(tx *storage.Tx, slug, buergerID string) (Entwurf, string, error) {
	form, err := f.ForLeistung(tx, slug)
	if err != nil {
		return Entwurf{}, "", err
	}
	formularID, err := storage.Get(tx, storage.Value[string], `select formular_id from formular_leistung where slug = $1`, slug)
	if err != nil {
		return Entwurf{}, "", err
	}
	raw, err := hex.DecodeString(tx.IDs().Secret(codeBytes))
	if err != nil {
		return Entwurf{}, "", err
	}
	code := id.Encode(raw)
	e := Entwurf{ID: tx.NewID(), Slug: slug, Form: form, Answers: Answers{}, BuergerID: buergerID, ChangedAt: tx.Now(), ExpiresAt: tx.Now().Add(DraftLife), Version: 1}
	_, err = tx.Exec(`insert into entwurf (id, slug, formular_id, code_hash, answers, done, buerger_id, created_at, changed_at, expires_at, reminded, version)
		values ($1, $2, $3, $4, '{}', '[]', $5, $6, $6, $7, 0, 1)`,
		e.ID, slug, formularID, hashCode(code), buergerID, storage.Millis(tx.Now()), storage.Millis(e.ExpiresAt))
	return e, id.Grouped(code, 4), err
}

// NewCode replaces the code of a draft, for the page that shows it.
func NewCode(tx *storage.Tx, entwurfID string) (string, error) {
	raw, err := hex.DecodeString(tx.IDs().Secret(codeBytes))
	if err != nil {
		return "", err
	}
	code := id.Encode(raw)
	n, err := tx.Exec(`update entwurf set code_hash = $2 where id = $1`, entwurfID, hashCode(code))
	if err == nil && n == 0 {
		err = problem.NotFound
	}
	return id.Grouped(code, 4), err
}

// Resume returns the id of the draft a code opens; problem.NotFound for a wrong one. The caller throttles.
func Resume(tx *storage.Tx, code string) (string, error) {
	draft, err := storage.Get(tx, storage.Value[string], `select id from entwurf where code_hash = $1 and expires_at > $2`, hashCode(code), storage.Millis(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("resume: %w", err)
	}
	return draft, nil
}

// Draft returns a draft; problem.NotFound when it is gone or over. The caller knows by its session that the
// draft is the caller's.
func (f *Forms) Draft(tx *storage.Tx, entwurfID string) (Entwurf, error) {
	var formularID, answers, done string
	e, err := storage.Get(tx, func(r storage.Scanner) (Entwurf, error) {
		var e Entwurf
		var changed, expires int64
		err := r.Scan(&e.ID, &e.Slug, &formularID, &answers, &done, &e.BuergerID, &changed, &expires, &e.Version)
		e.ChangedAt, e.ExpiresAt = storage.Time(changed), storage.Time(expires)
		return e, err
	}, `select id, slug, formular_id, answers, done, buerger_id, changed_at, expires_at, version from entwurf where id = $1 and expires_at > $2`,
		entwurfID, storage.Millis(tx.Now()))
	if err != nil {
		return e, fmt.Errorf("entwurf: %w", err)
	}
	if err := json.Unmarshal([]byte(answers), &e.Answers); err != nil {
		return e, fmt.Errorf("entwurf %s: %w", e.ID, err)
	}
	if err := json.Unmarshal([]byte(done), &e.Done); err != nil {
		return e, fmt.Errorf("entwurf %s: %w", e.ID, err)
	}
	if e.Form, err = f.byID(tx, formularID); err != nil {
		return e, err
	}
	e.Dateien, err = storage.List(tx, scanDatei, `select id, path, name, media_type, blob_id, sha256, bytes from entwurf_datei where entwurf_id = $1 order by created_at, id`, e.ID)
	return e, err
}

func scanDatei(r storage.Scanner) (Datei, error) {
	var d Datei
	err := r.Scan(&d.ID, &d.Path, &d.Name, &d.MediaType, &d.Ref.ID, &d.Ref.SHA256, &d.Ref.Size)
	return d, err
}

// SaveAnswers stores answers of a draft; page is marked done or not. A draft changed meanwhile in another window
// is problem.Conflict.
func SaveAnswers(tx *storage.Tx, e *Entwurf, answers Answers, page string, done bool) error {
	e.Answers = answers
	e.Done = slices.DeleteFunc(slices.Clone(e.Done), func(k string) bool { return k == page })
	if done {
		e.Done = append(e.Done, page)
	}
	data, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	marks, err := json.Marshal(e.Done)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`update entwurf set answers = $2, done = $3, changed_at = $4, expires_at = $5, reminded = 0, version = version + 1 where id = $1 and version = $6`,
		e.ID, string(data), string(marks), storage.Millis(tx.Now()), storage.Millis(tx.Now().Add(DraftLife)), e.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.Conflicting("formular.changed_elsewhere")
	}
	e.Version++
	return nil
}

// AddDatei files an upload, durable already, in a draft.
func AddDatei(tx *storage.Tx, e *Entwurf, d Datei) error {
	if len(e.Dateien) >= MaxFiles {
		return problem.Fields{{Path: d.Path, Key: "formular.too_many", Args: []any{MaxFiles}}}
	}
	d.ID = tx.NewID()
	_, err := tx.Exec(`insert into entwurf_datei (id, entwurf_id, path, name, media_type, blob_id, sha256, bytes, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.ID, e.ID, d.Path, d.Name, d.MediaType, d.Ref.ID, d.Ref.SHA256, d.Ref.Size, storage.Millis(tx.Now()))
	return err
}

// RemoveDatei takes an upload out of a draft; the file itself is swept later.
func RemoveDatei(tx *storage.Tx, entwurfID, dateiID string) error {
	_, err := tx.Exec(`delete from entwurf_datei where id = $1 and entwurf_id = $2`, dateiID, entwurfID)
	return err
}

// Discard deletes a draft and lets go of its uploads.
func Discard(tx *storage.Tx, entwurfID string) error {
	if _, err := tx.Exec(`delete from entwurf_datei where entwurf_id = $1`, entwurfID); err != nil {
		return err
	}
	_, err := tx.Exec(`delete from entwurf where id = $1`, entwurfID)
	return err
}

// ExpireDrafts deletes the drafts nobody has touched for DraftLife and returns how many.
func ExpireDrafts(tx *storage.Tx) (int, error) {
	over, err := storage.List(tx, storage.Value[string], `select id from entwurf where expires_at <= $1 order by expires_at, id limit 200`, storage.Millis(tx.Now()))
	if err != nil {
		return 0, err
	}
	for _, e := range over {
		if err := Discard(tx, e); err != nil {
			return 0, err
		}
	}
	return len(over), nil
}

// NextAbschnitt is the first page to be filled in that is not done, or "" when all are.
func (e Entwurf) NextAbschnitt(today clock.Date) string {
	for _, a := range e.Form.Shown(today, e.Answers) {
		if !slices.Contains(e.Done, a.Key) {
			return a.Key
		}
	}
	return ""
}
