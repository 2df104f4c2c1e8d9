package formular

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

//go:embed all:formulare
var shipped embed.FS

// Parse reads a definition; unknown keys are refused by name.
func Parse(data []byte) (Definition, error) {
	var d Definition
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, fmt.Errorf("formular: %w", err)
	}
	if d.Format != 0 && d.Format != Format {
		return d, fmt.Errorf("formular %s: format %d is not known", d.Key, d.Format)
	}
	d.Format = Format
	return d, nil
}

// Own returns the shipped forms by slug of their service.
func Own() (map[string]Definition, error) {
	return readShipped(func(name string, data []byte) (string, Definition, error) {
		if strings.HasSuffix(name, exampleSuffix) {
			return "", Definition{}, nil
		}
		d, err := Parse(data)
		return strings.TrimSuffix(name, ".json"), d, err
	})
}

// Examples returns valid answers to the shipped forms, for tests, the demo and other portals.
func Examples() (map[string]Answers, error) {
	return readShipped(func(name string, data []byte) (string, Answers, error) {
		slug, ok := strings.CutSuffix(name, exampleSuffix)
		if !ok {
			return "", nil, nil
		}
		var a Answers
		return slug, a, json.Unmarshal(data, &a)
	})
}

const exampleSuffix = ".beispiel.json"

func readShipped[T any](read func(name string, data []byte) (string, T, error)) (map[string]T, error) {
	files, err := fs.ReadDir(shipped, "formulare")
	if err != nil {
		return nil, err
	}
	out := map[string]T{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".json") {
			continue
		}
		data, err := shipped.ReadFile("formulare/" + f.Name())
		if err != nil {
			return nil, err
		}
		slug, v, err := read(f.Name(), data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		if slug != "" {
			out[slug] = v
		}
	}
	return out, nil
}

// Stored is a form in the store.
type Stored struct {
	ID, Key, Version, Title string
	Origin                  string // "eigen" or "fim"
	Published               bool
	// Slug is the service it is linked with, or empty.
	Slug string
}

// Save stores a definition as an unpublished version. The same version with the same content is kept as it is;
// with other content it is problem.Conflict once published, else replaced. Right: konto.EditCatalogue.
func Save(tx *storage.Tx, d Definition) (Stored, error) {
	if err := konto.Require(tx, konto.EditCatalogue, ""); err != nil {
		return Stored{}, err
	}
	if _, err := Compile(d); err != nil {
		return Stored{}, err
	}
	if err := d.Sound(); err != nil {
		return Stored{}, err
	}
	data, err := json.Marshal(d)
	if err != nil {
		return Stored{}, err
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	s := Stored{Key: d.Key, Version: d.Version, Title: d.Title, Origin: "eigen"}
	if d.Source != nil && d.Source.Standard != "" {
		s.Origin = d.Source.Standard
	}
	old, oldDigest, err := byVersion(tx, d.Key, d.Version)
	switch {
	case err == nil && oldDigest == digest:
		return old, nil
	case err == nil && old.Published:
		return old, problem.Conflicting("formular.version_published", d.Title, d.Version)
	case err == nil:
		s.ID = old.ID
		_, err = tx.Exec(`update formular set title = $2, data = $3, digest = $4, created_at = $5, created_by = $6 where id = $1 and published = 0`,
			s.ID, s.Title, string(data), digest, storage.Millis(tx.Now()), tx.Scope().Actor)
	case errors.Is(err, problem.NotFound):
		s.ID = tx.NewID()
		_, err = tx.Exec(`insert into formular (id, key, version, title, origin, published, data, digest, created_at, created_by)
			values ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9)`,
			s.ID, s.Key, s.Version, s.Title, s.Origin, string(data), digest, storage.Millis(tx.Now()), tx.Scope().Actor)
	}
	if err != nil {
		return s, fmt.Errorf("save formular %s %s: %w", d.Key, d.Version, err)
	}
	return s, audit.Record(tx, audit.Entry{Noun: "formular", ID: s.ID, Act: "saved", New: digest, Data: map[string]string{"text": d.Title + " " + d.Version}})
}

func byVersion(tx *storage.Tx, key, version string) (Stored, string, error) {
	var digest string
	s, err := storage.Get(tx, func(r storage.Scanner) (Stored, error) {
		var s Stored
		var published int64
		err := r.Scan(&s.ID, &s.Key, &s.Version, &s.Title, &s.Origin, &published, &digest)
		s.Published = published == 1
		return s, err
	}, `select id, key, version, title, origin, published, digest from formular where key = $1 and version = $2`, key, version)
	return s, digest, err
}

// Publish puts a stored version online for a service; from then on it never changes. A service that needs more
// than the logins in place give (trust above normal, or written form) is refused with the reason.
// Right: konto.EditCatalogue.
func Publish(tx *storage.Tx, formularID, slug string) error {
	if err := konto.Require(tx, konto.EditCatalogue, ""); err != nil {
		return err
	}
	service, err := leistung.Get(tx, slug)
	if err != nil {
		return err
	}
	if err := MayBeOnline(service); err != nil {
		return err
	}
	n, err := tx.Exec(`update formular set published = 1 where id = $1`, formularID)
	if err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("formular %s: %w", formularID, problem.NotFound))
	}
	_, err = tx.Exec(`insert into formular_leistung (slug, formular_id, since, linked_by) values ($1, $2, $3, $4)
		on conflict (slug) do update set formular_id = excluded.formular_id, since = excluded.since, linked_by = excluded.linked_by`,
		slug, formularID, storage.Millis(tx.Now()), tx.Scope().Actor)
	if err != nil {
		return fmt.Errorf("publish formular for %s: %w", slug, err)
	}
	return audit.Record(tx, audit.Entry{Noun: "formular", ID: formularID, Act: "published", New: slug, Data: map[string]string{"text": slug}})
}

