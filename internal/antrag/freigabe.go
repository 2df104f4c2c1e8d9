package antrag

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Freigabe is a Bescheid about to be released: PlanRelease checks and composes it in a Read, Office.PrepareRelease
// sets it and makes the file durable, Release puts it in force in a Write.
type Freigabe struct {
	Bescheid Bescheid
	Brief    Brief
	town     string
	rule     string // of remedy
	months   int
	file     blob.Ref
	name     string
}

// Preview composes the letter of a draft as it would leave today; parts that cannot be written yet are left out and the
// sheet says that it is a draft. For staff who may read the case.
func Preview(tx *storage.Tx, bescheidID string) (Brief, error) {
	b, err := GetBescheid(tx, bescheidID)
	if err != nil {
		return Brief{}, err
	}
	a, err := load(tx, "id", b.AntragID)
	if err != nil {
		return Brief{}, err
	}
	brief, err := compose(tx, a, b, clock.DateOf(tx.Now()))
	if err != nil {
		return brief, err
	}
	brief.Entwurf = true
	if _, text, err := remedy(tx, brief.Profil, b, brief.Datum); err == nil {
		brief.Belehrung = text
	}
	return brief, nil
}

// PlanRelease checks whether a draft may leave and composes the letter. A Conflict says what is missing: letterhead, gaps,
// Mitzeichnung, address, instruction about the remedy. Right: konto.EditVorgang.
func PlanRelease(tx *storage.Tx, bescheidID string) (*Freigabe, error) {
	b, a, err := draftForWork(tx, bescheidID)
	if err != nil {
		return nil, err
	}
	if _, err := a.Stand.After(ActDecide); err != nil {
		return nil, err
	}
	if open := gaps(b.Text.Titel, b.Text.Tenor, b.Text.Begruendung, b.Text.Hinweise); len(open) > 0 {
		return nil, problem.Conflicting("antrag.luecken", strings.Join(open, "; "))
	}
	if err := checkFourEyes(tx, a, b); err != nil {
		return nil, err
	}
	today := clock.DateOf(tx.Now())
	brief, err := compose(tx, a, b, today)
	if err != nil {
		return nil, err
	}
	if err := checkLetterhead(brief.Profil); err != nil {
		return nil, err
	}
	if err := checkWay(tx, a, b, brief.Profil); err != nil {
		return nil, err
	}
	rule, text, err := remedy(tx, brief.Profil, b, today)
	if err != nil {
		return nil, err
	}
	brief.Belehrung = text
	return &Freigabe{Bescheid: b, Brief: brief, town: tx.Scope().Mandant, rule: rule.Key, months: rule.Months,
		name: "Bescheid-" + a.Vorgangsnummer + ".pdf"}, nil
}

func checkFourEyes(tx *storage.Tx, a Antrag, b Bescheid) error {
	service, err := leistung.Get(tx, a.Leistung)
	if err != nil || !service.FourEyes && b.SchrittID == "" {
		return err
	}
	ok, err := signed(tx, a, b)
	if err == nil && !ok {
		err = problem.Conflicting("antrag.mitzeichnung_fehlt")
	}
	return err
}

func checkWay(tx *storage.Tx, a Antrag, b Bescheid, p mandant.Profil) error {
	if b.Weg == WegAbruf {
		return a.retrievable(tx)
	}
	if !a.Applicant.HasAddress() {
		return problem.Conflicting("antrag.adresse_fehlt")
	}
	rules, _, err := Rules(tx)
	if err == nil && !rules.Offers(b.Weg, b.Rechtsgebiet, p.Land, clock.DateOf(tx.Now())) {
		err = problem.Conflicting("antrag.bekanntgabe_fehlt")
	}
	return err
}

func remedy(tx *storage.Tx, p mandant.Profil, b Bescheid, day clock.Date) (Rechtsbehelf, *Belehrung, error) {
	rules, _, err := Rules(tx)
	if err != nil {
		return Rechtsbehelf{}, nil, err
	}
	return belehrungOf(rules, p, b.Rechtsgebiet, day)
}

