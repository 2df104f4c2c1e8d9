package antrag

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// notice is what a mail to the applicant tells about. It never says which service, who, or what was decided:
// plain mail is readable on its way.
type notice string

const (
	noticeReceived  notice = "eingang"
	noticeMessage   notice = "nachricht"
	noticeAsked     notice = "nachforderung"
	noticeBescheid  notice = "bescheid"
	noticePosted    notice = "versandt"
	noticeWithdrawn notice = "zurueckgezogen"
)

func (n notice) subject(number string) string {
	switch n {
	case noticeReceived:
		return "Wir haben Ihren Antrag erhalten: " + number
	case noticeAsked:
		return "Wir brauchen noch etwas von Ihnen: " + number
	case noticeBescheid:
		return "Ihr Bescheid liegt bereit: " + number
	case noticePosted:
		return "Ein Brief ist unterwegs: " + number
	case noticeWithdrawn:
		return "Sie haben Ihren Antrag zurückgezogen: " + number
	default:
		return "Neue Nachricht: " + number
	}
}

func (n notice) text() string {
	switch n {
	case noticeReceived:
		return "Ihr Antrag ist bei uns eingegangen. Den Stand können Sie jederzeit ansehen. Sie brauchen dafür die Vorgangsnummer und den Abholcode aus Ihrer Bestätigung."
	case noticeAsked:
		return "zu Ihrem Vorgang fehlt uns noch etwas. Was fehlt und bis wann, steht auf der Seite Ihres Vorgangs. Solange ruht die Bearbeitung."
	case noticeBescheid:
		return "Ihr Bescheid liegt zum Abruf bereit. Bitte melden Sie sich dafür mit Ihrem Konto an und rufen Sie ihn innerhalb von zehn Tagen ab. Danach schicken wir ihn mit der Post."
	case noticePosted:
		return "wir haben Ihnen einen Brief geschickt. Den Stand sehen Sie auf der Seite Ihres Vorgangs."
	case noticeWithdrawn:
		return "Sie haben Ihren Antrag zurückgezogen. Wir bearbeiten ihn nicht weiter. Waren Sie das nicht, melden Sie sich bitte bei uns."
	default:
		return "es gibt eine neue Nachricht zu Ihrem Vorgang. Sie steht auf der Seite Ihres Vorgangs."
	}
}

// tell notifies the applicant: by mail with number and link, or, where a message or request would reach nobody, by a letter
// in the print queue. event makes a repeated call harmless.
func (a *Antrag) tell(tx *storage.Tx, n notice, event string) error {
	if a.Applicant.Mail == "" {
		if (n == noticeMessage || n == noticeAsked) && a.Applicant.HasAddress() {
			return queue(tx, *a, SendungNachricht, event)
		}
		return nil
	}
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return err
	}
	body := []string{
		"Guten Tag,",
		n.text(),
		"Vorgangsnummer: " + a.Vorgangsnummer,
		p.BaseURL + "/vorgang",
		"Bitte antworten Sie nicht auf diese E-Mail. Aus Gründen des Datenschutzes stehen hier keine Einzelheiten.",
		p.Official + contact(p),
	}
	return mail.Enqueue(tx, mail.Message{To: a.Applicant.Mail, Subject: n.subject(a.Vorgangsnummer), Text: strings.Join(body, "\n\n") + "\n",
		EventID: "antrag:" + string(n) + ":" + event})
}

func contact(p mandant.Profil) string {
	if p.Phone == "" {
		return ""
	}
	return "\nTelefon " + p.Phone
}

// calendar is the town's, with its municipal holidays.
func calendar(tx *storage.Tx) (clock.Calendar, error) {
	p, err := mandant.GetProfil(tx)
	return p.Calendar(), err
}

func unitName(tx *storage.Tx, einheitID string) (string, error) {
	e, err := mandant.EinheitByID(tx, einheitID)
	return e.Name, err
}

// authorName is how the applicant reads who wrote: the unit, and the clerk's short name.
func authorName(tx *storage.Tx, einheitID string) (string, error) {
	unit, err := unitName(tx, einheitID)
	if err != nil || konto.StaffID(tx.Scope().Actor) == "" {
		return unit, err
	}
	m, err := konto.Acting(tx)
	if err != nil {
		return unit, err
	}
	return unit + ", " + m.ShortName(), nil
}

// clerkName is the name of the Bearbeiter for a letter; nobody yet: "".
func clerkName(tx *storage.Tx, mitarbeiterID string) (string, error) {
	if mitarbeiterID == "" {
		return "", nil
	}
	m, err := konto.Get(tx, mitarbeiterID)
	return m.Name, err
}

func decodeApplicant(data string) (Applicant, error) {
	var a Applicant
	if err := json.Unmarshal([]byte(data), &a); err != nil {
		return a, fmt.Errorf("applicant: %w", err)
	}
	return a, nil
}

// answerText writes an answer as a letter does: days in German, yes and no; "" when there is none.
func answerText(answers formular.Answers, path string) string {
	switch v := answers.At(path).(type) {
	case string:
		if d, err := clock.ParseDate(v); err == nil {
			return d.Long()
		}
		return strings.TrimSpace(v)
	case bool:
		if v {
			return "ja"
		}
		return "nein"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	default:
		return ""
	}
}
