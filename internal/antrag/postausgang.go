package antrag

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/pdf"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// SendungArt is what a letter in the print queue is.
type SendungArt string

// The kinds of letters.
const (
	SendungBescheid  SendungArt = "bescheid"  // the released file
	SendungNachricht SendungArt = "nachricht" // a message to somebody without mail; set when printed
	SendungZugang    SendungArt = "zugang"    // a new Abholcode; set when printed and kept nowhere
)

// Sendung is a letter in the print queue (Postausgang).
type Sendung struct {
	ID             string
	Art            SendungArt
	AntragID       string
	BezugID        string // Bescheid or Nachricht
	EinheitID      string
	Einheit        string
	Vorgangsnummer string
	VorgangID      string
	Betreff        string
	Empfaenger     string
	QueuedAt       time.Time
	PrintedAt      time.Time  // zero: not printed
	PostedOn       clock.Date // Ab-Vermerk; empty: not posted
	PostedAt       time.Time
	PostedBy       string
	// Bekanntgabe of a posted Bescheid; until this day a wrong tick can be undone.
	Bekanntgabe clock.Date
}

// queue puts a letter into the print queue of the unit that writes.
func queue(tx *storage.Tx, a Antrag, art SendungArt, bezug string) error {
	_, err := tx.Exec(`insert into postausgang (id, art, antrag_id, bezug_id, einheit_id, queued_at, printed_at, posted_on, posted_at, posted_by, cancelled_at)
		values ($1, $2, $3, $4, $5, $6, 0, '', 0, '', 0)`,
		tx.NewID(), art, a.ID, bezug, a.Vorgang.EinheitID, storage.Millis(tx.Now()))
	return err
}

// cancelQueued takes a letter that has not been posted out of the queue.
func cancelQueued(tx *storage.Tx, bezug string) error {
	_, err := tx.Exec(`update postausgang set cancelled_at = $2 where bezug_id = $1 and posted_at = 0 and cancelled_at = 0`, bezug, storage.Millis(tx.Now()))
	return err
}

const columnsSendung = `p.id, p.art, p.antrag_id, p.bezug_id, p.einheit_id, e.name, a.vorgangsnummer, a.vorgang_id, a.leistung_name, a.applicant,
	coalesce(b.titel, ''), coalesce(b.bekanntgabe, ''), p.queued_at, p.printed_at, p.posted_on, p.posted_at, p.posted_by`

const fromSendung = ` from postausgang p join antrag a on a.id = p.antrag_id join einheit e on e.id = p.einheit_id
	left join bescheid b on b.id = p.bezug_id `

func scanSendung(s storage.Scanner) (Sendung, error) {
	var x Sendung
	var applicant, service, titel string
	var queued, printed, posted int64
	err := s.Scan(&x.ID, &x.Art, &x.AntragID, &x.BezugID, &x.EinheitID, &x.Einheit, &x.Vorgangsnummer, &x.VorgangID, &service, &applicant,
		&titel, &x.Bekanntgabe, &queued, &printed, &x.PostedOn, &posted, &x.PostedBy)
	if err != nil {
		return x, err
	}
	x.QueuedAt, x.PrintedAt, x.PostedAt = storage.Time(queued), storage.Time(printed), storage.Time(posted)
	switch x.Art {
	case SendungBescheid:
		x.Betreff = titel
	case SendungNachricht:
		x.Betreff = "Schreiben: " + service
	default:
		x.Betreff = "Neuer Zugang"
	}
	who, err := decodeApplicant(applicant)
	x.Empfaenger = who.Display()
	return x, err
}

// maxQueue bounds a page of the print queue and a day's print run.
const maxQueue = 500

// Postausgang lists the letters that wait, oldest first, of the units for which whoever acts may send post.
func Postausgang(tx *storage.Tx) ([]Sendung, error) {
	all, err := storage.List(tx, scanSendung, `select `+columnsSendung+fromSendung+`
		where p.posted_at = 0 and p.cancelled_at = 0 order by p.queued_at, p.id limit 500`)
	if err != nil {
		return nil, err
	}
	return ownPost(tx, all)
}

// Versandt lists the letters with the Ab-Vermerk of a day.
func PostedOn(tx *storage.Tx, day clock.Date) ([]Sendung, error) {
	all, err := storage.List(tx, scanSendung, `select `+columnsSendung+fromSendung+`
		where p.posted_on = $1 and p.cancelled_at = 0 order by p.posted_at, p.id limit 500`, day)
	if err != nil {
		return nil, err
	}
	return ownPost(tx, all)
}

func ownPost(tx *storage.Tx, all []Sendung) ([]Sendung, error) {
	units, err := konto.Units(tx, konto.SendPost)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s Sendung) bool { return !slices.Contains(units, s.EinheitID) }), nil
}