// compose writes the letter of a Bescheid but for the instruction about the remedy.
func compose(tx *storage.Tx, a Antrag, b Bescheid, day clock.Date) (Brief, error) {
	brief, err := a.letter(tx, day)
	if err != nil {
		return brief, err
	}
	brief.Betreff = b.Text.Titel
	if b.ErsetztID != "" {
		old, err := loadBescheid(tx, b.ErsetztID)
		if err != nil {
			return brief, err
		}
		brief.Absaetze = append(brief.Absaetze, Absatz{Text: fmt.Sprintf("Dieser Bescheid ersetzt den Bescheid vom %s.", old.Datum.Long())})
	}
	brief.Absaetze = append(brief.Absaetze, Absatz{Titel: "Entscheidung", Text: b.Text.Tenor}, Absatz{Titel: "Begründung", Text: b.Text.Begruendung})
	if strings.TrimSpace(b.Text.Hinweise) != "" {
		brief.Absaetze = append(brief.Absaetze, Absatz{Titel: "Hinweise", Text: b.Text.Hinweise})
	}
	switch {
	case b.Gebuehr.Cents > 0 && a.directDebit():
		brief.Absaetze = append(brief.Absaetze, Absatz{Titel: "Zahlung", Text: fmt.Sprintf(
			"Wir buchen %s am %s von dem Konto ab, für das Sie uns ein SEPA-Lastschriftmandat gegeben haben. Kassenzeichen: %s.",
			i18n.Money(i18n.De, b.Gebuehr.Cents), i18n.DayLong(i18n.De, b.Gebuehr.Faellig), b.Gebuehr.Kassenzeichen)})
	case b.Gebuehr.Cents > 0:
		brief.Zahlung = newZahlung(brief.Profil, b.Gebuehr.Titel, b.Gebuehr.Cents, b.Gebuehr.Kassenzeichen, b.Gebuehr.Faellig)
	}
	return brief, nil
}

// directDebit reports whether the applicant gave a mandate with the application: by convention the shipped forms ask for the
// way of payment as zahlung.art.
func (a Antrag) directDebit() bool { return rawText(a.Answers, "zahlung.art") == "lastschrift" }

// letter is what every letter about the case has in common.
func (a Antrag) letter(tx *storage.Tx, day clock.Date) (Brief, error) {
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return Brief{}, err
	}
	unit, err := mandant.EinheitByID(tx, a.Vorgang.EinheitID)
	if err != nil {
		return Brief{}, err
	}
	clerk, err := clerkName(tx, a.Vorgang.BearbeiterID)
	if err != nil {
		return Brief{}, err
	}
	return Brief{Profil: p, Einheit: unit, Bearbeiter: clerk, Empfaenger: a.Applicant.Lines(), Datum: day, Zeichen: a.Vorgang.Zeichen,
		Nummer: a.Vorgangsnummer, Anrede: "Guten Tag " + a.Applicant.salutation() + ",", Unterschrift: p.Signatory}, nil
}

// salutation names the person; an organisation is greeted by its name.
func (a Applicant) salutation() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Organisation
}

// PrepareRelease sets the letter and makes its file durable. Nothing refers to the file before Release.
func (o *Office) PrepareRelease(ctx context.Context, f *Freigabe) error {
	file, err := bescheidPDF(o.Fonts, f.Brief)
	if err != nil {
		return err
	}
	f.file, err = o.Blobs.Put(ctx, f.town, bytes.NewReader(file))
	return err
}

// jobAbrufEnde is the job that ends a provision nobody has used: ten days after the notice.
const jobAbrufEnde = "antrag.abruf_ende.v1"

// AbrufEnde is its content.
type AbrufEnde struct {
	BescheidID string `json:"bescheid"`
}

