package antrag

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// ErrCode: number and code do not belong together. Nothing says which of the two is wrong.
var ErrCode = errors.New("antrag: number or code is wrong")

// VerifyCode opens an Antrag with number and code as a person typed them, and returns its id for the session. ErrCode
// for a wrong pair, after the same work whether the number exists or not. The caller throttles.
func (o *Office) VerifyCode(tx *storage.Tx, number, code string) (string, error) {
	type known struct {
		antragID string
		version  int64
	}
	k, err := storage.Get(tx, func(s storage.Scanner) (k known, err error) {
		return k, s.Scan(&k.antragID, &k.version)
	}, `select id, code_version from antrag where nummer_normal = $1`, id.Normal(number))
	if err != nil && !errors.Is(err, problem.NotFound) {
		return "", err
	}
	want := Abholcode(o.Keys, tx.Scope().Mandant, number, max(k.version, 1))
	if !SameCode(code, want) || k.antragID == "" {
		return "", ErrCode
	}
	return k.antragID, nil
}

// Proof is what a resident's session has established.
type Proof struct {
	Antraege  []string // ids of cases opened with number and code, or a link
	BuergerID string   // account signed in to, or empty
}

// Resolve finds the case of a Vorgangsnummer among those the session may see; problem.NotFound for every other, whether it
// exists or not.
func Resolve(tx *storage.Tx, number string, p Proof) (string, error) {
	a, err := byNumber(tx, number)
	if err != nil {
		return "", err
	}
	if slices.Contains(p.Antraege, a.ID) || p.BuergerID != "" && p.BuergerID == a.BuergerID {
		return a.ID, nil
	}
	return "", fmt.Errorf("antrag %s is not open to the session: %w", a.ID, problem.NotFound)
}

// forCitizen loads an Antrag the session has proven access to. Only residents come this way: staff have rights of
// their own and must not read through a side door.
func forCitizen(tx *storage.Tx, antragID string) (Antrag, error) {
	if actor, _, _ := strings.Cut(tx.Scope().Actor, ":"); actor != konto.CitizenActor {
		return Antrag{}, fmt.Errorf("antrag %s: %s is no resident: %w", antragID, tx.Scope().Actor, problem.Forbidden)
	}
	return load(tx, "id", antragID)
}

// Einsicht is what an applicant sees of the case.
type Einsicht struct {
	Antrag      Antrag
	Einheit     string // name of the unit at work
	Nachrichten []Nachricht
	// Dokumente are those open to the applicant, newest first. A Bescheid to be retrieved is not among them
	// until it is.
	Dokumente []akte.Dokument
	// Offen is the open Nachforderung, or nil.
	Offen *Nachforderung
	// Bescheid is the last one released, or nil.
	Bescheid *Bescheid
	// Rechtsbehelf is the remedy against it: "Widerspruch", "Klage".
	Rechtsbehelf string
	Verlauf      []Ereignis
}

// ForCitizen returns the case for the applicant's status page. antragID comes from a session that number and
// code, a link, or the account has opened.
func ForCitizen(tx *storage.Tx, antragID string) (Einsicht, error) {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return Einsicht{}, err
	}
	e := Einsicht{Antrag: a}
	if e.Einheit, err = unitName(tx, a.Vorgang.EinheitID); err != nil {
		return e, err
	}
	if e.Nachrichten, err = messages(tx, a); err != nil {
		return e, err
	}
	if e.Dokumente, err = akte.Dokumente(tx, a.VorgangID, true); err != nil {
		return e, err
	}
	if a.Stand.Asked {
		open, err := openNachforderung(tx, a.ID)
		if err != nil {
			return e, err
		}
		e.Offen = &open
	}
	if e.Bescheid, err = lastReleased(tx, a.ID); err != nil {
		return e, err
	}
	if e.Bescheid != nil {
		if e.Rechtsbehelf, err = remedyName(tx, e.Bescheid.Rechtsbehelf); err != nil {
			return e, err
		}
	}
	e.Verlauf, err = citizenHistory(tx, a)
	return e, err
}

func remedyName(tx *storage.Tx, key string) (string, error) {
	rules, _, err := Rules(tx)
	for _, r := range rules.Rechtsbehelf {
		if r.Key == key {
			return r.ArtName(), err
		}
	}
	return "", err
}

// Reply is a message of the applicant, with attachments. It answers an open Nachforderung if answers says so.
func Reply(tx *storage.Tx, antragID, text string, files []Datei, answers bool) error {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return err
	}
	if err := checkMessage(text, len(files)); err != nil {
		return err
	}
	act, name := ActMessage, "message_in"
	if answers {
		act, name = ActAnswer, "answered"
	}
	if err := a.move(tx, act); err != nil {
		return err
	}
	n, err := a.addMessage(tx, Ein, text, files)
	if err != nil {
		return err
	}
	if answers {
		if err := a.endNachforderung(tx, "answered_at"); err != nil {
			return err
		}
	}
	return a.record(tx, name, map[string]string{"nachricht": n.ID}, nil, text)
}

