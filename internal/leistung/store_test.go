package leistung_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"rathaus/internal/audit"
	"rathaus/internal/i18n"
	"rathaus/internal/konto"
	"rathaus/internal/konto/kontotest"
	"rathaus/internal/leistung"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func filled(t *testing.T) *storagetest.Store {
	t.Helper()
	s := storagetest.New(t)
	leistungtest.Fill(t, s)
	return s
}

func get(t *testing.T, s *storagetest.Store, slug string) leistung.Leistung {
	t.Helper()
	var l leistung.Leistung
	s.Read(t, func(tx *storage.Tx) (err error) {
		l, err = leistung.Get(tx, slug)
		return err
	})
	return l
}

func seed(t *testing.T, s *storagetest.Store, land string) int {
	t.Helper()
	var n int
	s.Write(t, func(tx *storage.Tx) (err error) {
		n, err = leistung.Seed(tx, land)
		return err
	})
	return n
}

func TestSeed(t *testing.T) {
	t.Parallel()
	s := filled(t)
	if n := seed(t, s, "BW"); n != 0 {
		t.Errorf("second seed changed %d entries, want none", n)
	}
	l := get(t, s, "hundesteuer-anmelden")
	if l.Land != "BW" || l.Einheit != "steueramt" || l.Edited || l.Rechtsgebiet != leistung.RechtAbgaben || l.Filing.Plan != "22.30" {
		t.Errorf("seeded entry: %+v", l)
	}
	s.Read(t, func(tx *storage.Tx) error {
		if _, err := leistung.Get(tx, "gibt-es-nicht"); !errors.Is(err, problem.NotFound) {
			t.Errorf("unknown slug: %v, want problem.NotFound", err)
		}
		return nil
	})
	// The other Land replaces the wording, because the town has edited nothing.
	if n := seed(t, s, "NW"); n == 0 || get(t, s, "hundesteuer-anmelden").Land != "NW" {
		t.Errorf("seed of another Land changed %d entries", n)
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	s := filled(t)
	for _, c := range []struct {
		slug       string
		lang, want i18n.Lang
		title      string
	}{
		{"hundesteuer-anmelden", i18n.En, i18n.En, "Register a dog"},
		{"hundesteuer-anmelden", i18n.Leicht, i18n.Leicht, "Hund anmelden"},
		{"bauantrag", i18n.En, i18n.De, "Bauantrag stellen"},
		{"bauantrag", i18n.Leicht, i18n.De, "Bauantrag stellen"},
	} {
		text, lang := get(t, s, c.slug).In(c.lang)
		if lang != c.want || text.Title != c.title {
			t.Errorf("%s in %s: %q in %s, want %q in %s", c.slug, c.lang, text.Title, lang, c.title, c.want)
		}
	}
}

func TestListByCursor(t *testing.T) {
	t.Parallel()
	s := filled(t)
	s.Read(t, func(tx *storage.Tx) error {
		for _, lang := range i18n.Langs() {
			var all []string
			pages, cursor := 0, ""
			for {
				items, next, err := leistung.List(tx, lang, "", cursor)
				if err != nil {
					return err
				}
				for _, i := range items {
					all = append(all, i.Slug)
				}
				pages++
				if cursor = next; cursor == "" {
					break
				}
			}
			count, err := leistung.Count(tx)
			if err != nil {
				return err
			}
			if unique := slices.Compact(slices.Sorted(slices.Values(all))); len(all) != count || len(unique) != count || pages != 2 {
				t.Errorf("%s: %d entries (%d different) on %d pages, want %d on 2", lang, len(all), len(unique), pages, count)
			}
		}
		first, _, err := leistung.List(tx, i18n.De, "", "")
		if err != nil {
			return err
		}
		stale, _, err := leistung.List(tx, i18n.De, "", "kein Cursor")
		if err != nil || len(stale) == 0 || stale[0] != first[0] {
			t.Errorf("a broken cursor shows %v (%v), want page one", stale, err)
		}
		hs, _, err := leistung.List(tx, i18n.De, "H", "")
		if err != nil {
			return err
		}
		for _, i := range hs {
			if i.Letter != "H" {
				t.Errorf("under H: %q", i.Title)
			}
		}
		letters, err := leistung.Letters(tx, i18n.De)
		if !slices.IsSorted(letters) || !slices.Contains(letters, "H") || len(hs) < 3 {
			t.Errorf("letters %v, %d entries under H", letters, len(hs))
		}
		return err
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := filled(t)
	s.Read(t, func(tx *storage.Tx) error {
		often, err := leistung.Frequent(tx, i18n.De)
		if err != nil || len(often) != 10 || often[0].Slug != "meldebescheinigung" || often[1].Slug != "hundesteuer-anmelden" {
			t.Errorf("most used: %v (%v)", often, err)
		}
		if !often[1].Free || often[0].Free {
			t.Errorf("free: %v, %v", often[0], often[1])
		}
		lage, err := leistung.ByLebenslage(tx, i18n.De, "umziehen-wohnen")
		if err != nil || len(lage) < 4 || lage[0].Slug != "meldebescheinigung" {
			t.Errorf("umziehen-wohnen: %v (%v)", lage, err)
		}
		none, err := leistung.ByLebenslage(tx, i18n.De, "unbekannt")
		if err != nil || len(none) != 0 {
			t.Errorf("unknown Lebenslage: %v (%v)", none, err)
		}
		some, err := leistung.Items(tx, i18n.En, []string{"bauantrag", "gibt-es-nicht", "reisepass"})
		if err != nil || len(some) != 2 || some[0].Lang != i18n.De || some[1].Title != "Passport" {
			t.Errorf("items: %v (%v)", some, err)
		}
		return nil
	})
}

func TestSaveAndPublish(t *testing.T) {
	t.Parallel()
	s := filled(t)
	editor := s.As(kontotest.Staff(t, s, "redaktion", konto.Redaktion, "steueramt"))
	l := get(t, s, "hundesteuer-anmelden")
	text := l.Texts[i18n.De]
	text.Title = "Änderung: Hund anmelden"
	l.Texts[i18n.De] = text

	editor.Write(t, func(tx *storage.Tx) error { return leistung.Save(tx, l) })
	if got := get(t, s, l.Slug).Texts[i18n.De].Title; got != "Hund anmelden" {
		t.Errorf("a draft changed the published title to %q", got)
	}
	editor.Write(t, func(tx *storage.Tx) error { return leistung.Publish(tx, l.Slug) })
	got := get(t, s, l.Slug)
	if got.Texts[i18n.De].Title != text.Title || !got.Edited || got.Version <= l.Version {
		t.Errorf("published: %q, edited %v, version %d after %d", got.Texts[i18n.De].Title, got.Edited, got.Version, l.Version)
	}
	editor.Read(t, func(tx *storage.Tx) error {
		if _, err := leistung.Entwurf(tx, l.Slug); !errors.Is(err, problem.NotFound) {
			t.Errorf("draft after publishing: %v, want problem.NotFound", err)
		}
		items, _, err := leistung.List(tx, i18n.De, "A", "")
		if !slices.ContainsFunc(items, func(i leistung.Item) bool { return i.Slug == l.Slug }) {
			t.Errorf("Ä is not sorted under A: %v", items)
		}
		return err
	})
	if n := seed(t, s, "BW"); n != 0 || get(t, s, l.Slug).Texts[i18n.De].Title != text.Title {
		t.Errorf("a new seed took %d texts of the town", n)
	}
	s.Read(t, func(tx *storage.Tx) error {
		entries, _, err := audit.Timeline(tx, "leistung", l.Slug, "")
		if err != nil || len(entries) != 2 || entries[0].Act != "published" && entries[1].Act != "published" {
			t.Errorf("audit: %v (%v)", entries, err)
		}
		return nil
	})
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	s := filled(t)
	as := func(actor string, act func(tx *storage.Tx) error) error {
		scope := s.Scope
		scope.Actor = actor
		return s.DB.Write(context.Background(), scope, act)
	}
	own := kontotest.Staff(t, s, "steuer", konto.Redaktion, "steueramt")
	other := kontotest.Staff(t, s, "bau", konto.Redaktion, "bauamt")
	clerk := kontotest.Staff(t, s, "sach", konto.Sachbearbeitung, "steueramt")
	l := get(t, s, "hundesteuer-anmelden")
	for _, actor := range []string{other, clerk, "citizen"} {
		if err := as(actor, func(tx *storage.Tx) error { return leistung.Save(tx, l) }); !errors.Is(err, problem.Forbidden) {
			t.Errorf("%s saves: %v, want problem.Forbidden", actor, err)
		}
		if err := as(actor, func(tx *storage.Tx) error { return leistung.Hide(tx, l.Slug) }); !errors.Is(err, problem.Forbidden) {
			t.Errorf("%s hides: %v, want problem.Forbidden", actor, err)
		}
		if err := as(actor, func(tx *storage.Tx) error { return leistung.Confirm(tx, l.Slug, "2026-11-20") }); !errors.Is(err, problem.Forbidden) {
			t.Errorf("%s confirms: %v, want problem.Forbidden", actor, err)
		}
	}
	broken := l
	broken.Einheit, broken.LeiKa = "gibt_es_nicht", "123"
	broken.Texts = map[i18n.Lang]leistung.Text{i18n.De: {Title: "Nur ein Titel"}}
	err := as(own, func(tx *storage.Tx) error { return leistung.Save(tx, broken) })
	var fields problem.Fields
	if !errors.As(err, &fields) || !hasPath(fields, "einheit") || !hasPath(fields, "leika") || !hasPath(fields, "texts.de.lead") {
		t.Errorf("broken entry: %v", err)
	}
	// Somebody publishes meanwhile.
	for _, step := range []func(tx *storage.Tx) error{
		func(tx *storage.Tx) error { return leistung.Save(tx, l) },
		func(tx *storage.Tx) error { return leistung.Publish(tx, l.Slug) },
	} {
		if err := as(own, step); err != nil {
			t.Fatal(err)
		}
	}
	if err := as(own, func(tx *storage.Tx) error { return leistung.Save(tx, l) }); !errors.Is(err, problem.Conflict) {
		t.Errorf("outdated version: %v, want problem.Conflict", err)
	}
}

func hasPath(fields problem.Fields, path string) bool {
	return slices.ContainsFunc(fields, func(f problem.Field) bool { return f.Path == path })
}

func TestConfirmAndHide(t *testing.T) {
	t.Parallel()
	s := filled(t)
	editor := s.As(kontotest.Staff(t, s, "redaktion", konto.Redaktion, "verwaltung"))
	editor.Write(t, func(tx *storage.Tx) error { return leistung.Confirm(tx, "sperrmuell", "2026-10-14") })
	l := get(t, s, "sperrmuell")
	if !l.Checked || l.CheckedOn != "2026-10-14" || l.Gebuehr.Example || !l.Edited {
		t.Errorf("confirmed: %+v", l)
	}
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error { return leistung.Confirm(tx, "sperrmuell", "2026-11-21") })
	if !errors.As(err, new(problem.Fields)) {
		t.Errorf("a day to come: %v, want a problem", err)
	}
	editor.Write(t, func(tx *storage.Tx) error { return leistung.Hide(tx, "sperrmuell") })
	s.Read(t, func(tx *storage.Tx) error {
		items, err := leistung.Items(tx, i18n.De, []string{"sperrmuell"})
		if len(items) != 0 || !get(t, s, "sperrmuell").Hidden {
			t.Errorf("hidden service is listed: %v", items)
		}
		return err
	})
	editor.Write(t, func(tx *storage.Tx) error { return leistung.Show(tx, "sperrmuell") })
	if get(t, s, "sperrmuell").Hidden {
		t.Error("still hidden")
	}
}

// TestEveryUnitExists: the seeded tree of units has the unit of every service.
func TestEveryUnitExists(t *testing.T) {
	t.Parallel()
	s := filled(t)
	for _, l := range catalogue(t, "BW") {
		if mandanttest.Einheit(t, s, l.Einheit) == "" {
			t.Errorf("%s: no unit %q", l.Slug, l.Einheit)
		}
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have, need leistung.Trust
		want       bool
	}{
		{leistung.TrustNone, leistung.TrustNone, true},
		{leistung.TrustNone, leistung.TrustNormal, false},
		{leistung.TrustHoch, leistung.TrustSubstantiell, true},
		{leistung.TrustSubstantiell, leistung.TrustHoch, false},
		{"", leistung.TrustNone, false},
		{leistung.TrustHoch, "unbekannt", false},
	} {
		if got := c.have.AtLeast(c.need); got != c.want {
			t.Errorf("%q reaches %q: %v, want %v", c.have, c.need, got, c.want)
		}
	}
}
