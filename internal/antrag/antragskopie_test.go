package antrag_test

import (
	"strings"
	"testing"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf/pdftest"
)

// kopie is an application with an answer of every kind.
func kopie() antrag.Antragskopie {
	many := formular.Occurs{Min: 1, Max: formular.Unbounded}
	def := formular.Definition{
		Title: "Hund anmelden", Source: &formular.Source{Test: true}, Declarations: []string{"Meine Angaben sind richtig."},
		Abschnitte: []formular.Abschnitt{
			{Title: "Sie", Elements: []formular.Element{
				{Key: "hinweis", Kind: formular.Note, Label: "Bitte beachten"},
				{Key: "name", Kind: formular.Text, Label: "Wie heißen Sie?", Output: "Name"},
				{Key: "anschrift", Kind: formular.Address, Label: "Anschrift"},
				{Key: "iban", Kind: formular.IBAN, Label: "IBAN"},
				{Key: "fax", Kind: formular.Phone, Label: "Fax"},
				{Key: "geheim", Kind: formular.Text, Label: "Verborgen", Hidden: true},
			}},
			{Title: "Ihre Hunde", Elements: []formular.Element{
				{Key: "hunde", Kind: formular.Group, Label: "Hunde", ItemLabel: "Hund", Occurs: many, Elements: []formular.Element{
					{Key: "rasse", Kind: formular.Choice, Label: "Rasse", Options: []formular.Option{{Value: "m", Label: "Mischling"}}},
					{Key: "seit", Kind: formular.Date, Label: "Im Haushalt seit"},
					{Key: "chip", Kind: formular.Bool, Label: "Chip"},
					{Key: "gewicht", Kind: formular.Decimal, Label: "Gewicht", Unit: "kg"},
					{Key: "wurf", Kind: formular.Group, Label: "Wurf", Elements: []formular.Element{{Key: "zahl", Kind: formular.Integer, Label: "Zahl"}}},
				}},
				{Key: "zwecke", Kind: formular.MultiChoice, Label: "Zwecke", Options: []formular.Option{{Value: "w", Label: "Wachhund"}}},
				{Key: "preis", Kind: formular.Money, Label: "Kaufpreis"},
				{Key: "termin", Kind: formular.DateTime, Label: "Termin"},
				{Key: "uhr", Kind: formular.Time, Label: "Uhrzeit"},
			}},
			{Title: "Leer", Elements: []formular.Element{{Key: "nichts", Kind: formular.Text, Label: "Nichts"}}},
		},
	}
	return antrag.Antragskopie{
		Profil: mandant.Profil{Official: "Stadt Wiesenbrück"}, Einheit: mandant.Einheit{Name: "Steueramt"}, Leistung: "Hundesteuer",
		Nummer: "WB-7K4M-92QX", Eingang: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC), ReceivedOn: "2026-11-18", Kanal: antrag.KanalPapier,
		Definition: def, Consent: true,
		Answers: formular.Answers{
			"name": "Mira Tannhof", "iban": "DE02120300000000202051", "geheim": "x",
			"anschrift": map[string]any{"strasse": "Werftweg", "hausnummer": "3", "plz": "00000", "ort": "Wiesenbrück", "land": "DE"},
			"hunde": []any{
				map[string]any{"rasse": "m", "seit": "2026-11-03", "chip": true, "gewicht": "12.5", "wurf": map[string]any{"zahl": 3.0}},
				map[string]any{"rasse": "anderes", "chip": false},
			},
			"zwecke": []any{"w", "zucht"}, "preis": "1096.00", "termin": "2026-11-03T14:05", "uhr": "8:30",
		},
		Files: []antrag.Datei{{Name: "Foto.jpg", Ref: blob.Ref{Size: 312_400, SHA256: strings.Repeat("9f86d081", 8)}}},
	}
}

func TestCopyShowsEveryAnswer(t *testing.T) {
	t.Parallel()
	out, err := kopie().PDF(pdftest.Fonts(t))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "antragskopie.txt", pdftest.Check(t, out).Root.Dump(""))
}
