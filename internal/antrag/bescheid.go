package antrag

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// BescheidState is where a Bescheid stands.
type BescheidState string

// The states of a Bescheid.
const (
	Entwurf        BescheidState = "entwurf"
	Freigegeben    BescheidState = "freigegeben" // in the print queue, or provided for retrieval
	Versandt       BescheidState = "versandt"    // handed to the post
	Abgerufen      BescheidState = "abgerufen"
	Zurueckgerufen BescheidState = "zurueckgerufen" // recalled before it left
	Ersetzt        BescheidState = "ersetzt"        // by a later Bescheid
	Verworfen      BescheidState = "verworfen"      // a draft that came to nothing
)

// Bescheid is the administrative decision on an Antrag, from its draft to its Bekanntgabe.
type Bescheid struct {
	ID           string
	AntragID     string
	State        BescheidState
	Entscheidung Entscheidung
	Weg          Weg
	Text         BescheidText
	Gebuehr      Gebuehr
	Rechtsgebiet leistung.Rechtsgebiet
	Rechtsbehelf string // key of the rule of remedy, from release on
	SchrittID    string // Mitzeichnung asked for, or empty
	ErsetztID    string // the Bescheid this one replaces
	DokumentID   string // from release on
	DraftedBy    string // actor
	DraftedAt    time.Time
	ReleasedBy   string
	ReleasedAt   time.Time
	Datum        clock.Date // of the letter
	StartedOn    clock.Date // Ab-Vermerk, or notice of the provision
	PostedBy     string
	FetchedAt    time.Time
	FetchUntil   clock.Date
	Bekanntgabe  clock.Date // empty while it is not announced
	Paragraph    string     // that says so
	Rechtsregel  string     // key of the rule applied
	RemedyEnd    clock.Date
	Version      int64
}

// BescheidText is what the clerk writes.
type BescheidText struct {
	Titel, Tenor, Begruendung, Hinweise string
}

// Gebuehr is what a Bescheid asks to be paid.
type Gebuehr struct {
	Titel         string
	Cents         int64
	Kassenzeichen string
	Faellig       clock.Date
}

const columnsBescheid = `id, antrag_id, state, entscheidung, weg, titel, tenor, begruendung, hinweise, gebuehr_titel, gebuehr_cents, kassenzeichen,
	faellig, rechtsgebiet, rechtsbehelf, schritt_id, ersetzt_id, dokument_id, drafted_by, drafted_at, released_by, released_at, datum, started_on,
	posted_by, fetched_at, fetch_until, bekanntgabe, paragraph, rechtsregel, remedy_end, version`

func scanBescheid(s storage.Scanner) (Bescheid, error) {
	var b Bescheid
	var drafted, released, fetched int64
	err := s.Scan(&b.ID, &b.AntragID, &b.State, &b.Entscheidung, &b.Weg, &b.Text.Titel, &b.Text.Tenor, &b.Text.Begruendung, &b.Text.Hinweise,
		&b.Gebuehr.Titel, &b.Gebuehr.Cents, &b.Gebuehr.Kassenzeichen, &b.Gebuehr.Faellig, &b.Rechtsgebiet, &b.Rechtsbehelf, &b.SchrittID,
		&b.ErsetztID, &b.DokumentID, &b.DraftedBy, &drafted, &b.ReleasedBy, &released, &b.Datum, &b.StartedOn, &b.PostedBy, &fetched, &b.FetchUntil,
		&b.Bekanntgabe, &b.Paragraph, &b.Rechtsregel, &b.RemedyEnd, &b.Version)
	b.DraftedAt, b.ReleasedAt, b.FetchedAt = storage.Time(drafted), storage.Time(released), storage.Time(fetched)
	return b, err
}