// Release puts a prepared Bescheid in force: files it, queues the letter or provides it for retrieval, and
// decides the Antrag. A draft changed meanwhile is a Conflict. Right: konto.EditVorgang.
func Release(tx *storage.Tx, f *Freigabe) (Bescheid, error) {
	now, err := PlanRelease(tx, f.Bescheid.ID)
	if err != nil {
		return Bescheid{}, err
	}
	if now.Bescheid.Version != f.Bescheid.Version || now.Brief.Text() != f.Brief.Text() {
		return Bescheid{}, problem.Conflicting("problem.conflict")
	}
	b := now.Bescheid
	a, err := load(tx, "id", b.AntragID)
	if err != nil {
		return b, err
	}
	d, err := akte.AddDokument(tx, akte.NewDokument{VorgangID: a.VorgangID, Titel: b.Text.Titel + " vom " + f.Brief.Datum.Short(), Art: akte.Ausgang,
		Blob: f.file, FileName: f.name, MediaType: "application/pdf"})
	if err != nil {
		return b, err
	}
	b.State, b.DokumentID, b.Datum, b.Rechtsbehelf = Freigegeben, d.ID, f.Brief.Datum, f.rule
	b.ReleasedBy, b.ReleasedAt = tx.Scope().Actor, tx.Now()
	if err := b.send(tx, a); err != nil {
		return b, err
	}
	if err := b.replaceOld(tx); err != nil {
		return b, err
	}
	if err := a.move(tx, ActDecide); err != nil {
		return b, err
	}
	if err := akte.SetStatus(tx, a.VorgangID, akte.Erledigt); err != nil {
		return b, err
	}
	if err := a.record(tx, "decided", map[string]string{"entscheidung": string(b.Entscheidung), "weg": string(b.Weg), "bescheid": b.ID}, nil, d.SHA256); err != nil {
		return b, err
	}
	if b.Weg != WegAbruf {
		return b, nil
	}
	if err := a.record(tx, "provided", map[string]string{"bescheid": b.ID, "tag": b.FetchUntil.String()}, nil, nil); err != nil {
		return b, err
	}
	return b, a.tell(tx, noticeBescheid, b.ID)
}

// send queues the letter, or starts the ten days of retrieval, and stores the Bescheid.
func (b *Bescheid) send(tx *storage.Tx, a Antrag) error {
	if b.Weg == WegAbruf {
		return b.provide(tx)
	}
	if err := b.save(tx); err != nil {
		return err
	}
	return queue(tx, a, SendungBescheid, b.ID)
}

func (b *Bescheid) provide(tx *storage.Tx) error {
	z, err := b.zustellung(tx)
	if err != nil {
		return err
	}
	z.Start = clock.DateOf(tx.Now())
	rules, _, err := Rules(tx)
	if err != nil {
		return err
	}
	got, err := rules.Announce(z)
	if err != nil {
		return err
	}
	b.StartedOn, b.FetchUntil, b.Rechtsregel = z.Start, got.FetchUntil, got.Rule.Key
	if err := b.save(tx); err != nil {
		return err
	}
	ends := got.FetchUntil.AddDays(1).Time()
	return job.Enqueue(tx, jobAbrufEnde, AbrufEnde{BescheidID: b.ID}, job.At(ends))
}

func (b Bescheid) zustellung(tx *storage.Tx) (Zustellung, error) {
	cal, err := calendar(tx)
	return Zustellung{Weg: b.Weg, Rechtsgebiet: b.Rechtsgebiet, Calendar: cal, Start: b.StartedOn}, err
}

func (b Bescheid) replaceOld(tx *storage.Tx) error {
	if b.ErsetztID == "" {
		return nil
	}
	old, err := loadBescheid(tx, b.ErsetztID)
	if err != nil {
		return err
	}
	old.State = Ersetzt
	return old.save(tx)
}

// restoreOld puts the Bescheid back in force that the recalled one had replaced.
func (b Bescheid) restoreOld(tx *storage.Tx) error {
	if b.ErsetztID == "" {
		return nil
	}
	old, err := loadBescheid(tx, b.ErsetztID)
	if err != nil {
		return err
	}
	old.State = Versandt
	if !old.FetchedAt.IsZero() {
		old.State = Abgerufen
	}
	return old.save(tx)
}

