package leistung_test

import (
	"slices"
	"strings"
	"testing"

	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func find(t testing.TB, f *leistung.Finder, s *storagetest.Store, lang i18n.Lang, query string) []string {
	t.Helper()
	var slugs []string
	s.Read(t, func(tx *storage.Tx) error {
		items, err := f.Search(tx, lang, query)
		slugs = nil
		for _, i := range items {
			slugs = append(slugs, i.Slug)
		}
		return err
	})
	return slugs
}

// TestSearch: what people type, and what must come first.
func TestSearch(t *testing.T) {
	t.Parallel()
	s := filled(t)
	f := leistung.NewFinder()
	for _, c := range []struct{ query, first string }{
		{"Hund anmelden", "hundesteuer-anmelden"},
		{"hund anmelden", "hundesteuer-anmelden"},
		{"Hund abmelden", "hundesteuer-abmelden"},
		{"Hund gestorben", "hundesteuer-abmelden"},
		{"Hundesteuer", "hundesteuer-anmelden"},
		{"Hundsteuer", "hundesteuer-anmelden"},
		{"Hundestuer", "hundesteuer-anmelden"},
		{"umziehen", "wohnsitz-anmelden"},
		{"Umzug", "wohnsitz-anmelden"},
		{"neue Wohnung", "wohnsitz-anmelden"},
		{"Wohnsitz", "wohnsitz-anmelden"},
		{"Anwohnerparken", "bewohnerparkausweis"},
		{"Parkausweis Bewohner", "bewohnerparkausweis"},
		{"Perso", "personalausweis"},
		{"Personalauswies", "personalausweis"},
		{"ausweis verloren", "ausweis-verloren"},
		{"Kinderreisepass", "kinderreisepass-ersatz"},
		{"sperrmuell", "sperrmuell"},
		{"Sperrmüll", "sperrmuell"},
		{"Sofa entsorgen", "sperrmuell"},
		{"Strasse sperren", "strassensperrung"},
		{"Straßensperrung", "strassensperrung"},
		{"Führungszeugnis", "fuehrungszeugnis"},
		{"fuehrungszeugnis", "fuehrungszeugnis"},
		{"Gewerbeanmeldung", "gewerbe-anmelden"},
		{"heiraten", "eheschliessung"},
		{"Hochzeit", "eheschliessung"},
		{"Baum fällen", "baumfaellung"},
		{"Baumfaellung", "baumfaellung"},
		{"Turnhalle mieten", "hallenanmietung"},
		{"Lastschrift", "sepa-mandat"},
		{"Kindergartenplatz", "kitaplatz"},
		{"Briefwahl", "wahlschein"},
		{"Kampfhund", "gefaehrlicher-hund"},
		{"Mülltonne", "abfallbehaelter"},
		{"Muelltonne", "abfallbehaelter"},
		{"Baugenehmigung", "bauantrag"},
		{"Fundbüro", "fundsache"},
		{"Geburtsurkunde", "geburtsurkunde"},
		{"Urkunde Geburt", "geburtsurkunde"},
		{"Friedhof", "grabnutzung"},
		{"Außengastronomie", "sondernutzung"},
		{"Pflegegrad", "pflegeberatung"},
	} {
		got := find(t, f, s, i18n.De, c.query)
		if len(got) == 0 || got[0] != c.first {
			t.Errorf("%q finds %v, want %s first", c.query, got[:min(4, len(got))], c.first)
		}
	}
}

// TestSearchInsideCompounds: "Steuer" stands inside "Hundesteuer".
func TestSearchInsideCompounds(t *testing.T) {
	t.Parallel()
	s := filled(t)
	f := leistung.NewFinder()
	for query, want := range map[string][]string{
		"Steuer":      {"hundesteuer-anmelden", "hundesteuer-abmelden", "hundesteuer-ermaessigung"},
		"umziehen":    {"wohnsitz-anmelden", "wohnsitz-ummelden", "wohnsitz-abmelden"},
		"Urkunde":     {"geburtsurkunde", "sterbeurkunde"},
		"Gewerbe":     {"gewerbe-anmelden", "gewerbe-ummelden", "gewerbe-abmelden"},
		"Müll":        {"sperrmuell", "abfallbehaelter"},
		"Parkausweis": {"bewohnerparkausweis", "schwerbehindertenparken"},
		"parken":      {"bewohnerparkausweis", "schwerbehindertenparken"},
	} {
		got := find(t, f, s, i18n.De, query)
		for _, slug := range want {
			if !slices.Contains(got, slug) {
				t.Errorf("%q finds %v, %s is missing", query, got, slug)
			}
		}
	}
	for _, query := range []string{"xyzzy", "", "   ", "!?", "Quantenchromodynamik"} {
		if got := find(t, f, s, i18n.De, query); len(got) != 0 {
			t.Errorf("%q finds %v, want nothing", query, got)
		}
	}
}

// TestSearchTitles: each service is found by its title, also with one letter dropped.
func TestSearchTitles(t *testing.T) {
	t.Parallel()
	s := filled(t)
	f := leistung.NewFinder()
	for _, l := range catalogue(t, "BW") {
		title := l.Texts[i18n.De].Title
		if got := find(t, f, s, i18n.De, title); !slices.Contains(got[:min(3, len(got))], l.Slug) {
			t.Errorf("title %q finds %v", title, got)
		}
		for _, word := range strings.Fields(title) {
			if len(word) < 8 {
				continue
			}
			wrong := word[:3] + word[4:]
			if !strings.ContainsAny(word[:4], "äöüßÄÖÜ") && !slices.Contains(find(t, f, s, i18n.De, wrong), l.Slug) {
				t.Errorf("%q (one letter of %q dropped) does not find %s", wrong, word, l.Slug)
			}
		}
	}
}

func TestSearchLanguages(t *testing.T) {
	t.Parallel()
	s := filled(t)
	f := leistung.NewFinder()
	for _, c := range []struct {
		lang         i18n.Lang
		query, first string
	}{
		{i18n.En, "register dog", "hundesteuer-anmelden"},
		{i18n.En, "Hundesteuer", "hundesteuer-anmelden"},
		{i18n.En, "passport", "reisepass"},
		{i18n.En, "Bauantrag", "bauantrag"},
		{i18n.Leicht, "Sperrmüll", "sperrmuell"},
		{i18n.Leicht, "Reisepass", "reisepass"},
	} {
		if got := find(t, f, s, c.lang, c.query); len(got) == 0 || got[0] != c.first {
			t.Errorf("%s %q finds %v, want %s first", c.lang, c.query, got, c.first)
		}
	}
}

// TestSearchFollowsTheCatalogue: a Finder that has searched before sees what changed, town by town.
func TestSearchFollowsTheCatalogue(t *testing.T) {
	t.Parallel()
	s := filled(t)
	f := leistung.NewFinder()
	if got := find(t, f, s, i18n.De, "Sperrmüll"); len(got) == 0 || got[0] != "sperrmuell" {
		t.Fatalf("before: %v", got)
	}
	s.Write(t, func(tx *storage.Tx) error { return leistung.Hide(tx, "sperrmuell") })
	if got := find(t, f, s, i18n.De, "Sperrmüll"); slices.Contains(got, "sperrmuell") {
		t.Errorf("hidden service is found: %v", got)
	}
	other := s.In(storagetest.Sturmkoog)
	leistungtest.Fill(t, other)
	if got := find(t, f, other, i18n.De, "Sperrmüll"); len(got) == 0 || got[0] != "sperrmuell" {
		t.Errorf("the other town: %v", got)
	}
}

func BenchmarkSearch(b *testing.B) {
	s := storagetest.New(b)
	leistungtest.Fill(b, s)
	f := leistung.NewFinder()
	for b.Loop() {
		if got := find(b, f, s, i18n.De, "Hund anmelden"); len(got) == 0 {
			b.Fatal("nothing found")
		}
	}
}
