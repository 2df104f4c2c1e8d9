package search_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rathaus/internal/search"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"}, {"Straße", "Strasse", "STRASSE", "STRAẞE"}, {"Bäckerei", "Baeckerei", "Backerei"},
		{"Größe", "Groesse", "Grosse"}, {"Häuser", "Haeuser", "Hauser"}, {"André", "Andre"}, {"Łódź", "Lodz"}, {"Øresund", "Oeresund"},
	} {
		for _, s := range same {
			if search.Fold(s) != search.Fold(same[0]) {
				t.Errorf("%q is %q, %q is %q", s, search.Fold(s), same[0], search.Fold(same[0]))
			}
		}
	}
	for _, differ := range [][2]string{{"Steuer", "Stur"}, {"Bauer", "Bau"}, {"Quelle", "Qulle"}, {"Frauen", "Fraun"}, {"neue", "neu"}} {
		if search.Fold(differ[0]) == search.Fold(differ[1]) {
			t.Errorf("%q and %q are both %q", differ[0], differ[1], search.Fold(differ[0]))
		}
	}
}

// TestFoldProperties: umlauts may be typed as two letters, case does not matter, and a beginning stays a beginning.
func TestFoldProperties(t *testing.T) {
	t.Parallel()
	twoLetters := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zäöüß]{0,24}`).Draw(t, "word")
		if got := search.Fold(twoLetters.Replace(s)); got != search.Fold(s) {
			t.Fatalf("%q: %q typed as two letters, %q", s, got, search.Fold(s))
		}
		if got := search.Fold(strings.ToUpper(s)); got != search.Fold(s) {
			t.Fatalf("%q: %q in capitals, %q", s, got, search.Fold(s))
		}
		r := []rune(s)
		n := rapid.IntRange(0, len(r)).Draw(t, "cut")
		if begin := search.Fold(string(r[:n])); !strings.HasPrefix(search.Fold(s), begin) {
			t.Fatalf("%q begins with %q, but %q not with %q", s, string(r[:n]), search.Fold(s), begin)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "any text")
		if got := search.Fold(s); strings.ContainsFunc(got, func(r rune) bool { return r >= 'A' && r <= 'Z' || unicode.Is(unicode.Mn, r) }) {
			t.Fatalf("%q folds to %q", s, got)
		}
	})
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"Hundesteuer": "hund steu", "Hundesteuerbescheide": "hund steu bescheid", "Friedhofsgebühren": "friedhof gebuhr", "Geburtsurkunde": "geburt urkund",
		"Parkausweise": "park ausweis", "Unterlagen": "", "Rathaus": "",
		"Bewohnerparkausweis": "bewohn park ausweis", "Straßensperrung": "strass sperrung", "Sperrmüll": "sperr mull", "Führerschein": "fuhr schein", "Wohnsitz": "", "Antrag": "", "Müller": "", "Hund": "", "Hunde": "",
		"Zweitwohnungsteuer": "zweit wohnung steu", "Baumfällung": "baum fallung", "Abfallgebührensatzung": "abfall gebuhr satzung", "Nebenwohnsitz": "neb wohnsitz",
	} {
		parts, whole := search.Split(word)
		if !whole {
			parts = nil
		}
		if got := strings.Join(parts, " "); got != want {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
	if parts, whole := search.Split("Tannhofstraße"); whole || !cmp.Equal(parts, []string{"strass"}) {
		t.Errorf("Tannhofstraße: %v, whole %v, want its end", parts, whole)
	}
}

// TestSplitProperty: two words of the list written as one, with a link or none, are found by each of them.
func TestSplitProperty(t *testing.T) {
	t.Parallel()
	words := []string{"hund", "steuer", "bescheid", "gebühr", "abfall", "straße", "friedhof", "satzung", "wohnung", "antrag", "ausweis", "müll"}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SampledFrom(words).Draw(t, "a"), rapid.SampledFrom(words).Draw(t, "b")
		compound := a + rapid.SampledFrom([]string{"", "s", "n", "en"}).Draw(t, "link") + b
		parts, _ := search.Split(compound)
		for _, w := range []string{a, b} {
			single := search.NewSmall([]search.Entry{{ID: "x", Title: compound}}).Search(w)
			if len(single) == 0 {
				t.Fatalf("%s does not find %s, taken apart as %v", w, compound, parts)
			}
		}
	})
}
