package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/search"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func fill(t testing.TB, s *storagetest.Store, docs ...search.Doc) {
	t.Helper()
	for _, d := range docs {
		s.Write(t, func(tx *storage.Tx) error { return search.Index(tx, d) })
	}
}

func ids(t testing.TB, s *storagetest.Store, r search.Request) []string {
	t.Helper()
	out := []string{}
	s.Read(t, func(tx *storage.Tx) error {
		p, err := search.Query(tx, r)
		for _, h := range p.Hits {
			out = append(out, h.ID)
		}
		return err
	})
	return out
}

func TestQuery(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	fill(t, s,
		search.Doc{Kind: "vorgang", ID: "hund", Title: "Hund anmelden: Fenja", Text: "Mira Müller, Lindenstraße 12", Numbers: []string{"WB-7K4M-92QX", "22.30-2026/00041"}, Units: []string{"steueramt"}},
		search.Doc{Kind: "vorgang", ID: "bescheid", Title: "Hundesteuerbescheid", Text: "Jonte Brodersen", Numbers: []string{"WB-YKQC-QBSD"}, Units: []string{"steueramt"}},
		search.Doc{Kind: "vorgang", ID: "sperrung", Title: "Straßensperrung Lindenstraße", Text: "Hochbau Nordtor", Units: []string{"ordnungsamt"}},
		search.Doc{Kind: "akte", ID: "akte", Title: "Hundesteuer 2026", Numbers: []string{"22.30-2026"}},
	)
	both := []string{"steueramt", "ordnungsamt"}
	for _, c := range []struct {
		query  string
		labels []string
		kinds  []string
		want   []string
	}{
		{"Steuer", both, nil, []string{"akte", "bescheid"}},
		{"Müller", both, nil, []string{"hund"}},
		{"Mueller", both, nil, []string{"hund"}},
		{"muller fenja", both, nil, []string{"hund"}},
		{"lindenstr", both, nil, []string{"sperrung", "hund"}},
		{"Lindenstraße", []string{"ordnungsamt"}, nil, []string{"sperrung"}},
		{"Lindenstraße", nil, nil, []string{}},
		{"Hundesteuer", both, []string{"akte"}, []string{"akte"}},
		{"WB-YKQC-QBSD", both, nil, []string{"bescheid"}},
		{"wb 7k4m-92qx", both, nil, []string{"hund"}},
		{"22.30-2026/00041", both, nil, []string{"hund"}},
		{"22.30-2026/00041", []string{"ordnungsamt"}, nil, []string{}},
		{"", both, nil, []string{}},
		{`") OR 1=1 --`, both, nil, []string{}},
		{"Hund Steuer Fenja", both, nil, []string{}},
	} {
		got := ids(t, s, search.Request{Text: c.query, Labels: c.labels, Kinds: c.kinds})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q with %v (-want +got):\n%s", c.query, c.labels, diff)
		}
	}
	s.Write(t, func(tx *storage.Tx) error { return search.Delete(tx, "vorgang", "hund") })
	if got := ids(t, s, search.Request{Text: "Müller", Labels: both}); len(got) > 0 {
		t.Errorf("deleted, still found: %v", got)
	}
	s.Write(t, func(tx *storage.Tx) error { return search.Relabel(tx, "vorgang", "bescheid", "ordnungsamt") })
	if got := ids(t, s, search.Request{Text: "Brodersen", Labels: []string{"ordnungsamt"}}); !slices.Equal(got, []string{"bescheid"}) {
		t.Errorf("after moving: %v", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	for i := range 60 {
		fill(t, s, search.Doc{Kind: "vorgang", ID: string(rune('a'+i/26)) + string(rune('a'+i%26)), Title: "Baumfällung"})
	}
	seen := map[string]bool{}
	for offset := 0; offset < 75; offset += search.PageSize {
		for _, id := range ids(t, s, search.Request{Text: "Baum", Offset: offset}) {
			seen[id] = true
		}
	}
	if len(seen) != 60 {
		t.Errorf("pages hold %d different hits, want 60", len(seen))
	}
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{"Hund", `"`, "' | '", "a:*", "22.30-2026/00041", "NEAR(", "ä\x00ö"} {
		f.Add(q)
	}
	s := storagetest.New(f)
	fill(f, s, search.Doc{Kind: "vorgang", ID: "1", Title: "Hund"})
	f.Fuzz(func(t *testing.T, query string) {
		err := s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := search.Query(tx, search.Request{Text: query})
			return err
		})
		if err != nil {
			t.Errorf("%q: %v", query, err)
		}
	})
}

