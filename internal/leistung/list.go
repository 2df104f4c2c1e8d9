package leistung

import (
	"encoding/base64"
	"strings"

	"rathaus/internal/i18n"
	"rathaus/internal/storage"
)

// Item is a Leistung in a list.
type Item struct {
	Slug  string
	Title string
	Lead  string
	// Hint is the single word for the line below the search field, empty for most.
	Hint string
	// Fee is the short form of the fee; Free means there is none.
	Fee  string
	Free bool
	Way  Way
	// Lang is the language Title, Lead and Fee are in, which may not be the one asked for.
	Lang i18n.Lang
	// Letter is the heading in the A–Z list.
	Letter string
}

// At returns the item for a town: place holders filled in, see Text.
func (i Item) At(name, official string) Item {
	fill := placeHolders(name, official).Replace
	i.Title, i.Lead, i.Hint, i.Fee = fill(i.Title), fill(i.Lead), fill(i.Hint), fill(i.Fee)
	return i
}

// PageSize is the number of entries on a page of a list.
const PageSize = 25

const (
	itemColumns = `t.slug, t.title, t.lead, t.hint, t.fee, l.free, l.way, t.text_lang, t.letter`
	itemTables  = ` from leistung_text t join leistung l on l.slug = t.slug where t.lang = $1 and l.hidden = 0`
)

func scanItem(s storage.Scanner) (Item, error) {
	var i Item
	var free int64
	err := s.Scan(&i.Slug, &i.Title, &i.Lead, &i.Hint, &i.Fee, &free, &i.Way, &i.Lang, &i.Letter)
	i.Free = free == 1
	return i, err
}

// List returns a page of all services by title, from the cursor on; letter ("H") keeps only its
// services, empty is all. next is the cursor of the following page, empty on the last one. A stale or
// broken cursor gives page one.
func List(tx *storage.Tx, lang i18n.Lang, letter, cursor string) (items []Item, next string, err error) {
	title, slug := parseCursor(cursor)
	items, err = storage.List(tx, scanItem, `select `+itemColumns+itemTables+`
		and ($2 = '' or t.letter = $2) and (t.title_folded > $3 or t.title_folded = $3 and t.slug > $4)
		order by t.title_folded, t.slug limit $5`, string(lang), letter, title, slug, PageSize+1)
	if err != nil || len(items) <= PageSize {
		return items, "", err
	}
	items = items[:PageSize]
	last := items[PageSize-1]
	return items, base64.RawURLEncoding.EncodeToString([]byte(sortKey(last.Title) + "\x00" + last.Slug)), nil
}

func parseCursor(c string) (title, slug string) {
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return "", ""
	}
	title, slug, ok := strings.Cut(string(raw), "\x00")
	if !ok || !slugForm.MatchString(slug) {
		return "", ""
	}
	return title, slug
}

// Titles returns every service, hidden ones too, by title; for filters of staff.
func Titles(tx *storage.Tx, lang i18n.Lang) ([]Item, error) {
	return storage.List(tx, scanItem, `select `+itemColumns+` from leistung_text t join leistung l on l.slug = t.slug
		where t.lang = $1 order by t.title_folded, t.slug`, string(lang))
}

// Letters returns the letters that have services, in order.
func Letters(tx *storage.Tx, lang i18n.Lang) ([]string, error) {
	return storage.List(tx, storage.Value[string], `select distinct t.letter`+itemTables+` order by t.letter`, string(lang))
}

// Count returns the number of services offered.
func Count(tx *storage.Tx) (int, error) {
	return storage.Get(tx, storage.Value[int], `select count(*) from leistung where hidden = 0`)
}

// ByLebenslage returns the services of a situation in life, the most fitting first. An unknown key has none.
func ByLebenslage(tx *storage.Tx, lang i18n.Lang, key string) ([]Item, error) {
	return storage.List(tx, scanItem, `select `+itemColumns+` from leistung_lebenslage b
		join leistung l on l.slug = b.slug join leistung_text t on t.slug = l.slug
		where t.lang = $1 and l.hidden = 0 and b.lebenslage = $2
		order by b.place, case when l.frequent = 0 then 1 else 0 end, l.frequent, t.title_folded, t.slug`, string(lang), key)
}

// Frequent returns the most used services in the order the town has set.
func Frequent(tx *storage.Tx, lang i18n.Lang) ([]Item, error) {
	return storage.List(tx, scanItem, `select `+itemColumns+itemTables+` and l.frequent > 0 order by l.frequent, t.slug`, string(lang))
}

// Items returns the services of the slugs that exist and are offered, in the given order.
func Items(tx *storage.Tx, lang i18n.Lang, slugs []string) ([]Item, error) {
	out := make([]Item, 0, len(slugs))
	for _, slug := range slugs {
		found, err := storage.List(tx, scanItem, `select `+itemColumns+itemTables+` and t.slug = $2`, string(lang), slug)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
