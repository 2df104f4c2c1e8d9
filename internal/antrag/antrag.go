package antrag

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Antrag is a submitted application. It has exactly one Vorgang; unit, clerk and Frist stand there.
type Antrag struct {
	ID             string
	Vorgangsnummer string // "WB-7K4M-92QX"
	VorgangID      string
	Aktenzeichen   string // Vorgangszeichen at the time of submission
	Leistung       string // slug
	LeistungName   string
	Formular       string // key of the form
	Version        string // of the form
	Kanal          Kanal
	Stand          Stand
	Applicant      Applicant
	ConsentAbruf   bool   // consents to electronic retrieval of the Bescheid
	BuergerID      string // account it is linked with, or empty
	Answers        formular.Answers
	ReceivedOn     clock.Date // Eingang
	SubmittedAt    time.Time
	BegunAt        time.Time
	DecidedAt      time.Time
	WithdrawnAt    time.Time
	IdempotencyKey string
	codeVersion    int64
	feeCents       int64 // computed by the form, -1: it has no rule
	version        int64
	// Vorgang is the case in the E-Akte as it stands now.
	Vorgang akte.Vorgang
}

// Kanal is the way an application came in.
type Kanal string

// The channels.
const (
	KanalOnline   Kanal = "online"
	KanalPortal   Kanal = "portal" // another portal, through the API
	KanalPapier   Kanal = "papier"
	KanalSchalter Kanal = "schalter"
	KanalTelefon  Kanal = "telefon"
)

// StaffKanaele are the channels a clerk may record.
func StaffKanaele() []Kanal { return []Kanal{KanalPapier, KanalSchalter, KanalTelefon} }

// Applicant is who applies and where letters and notices go.
type Applicant struct {
	Name         string `json:"name"` // "Mira Tannhof"
	Organisation string `json:"organisation,omitempty"`
	Addition     string `json:"addition,omitempty"`
	Street       string `json:"street,omitempty"` // with house number
	PostCode     string `json:"postCode,omitempty"`
	City         string `json:"city,omitempty"`
	Country      string `json:"country,omitempty"`
	Mail         string `json:"mail,omitempty"`
	Phone        string `json:"phone,omitempty"`
	BirthDate    string `json:"birthDate,omitempty"`
}

// Display is the name for lists: the organisation where there is one.
func (a Applicant) Display() string {
	if a.Organisation != "" {
		return a.Organisation
	}
	return a.Name
}

