package search_test

import (
	"bytes"
	"slices"
	"testing"

	"rathaus/internal/search"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func TestTypingErrors(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	fill(t, s,
		search.Doc{Kind: "vorgang", ID: "hund", Title: "Hundesteuer anmelden", Text: "Mira Schneider"},
		search.Doc{Kind: "vorgang", ID: "baum", Title: "Baumfällung", Text: "Jonte Brodersen", Units: []string{"umweltamt"}},
	)
	for word, want := range map[string]string{"hundesteuer": "hund", "schneider": "hund", "mira": "hund"} {
		for _, wrong := range misspelled(word) {
			if got := ids(t, s, search.Request{Text: wrong}); !slices.Equal(got, []string{want}) {
				t.Errorf("%q finds %v, want %s", wrong, got, want)
			}
		}
	}
	for query, want := range map[string][]string{
		"Schnieder Hundestuer": {"hund"}, "Schneider Hundestuer": {"hund"}, "Hundesteuer Schnieder anmeldne": {"hund"},
		"Brodresen": {}, "Hundxsteuxr": {}, "mri": {}, "Xyzzy Schneider": {},
	} {
		if got := ids(t, s, search.Request{Text: query}); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
	if got := ids(t, s, search.Request{Text: "Brodresen", Labels: []string{"umweltamt"}}); !slices.Equal(got, []string{"baum"}) {
		t.Errorf("Brodresen finds %v for the unit that may see it", got)
	}
	s.Read(t, func(tx *storage.Tx) error {
		for query, want := range map[string]bool{"Hundesteuer": false, "Hundestuer": true, "Quastenflosser": false} {
			p, err := search.Query(tx, search.Request{Text: query})
			if err != nil {
				return err
			}
			if p.Similar != want {
				t.Errorf("%q: similar %v, want %v", query, p.Similar, want)
			}
		}
		return nil
	})
}

// misspelled makes every left-out, doubled, changed and swapped letter of a word.
func misspelled(word string) []string {
	var out []string
	for i := range len(word) {
		out = append(out, word[:i]+"x"+word[i:], word[:i]+"x"+word[i+1:])
		if len(word) > 4 {
			out = append(out, word[:i]+word[i+1:])
		}
		if i > 0 {
			out = append(out, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
		}
	}
	return out
}

// TestNothingStays: the words of a deleted or changed document are in no table of the search any more.
func TestNothingStays(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	fill(t, s, search.Doc{Kind: "vorgang", ID: "1", Title: "Antrag Zwirbelbart", Text: "Xylophon Tannhof", Numbers: []string{"WB-QQQQ1"}})
	for range 40 { // parts of the index the document stands in are merged with others
		fill(t, s, search.Doc{Kind: "vorgang", ID: "2", Title: "Antrag Tannhof"}, search.Doc{Kind: "vorgang", ID: "3", Title: "Antrag Brodersen"})
	}
	gone := []string{"zwirbelbart", "xylophon", "wbqqqq1"}
	if found := stored(t, s, gone); !slices.Equal(found, gone) {
		t.Fatalf("before: only %v is there", found)
	}
	fill(t, s, search.Doc{Kind: "vorgang", ID: "1", Title: "Antrag", Text: "Xylophon"})
	if found := stored(t, s, gone); !slices.Equal(found, []string{"xylophon"}) {
		t.Errorf("after a change %v is there, want xylophon", found)
	}
	s.Write(t, func(tx *storage.Tx) error { return search.Delete(tx, "vorgang", "1") })
	if found := stored(t, s, gone); len(found) > 0 {
		t.Errorf("after deletion %v stays", found)
	}
	if got := ids(t, s, search.Request{Text: "Tanhof"}); !slices.Equal(got, []string{"2"}) {
		t.Errorf("a word another document holds is forgotten: %v", got)
	}
	s.Write(t, search.Clear)
	fill(t, s, search.Doc{Kind: "vorgang", ID: "9", Title: "Neuanfang"})
	if got := ids(t, s, search.Request{Text: "Neuanfang"}); !slices.Equal(got, []string{"9"}) {
		t.Errorf("after clearing the index finds %v", got)
	}
	if found := stored(t, s, []string{"tannhof", "brodersen"}); len(found) > 0 {
		t.Errorf("after clearing %v stays", found)
	}
}

// stored returns those of the words that stand anywhere in the tables of the search.
func stored(t *testing.T, s *storagetest.Store, words []string) []string {
	t.Helper()
	var all []byte
	s.Read(t, func(tx *storage.Tx) error {
		queries := []string{`select numbers from suche_dok order by seq`, `select title_terms from suche_dok order by seq`,
			`select nummer from suche_nummer order by seq`, `select wort from suche_wort order by wort`}
		if tx.Engine() == storage.SQLite {
			queries = append(queries, `select block from suche_fts_data order by id`, `select term from suche_fts_idx order by segid`)
		} else {
			queries = append(queries, `select cast(terms as text) from suche_dok order by seq`)
		}
		all = nil
		for _, q := range queries {
			rows, err := storage.List(tx, storage.Value[[]byte], q)
			if err != nil {
				return err
			}
			all = append(all, bytes.Join(rows, []byte("\n"))...)
		}
		return nil
	})
	var found []string
	for _, w := range words {
		// FTS5 leaves out the letters a term shares with the one before it: its last five tell as well.
		if bytes.Contains(all, []byte(w[len(w)-5:])) {
			found = append(found, w)
		}
	}
	return found
}
