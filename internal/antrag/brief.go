package antrag

import (
	"fmt"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
)

// Brief is the whole content of one official letter, decided before anything is set: who, to whom, what.
// Package pdf sets it; Text writes it plain, for previews and golden tests.
type Brief struct {
	Profil     mandant.Profil  // letterhead
	Einheit    mandant.Einheit // the unit that writes
	Bearbeiter string          // clerk named in the information block; may be empty
	Empfaenger []string        // lines of the address window
	Datum      clock.Date
	Zeichen    string // Vorgangszeichen
	Nummer     string // Vorgangsnummer
	Betreff    string
	Anrede     string
	Absaetze   []Absatz
	Zahlung    *Zahlung // nil: nothing to pay
	// Belehrung is the instruction about the remedy; nil for letters that are no Bescheid.
	Belehrung    *Belehrung
	Unterschrift mandant.Signatory
	Anlagen      []string
	// Pruefcode lets anyone check the letter on the town's site; empty: none printed.
	Pruefcode, PruefURL string
	// Entwurf prints the word across the preview: this letter has not been released.
	Entwurf bool
}

// Absatz is a part of a letter under an optional heading. Text holds paragraphs separated by empty lines.
type Absatz struct {
	Titel string
	Text  string
}

// Paragraphs splits the text at empty lines.
func (a Absatz) Paragraphs() []string {
	var out []string
	for _, p := range strings.Split(strings.ReplaceAll(a.Text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Belehrung is the instruction about the remedy as it stands in a letter.
type Belehrung struct {
	Titel   string
	Text    string
	Hinweis string // below it, no part of it
}

// Zahlung is what a Bescheid asks to be paid.
type Zahlung struct {
	Cents         int64
	Kassenzeichen string
	Faellig       clock.Date
	// Law and Title say what is paid: "Verwaltungsgebühr".
	Titel           string
	Empfaenger      string
	IBAN, BIC, Bank string
}

// Satz is the sentence of the letter that asks for the payment.
func (z Zahlung) Satz() string {
	return fmt.Sprintf("Bitte überweisen Sie %s bis zum %s auf das Konto %s bei der %s (BIC %s), Verwendungszweck: %s.",
		i18n.Money(i18n.De, z.Cents), i18n.DayLong(i18n.De, z.Faellig), GroupedIBAN(z.IBAN), z.Bank, z.BIC, z.Kassenzeichen)
}

// GroupedIBAN writes an IBAN in groups of four.
func GroupedIBAN(iban string) string {
	var b strings.Builder
	for i, r := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// Text writes the letter plain: what stands on paper, in reading order, without layout.
func (b Brief) Text() string {
	var w strings.Builder
	line := func(parts ...string) {
		if s := strings.Join(parts, ""); strings.TrimSpace(s) != "" {
			w.WriteString(s + "\n")
		}
	}
	blank := func() { w.WriteString("\n") }
	p := b.Profil
	line(p.Official, " · ", p.Street, " · ", p.PostCode, " ", p.City)
	blank()
	for _, l := range b.Empfaenger {
		line(l)
	}
	blank()
	line(b.Einheit.Name)
	for _, f := range [][2]string{{"Bearbeitung: ", b.Bearbeiter}, {"Zeichen: ", b.Zeichen}, {"Vorgangsnummer: ", b.Nummer}, {"Datum: ", b.Datum.Long()}} {
		if f[1] != "" {
			line(f[0], f[1])
		}
	}
	blank()
	line(b.Betreff)
	blank()
	line(b.Anrede)
	for _, a := range b.Absaetze {
		if a.Titel != "" {
			blank()
			line(a.Titel)
		}
		for _, par := range a.Paragraphs() {
			blank()
			line(par)
		}
	}
	if b.Zahlung != nil {
		blank()
		line(b.Zahlung.Satz())
	}
	blank()
	line("Mit freundlichen Grüßen")
	line(b.Unterschrift.Name)
	line(b.Unterschrift.Office)
	if b.Belehrung != nil {
		blank()
		line(b.Belehrung.Titel)
		blank()
		line(b.Belehrung.Text)
		if b.Belehrung.Hinweis != "" {
			blank()
			line(b.Belehrung.Hinweis)
		}
	}
	if len(b.Anlagen) > 0 {
		blank()
		line("Anlagen: ", strings.Join(b.Anlagen, ", "))
	}
	if b.Pruefcode != "" {
		blank()
		line("Prüfcode: ", b.Pruefcode)
	}
	return strings.ReplaceAll(w.String(), "\u00a0", " ")
}

// checkLetterhead refuses a letter of a town whose letterhead is incomplete; the fields missing are named.
func checkLetterhead(p mandant.Profil) error {
	if missing := p.LetterheadMissing(); len(missing) > 0 {
		return problem.Conflicting("antrag.briefkopf", letterheadNames(missing))
	}
	return nil
}

func letterheadNames(missing problem.Fields) string {
	names := map[string]string{
		"street": "Straße", "post_code": "Postleitzahl", "city": "Ort", "phone": "Telefon", "mail": "E-Mail", "hours": "Öffnungszeiten",
		"bank.name": "Bank", "bank.iban": "IBAN", "signatory.name": "Name der unterzeichnenden Person", "signatory.office": "Amtsbezeichnung der unterzeichnenden Person",
		"court.name": "Verwaltungsgericht",
	}
	var out []string
	for _, f := range missing {
		name, ok := names[f.Path]
		if !ok {
			name = f.Path
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

// newZahlung takes account data from the letterhead.
func newZahlung(p mandant.Profil, title string, cents int64, kassenzeichen string, due clock.Date) *Zahlung {
	holder := p.Bank.Holder
	if holder == "" {
		holder = p.Official
	}
	return &Zahlung{Cents: cents, Kassenzeichen: kassenzeichen, Faellig: due, Titel: title,
		Empfaenger: holder, IBAN: p.Bank.IBAN, BIC: p.Bank.BIC, Bank: p.Bank.Name}
}

// stelle names authority and court for the instruction about the remedy.
func stelle(p mandant.Profil) Stelle {
	s := Stelle{Behoerde: p.Official, Anschrift: address(p.Street, p.PostCode, p.City), Gericht: p.Court.Name,
		Gerichtsanschrift: address(p.Court.Street, p.Court.PostCode, p.Court.City)}
	return s
}

func address(street, code, city string) string {
	place := strings.TrimSpace(code + " " + city)
	if street == "" || place == "" {
		return street + place
	}
	return street + ", " + place
}

// belehrungOf finds and writes the instruction for a Bescheid of the day.
func belehrungOf(rules Regelwerk, p mandant.Profil, area leistung.Rechtsgebiet, day clock.Date) (Rechtsbehelf, *Belehrung, error) {
	rule, err := rules.Remedy(area, p.Land, day)
	if err != nil {
		return rule, nil, problem.Conflicting("antrag.rechtsbehelf_fehlt", clock.LandName(p.Land))
	}
	text, err := rule.Belehrung(stelle(p))
	if err != nil {
		return rule, nil, err
	}
	return rule, &Belehrung{Titel: rule.Title(), Text: text, Hinweis: rule.Hinweis}, nil
}
