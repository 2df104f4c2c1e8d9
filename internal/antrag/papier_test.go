package antrag_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/pdf/pdftest"
	"rathaus/internal/problem"
)

// brief is a letter of a town with the instruction its law asks for.
func brief(t *testing.T, town string, area leistung.Rechtsgebiet) antrag.Brief {
	t.Helper()
	_, p := mandanttest.Town(town)
	place := antrag.Stelle{Behoerde: p.Official, Anschrift: p.Street + ", " + p.PostCode + " " + p.City,
		Gericht: p.Court.Name, Gerichtsanschrift: p.Court.Street + ", " + p.Court.PostCode + " " + p.Court.City}
	land := map[string]string{"wiesenbrueck": "BW", "sturmkoog": "NW"}[town]
	rule, err := antrag.ShippedRules().Remedy(area, land, "2026-11-20")
	if err != nil {
		t.Fatal(err)
	}
	text, err := rule.Belehrung(place)
	if err != nil {
		t.Fatal(err)
	}
	return antrag.Brief{
		Profil: p, Einheit: mandant.Einheit{Name: "Ordnungsamt", Phone: "00000 123-45"}, Bearbeiter: "Johanna Petersen",
		Empfaenger: []string{"Hochbau Nordtor GmbH", "Frau Mira Tannhof", "Werftweg 3", "00000 " + p.City},
		Datum:      "2026-11-20", Zeichen: "32.61.10-2026/00417-1", Nummer: "WB-3HPN-44TC",
		Betreff: "Straßensperrung Lindenstraße 8 bis 16", Anrede: "Sehr geehrte Frau Tannhof,",
		Absaetze: []antrag.Absatz{
			{Text: "auf Ihren Antrag vom 6. November 2026 ergeht folgender Bescheid:\n\nSie dürfen die Lindenstraße vom 23. November bis zum 4. Dezember 2026 sperren. Dabei gilt:\n\n- Der Gehweg bleibt auf 1,50 m Breite frei.\n- Die Sperrung wird drei Werktage vorher angekündigt."},
			{Titel: "Begründung", Text: "Die Sperrung ist nach § 45 Absatz 1 der Straßenverkehrs-Ordnung zulässig, weil der Kran nur auf der Fahrbahn stehen kann. Der Verkehr wird über die Nordseite geführt."},
		},
		Belehrung:    &antrag.Belehrung{Titel: rule.Title(), Text: text, Hinweis: rule.Hinweis},
		Unterschrift: p.Signatory,
		Anlagen:      []string{"Verkehrszeichenplan"},
		Pruefcode:    "7K4M-92QX-HNTR", PruefURL: p.BaseURL + "/pruefen",
	}
}

func hundesteuer(t *testing.T) antrag.Brief {
	b := brief(t, "wiesenbrueck", leistung.RechtAbgaben)
	b.Einheit = mandant.Einheit{Name: "Steueramt"}
	b.Empfaenger = []string{"Herrn", "Łukasz Müller-Çelik", "Lindenstraße 8", "00000 Wiesenbrück"}
	b.Zeichen, b.Betreff, b.Anrede = "22.30-5.0107.123456.7-1", "Hundesteuer 2026", "Sehr geehrter Herr Müller-Çelik,"
	b.Absaetze = []antrag.Absatz{
		{Text: "wir setzen die Hundesteuer für Ihren Hund für das Kalenderjahr 2026 auf 120,00 € fest."},
		{Titel: "Begründung", Text: "Sie halten seit dem 1. Januar 2026 einen Hund. Die Steuer beträgt nach § 5 der Hundesteuersatzung 120,00 € im Jahr."},
	}
	b.Zahlung = &antrag.Zahlung{Cents: 12000, Kassenzeichen: "5.0107.123456.7", Faellig: "2026-12-21", Titel: "Zahlung",
		Empfaenger: b.Profil.Official, IBAN: b.Profil.Bank.IBAN, BIC: b.Profil.Bank.BIC, Bank: b.Profil.Bank.Name}
	b.Anlagen = nil
	return b
}

