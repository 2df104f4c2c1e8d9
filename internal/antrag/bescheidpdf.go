package antrag

import (
	"errors"
	"fmt"
	"image/color"
	"strings"
	"unicode"

	"github.com/boombuler/barcode/qr"

	"rathaus/internal/i18n"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf"
)

// PDF sets the letter as PDF/A-2a and PDF/UA-1 on DIN 5008 form B, word for word as Text has it, with the payment also
// as a code for banking apps. The same letter gives the same bytes. A Conflict tells the user what cannot be printed:
// a character, an address too long.
func (b Brief) PDF(fonts *pdf.Fonts) ([]byte, error) {
	meta := pdf.Meta{
		Title: b.Betreff, Author: b.Profil.Official, Created: b.Datum.Time(),
		Running: strings.Join(filled(b.Profil.Official, b.Zeichen, b.Datum.Short()), " · "),
	}
	if b.Entwurf {
		meta.Title, meta.Stamp = "Entwurf: "+b.Betreff, "Entwurf"
	}
	brand, accent := townColors(b.Profil.Theme)
	d := pdf.NewLetter(fonts, meta, pdf.Letter{
		Letterhead:    pdf.Letterhead{Name: b.Profil.Official, Unit: b.Einheit.Name, Color: brand, Accent: accent},
		ReturnAddress: strings.Join(filled(b.Profil.Official, b.Profil.Street, b.Profil.PostCode+" "+b.Profil.City), " · "),
		Recipient:     b.Empfaenger,
		Info:          b.info(),
		Subject:       b.Betreff,
		Footer:        footer(b.Profil),
	})
	if b.Anrede != "" {
		d.Paragraph(pdf.Text(b.Anrede))
	}
	for _, a := range b.Absaetze {
		set(d, a)
	}
	if err := b.payment(d); err != nil {
		return nil, fmt.Errorf("letter %s: %w", b.Zeichen, err)
	}
	d.Closing("Mit freundlichen Grüßen", nil, filled(b.Unterschrift.Name, b.Unterschrift.Office)...)
	b.below(d)
	out, err := d.Bytes()
	if err != nil {
		return nil, fmt.Errorf("letter %s: %w", b.Zeichen, paperProblem(err))
	}
	return out, nil
}

// townColors are the town's colours as on its pages.
func townColors(t mandant.Theme) (brand, accent pdf.Color) {
	return pdf.OKLCH(0.42, t.Chroma, float64(t.Hue)), pdf.OKLCH(0.74, 0.14, float64(t.AccentHue))
}

// info is the block beside the address. Phone and mail are the unit's, or else the town's.
func (b Brief) info() []pdf.Pair {
	phone, mail := b.Einheit.Phone, b.Einheit.Mail
	if phone == "" {
		phone = b.Profil.Phone
	}
	if mail == "" {
		mail = b.Profil.Mail
	}
	return pairs(
		"Bearbeitung", b.Bearbeiter,
		"Telefon", phone,
		"E-Mail", mail,
		"Zeichen", b.Zeichen,
		"Vorgangsnummer", b.Nummer,
		"Datum", b.Datum.Long(),
	)
}

func footer(p mandant.Profil) []pdf.Block {
	blocks := []pdf.Block{
		{Title: "Anschrift", Lines: filled(p.Official, p.Street, p.PostCode+" "+p.City)},
		{Title: "Kontakt", Lines: filled(p.Phone, p.Mail, p.Website)},
		{Title: "Öffnungszeiten", Lines: filled(strings.Split(p.Hours, "\n")...)},
	}
	if p.Bank.IBAN != "" {
		blocks = append(blocks, pdf.Block{Title: "Bankverbindung", Lines: filled(p.Bank.Name, GroupedIBAN(p.Bank.IBAN), p.Bank.BIC)})
	}
	return blocks
}

// set adds a part of the letter. Lines that start with a dash are a list.
func set(d *pdf.Document, a Absatz) {
	if a.Titel != "" {
		d.Heading(2, a.Titel)
	}
	for _, p := range a.Paragraphs() {
		var items []string
		for _, l := range strings.Split(p, "\n") {
			if item, dash := strings.CutPrefix(strings.TrimSpace(l), "- "); dash {
				items = append(items, item)
			}
		}
		if len(items) == len(strings.Split(p, "\n")) {
			d.List(items...)
			continue
		}
		d.Paragraph(pdf.Text(p))
	}
}

