package formular

import (
	"errors"
	"strings"
	"unicode/utf8"

	"rathaus/internal/clock"
	"rathaus/internal/fim"
	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// ImportFIM stores an imported schema or building block as an unpublished version. Importing the same document
// again changes nothing; a published version with other content is problem.Conflict. Right: konto.EditCatalogue.
func ImportFIM(tx *storage.Tx, s *fim.Schema) (Stored, error) {
	d, err := FromFIM(s)
	if err != nil {
		return Stored{}, err
	}
	return saveNew(tx, d)
}

// saveNew saves a definition unless that version is published already with the content of the source: a newer
// program may map the same document a little differently, and what is published stays.
func saveNew(tx *storage.Tx, d Definition) (Stored, error) {
	old, _, err := byVersion(tx, d.Key, d.Version)
	if err == nil && old.Published && old.Origin == "fim" {
		return old, nil
	}
	if err != nil && !errors.Is(err, problem.NotFound) {
		return Stored{}, err
	}
	return Save(tx, d)
}

// errBlock says why a group cannot go online.
var errBlock = errors.New("eine Datenfeldgruppe ist ein Baustein und kann nicht veröffentlicht werden")

// PublishFIM imports a schema and publishes it for a service. A building block is refused.
func PublishFIM(tx *storage.Tx, s *fim.Schema, slug string) (Stored, error) {
	if s.Block {
		return Stored{}, errBlock
	}
	stored, err := ImportFIM(tx, s)
	if err != nil {
		return stored, err
	}
	return stored, Publish(tx, stored.ID, slug)
}

// PublishTest publishes a schema as a test form under a service of its own, which it makes when there is none, and
// returns the service's slug. Title and pages say that it is a test. unitKey and plan say who decides and where
// applications are filed; without a plan the title decides. It may be repeated: a form that is online stays.
// Right: konto.EditCatalogue.
func PublishTest(tx *storage.Tx, s *fim.Schema, unitKey, plan string) (slug string, err error) {
	if s.Block {
		return "", errBlock
	}
	d, err := FromFIM(s)
	if err != nil {
		return "", err
	}
	slug = "test-" + strings.Trim(noKey.ReplaceAllString(strings.ToLower(d.Key), "-"), "-")
	d.Key, d.Source.Test = slug, true // a key of its own: the same schema may be stored for real beside it
	title := d.Title
	if plan == "" {
		plan = planFor(title)
	}
	d.Title = title + " (Testformular)"
	d.Intro = strings.TrimSpace(testNote + "\n\n" + d.Intro)
	switch _, err := leistung.Get(tx, slug); {
	case errors.Is(err, problem.NotFound):
		if err := leistung.Save(tx, testLeistung(slug, title, d, unitKey, plan, clock.DateOf(tx.Now()))); err != nil {
			return slug, err
		}
		if err := leistung.Publish(tx, slug); err != nil {
			return slug, err
		}
	case err != nil:
		return slug, err
	}
	stored, err := saveNew(tx, d)
	if err != nil {
		return slug, err
	}
	return slug, Publish(tx, stored.ID, slug)
}

// Positions of the shipped Aktenplan for test forms: hunting and fishing, else public order.
const (
	huntingPlan = "32.55"
	orderPlan   = "32.10"
)

func planFor(title string) string {
	if t := storage.Fold(title); strings.Contains(t, "jagd") || strings.Contains(t, "jaeger") || strings.Contains(t, "fischerei") {
		return huntingPlan
	}
	return orderPlan
}

const testNote = "Das ist ein Testformular. Es wurde aus dem FIM-Katalog des Bundes eingelesen, um den Weg eines Antrags auszuprobieren. Ein Antrag hat keine rechtliche Wirkung."

// testLeistung is the catalogue entry of a test form. It states what is known and says of the rest that it is not.
func testLeistung(slug, title string, d Definition, unitKey, plan string, on clock.Date) leistung.Leistung {
	law := []string{"Keine Rechtsgrundlage: Testformular"}
	if len(d.Source.References) > 0 {
		law = nil
		for _, r := range d.Source.References {
			text, _, _ := strings.Cut(r, " http")
			law = append(law, cutWords(text, 220))
		}
	}
	situation := "arbeit-gewerbe"
	if plan == huntingPlan {
		situation = "tiere-garten"
	}
	return leistung.Leistung{
		Slug: slug, Lebenslagen: []string{situation}, Einheit: unitKey, Synonyms: []string{"Testformular", "FIM", d.Source.ID, title},
		Way: leistung.WayForm, Trust: leistung.TrustNone, Rechtsgebiet: leistung.RechtVerwaltung,
		Filing: leistung.Filing{Plan: plan, Sammelakte: true}, Gebuehr: leistung.Gebuehr{Origin: leistung.OriginNone}, CheckedOn: on,
		Texts: map[i18n.Lang]leistung.Text{i18n.De: {
			Title: cutWords("Test: "+title, 60),
			Lead:  "Testformular: " + cutWords(title, 120) + ". Ein Antrag hat keine rechtliche Wirkung.",
			Start: "Testformular ausfüllen",
			Fee:   leistung.Fact{Value: "keine", Note: "Testformular"}, Time: leistung.Fact{Value: "nicht festgelegt"},
			Deadline: leistung.Fact{Value: "keine"}, Result: leistung.Fact{Value: "Bescheid zur Probe"},
			Needs: []string{"Nur erfundene Angaben, denn dieses Formular dient der Erprobung."},
			Who:   []string{"Alle, die den eingelesenen Antrag " + d.Source.ID + " in der Fassung " + d.Source.Version + " ausprobieren möchten."},
			Steps: []string{"Füllen Sie das Formular mit erfundenen Angaben aus.", "Prüfen Sie Ihre Angaben und senden Sie sie ab.", "Verfolgen Sie den Vorgang mit Nummer und Code."},
			Law:   law,
			Paper: "Testformulare gibt es nicht auf Papier.",
		}},
	}
}

// cutWords shortens to n characters at a blank.
func cutWords(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)[:n-1]
	cut := string(r)
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–-") + "…"
}