// sendungForPost loads a letter for an act of the post office. Right: konto.SendPost on its unit.
func sendungForPost(tx *storage.Tx, id string) (Sendung, error) {
	x, err := storage.Get(tx, scanSendung, `select `+columnsSendung+fromSendung+`where p.id = $1 and p.cancelled_at = 0`, id)
	if err != nil {
		return x, fmt.Errorf("sendung %s: %w", id, err)
	}
	if err := konto.Require(tx, konto.SendPost, x.EinheitID); err != nil {
		return x, fmt.Errorf("sendung %s: %w", id, problem.NotFound)
	}
	return x, nil
}

// MarkPosted is the Ab-Vermerk: the letters were handed to the post on the day. It starts the Bekanntgabe of a Bescheid.
// A day in the future, or before the letter was released, is refused. Letters posted already are left as they are.
func MarkPosted(tx *storage.Tx, ids []string, on clock.Date) error {
	if len(ids) == 0 {
		return problem.Fields{{Path: "sendung", Key: "antrag.nichts_gewaehlt"}}
	}
	if !on.Valid() || on.After(clock.DateOf(tx.Now())) {
		return problem.Fields{{Path: "tag", Key: "antrag.tag_zukunft"}}
	}
	for _, id := range ids {
		x, err := sendungForPost(tx, id)
		if err != nil {
			return err
		}
		if !x.PostedAt.IsZero() {
			continue
		}
		if on.Before(clock.DateOf(x.QueuedAt)) {
			return problem.Fields{{Path: "tag", Key: "antrag.tag_vor_freigabe", Args: []any{clock.DateOf(x.QueuedAt)}}}
		}
		if err := markPosted(tx, x, on); err != nil {
			return err
		}
	}
	return nil
}

func markPosted(tx *storage.Tx, x Sendung, on clock.Date) error {
	if _, err := tx.Exec(`update postausgang set posted_on = $2, posted_at = $3, posted_by = $4 where id = $1`,
		x.ID, on, storage.Millis(tx.Now()), tx.Scope().Actor); err != nil {
		return err
	}
	a, err := load(tx, "id", x.AntragID)
	if err != nil {
		return err
	}
	if x.Art != SendungBescheid {
		return a.record(tx, "letter_posted", map[string]string{"art": string(x.Art), "postausgang": x.ID, "am": on.String()}, nil, nil)
	}
	b, err := loadBescheid(tx, x.BezugID)
	if err != nil {
		return err
	}
	if b.State != Freigegeben {
		return problem.Conflicting("antrag.nicht_freigegeben", a.Vorgangsnummer)
	}
	z, err := b.zustellung(tx)
	if err != nil {
		return err
	}
	z.Start = on
	b.State, b.StartedOn, b.PostedBy = Versandt, on, tx.Scope().Actor
	if err := b.announce(tx, z); err != nil {
		return err
	}
	if err := a.record(tx, "posted", map[string]string{"bescheid": b.ID, "am": on.String(), "tag": b.Bekanntgabe.String()}, nil, b.Paragraph); err != nil {
		return err
	}
	return a.tell(tx, noticePosted, x.ID)
}

// UndoPosted takes a wrong tick back: the letter waits in the queue again. On the day of the tick this always goes, since
// a tick may name an earlier day by mistake; later not once a Bescheid counts as announced: then only a new one helps.
func UndoPosted(tx *storage.Tx, sendungID string) error {
	x, err := sendungForPost(tx, sendungID)
	if err != nil {
		return err
	}
	if x.PostedAt.IsZero() {
		return nil
	}
	a, err := load(tx, "id", x.AntragID)
	if err != nil {
		return err
	}
	if x.Art == SendungBescheid {
		b, err := loadBescheid(tx, x.BezugID)
		if err != nil {
			return err
		}
		if b.State != Versandt {
			return problem.Conflicting("antrag.nicht_freigegeben", a.Vorgangsnummer)
		}
		today := clock.DateOf(tx.Now())
		if b.Bekanntgabe != "" && !today.Before(b.Bekanntgabe) && clock.DateOf(x.PostedAt) != today {
			return problem.Conflicting("antrag.schon_bekannt", b.Bekanntgabe)
		}
		b.State, b.StartedOn, b.PostedBy, b.Bekanntgabe, b.Paragraph, b.Rechtsregel, b.RemedyEnd = Freigegeben, "", "", "", "", "", ""
		if err := b.save(tx); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`update postausgang set posted_on = '', posted_at = 0, posted_by = '' where id = $1`, x.ID); err != nil {
		return err
	}
	return a.record(tx, "post_undone", map[string]string{"postausgang": x.ID, "am": x.PostedOn.String()}, nil, nil)
}

// Druck is a print run: the letters of the day, ready to be set.
type Druck struct {
	Sendungen []Sendung
	town      string
	title     string
	at        time.Time
	parts     []druckPart
}