func (b Bescheid) insert(tx *storage.Tx) error {
	_, err := tx.Exec(`insert into bescheid (`+columnsBescheid+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)`,
		b.ID, b.AntragID, b.State, b.Entscheidung, b.Weg, b.Text.Titel, b.Text.Tenor, b.Text.Begruendung, b.Text.Hinweise,
		b.Gebuehr.Titel, b.Gebuehr.Cents, b.Gebuehr.Kassenzeichen, b.Gebuehr.Faellig, b.Rechtsgebiet, b.Rechtsbehelf, b.SchrittID,
		b.ErsetztID, b.DokumentID, b.DraftedBy, storage.Millis(b.DraftedAt), b.ReleasedBy, storage.Millis(b.ReleasedAt), b.Datum, b.StartedOn, b.PostedBy,
		storage.Millis(b.FetchedAt), b.FetchUntil, b.Bekanntgabe, b.Paragraph, b.Rechtsregel, b.RemedyEnd, b.Version)
	return err
}

// save stores a changed Bescheid; one changed meanwhile is a Conflict.
func (b *Bescheid) save(tx *storage.Tx) error {
	n, err := tx.Exec(`update bescheid set state = $2, entscheidung = $3, weg = $4, titel = $5, tenor = $6, begruendung = $7, hinweise = $8,
		gebuehr_titel = $9, gebuehr_cents = $10, kassenzeichen = $11, faellig = $12, rechtsbehelf = $13, schritt_id = $14, ersetzt_id = $15,
		dokument_id = $16, drafted_by = $17, released_by = $18, released_at = $19, datum = $20, started_on = $21, posted_by = $22, fetched_at = $23,
		fetch_until = $24, bekanntgabe = $25, paragraph = $26, rechtsregel = $27, remedy_end = $28, version = version + 1
		where id = $1 and version = $29`,
		b.ID, b.State, b.Entscheidung, b.Weg, b.Text.Titel, b.Text.Tenor, b.Text.Begruendung, b.Text.Hinweise, b.Gebuehr.Titel, b.Gebuehr.Cents,
		b.Gebuehr.Kassenzeichen, b.Gebuehr.Faellig, b.Rechtsbehelf, b.SchrittID, b.ErsetztID, b.DokumentID, b.DraftedBy, b.ReleasedBy,
		storage.Millis(b.ReleasedAt), b.Datum, b.StartedOn, b.PostedBy, storage.Millis(b.FetchedAt), b.FetchUntil, b.Bekanntgabe, b.Paragraph,
		b.Rechtsregel, b.RemedyEnd, b.Version)
	if err != nil {
		return err
	}
	if n != 1 {
		return problem.Conflicting("problem.conflict")
	}
	b.Version++
	return nil
}

func loadBescheid(tx *storage.Tx, bescheidID string) (Bescheid, error) {
	b, err := storage.Get(tx, scanBescheid, `select `+columnsBescheid+` from bescheid where id = $1`, bescheidID)
	if err != nil {
		return b, fmt.Errorf("bescheid %s: %w", bescheidID, err)
	}
	return b, nil
}

func bescheideOf(tx *storage.Tx, antragID string) ([]Bescheid, error) {
	return storage.List(tx, scanBescheid, `select `+columnsBescheid+` from bescheid where antrag_id = $1 order by drafted_at desc, id desc`, antragID)
}

// Bescheide lists all Bescheide of an Antrag for staff, newest first, drafts included.
func Bescheide(tx *storage.Tx, antragID string) ([]Bescheid, error) {
	if _, err := Get(tx, antragID); err != nil {
		return nil, err
	}
	return bescheideOf(tx, antragID)
}

// GetBescheid returns a Bescheid for staff.
func GetBescheid(tx *storage.Tx, bescheidID string) (Bescheid, error) {
	b, err := loadBescheid(tx, bescheidID)
	if err != nil {
		return b, err
	}
	_, err = Get(tx, b.AntragID)
	return b, err
}

// left reports whether the Bescheid is in force: released and neither recalled nor replaced.
func (b Bescheid) left() bool {
	return slices.Contains([]BescheidState{Freigegeben, Versandt, Abgerufen}, b.State)
}

// lastReleased is the Bescheid in force, or nil.
func lastReleased(tx *storage.Tx, antragID string) (*Bescheid, error) {
	all, err := bescheideOf(tx, antragID)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.left() {
			return &b, nil
		}
	}
	return nil, nil
}

func openDraft(tx *storage.Tx, antragID string) (*Bescheid, error) {
	all, err := bescheideOf(tx, antragID)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.State == Entwurf {
			return &b, nil
		}
	}
	return nil, nil
}

// Decide drafts a Bescheid from the template of the service; the draft there is of the same outcome is returned as
// it stands, one of another outcome is dropped. Nothing leaves before Release. Right: konto.EditVorgang.
func Decide(tx *storage.Tx, antragID string, e Entscheidung) (Bescheid, error) {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return Bescheid{}, err
	}
	if !slices.Contains(Entscheidungen(), e) {
		return Bescheid{}, problem.Fields{{Path: "entscheidung", Key: "antrag.entscheidung"}}
	}
	if err := a.begin(tx); err != nil {
		return Bescheid{}, err
	}
	if _, err := a.Stand.After(ActDecide); err != nil {
		return Bescheid{}, err
	}
	draft, err := openDraft(tx, a.ID)
	if err != nil {
		return Bescheid{}, err
	}
	if draft != nil && draft.Entscheidung == e {
		return *draft, nil
	}
	if err := dropDrafts(tx, a.ID); err != nil {
		return Bescheid{}, err
	}
	b, err := newDraft(tx, a, e)
	if err != nil {
		return Bescheid{}, err
	}
	return b, a.record(tx, "drafted", map[string]string{"entscheidung": string(e)}, nil, b.Text)
}

func newDraft(tx *storage.Tx, a Antrag, e Entscheidung) (Bescheid, error) {
	service, err := leistung.Get(tx, a.Leistung)
	if err != nil {
		return Bescheid{}, err
	}
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return Bescheid{}, err
	}
	v, err := VorlageFor(tx, a.Leistung, e)
	if err != nil {
		return Bescheid{}, err
	}
	b := Bescheid{ID: tx.NewID(), AntragID: a.ID, State: Entwurf, Entscheidung: e, Weg: WegBrief, Rechtsgebiet: service.Rechtsgebiet,
		DraftedBy: tx.Scope().Actor, DraftedAt: tx.Now(), Version: 1}
	if e != Abgelehnt {
		if b.Gebuehr, err = a.fee(tx, service, v, p.Calendar()); err != nil {
			return b, err
		}
	}
	before, err := lastReleased(tx, a.ID)
	if err != nil {
		return b, err
	}
	if before != nil {
		b.ErsetztID = before.ID
	}
	if b.Weg, err = a.preferredWay(tx, p, service); err != nil {
		return b, err
	}
	values := a.values(p, b.Gebuehr, clock.DateOf(tx.Now()))
	b.Text = BescheidText{Titel: fillIn(v.Titel, values), Tenor: fillIn(v.Tenor, values), Begruendung: fillIn(v.Begruendung, values), Hinweise: fillIn(v.Hinweise, values)}
	return b, b.insert(tx)
}

// values are what placeholders of a template stand for.
func (a Antrag) values(p mandant.Profil, g Gebuehr, today clock.Date) func(string) string {
	return func(name string) string {
		if path, ok := strings.CutPrefix(name, "antwort:"); ok {
			return answerText(a.Answers, path)
		}
		switch name {
		case "leistung":
			return a.LeistungName
		case "eingang":
			return a.ReceivedOn.Long()
		case "nummer":
			return a.Vorgangsnummer
		case "name":
			return a.Applicant.Display()
		case "ort":
			return p.Name
		case "kassenzeichen":
			return g.Kassenzeichen
		case "jahr":
			return strconv.Itoa(today.Year())
		case "faellig":
			return g.Faellig.Long()
		case "gebuehr":
			if g.Cents > 0 {
				return i18n.Money(i18n.De, g.Cents)
			}
		}
		return ""
	}
}

// preferredWay is retrieval where the applicant consented and it is offered, else the letter.
func (a Antrag) preferredWay(tx *storage.Tx, p mandant.Profil, service leistung.Leistung) (Weg, error) {
	rules, _, err := Rules(tx)
	if err != nil {
		return WegBrief, err
	}
	if a.mayRetrieve(rules, p, service, clock.DateOf(tx.Now())) == nil {
		return WegAbruf, nil
	}
	return WegBrief, nil
}

// mayRetrieve says why a Bescheid may not be provided for retrieval: no rule (Abgaben), no consent, no account to sign in
// with, no address for the notice.
func (a Antrag) mayRetrieve(rules Regelwerk, p mandant.Profil, service leistung.Leistung, day clock.Date) error {
	switch {
	case !rules.Offers(WegAbruf, service.Rechtsgebiet, p.Land, day):
		return problem.Conflicting("antrag.abruf_nicht_angeboten")
	case !a.ConsentAbruf:
		return problem.Conflicting("antrag.abruf_ohne_einwilligung")
	case a.BuergerID == "":
		return problem.Conflicting("antrag.abruf_ohne_konto")
	case a.Applicant.Mail == "":
		return problem.Conflicting("antrag.abruf_ohne_mail")
	}
	return nil
}

// BescheidEdit is what the clerk changes in a draft. Version is the one read.
type BescheidEdit struct {
	Text    BescheidText
	Gebuehr Gebuehr
	Weg     Weg
	Version int64
}

// SaveDraft stores the clerk's changes. A Mitzeichnung asked for before falls: what was co-signed is not what
// stands there now. Right: konto.EditVorgang.
func SaveDraft(tx *storage.Tx, bescheidID string, edit BescheidEdit) (Bescheid, error) {
	b, a, err := draftForWork(tx, bescheidID)
	if err != nil {
		return b, err
	}
	if edit.Version != b.Version {
		return b, problem.Conflicting("problem.conflict")
	}
	if err := edit.check(clock.DateOf(tx.Now())).Err(); err != nil {
		return b, err
	}
	if edit.Weg == WegAbruf {
		if err := a.retrievable(tx); err != nil {
			return b, err
		}
	}
	before := b.Text
	if err := withdrawStep(tx, &b); err != nil {
		return b, err
	}
	b.Text, b.Gebuehr, b.Weg, b.DraftedBy = edit.Text, edit.Gebuehr, edit.Weg, tx.Scope().Actor
	if b.Gebuehr.Cents == 0 {
		b.Gebuehr = Gebuehr{}
	}
	if err := b.save(tx); err != nil {
		return b, err
	}
	return b, a.record(tx, "draft_changed", nil, before, b.Text)
}

func (a Antrag) retrievable(tx *storage.Tx) error {
	rules, _, err := Rules(tx)
	if err != nil {
		return err
	}
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return err
	}
	service, err := leistung.Get(tx, a.Leistung)
	if err != nil {
		return err
	}
	return a.mayRetrieve(rules, p, service, clock.DateOf(tx.Now()))
}

const maxText = 20_000

func (e BescheidEdit) check(today clock.Date) problem.Fields {
	var p problem.Fields
	for _, f := range []struct{ path, text string }{{"titel", e.Text.Titel}, {"tenor", e.Text.Tenor}, {"begruendung", e.Text.Begruendung}} {
		if strings.TrimSpace(f.text) == "" {
			p.Add(f.path, "problem.required")
		}
	}
	if len([]rune(e.Text.Titel)) > maxLine {
		p.Add("titel", "problem.too_long", maxLine)
	}
	for _, f := range []struct{ path, text string }{{"tenor", e.Text.Tenor}, {"begruendung", e.Text.Begruendung}, {"hinweise", e.Text.Hinweise}} {
		if len([]rune(f.text)) > maxText {
			p.Add(f.path, "problem.too_long", maxText)
		}
	}
	if e.Weg != WegBrief && e.Weg != WegAbruf {
		p.Add("weg", "problem.choice")
	}
	g := e.Gebuehr
	switch {
	case g.Cents < 0 || g.Cents > 100_000_000_00:
		p.Add("gebuehr", "problem.money")
	case g.Cents > 0:
		if strings.TrimSpace(g.Kassenzeichen) == "" {
			p.Add("kassenzeichen", "problem.required")
		} else if len([]rune(g.Kassenzeichen)) > 35 {
			p.Add("kassenzeichen", "problem.too_long", 35)
		}
		if !g.Faellig.Valid() || g.Faellig.Before(today) {
			p.Add("faellig", "antrag.frist_zukunft")
		}
	}
	return p
}

// draftForWork loads a draft and its Antrag for an act of the clerk.
func draftForWork(tx *storage.Tx, bescheidID string) (Bescheid, Antrag, error) {
	b, err := loadBescheid(tx, bescheidID)
	if err != nil {
		return b, Antrag{}, err
	}
	a, err := forWork(tx, b.AntragID, konto.EditVorgang)
	if err != nil {
		return b, a, err
	}
	if b.State != Entwurf {
		return b, a, problem.Conflicting("antrag.kein_entwurf")
	}
	return b, a, nil
}

// DropDraft gives up a draft. Right: konto.EditVorgang.
func DropDraft(tx *storage.Tx, bescheidID string) error {
	b, a, err := draftForWork(tx, bescheidID)
	if err != nil {
		return err
	}
	if err := dropDraft(tx, b); err != nil {
		return err
	}
	return a.record(tx, "draft_dropped", nil, b.Text, nil)
}

func dropDrafts(tx *storage.Tx, antragID string) error {
	draft, err := openDraft(tx, antragID)
	if err != nil || draft == nil {
		return err
	}
	return dropDraft(tx, *draft)
}

func dropDraft(tx *storage.Tx, b Bescheid) error {
	if err := withdrawStep(tx, &b); err != nil {
		return err
	}
	b.State = Verworfen
	return b.save(tx)
}

// AskMitzeichnung orders the second pair of eyes: an employee, or a unit's signers. Right: konto.EditVorgang.
func AskMitzeichnung(tx *storage.Tx, bescheidID, mitarbeiterID, einheitID string, due clock.Date) error {
	b, a, err := draftForWork(tx, bescheidID)
	if err != nil {
		return err
	}
	if open := gaps(b.Text.Titel, b.Text.Tenor, b.Text.Begruendung, b.Text.Hinweise); len(open) > 0 {
		return problem.Conflicting("antrag.luecken", strings.Join(open, "; "))
	}
	if err := withdrawStep(tx, &b); err != nil {
		return err
	}
	step, err := akte.AddSchritt(tx, a.VorgangID, akte.Ask{Art: akte.Mitzeichnung, MitarbeiterID: mitarbeiterID, EinheitID: einheitID,
		Verfuegung: "zur Mitzeichnung: " + b.Text.Titel, Frist: due})
	if err != nil {
		return err
	}
	b.SchrittID = step.ID
	return b.save(tx)
}

// Mitzeichnung is the step asked for, or nil.
func Mitzeichnung(tx *storage.Tx, b Bescheid, vorgangID string) (*akte.Schritt, error) {
	if b.SchrittID == "" {
		return nil, nil
	}
	steps, err := akte.Schritte(tx, vorgangID)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		if s.ID == b.SchrittID {
			return &s, nil
		}
	}
	return nil, fmt.Errorf("schritt %s: %w", b.SchrittID, problem.NotFound)
}

// withdrawStep takes back what was asked of a colleague because the draft changes or falls.
func withdrawStep(tx *storage.Tx, b *Bescheid) error {
	if b.SchrittID == "" {
		return nil
	}
	err := akte.WithdrawSchritt(tx, b.SchrittID)
	if err != nil && !errors.Is(err, problem.Conflict) { // answered already: it stays in the history
		return err
	}
	b.SchrittID = ""
	return nil
}

// signed reports whether the four eyes are there: somebody else than who wrote the draft co-signed it.
func signed(tx *storage.Tx, a Antrag, b Bescheid) (bool, error) {
	step, err := Mitzeichnung(tx, b, a.VorgangID)
	if err != nil || step == nil {
		return false, err
	}
	return step.Status == akte.StepDone && step.Bearbeiter != b.DraftedBy && step.ImAuftrag != b.DraftedBy, nil
}
