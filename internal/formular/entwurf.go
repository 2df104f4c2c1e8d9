package formular

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
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

func hashCode(code string) string {
	sum := sha256.Sum256([]byte("entwurf:" + id.Normal(code)))
	return hex.EncodeToString(sum[:])
}

// Begin makes a draft for a service. owner is the account it belongs to, or empty. code gives the code to resume it with;
// only its hash is stored.
func (f *Forms) Begin(tx *storage.Tx, slug, owner string, code func(entwurfID string) string) (Entwurf, error) {
	form, err := f.ForLeistung(tx, slug)
	if err != nil {
		return Entwurf{}, err
	}
	formularID, err := storage.Get(tx, storage.Value[string], `select formular_id from formular_leistung where slug = $1`, slug)
	if err != nil {
		return Entwurf{}, err
	}
	e := Entwurf{ID: tx.NewID(), Slug: slug, Form: form, Answers: Answers{}, BuergerID: owner, ChangedAt: tx.Now(), ExpiresAt: tx.Now().Add(DraftLife), Version: 1}
	_, err = tx.Exec(`insert into entwurf (id, slug, formular_id, code_hash, answers, done, buerger_id, created_at, changed_at, expires_at, reminded, version)
		values ($1, $2, $3, $4, '{}', '[]', $5, $6, $6, $7, 0, 1)`,
		e.ID, slug, formularID, hashCode(code(e.ID)), owner, storage.Millis(tx.Now()), storage.Millis(e.ExpiresAt))
	return e, err
}

// OwnDraft returns the id of the owner's newest draft for a service, "" for none.
func OwnDraft(tx *storage.Tx, slug, owner string) (string, error) {
	if owner == "" {
		return "", nil
	}
	ids, err := storage.List(tx, storage.Value[string], `select id from entwurf where buerger_id = $1 and slug = $2 and expires_at > $3
		order by changed_at desc, id limit 1`, owner, slug, storage.Millis(tx.Now()))
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
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
	e.Dateien = append(e.Dateien, d)
	return err
}

// RemoveDatei takes an upload out of a draft; the file itself is swept later.
func RemoveDatei(tx *storage.Tx, entwurfID, dateiID string) error {
	_, err := tx.Exec(`delete from entwurf_datei where id = $1 and entwurf_id = $2`, dateiID, entwurfID)
	return err
}

// RemoveEntryFiles lets go of the uploads in the entry of a repeat that is removed ("hunde.1") and moves those of the entries
// behind it up by one, as their answers do.
func RemoveEntryFiles(tx *storage.Tx, e *Entwurf, path string) error {
	cut := strings.LastIndexByte(path, '.')
	if cut < 0 {
		return nil
	}
	removed, err := strconv.Atoi(path[cut+1:])
	if err != nil {
		return nil
	}
	for _, d := range e.Dateien {
		rest, inside := strings.CutPrefix(d.Path, path[:cut+1])
		number, field, ok := strings.Cut(rest, ".")
		at, err := strconv.Atoi(number)
		switch {
		case !inside || !ok || err != nil || at < removed:
			continue
		case at == removed:
			err = RemoveDatei(tx, e.ID, d.ID)
		default:
			_, err = tx.Exec(`update entwurf_datei set path = $2 where id = $1`, d.ID, fmt.Sprintf("%s.%d.%s", path[:cut], at-1, field))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Sent lists the uploads that go with the cleaned answers: those of fields that are shown.
func (e Entwurf) Sent(clean Answers) []Datei {
	var out []Datei
	for _, d := range e.Dateien {
		switch v := clean.At(d.Path).(type) {
		case string:
			if v == d.Name {
				out = append(out, d)
			}
		case []any:
			if slices.Contains(v, any(d.Name)) {
				out = append(out, d)
			}
		}
	}
	return out
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