// The three letters, as a screen reader reads them; each says word for word what Text says.
func TestGoldenLetters(t *testing.T) {
	t.Parallel()
	fonts := pdftest.Fonts(t)
	for file, b := range map[string]antrag.Brief{
		"brief_bw_widerspruch.txt": brief(t, "wiesenbrueck", leistung.RechtVerwaltung),
		"brief_nw_klage.txt":       brief(t, "sturmkoog", leistung.RechtVerwaltung),
		"brief_bw_hundesteuer.txt": hundesteuer(t),
	} {
		out, err := b.PDF(fonts)
		if err != nil {
			t.Fatal(err)
		}
		doc := pdftest.Check(t, out)
		golden(t, file, doc.Root.Dump(""))
		read := strings.ReplaceAll(doc.Root.Words(), "\u00a0", " ")
		for _, l := range strings.Split(b.Text(), "\n") {
			label, rest, labelled := strings.Cut(l, ": ")
			if labelled && strings.Contains(read, label+" "+rest) { // "Datum: …" is a label and its value in the table
				continue
			}
			if l = strings.TrimPrefix(strings.TrimSpace(l), "- "); !strings.Contains(read, l) {
				t.Errorf("%s lacks %q", file, l)
			}
		}
	}
}

func TestDraftIsStamped(t *testing.T) {
	t.Parallel()
	b := hundesteuer(t)
	b.Entwurf = true
	out, err := b.PDF(pdftest.Fonts(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, page := range pdftest.Check(t, out).Pages {
		if page.Artifacts[0] != "Entwurf" {
			t.Errorf("page %d is not marked as a draft: %q", i+1, page.Artifacts)
		}
	}
}

// A draft can be read before the town has filled in its letterhead; a letter cannot be set.
func TestDraftOfANewTown(t *testing.T) {
	t.Parallel()
	b := hundesteuer(t)
	b.Profil = mandant.Profil{Official: "Stadt Wiesenbrück", Land: "BW"}
	b.Zahlung.IBAN, b.Zahlung.BIC = "", ""
	b.Entwurf = true
	out, err := b.PDF(pdftest.Fonts(t))
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, out)
	b.Entwurf = false
	if _, err := b.PDF(pdftest.Fonts(t)); err == nil {
		t.Error("a letter without bank details was set")
	}
}

func TestUnprintableLetterIsAConflict(t *testing.T) {
	t.Parallel()
	fonts := pdftest.Fonts(t)
	for key, change := range map[string]func(*antrag.Brief){
		"antrag.zeichen":       func(b *antrag.Brief) { b.Empfaenger[0] = "Frau 李" },
		"antrag.anschriftfeld": func(b *antrag.Brief) { b.Empfaenger = make([]string, 4) },
	} {
		b := hundesteuer(t)
		change(&b)
		_, err := b.PDF(fonts)
		var why *problem.Explained
		if !errors.As(err, &why) || why.Key != key || !errors.Is(err, problem.Conflict) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestGoldenApplication(t *testing.T) {
	t.Parallel()
	_, p := mandanttest.Town("wiesenbrueck")
	a := antrag.AntragPDF{
		Profil: p, Einheit: "Ordnungsamt", Titel: "Antrag auf Straßensperrung", Vorgangsnummer: "WB-3HPN-44TC", Zeichen: "32.61.10-2026/00417-1",
		Created: time.Date(2026, 11, 6, 9, 12, 0, 0, time.UTC), Eingang: "6.11.2026, 10:12 Uhr", Kanal: "online",
		Abschnitte: []antrag.Abschnitt{
			{Titel: "Antragstellerin", Angaben: []antrag.Angabe{{Frage: "Firma", Antwort: "Hochbau Nordtor GmbH"}, {Frage: "Telefax"}}},
			{Titel: "Ort und Zeit", Angaben: []antrag.Angabe{{Frage: "Wo genau soll die Straße gesperrt werden, und auf welcher Seite?", Antwort: "Lindenstraße 8 bis 16,\nrechter Fahrstreifen und Gehweg"}}},
			{Titel: "Sperrung 1 von 1", Ebene: 2, Angaben: []antrag.Angabe{{Frage: "Zeitraum", Antwort: "23.11.2026 bis 4.12.2026"}}},
		},
		Anlagen:    []antrag.Anlage{{Name: "Lageplan Kranstellung.pdf", Bytes: 312_400, SHA256: strings.Repeat("9f86d081", 8)}},
		Erklaerung: []string{"Die Angaben sind vollständig und richtig. Elektronisch abgesendet, ohne Unterschrift gültig."},
		Hinweis:    "Testformular",
	}
	fonts := pdftest.Fonts(t)
	out, err := a.PDF(fonts)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "antrag_pdf.txt", pdftest.Check(t, out).Root.Dump(""))

	a.Abschnitte, a.Anlagen, a.Erklaerung = []antrag.Abschnitt{{Ebene: 2, Titel: "Gruppe zuerst"}}, nil, nil
	if out, err = a.PDF(fonts); err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, out)
	a.Abschnitte[0].Titel = "🐕"
	if _, err = a.PDF(fonts); !errors.Is(err, problem.Conflict) {
		t.Errorf("unprintable answer: %v", err)
	}
}

func TestEPC(t *testing.T) {
	t.Parallel()
	z := antrag.Zahlung{Cents: 12000, Kassenzeichen: "5.0107.123456.7", Empfaenger: "Stadt Wiesenbrück", IBAN: "DE02 1203 0000 0000 2020 51", BIC: "BYLADEM1001"}
	got, err := z.EPC()
	if err != nil {
		t.Fatal(err)
	}
	if want := "BCD\n002\n1\nSCT\nBYLADEM1001\nStadt Wiesenbrück\nDE02120300000000202051\nEUR120.00\n\n\n5.0107.123456.7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for what, c := range map[string]struct {
		change func(*antrag.Zahlung)
		ok     bool
	}{
		"one cent":       {func(z *antrag.Zahlung) { z.Cents = 1 }, true},
		"largest amount": {func(z *antrag.Zahlung) { z.Cents = 99_999_999_999 }, true},
		"no BIC":         {func(z *antrag.Zahlung) { z.BIC = "" }, true},
		"long name":      {func(z *antrag.Zahlung) { z.Empfaenger = strings.Repeat("ä", 90) }, true},
		"full purpose":   {func(z *antrag.Zahlung) { z.Kassenzeichen = strings.Repeat("ü", 140) }, true},
		"nothing":        {func(z *antrag.Zahlung) { z.Cents = 0 }, false},
		"negative":       {func(z *antrag.Zahlung) { z.Cents = -1 }, false},
		"too much":       {func(z *antrag.Zahlung) { z.Cents = 100_000_000_000 }, false},
		"wrong IBAN":     {func(z *antrag.Zahlung) { z.IBAN = "DE03120300000000202051" }, false},
		"no IBAN":        {func(z *antrag.Zahlung) { z.IBAN = "" }, false},
		"wrong BIC":      {func(z *antrag.Zahlung) { z.BIC = "byladem1001" }, false},
		"no recipient":   {func(z *antrag.Zahlung) { z.Empfaenger = " " }, false},
		"long purpose":   {func(z *antrag.Zahlung) { z.Kassenzeichen = strings.Repeat("x", 141) }, false},
		"two lines":      {func(z *antrag.Zahlung) { z.Kassenzeichen = "1\nEUR9" }, false},
	} {
		z := z
		c.change(&z)
		if _, err := z.EPC(); (err == nil) != c.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}