func TestSmall(t *testing.T) {
	t.Parallel()
	small := search.NewSmall([]search.Entry{
		{ID: "hund", Title: "Hundesteuer: Hund anmelden", Synonyms: []string{"Hund kaufen", "Welpe"}, Text: "Wer einen Hund hält, meldet ihn an."},
		{ID: "hund-ab", Title: "Hundesteuer: Hund abmelden"},
		{ID: "wohnsitz", Title: "Wohnsitz anmelden", Synonyms: []string{"umziehen", "Umzug"}},
		{ID: "sperrmuell", Title: "Sperrmüll abholen lassen"},
	})
	for query, want := range map[string]string{"Hund anmelden": "hund", "umziehen": "wohnsitz", "Steuer": "hund", "Sperrmuell": "sperrmuell", "Hundestuer": "hund",
		"hundesteuer abmelden": "hund-ab", "Wonsitz": "wohnsitz", "sperrm": "sperrmuell"} {
		got := small.Search(query)
		if len(got) == 0 || got[0] != want {
			t.Errorf("%q finds %s, want %s first", query, strings.Join(got, ", "), want)
		}
	}
	if got := small.Search("xyzzy"); len(got) > 0 {
		t.Errorf("nonsense finds %v", got)
	}
}

// TestNumbersFirst: a whole number goes before those it begins, each once, alone or beside words.
func TestNumbersFirst(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	var docs []search.Doc
	for i := range 30 {
		docs = append(docs, search.Doc{Kind: "vorgang", ID: fmt.Sprint(i), Title: "Baumfällung Tannhof", Numbers: []string{"32.10-2026", fmt.Sprint("32.10-2026/", i)}})
	}
	fill(t, s, docs...)
	got := ids(t, s, search.Request{Text: "32.10-2026/1"})
	if len(got) != 11 || got[0] != "1" {
		t.Errorf("32.10-2026/1 finds %v, want 1 first and each of 10 to 19 once", got)
	}
	if got := ids(t, s, search.Request{Text: "Tannhof 32.10-2026/7"}); !slices.Equal(got, []string{"7"}) {
		t.Errorf("name and number find %v, want 7", got)
	}
	if got := ids(t, s, search.Request{Text: "32.10-2026/7 Tannhof"}); !slices.Equal(got, []string{"7"}) {
		t.Errorf("number and name find %v, want 7", got)
	}
	if got := ids(t, s, search.Request{Text: "Tannhof 2026"}); len(got) != 0 {
		t.Errorf("a piece of a number finds %v", got)
	}
}

// TestSameOnBothEngines holds words that an engine's own parser or collation would treat in its own way.
func TestSameOnBothEngines(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	words := []string{"12a", "1e5", "1e5a", "a1b2", "日本語", "Ωμέγα", "\ufdfa", "ŉabc", "x\u0308yz", "3d-druck", "0x1f", "e10-tank", "Москва", "١٢٣", "ﬁnanz", "Müller-Lürsen", "Ämter", "L’Hombre"}
	for i, w := range words {
		fill(t, s, search.Doc{Kind: "vorgang", ID: fmt.Sprint(i), Title: w, Numbers: []string{w}})
	}
	for i, w := range words {
		if got := ids(t, s, search.Request{Text: w}); len(got) == 0 || got[0] != fmt.Sprint(i) {
			t.Errorf("%q finds %v, want %d first", w, got, i)
		}
	}
	for query, want := range map[string]string{"Müller Lürsen": "15", "Luersen": "15", "Mueller-Lür": "15", "amt": "16"} {
		if got := ids(t, s, search.Request{Text: query}); !slices.Equal(got, []string{want}) {
			t.Errorf("%q finds %v, want %s", query, got, want)
		}
	}
	fill(t, s, search.Doc{Kind: "vorgang", ID: "blank", Title: "Müller Lürsen"})
	if got := ids(t, s, search.Request{Text: "Müller-Lürsen"}); !slices.Contains(got, "blank") {
		t.Errorf("a double name with a hyphen finds %v, not the one with a blank", got)
	}
}