// announce stores the Bekanntgabe that follows from the start (and the retrieval) with its paragraph, and the
// last day of the remedy period with the local holidays.
func (b *Bescheid) announce(tx *storage.Tx, z Zustellung) error {
	rules, _, err := Rules(tx)
	if err != nil {
		return err
	}
	got, err := rules.Announce(z)
	if err != nil {
		return err
	}
	b.Bekanntgabe, b.Paragraph, b.Rechtsregel = got.Day, got.Rule.Paragraph, got.Rule.Key
	months := 1
	for _, r := range rules.Rechtsbehelf {
		if r.Key == b.Rechtsbehelf {
			months = r.Months
		}
	}
	b.RemedyEnd = ""
	if got.Day != "" {
		b.RemedyEnd = RemedyEnd(got.Day, months, z.Calendar)
	}
	return b.save(tx)
}

// Anmeldung is the login with which a resident comes to fetch a Bescheid. Number and code alone are none.
type Anmeldung struct {
	BuergerID string
	Trust     leistung.Trust
}

// Fetch records that the applicant retrieves a Bescheid provided for it, which announces it on the next day, and opens
// the document for download. Repeating it changes nothing. Needs the account the Antrag is linked with, at the level the
// service demands; after the tenth day a Conflict.
func Fetch(tx *storage.Tx, antragID, bescheidID string, login Anmeldung) (akte.Dokument, error) {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return akte.Dokument{}, err
	}
	b, err := loadBescheid(tx, bescheidID)
	if err != nil || b.AntragID != a.ID || b.Weg != WegAbruf || !b.left() {
		return akte.Dokument{}, fmt.Errorf("bescheid %s of antrag %s: %w", bescheidID, antragID, problem.NotFound)
	}
	if err := a.checkLogin(tx, login); err != nil {
		return akte.Dokument{}, err
	}
	if b.State == Freigegeben {
		today := clock.DateOf(tx.Now())
		if today.After(b.FetchUntil) {
			return akte.Dokument{}, problem.Conflicting("antrag.abruf_vorbei")
		}
		if err := a.fetched(tx, &b, today); err != nil {
			return akte.Dokument{}, err
		}
	}
	return akte.DokumentForApplicant(tx, a.VorgangID, b.DokumentID)
}

// FetchLast is Fetch for the Bescheid in force.
func FetchLast(tx *storage.Tx, antragID string, login Anmeldung) error {
	b, err := lastReleased(tx, antragID)
	if err != nil {
		return err
	}
	if b == nil {
		return fmt.Errorf("antrag %s has no bescheid: %w", antragID, problem.NotFound)
	}
	_, err = Fetch(tx, antragID, b.ID, login)
	return err
}

func (a *Antrag) checkLogin(tx *storage.Tx, login Anmeldung) error {
	service, err := leistung.Get(tx, a.Leistung)
	if err != nil {
		return err
	}
	if login.BuergerID == "" || login.BuergerID != a.BuergerID || !login.Trust.AtLeast(leistung.TrustNormal) || !login.Trust.AtLeast(service.Trust) {
		return problem.Conflicting("antrag.anmeldung_noetig")
	}
	return nil
}

func (a *Antrag) fetched(tx *storage.Tx, b *Bescheid, today clock.Date) error {
	z, err := b.zustellung(tx)
	if err != nil {
		return err
	}
	z.Fetched = today
	b.State, b.FetchedAt = Abgerufen, tx.Now()
	if err := b.announce(tx, z); err != nil {
		return err
	}
	if err := akte.ShowToApplicant(tx, b.DokumentID, true); err != nil {
		return err
	}
	return a.record(tx, "fetched", map[string]string{"bescheid": b.ID, "tag": b.Bekanntgabe.String()}, nil, b.Paragraph)
}

