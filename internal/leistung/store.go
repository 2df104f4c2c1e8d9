package leistung

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"rathaus/internal/audit"
	"rathaus/internal/i18n"
	"rathaus/internal/storage"
)

const columns = `body, edited, hidden, version`

func scan(s storage.Scanner) (Leistung, error) {
	var l Leistung
	var body string
	var edited, hidden int64
	if err := s.Scan(&body, &edited, &hidden, &l.Version); err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return l, fmt.Errorf("leistung body: %w", err)
	}
	l.Edited, l.Hidden = edited == 1, hidden == 1
	return l, nil
}

// Get returns a published Leistung, also one the town hides (running cases need its rules);
// problem.NotFound when there is none of that slug.
func Get(tx *storage.Tx, slug string) (Leistung, error) {
	l, err := storage.Get(tx, scan, `select `+columns+` from leistung where slug = $1`, slug)
	if err != nil {
		return l, fmt.Errorf("leistung %q: %w", slug, err)
	}
	return l, nil
}

// Seed brings the embedded catalogue for the Land into the town's store and returns how many entries
// are new or changed. It can be repeated, also with a newer program: what the town has edited stays,
// what it has hidden stays hidden.
func Seed(tx *storage.Tx, land string) (int, error) {
	all, err := Katalog(land)
	if err != nil {
		return 0, err
	}
	type known struct {
		digest string
		edited bool
	}
	have := map[string]known{}
	err = storage.Each(tx, func(s storage.Scanner) error {
		var slug string
		var k known
		var edited int64
		if err := s.Scan(&slug, &k.digest, &edited); err != nil {
			return err
		}
		k.edited = edited == 1
		have[slug] = k
		return nil
	}, `select slug, seed_digest, edited from leistung`)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, l := range all {
		body, err := json.Marshal(l)
		if err != nil {
			return changed, err
		}
		k, exists := have[l.Slug]
		if exists && (k.edited || k.digest == digest(body)) {
			continue
		}
		if err := store(tx, l, body, digest(body), false); err != nil {
			return changed, err
		}
		changed++
	}
	if changed > 0 {
		err = audit.Record(tx, audit.Entry{Noun: "leistung", ID: "katalog", Act: "seeded",
			Data: map[string]string{"land": land, "count": fmt.Sprint(changed)}})
	}
	return changed, err
}

// store writes a Leistung and the rows lists and search read.
func store(tx *storage.Tx, l Leistung, body []byte, seedDigest string, edited bool) error {
	version, err := storage.Get(tx, storage.Value[int64], `select coalesce(max(version), 0) + 1 from leistung`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`insert into leistung (slug, einheit_key, frequent, way, free, body, seed_digest, edited, hidden, version, changed_at, changed_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)
		on conflict (slug) do update set einheit_key = excluded.einheit_key, frequent = excluded.frequent, way = excluded.way,
			free = excluded.free, body = excluded.body, seed_digest = excluded.seed_digest, edited = excluded.edited, version = excluded.version,
			changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
		l.Slug, l.Einheit, l.Frequent, string(l.Way), flag(l.Gebuehr.Origin == OriginNone), string(body), seedDigest, flag(edited), version,
		storage.Millis(tx.Now()), tx.Scope().Actor)
	if err != nil {
		return fmt.Errorf("leistung %s: %w", l.Slug, err)
	}
	for _, table := range []string{`delete from leistung_text where slug = $1`, `delete from leistung_lebenslage where slug = $1`} {
		if _, err := tx.Exec(table, l.Slug); err != nil {
			return err
		}
	}
	for _, lang := range i18n.Langs() {
		t, textLang := l.In(lang)
		key := sortKey(t.Title)
		if _, err := tx.Exec(`insert into leistung_text (slug, lang, text_lang, title, title_folded, letter, lead, hint, fee)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			l.Slug, string(lang), string(textLang), t.Title, key, letter(key), t.Lead, t.Hint, t.Fee.Value); err != nil {
			return err
		}
	}
	for place, lage := range l.Lebenslagen {
		if _, err := tx.Exec(`insert into leistung_lebenslage (lebenslage, slug, place) values ($1, $2, $3)`, lage, l.Slug, place); err != nil {
			return err
		}
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// sortKey orders titles as a German reader expects; the dots of Leichte Sprache do not count.
func sortKey(title string) string {
	return storage.Fold(strings.NewReplacer("·", "", "\u00ad", "").Replace(title))
}

// letter is the heading of the A–Z list: the first letter as a capital, or # for anything else.
func letter(key string) string {
	r, _ := utf8.DecodeRuneInString(key)
	if r >= 'a' && r <= 'z' {
		return string(r - 'a' + 'A')
	}
	return "#"
}