// druckPart is either a file that exists or a letter to be set.
type druckPart struct {
	blob  string
	brief *Brief
	code  string // number of the Vorgang whose code the letter carries
	a     Antrag
}

// PlanDruck gathers the letters chosen, in the order of the queue. Right: konto.SendPost on their units.
func PlanDruck(tx *storage.Tx, ids []string) (*Druck, error) {
	if len(ids) == 0 || len(ids) > maxQueue {
		return nil, problem.Fields{{Path: "sendung", Key: "antrag.nichts_gewaehlt"}}
	}
	today := clock.DateOf(tx.Now())
	d := &Druck{town: tx.Scope().Mandant, title: "Briefe vom " + today.Short(), at: tx.Now()}
	for _, id := range ids {
		x, err := sendungForPost(tx, id)
		if err != nil {
			return nil, err
		}
		part, err := planPart(tx, x, today)
		if err != nil {
			return nil, err
		}
		d.Sendungen, d.parts = append(d.Sendungen, x), append(d.parts, part)
	}
	return d, nil
}

func planPart(tx *storage.Tx, x Sendung, today clock.Date) (druckPart, error) {
	a, err := load(tx, "id", x.AntragID)
	if err != nil {
		return druckPart{}, err
	}
	if x.Art == SendungBescheid {
		b, err := loadBescheid(tx, x.BezugID)
		if err != nil {
			return druckPart{}, err
		}
		documents, err := dokumenteByID(tx, a.VorgangID)
		if err != nil {
			return druckPart{}, err
		}
		d, ok := documents[b.DokumentID]
		if !ok {
			return druckPart{}, fmt.Errorf("dokument of bescheid %s: %w", b.ID, problem.NotFound)
		}
		return druckPart{blob: d.BlobID}, nil
	}
	brief, err := a.letter(tx, today)
	if err != nil {
		return druckPart{}, err
	}
	if err := checkLetterhead(brief.Profil); err != nil {
		return druckPart{}, err
	}
	if x.Art == SendungZugang {
		brief.Betreff = "Ihr neuer Zugang zum Vorgang " + a.Vorgangsnummer
		return druckPart{brief: &brief, code: a.Vorgangsnummer, a: a}, nil
	}
	all, err := messages(tx, a)
	if err != nil {
		return druckPart{}, err
	}
	for _, n := range all {
		if n.ID == x.BezugID {
			brief.Betreff = "Ihr Vorgang " + a.Vorgangsnummer
			brief.Absaetze = []Absatz{{Text: n.Text}}
			if n.Nachforderung != nil {
				brief.Absaetze = append(brief.Absaetze, Absatz{Text: "Bitte antworten Sie bis zum " + n.Nachforderung.Frist.Long() + "."})
			}
			return druckPart{brief: &brief, a: a}, nil
		}
	}
	return druckPart{}, fmt.Errorf("nachricht %s: %w", x.BezugID, problem.NotFound)
}

// Print joins the letters into one file; with duplex each begins on its own sheet.
func (o *Office) Print(ctx context.Context, d *Druck, duplex bool) ([]byte, error) {
	var files [][]byte
	for _, p := range d.parts {
		file, err := o.printPart(ctx, d.town, p)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return pdf.Merge(files, pdf.MergeOptions{Meta: pdf.Meta{Title: d.title, Created: d.at}, Duplex: duplex})
}

func (o *Office) printPart(ctx context.Context, town string, p druckPart) ([]byte, error) {
	if p.brief == nil {
		f, err := o.Blobs.Open(ctx, town, p.blob)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(f)
	}
	if p.code != "" {
		p.brief.Absaetze = accessLetter(p.brief.Profil.BaseURL, p.a.Vorgangsnummer, o.Code(town, p.a))
	}
	return bescheidPDF(o.Fonts, *p.brief)
}

// MarkPrinted notes that the letters have been printed; they wait for the Ab-Vermerk.
func MarkPrinted(tx *storage.Tx, ids []string) error {
	for _, id := range ids {
		x, err := sendungForPost(tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`update postausgang set printed_at = $2 where id = $1 and printed_at = 0`, x.ID, storage.Millis(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

func accessLetter(baseURL, number, code string) []Absatz {
	return []Absatz{{Text: strings.Join([]string{
		"Sie haben uns mitgeteilt, dass Sie Ihren Abholcode nicht mehr haben. Hier ist ein neuer. Der alte gilt nicht mehr.",
		"Vorgangsnummer: " + number,
		"Abholcode: " + code,
		"Damit öffnen Sie Ihren Vorgang auf " + baseURL + "/vorgang. Groß- und Kleinschreibung und Leerzeichen spielen keine Rolle. Bitte geben Sie den Code nicht weiter.",
	}, "\n\n")}}
}