// LapseAbruf ends a provision that nobody has used in time: the Bescheid is not announced and goes to the print queue.
// The job of its last day calls it; before that day, or when the state has changed, nothing happens.
func LapseAbruf(tx *storage.Tx, bescheidID string) error {
	b, err := loadBescheid(tx, bescheidID)
	if err != nil {
		return err
	}
	if b.Weg != WegAbruf || b.State != Freigegeben || !clock.DateOf(tx.Now()).After(b.FetchUntil) {
		return nil
	}
	a, err := load(tx, "id", b.AntragID)
	if err != nil {
		return err
	}
	b.Weg, b.StartedOn, b.Rechtsregel = WegBrief, "", ""
	if err := b.save(tx); err != nil {
		return err
	}
	if err := queue(tx, a, SendungBescheid, b.ID); err != nil {
		return err
	}
	return a.record(tx, "lapsed", map[string]string{"bescheid": b.ID}, nil, nil)
}

// Register makes the module's jobs known to the runner.
func Register(r *job.Runner) {
	r.Register(jobAbrufEnde, func(ctx context.Context, run *job.Run) error {
		var what AbrufEnde
		if err := run.Decode(&what); err != nil {
			return job.Permanent(err)
		}
		return run.Write(ctx, func(tx *storage.Tx) error {
			if err := LapseAbruf(tx, what.BescheidID); err != nil {
				return err
			}
			return run.Complete(tx)
		})
	})
}

// Recall takes a released Bescheid back before it has left: the letter is still in the house, or nobody has fetched it. Its
// text becomes a new draft. Right: konto.EditVorgang.
func Recall(tx *storage.Tx, bescheidID, reason string) (Bescheid, error) {
	b, err := loadBescheid(tx, bescheidID)
	if err != nil {
		return b, err
	}
	a, err := forWork(tx, b.AntragID, konto.EditVorgang)
	if err != nil {
		return b, err
	}
	if strings.TrimSpace(reason) == "" {
		return b, problem.Fields{{Path: "grund", Key: "problem.required"}}
	}
	if b.State != Freigegeben {
		return b, problem.Conflicting("antrag.schon_versandt")
	}
	if err := cancelQueued(tx, b.ID); err != nil {
		return b, err
	}
	b.State = Zurueckgerufen
	if err := b.save(tx); err != nil {
		return b, err
	}
	if err := b.restoreOld(tx); err != nil {
		return b, err
	}
	if err := a.reopen(tx, "recalled", reason); err != nil {
		return b, err
	}
	draft := b
	draft.ID, draft.State, draft.Version = tx.NewID(), Entwurf, 1
	draft.SchrittID, draft.DokumentID, draft.ReleasedBy, draft.Rechtsbehelf, draft.Rechtsregel = "", "", "", "", ""
	draft.Datum, draft.StartedOn, draft.FetchUntil, draft.ReleasedAt = "", "", "", time.Time{}
	draft.DraftedBy, draft.DraftedAt = tx.Scope().Actor, tx.Now()
	return draft, draft.insert(tx)
}

// Reopen takes a decided case up again to correct its Bescheid, which stays in force until another one replaces it.
// Right of its own: konto.ReopenVorgang.
func Reopen(tx *storage.Tx, antragID, reason string) error {
	a, err := forWork(tx, antragID, konto.ReopenVorgang)
	if err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return problem.Fields{{Path: "grund", Key: "problem.required"}}
	}
	last, err := lastReleased(tx, a.ID)
	if err != nil {
		return err
	}
	if last != nil && last.State == Freigegeben {
		return problem.Conflicting("antrag.erst_zurueckrufen")
	}
	return a.reopen(tx, "reopened", reason)
}

func (a *Antrag) reopen(tx *storage.Tx, act, reason string) error {
	if err := a.move(tx, ActReopen); err != nil {
		return err
	}
	if !a.Vorgang.Offen {
		if err := akte.ReopenVorgang(tx, a.VorgangID, reason); err != nil {
			return err
		}
	} else if err := akte.SetStatus(tx, a.VorgangID, akte.Bearbeitung); err != nil {
		return err
	}
	return a.record(tx, act, map[string]string{"reason": reason}, nil, nil)
}