// MayBeOnline returns nil when the logins in place are enough for the service, else a Conflict that says why not.
func MayBeOnline(s leistung.Leistung) error {
	if !leistung.TrustNormal.AtLeast(s.Trust) {
		return problem.Conflicting("formular.trust_too_low")
	}
	if s.Schriftform.Required {
		for _, by := range s.Schriftform.ReplacedBy {
			if by == leistung.SubstituteAccount {
				return nil
			}
		}
		return problem.Conflicting("formular.written_form")
	}
	return nil
}

// Withdraw takes the form of a service offline; running drafts and cases keep it. Right: konto.EditCatalogue.
func Withdraw(tx *storage.Tx, slug string) error {
	if err := konto.Require(tx, konto.EditCatalogue, ""); err != nil {
		return err
	}
	n, err := tx.Exec(`delete from formular_leistung where slug = $1`, slug)
	if err != nil || n == 0 {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "formular", ID: slug, Act: "withdrawn", Old: slug})
}

// List lists all stored forms by key, newest version first.
func List(tx *storage.Tx) ([]Stored, error) {
	return storage.List(tx, func(r storage.Scanner) (Stored, error) {
		var s Stored
		var published int64
		err := r.Scan(&s.ID, &s.Key, &s.Version, &s.Title, &s.Origin, &published, &s.Slug)
		s.Published = published == 1
		return s, err
	}, `select f.id, f.key, f.version, f.title, f.origin, f.published, coalesce(l.slug, '') from formular f
		left join formular_leistung l on l.formular_id = f.id order by f.key, f.created_at desc, f.id`)
}

// Online lists the slugs of services that can be applied for online.
func Online(tx *storage.Tx) ([]string, error) {
	return storage.List(tx, storage.Value[string], `select slug from formular_leistung order by slug`)
}

// IsOnline reports whether the service has a published form.
func IsOnline(tx *storage.Tx, slug string) (bool, error) {
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from formular_leistung where slug = $1`, slug)
	return n > 0, err
}

// ForLeistung returns the published form of a service; problem.NotFound when it has none.
func (f *Forms) ForLeistung(tx *storage.Tx, slug string) (*Form, error) {
	form, err := f.load(tx, `select f.digest, f.id from formular f join formular_leistung l on l.formular_id = f.id where l.slug = $1`, slug)
	if err != nil {
		return nil, fmt.Errorf("formular of %s: %w", slug, err)
	}
	return form, nil
}

// ByVersion returns one version of a form, for the cases begun with it.
func (f *Forms) ByVersion(tx *storage.Tx, key, version string) (*Form, error) {
	form, err := f.load(tx, `select digest, id from formular where key = $1 and version = $2`, key, version)
	if err != nil {
		return nil, fmt.Errorf("formular %s %s: %w", key, version, err)
	}
	return form, nil
}

func (f *Forms) byID(tx *storage.Tx, id string) (*Form, error) {
	return f.load(tx, `select digest, id from formular where id = $1`, id)
}

func (f *Forms) load(tx *storage.Tx, query string, args ...any) (*Form, error) {
	var digest, id string
	_, err := storage.Get(tx, func(r storage.Scanner) (bool, error) { return true, r.Scan(&digest, &id) }, query, args...)
	if err != nil {
		return nil, err
	}
	return f.compiled(digest, func() (Definition, error) {
		data, err := storage.Get(tx, storage.Value[string], `select data from formular where id = $1`, id)
		if err != nil {
			return Definition{}, err
		}
		return Parse([]byte(data))
	})
}

// Seed stores and publishes the shipped forms whose service the town has and that have no form yet.
func Seed(tx *storage.Tx) error {
	own, err := Own()
	if err != nil {
		return err
	}
	for slug, d := range own {
		_, err := leistung.Get(tx, slug)
		if errors.Is(err, problem.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if online, err := IsOnline(tx, slug); err != nil || online {
			if err != nil {
				return err
			}
			continue
		}
		s, err := Save(tx, d)
		if err != nil {
			return err
		}
		if err := Publish(tx, s.ID, slug); err != nil {
			return err
		}
	}
	return nil
}