// payment asks for the money: in a sentence, as a table and as a code with the same data.
func (b Brief) payment(d *pdf.Document) error {
	z := b.Zahlung
	if z == nil {
		return nil
	}
	title := z.Titel
	if title == "" {
		title = "Zahlung"
	}
	d.Heading(2, title)
	d.Paragraph(pdf.Text(z.Satz()))
	code, err := z.code()
	if err != nil && b.Entwurf { // a new town may read its drafts before it has bank details; Release demands them
		d.Paragraph(pdf.Text("Der QR-Code fehlt in diesem Entwurf: Die Bankverbindung im Briefkopf ist unvollständig."))
		return nil
	}
	if err != nil {
		return err
	}
	d.Matrix(code, 38, pairs(
		"Betrag", i18n.Money(i18n.De, z.Cents),
		"Zahlbar bis", z.Faellig.Short(),
		"Empfänger", z.Empfaenger,
		"IBAN", GroupedIBAN(z.IBAN),
		"Verwendungszweck", z.Kassenzeichen,
	)...)
	return nil
}

// below adds what stands under the signature.
func (b Brief) below(d *pdf.Document) {
	if b.Belehrung != nil {
		set(d, Absatz{Titel: b.Belehrung.Titel, Text: b.Belehrung.Text})
		set(d, Absatz{Text: b.Belehrung.Hinweis})
	}
	if len(b.Anlagen) > 0 {
		d.Paragraph(pdf.Bold("Anlagen: "), pdf.Text(strings.Join(b.Anlagen, ", ")))
	}
	if b.Pruefcode == "" {
		return
	}
	runs := []pdf.Run{pdf.Text("Prüfcode: " + b.Pruefcode)}
	if b.PruefURL != "" {
		runs = append(runs, pdf.Text(" · Echtheit prüfen: "), pdf.Link(b.PruefURL, b.PruefURL))
	}
	d.Small(runs...)
}

// code draws the transfer as QR code, at the error correction the standard asks for.
func (z Zahlung) code() (pdf.Matrix, error) {
	payload, err := z.EPC()
	if err != nil {
		return pdf.Matrix{}, err
	}
	code, err := qr.Encode(payload, qr.M, qr.Unicode)
	if err != nil {
		return pdf.Matrix{}, fmt.Errorf("payment code: %w", err)
	}
	size := code.Bounds().Dx()
	if size > 69 {
		return pdf.Matrix{}, errors.New("payment code: larger than version 13")
	}
	modules := make([][]bool, size)
	for y := range modules {
		modules[y] = make([]bool, size)
		for x := range modules[y] {
			modules[y][x] = code.At(x, y) == color.Black
		}
	}
	alt := fmt.Sprintf("QR-Code für Ihre Banking-App: Überweisung von %s an %s, IBAN %s, Verwendungszweck %s",
		i18n.Money(i18n.De, z.Cents), z.Empfaenger, GroupedIBAN(z.IBAN), z.Kassenzeichen)
	return pdf.Matrix{Modules: modules, Alt: alt}, nil
}

// EPC is the content of the QR code with which a banking app fills in the transfer (EPC069-12, version 002, SEPA
// credit transfer, UTF-8). It refuses what a bank would: no recipient, a wrong IBAN or BIC, an amount of nothing or of
// a milliard and more, a purpose over 140 characters.
func (z Zahlung) EPC() (string, error) {
	name := strings.TrimSpace(cut(z.Empfaenger, 70))
	iban := strings.ReplaceAll(z.IBAN, " ", "")
	for _, rule := range []struct {
		broken bool
		text   string
	}{
		{name == "", "no recipient"},
		{!mandant.ValidIBAN(iban), "IBAN"},
		{!validBIC(z.BIC), "BIC"},
		{z.Cents < 1 || z.Cents > 99_999_999_999, "amount"},
		{len([]rune(z.Kassenzeichen)) > 140, "purpose over 140 characters"},
		{strings.ContainsFunc(name+z.Kassenzeichen, unicode.IsControl), "control character"},
	} {
		if rule.broken {
			return "", fmt.Errorf("payment code: %s", rule.text)
		}
	}
	return strings.Join([]string{"BCD", "002", "1", "SCT", z.BIC, name, iban,
		fmt.Sprintf("EUR%d.%02d", z.Cents/100, z.Cents%100), "", "", z.Kassenzeichen}, "\n"), nil
}

// validBIC: version 002 lets it out within the EEA.
func validBIC(bic string) bool {
	if bic == "" {
		return true
	}
	if len(bic) != 8 && len(bic) != 11 {
		return false
	}
	for i, r := range bic {
		letter, digit := r >= 'A' && r <= 'Z', r >= '0' && r <= '9'
		if !letter && (i < 6 || !digit) {
			return false
		}
	}
	return true
}