// Withdraw ends the case at the applicant's wish. Possible until a Bescheid is released.
func Withdraw(tx *storage.Tx, antragID, reason string) error {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return err
	}
	if len([]rune(reason)) > maxMessage {
		return problem.Fields{{Path: "grund", Key: "problem.too_long", Args: []any{maxMessage}}}
	}
	asked := a.Stand.Asked
	if err := a.move(tx, ActWithdraw); err != nil {
		return err
	}
	if asked {
		if err := a.endNachforderung(tx, "settled_at"); err != nil {
			return err
		}
	}
	if strings.TrimSpace(reason) != "" {
		if _, err := a.addMessage(tx, Ein, reason, nil); err != nil {
			return err
		}
	}
	if err := akte.WithdrawSchritte(tx, a.VorgangID); err != nil {
		return err
	}
	if _, err := tx.Exec(`update bescheid set state = $2, schritt_id = '', version = version + 1 where antrag_id = $1 and state = $3`,
		a.ID, Verworfen, Entwurf); err != nil {
		return err
	}
	if err := akte.SetStatus(tx, a.VorgangID, akte.Erledigt); err != nil {
		return err
	}
	if err := a.record(tx, "withdrawn", nil, nil, reason); err != nil {
		return err
	}
	return a.tell(tx, noticeWithdrawn, a.ID)
}

// CitizenDokument returns the document of this number of the Vorgang, if the applicant may download it; problem.NotFound for
// any other.
func CitizenDokument(tx *storage.Tx, antragID string, number int64) (akte.Dokument, error) {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return akte.Dokument{}, err
	}
	all, err := akte.Dokumente(tx, a.VorgangID, true)
	if err != nil {
		return akte.Dokument{}, err
	}
	for _, d := range all {
		if d.Nummer == number {
			return d, nil
		}
	}
	return akte.Dokument{}, fmt.Errorf("dokument %d of antrag %s: %w", number, antragID, problem.NotFound)
}

// Kurz is a line in the list of a resident's cases.
type Kurz struct {
	ID, Vorgangsnummer, LeistungName string
	Stand                            Stand
	SubmittedAt                      time.Time
}

const columnsKurz = `id, vorgangsnummer, leistung_name, state, asked, submitted_at`

func scanKurz(s storage.Scanner) (Kurz, error) {
	var k Kurz
	var asked, at int64
	err := s.Scan(&k.ID, &k.Vorgangsnummer, &k.LeistungName, &k.Stand.State, &asked, &at)
	k.Stand.Asked, k.SubmittedAt = asked == 1, storage.Time(at)
	return k, err
}

// Cases lists the cases a session may see, newest first: the account's, and before them those opened by code.
func Cases(tx *storage.Tx, p Proof) ([]Kurz, error) {
	var out []Kurz
	for _, antragID := range p.Antraege {
		a, err := load(tx, "id", antragID)
		if err != nil {
			return nil, err
		}
		out = append(out, Kurz{ID: a.ID, Vorgangsnummer: a.Vorgangsnummer, LeistungName: a.LeistungName, Stand: a.Stand, SubmittedAt: a.SubmittedAt})
	}
	if p.BuergerID == "" {
		return out, nil
	}
	mine, err := storage.List(tx, scanKurz, `select `+columnsKurz+` from antrag where buerger_id = $1 order by submitted_at desc, id desc limit 200`, p.BuergerID)
	for _, k := range mine {
		if !slices.Contains(p.Antraege, k.ID) {
			out = append(out, k)
		}
	}
	return out, err
}

// Link ties an Antrag, opened with number and code, to the account that is signed in. Another account's Antrag is a Conflict.
func Link(tx *storage.Tx, antragID, buergerID string) error {
	a, err := forCitizen(tx, antragID)
	if err != nil {
		return err
	}
	switch a.BuergerID {
	case buergerID:
		return nil
	case "":
	default:
		return problem.Conflicting("antrag.anderes_konto")
	}
	if _, err := konto.GetBuerger(tx, buergerID); err != nil {
		return err
	}
	if _, err := tx.Exec(`update antrag set buerger_id = $2, version = version + 1 where id = $1`, a.ID, buergerID); err != nil {
		return err
	}
	return a.record(tx, "linked", nil, nil, nil)
}

// Ereignis is an entry of the history as the applicant reads it: the catalogue key names what happened.
type Ereignis struct {
	At  time.Time
	Act string // "antrag.act_submitted"
	// Day is a date that belongs to it (the last day of a Nachforderung, the Bekanntgabe).
	Day clock.Date
}

// ExampleNumbers are some Vorgangsnummern of the town, for tests that walk all pages.
func ExampleNumbers(tx *storage.Tx) ([]string, error) {
	return storage.List(tx, storage.Value[string], `select vorgangsnummer from antrag order by submitted_at desc, id desc limit 3`)
}
