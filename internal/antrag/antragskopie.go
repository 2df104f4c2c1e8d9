package antrag

import (
	"fmt"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/i18n"
	"rathaus/internal/pdf"
)

// PDF sets the application as it was sent: every answer under the label of its form. Errors as in AntragPDF.PDF.
func (k Antragskopie) PDF(fonts *pdf.Fonts) ([]byte, error) {
	a := AntragPDF{
		Profil: k.Profil, Einheit: k.Einheit.Name, Titel: k.Definition.Title, Vorgangsnummer: k.Nummer, Leistung: k.Leistung,
		Eingang: i18n.DayTime(i18n.De, k.Eingang), Kanal: k.Kanal.words(), Created: k.Eingang,
		Erklaerung: k.Definition.Declarations,
	}
	if a.Titel == "" {
		a.Titel = "Antrag: " + k.Leistung
	}
	if day := clock.DateOf(k.Eingang); !k.ReceivedOn.IsZero() && k.ReceivedOn != day {
		a.Eingang, a.Erfasst = i18n.Day(i18n.De, k.ReceivedOn), a.Eingang
	}
	if s := k.Definition.Source; s != nil && s.Test {
		a.Hinweis = "Testformular: Dieses Formular dient der Erprobung."
	}
	for _, s := range k.Definition.Abschnitte {
		a.Abschnitte = append(a.Abschnitte, answered(s, k.Answers)...)
	}
	if k.Consent {
		a.Abschnitte = append(a.Abschnitte, Abschnitt{Titel: "Bescheid", Angaben: []Angabe{{"Abruf über das Portal", "gewünscht"}}})
	}
	for _, f := range k.Files {
		a.Anlagen = append(a.Anlagen, Anlage{Name: f.Name, Bytes: f.Ref.Size, SHA256: f.Ref.SHA256})
	}
	return a.PDF(fonts)
}

func applicationPDF(fonts *pdf.Fonts, k Antragskopie) ([]byte, error) { return k.PDF(fonts) }

func bescheidPDF(fonts *pdf.Fonts, b Brief) ([]byte, error) { return b.PDF(fonts) }

func (k Kanal) words() string {
	switch k {
	case KanalOnline:
		return "online"
	case KanalPortal:
		return "über ein anderes Portal"
	case KanalPapier:
		return "auf Papier"
	case KanalSchalter:
		return "am Schalter"
	case KanalTelefon:
		return "telefonisch"
	}
	return string(k)
}

// answered lists a page of the form with its answers, its own fields first, then its groups; nothing if nothing was answered.
func answered(s formular.Abschnitt, answers map[string]any) []Abschnitt {
	topic := Abschnitt{Titel: s.Title, Ebene: 1}
	var groups []Abschnitt
	collect(s.Elements, answers, "", &topic, &groups)
	if len(topic.Angaben) == 0 && len(groups) == 0 {
		return nil
	}
	return append([]Abschnitt{topic}, groups...)
}

// collect adds the answered fields of one level to here, and its groups behind it under their full names.
func collect(elements []formular.Element, values map[string]any, within string, here *Abschnitt, groups *[]Abschnitt) {
	for _, e := range elements {
		if e.Kind == formular.Note || e.Hidden || values[e.Key] == nil {
			continue
		}
		if e.Kind != formular.Group {
			if text := answerWords(e, values[e.Key]); text != "" {
				here.Angaben = append(here.Angaben, Angabe{label(e), text})
			}
			continue
		}
		items := asList(values[e.Key])
		for i, item := range items {
			v, ok := item.(map[string]any)
			if !ok {
				continue
			}
			group := Abschnitt{Titel: strings.Join(filled(within, itemName(e, i, len(items))), " · "), Ebene: 2}
			var below []Abschnitt
			collect(e.Elements, v, group.Titel, &group, &below)
			if len(group.Angaben) > 0 {
				*groups = append(*groups, group)
			}
			*groups = append(*groups, below...)
		}
	}
}

// label is how an answer is called on paper.
func label(e formular.Element) string {
	if e.Output != "" {
		return e.Output
	}
	return e.Label
}

func itemName(e formular.Element, i, n int) string {
	if !e.Occurs.Repeated() {
		return label(e)
	}
	item := e.ItemLabel
	if item == "" {
		item = label(e)
	}
	return fmt.Sprintf("%s %d von %d", item, i+1, n)
}

// answerWords writes an answer as a person reads it; several values stand below one another.
func answerWords(e formular.Element, value any) string {
	if list, several := value.([]any); several {
		var lines []string
		for _, v := range list {
			lines = append(lines, filled(answerWords(e, v))...)
		}
		return strings.Join(lines, "\n")
	}
	if address, ok := value.(map[string]any); ok {
		return addressWords(address)
	}
	text := strings.TrimSpace(fmt.Sprint(value))
	if f, ok := value.(float64); ok {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	switch e.Kind {
	case formular.Bool:
		text = map[string]string{"true": "ja", "false": "nein"}[text]
	case formular.Choice, formular.MultiChoice:
		text = optionWords(e, text)
	case formular.Date:
		if d, err := clock.ParseDate(text); err == nil {
			text = d.Short()
		}
	case formular.DateTime:
		day, hour, _ := strings.Cut(text, "T")
		if d, err := clock.ParseDate(day); err == nil {
			text = d.Short() + ", " + hour + " Uhr"
		}
	case formular.Time:
		text += " Uhr"
	case formular.Money:
		if cents, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64); err == nil {
			text = i18n.Money(i18n.De, cents)
		}
	case formular.Decimal:
		text = strings.Replace(text, ".", ",", 1)
	case formular.IBAN:
		text = GroupedIBAN(text)
	}
	if e.Unit != "" && text != "" {
		text += "\u00a0" + e.Unit
	}
	return text
}

func optionWords(e formular.Element, value string) string {
	for _, o := range e.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// addressWords writes an address as on an envelope.
func addressWords(address map[string]any) string {
	part := func(key string) string {
		s, _ := address[key].(string)
		return strings.TrimSpace(s)
	}
	return strings.Join(filled(
		strings.TrimSpace(part("strasse")+" "+part("hausnummer")),
		part("zusatz"),
		strings.TrimSpace(part("plz")+" "+part("ort")),
		foreign(part("land")),
	), "\n")
}
