package leistung

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"rathaus/internal/i18n"
	"rathaus/internal/search"
	"rathaus/internal/storage"
)

// Finder searches the catalogues of all towns. It keeps a small index of each town and language in
// memory and makes a new one when the catalogue has changed. Safe for concurrent use.
type Finder struct {
	mu      sync.Mutex
	indexes map[indexKey]index
	shown   map[shownKey]shown
}

type indexKey struct {
	town string
	lang i18n.Lang
}

// index is the searchable catalogue of one town in one state.
type index struct {
	version int64
	small   *search.Small
}

// maxIndexes bounds the memory of an installation with hundreds of towns; one index takes about 100 kB.
const maxIndexes = 128

// NewFinder returns a Finder that knows no town yet.
func NewFinder() *Finder { return &Finder{indexes: map[indexKey]index{}, shown: map[shownKey]shown{}} }

// Search returns the services that fit the words of a query, the best first, in the language. Compounds,
// umlauts, synonyms and one typing error a word are forgiven; German words count in every language.
func (f *Finder) Search(tx *storage.Tx, lang i18n.Lang, query string) ([]Item, error) {
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	small, err := f.index(tx, lang)
	if err != nil {
		return nil, err
	}
	return Items(tx, lang, small.Search(query))
}

func (f *Finder) index(tx *storage.Tx, lang i18n.Lang) (*search.Small, error) {
	version, err := catalogueVersion(tx)
	if err != nil {
		return nil, err
	}
	key := indexKey{tx.Scope().Mandant, lang}
	f.mu.Lock()
	known, ok := f.indexes[key]
	f.mu.Unlock()
	if ok && known.version == version {
		return known.small, nil
	}
	all, err := storage.List(tx, scan, `select `+columns+` from leistung where hidden = 0 order by slug`)
	if err != nil {
		return nil, err
	}
	small := search.NewSmall(entries(all, lang))
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.indexes) >= maxIndexes {
		clear(f.indexes) // rare; the next search of each town makes its own again
	}
	f.indexes[key] = index{version, small}
	return small, nil
}

// catalogueVersion changes with every change of any service.
func catalogueVersion(tx *storage.Tx) (int64, error) {
	return storage.Get(tx, storage.Value[int64], `select coalesce(max(version), 0) from leistung`)
}

type shownKey struct {
	indexKey
	slug string
}

// shown is a service with what its page shows of others, in one state of the catalogue.
type shown struct {
	version  int64
	leistung Leistung
	related  []Item
}

// maxShown bounds the memory; an entry takes about 20 kB.
const maxShown = 1000

// Describe is Get and Items of the related services, from memory while the catalogue stays as it is. What it returns
// is shared and must not be changed.
func (f *Finder) Describe(tx *storage.Tx, lang i18n.Lang, slug string) (Leistung, []Item, error) {
	version, err := catalogueVersion(tx)
	if err != nil {
		return Leistung{}, nil, err
	}
	key := shownKey{indexKey{tx.Scope().Mandant, lang}, slug}
	f.mu.Lock()
	known, ok := f.shown[key]
	f.mu.Unlock()
	if ok && known.version == version {
		return known.leistung, known.related, nil
	}
	e := shown{version: version}
	if e.leistung, err = Get(tx, slug); err != nil {
		return Leistung{}, nil, err
	}
	if e.related, err = Items(tx, lang, e.leistung.Related); err != nil {
		return Leistung{}, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.shown) >= maxShown {
		clear(f.shown)
	}
	f.shown[key] = e
	return e.leistung, e.related, nil
}

// entries orders the catalogue so that of equal hits the most used stands first.
func entries(all []Leistung, lang i18n.Lang) []search.Entry {
	slices.SortStableFunc(all, func(a, b Leistung) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Slug, b.Slug))
	})
	out := make([]search.Entry, len(all))
	for i, l := range all {
		text, _ := l.In(lang)
		german := l.Texts[i18n.De]
		// A hint counts as the title: "Hundesteuer" leads to "Hund anmelden" before anything else.
		out[i] = search.Entry{ID: l.Slug, Title: plain(text.Title + " " + text.Hint + " " + german.Hint), Text: plain(text.words()),
			Synonyms: append([]string{german.Title}, l.Synonyms...)}
	}
	return out
}

func place(l Leistung) int {
	if l.Frequent == 0 {
		return 1000
	}
	return l.Frequent
}

// plain takes out the dots of Leichte Sprache and the place holders.
func plain(s string) string {
	return strings.NewReplacer("·", "", "\u00ad", "", "{ort}", "", "{gemeinde}", "").Replace(s)
}
