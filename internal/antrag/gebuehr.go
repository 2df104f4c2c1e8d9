package antrag

import (
	"fmt"

	"rathaus/internal/clock"
	"rathaus/internal/leistung"
	"rathaus/internal/storage"
)

// fee proposes what the Bescheid asks to be paid: the amount the form computed from the answers, else that of the
// service; with the Kassenzeichen the applicant named, else a new one, due in a month.
func (a Antrag) fee(tx *storage.Tx, service leistung.Leistung, v Vorlage, cal clock.Calendar) (Gebuehr, error) {
	cents := a.feeCents
	if cents < 0 {
		cents = service.Gebuehr.Cents
	}
	if cents <= 0 {
		return Gebuehr{}, nil
	}
	g := Gebuehr{Titel: v.GebuehrTitel, Cents: cents, Faellig: cal.NextWorkday(clock.DateOf(tx.Now()).AddMonths(1))}
	if g.Titel == "" {
		g.Titel = "Gebühr"
	}
	if service.Filing.Key != "" {
		g.Kassenzeichen = answerText(a.Answers, service.Filing.Key)
	}
	if g.Kassenzeichen == "" {
		var err error
		if g.Kassenzeichen, err = nextKassenzeichen(tx); err != nil {
			return g, err
		}
	}
	return g, nil
}

// nextKassenzeichen takes the next number of the year with a check digit (Luhn): "2026000123" + "4". A town whose
// treasury gives the numbers out types them over.
func nextKassenzeichen(tx *storage.Tx) (string, error) {
	year := int64(clock.DateOf(tx.Now()).Year())
	if _, err := tx.Exec(`insert into kassenzeichen_zaehler (jahr, letzte) values ($1, 1)
		on conflict (jahr) do update set letzte = kassenzeichen_zaehler.letzte + 1`, year); err != nil {
		return "", err
	}
	n, err := storage.Get(tx, storage.Value[int64], `select letzte from kassenzeichen_zaehler where jahr = $1`, year)
	if err != nil {
		return "", err
	}
	digits := fmt.Sprintf("%04d%06d", year, n)
	return digits + string(luhn(digits)), nil
}

// luhn is the check digit after ISO/IEC 7812-1.
func luhn(digits string) byte {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