// Lines are the lines of the address window.
func (a Applicant) Lines() []string {
	var out []string
	for _, l := range []string{a.Organisation, a.Name, a.Addition, a.Street, strings.TrimSpace(a.PostCode + " " + a.City), foreign(a.Country)} {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// foreign is the country line, written in capitals and left out for Germany (DIN 5008).
func foreign(country string) string {
	switch strings.ToLower(country) {
	case "", "de", "deutschland", "germany", "000":
		return ""
	}
	return strings.ToUpper(country)
}

// HasAddress reports whether a letter can reach the applicant.
func (a Applicant) HasAddress() bool {
	return a.Display() != "" && a.Street != "" && a.City != ""
}

const columnsAntrag = `id, vorgangsnummer, vorgang_id, aktenzeichen, leistung, leistung_name, formular, formular_version, kanal, state,
	asked, applicant, consent_abruf, buerger_id, answers, fee_cents, code_version, idempotency_key, received_on, submitted_at, begun_at, decided_at, withdrawn_at, version`

func scanAntrag(s storage.Scanner) (Antrag, error) {
	var a Antrag
	var asked, consent, submitted, begun, decided, withdrawn int64
	var applicant, answers string
	err := s.Scan(&a.ID, &a.Vorgangsnummer, &a.VorgangID, &a.Aktenzeichen, &a.Leistung, &a.LeistungName, &a.Formular, &a.Version, &a.Kanal, &a.Stand.State,
		&asked, &applicant, &consent, &a.BuergerID, &answers, &a.feeCents, &a.codeVersion, &a.IdempotencyKey, &a.ReceivedOn, &submitted, &begun, &decided, &withdrawn, &a.version)
	if err != nil {
		return a, err
	}
	a.Stand.Asked, a.ConsentAbruf = asked == 1, consent == 1
	a.SubmittedAt, a.BegunAt, a.DecidedAt, a.WithdrawnAt = storage.Time(submitted), storage.Time(begun), storage.Time(decided), storage.Time(withdrawn)
	if err := json.Unmarshal([]byte(applicant), &a.Applicant); err != nil {
		return a, fmt.Errorf("antrag %s: applicant: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(answers), &a.Answers); err != nil {
		return a, fmt.Errorf("antrag %s: answers: %w", a.ID, err)
	}
	return a, nil
}

// load reads an Antrag by a condition on one column and its Vorgang, without asking for rights.
func load(tx *storage.Tx, where, value string) (Antrag, error) {
	a, err := storage.Get(tx, scanAntrag, `select `+columnsAntrag+` from antrag where `+where+` = $1`, value)
	if err != nil {
		return a, fmt.Errorf("antrag by %s: %w", where, err)
	}
	a.Vorgang, err = akte.Head(tx, a.VorgangID)
	if a.Stand.State == Eingereicht && a.Vorgang.BearbeiterID != "" {
		a.Stand.State = InBearbeitung // taken over in the E-Akte; stored with the next act
	}
	return a, err
}

// Get returns the Antrag for staff; problem.NotFound also when whoever acts may not read its Vorgang.
func Get(tx *storage.Tx, antragID string) (Antrag, error) {
	a, err := load(tx, "id", antragID)
	if err != nil {
		return a, err
	}
	_, err = akte.GetVorgang(tx, a.VorgangID)
	return a, err
}

// ByVorgang returns the Antrag of a Vorgang for staff; problem.NotFound when the Vorgang is about something
// else or not readable.
func ByVorgang(tx *storage.Tx, vorgangID string) (Antrag, error) {
	if _, err := akte.GetVorgang(tx, vorgangID); err != nil {
		return Antrag{}, err
	}
	return load(tx, "vorgang_id", vorgangID)
}

// forWork loads an Antrag for an act of staff that needs the right on the unit of its Vorgang. What one may not
// read does not exist; what one may read but not do is problem.Forbidden.
func forWork(tx *storage.Tx, antragID string, right konto.Right) (Antrag, error) {
	a, err := Get(tx, antragID)
	if err != nil {
		return a, err
	}
	if konto.StaffID(tx.Scope().Actor) == "" && !isJob(tx) {
		return a, fmt.Errorf("%s on antrag %s: %w", right, antragID, problem.Forbidden)
	}
	return a, konto.Require(tx, right, a.Vorgang.EinheitID)
}

func isJob(tx *storage.Tx) bool {
	kind, _, _ := strings.Cut(tx.Scope().Actor, ":")
	return kind == "job" || kind == "system"
}

// move brings the Antrag to the state that follows the act and stores it. A Conflict tells why it may not be.
func (a *Antrag) move(tx *storage.Tx, act Act) error {
	next, err := a.Stand.After(act)
	if err != nil {
		return err
	}
	now := tx.Now()
	if next.State == InBearbeitung && a.BegunAt.IsZero() {
		a.BegunAt = now
	}
	switch {
	case next.State == Entschieden && a.Stand.State != Entschieden:
		a.DecidedAt = now
	case next.State != Entschieden:
		a.DecidedAt = time.Time{}
	}
	if next.State == Zurueckgezogen && a.WithdrawnAt.IsZero() {
		a.WithdrawnAt = now
	}
	a.Stand = next
	n, err := tx.Exec(`update antrag set state = $2, asked = $3, begun_at = $4, decided_at = $5, withdrawn_at = $6, version = version + 1 where id = $1`,
		a.ID, next.State, flag(next.Asked), storage.Millis(a.BegunAt), storage.Millis(a.DecidedAt), storage.Millis(a.WithdrawnAt))
	if err == nil && n != 1 {
		err = fmt.Errorf("antrag %s: %w", a.ID, problem.NotFound)
	}
	return err
}

// record writes an entry of the Vorgang's history: one history for everything that happens to the case.
func (a *Antrag) record(tx *storage.Tx, act string, data map[string]string, before, after any) error {
	return audit.Record(tx, audit.Entry{Noun: "vorgang", ID: a.VorgangID, Act: "antrag." + act, Old: before, New: after, Data: data})
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// TakeOver makes whoever acts the Bearbeiter and tells the applicant's page that the work has begun.
func TakeOver(tx *storage.Tx, antragID string) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if err := akte.TakeOver(tx, a.VorgangID); err != nil {
		return err
	}
	return a.move(tx, ActBegin)
}

// CorrectApplicant puts a mistyped name, address or mail address right; the application as sent stays what it
// was. Right: konto.EditVorgang.
func CorrectApplicant(tx *storage.Tx, antragID string, p Applicant, reason string) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if err := p.check(reason).Err(); err != nil {
		return err
	}
	if err := a.move(tx, ActCorrect); err != nil {
		return err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("antrag %s: %w", antragID, err)
	}
	if _, err := tx.Exec(`update antrag set applicant = $2 where id = $1`, a.ID, string(data)); err != nil {
		return err
	}
	if p.Display() != a.Applicant.Display() {
		if err := akte.Rename(tx, a.VorgangID, a.Vorgang.Betreff, p.Display()); err != nil {
			return err
		}
	}
	before := a.Applicant
	a.Applicant = p
	if err := a.index(tx); err != nil {
		return err
	}
	return a.record(tx, "corrected", map[string]string{"reason": reason}, before, p)
}

const maxLine = 200

func (a Applicant) check(reason string) problem.Fields {
	var f problem.Fields
	if strings.TrimSpace(a.Display()) == "" {
		f.Add("name", "problem.required")
	}
	if strings.TrimSpace(reason) == "" {
		f.Add("grund", "problem.required")
	}
	for path, v := range map[string]string{"name": a.Name, "organisation": a.Organisation, "zusatz": a.Addition, "strasse": a.Street,
		"plz": a.PostCode, "ort": a.City, "land": a.Country, "telefon": a.Phone, "grund": reason} {
		if len([]rune(v)) > maxLine {
			f.Add(path, "problem.too_long", maxLine)
		}
	}
	if a.Mail != "" && !validMail(a.Mail) {
		f.Add("mail", "problem.email")
	}
	return f
}

// NumberKnown reports whether the number as typed names a case of the town.
func byNumber(tx *storage.Tx, number string) (Antrag, error) {
	return load(tx, "nummer_normal", id.Normal(number))
}
