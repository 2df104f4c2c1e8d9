package antrag

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/i18n"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// keyLife is how long the key of a submission is kept: a repeat within it creates nothing twice.
const keyLife = 30 * 24 * time.Hour

// ErrKeyReused: the key was used before for another content.
var ErrKeyReused = errors.New("antrag: idempotency key used for another submission")

// Submission is an application as it comes in, whatever the way.
type Submission struct {
	// Source and Key identify the submission: a repeat with both equal gives the first one's Receipt. Source is
	// "entwurf", "portal:KEYID" or "amt"; Key the draft's submission id or the Idempotency-Key.
	Source, Key string
	Slug        string
	// Form is the version the answers were given to; nil: the one published for the service.
	Form    *formular.Form
	Answers formular.Answers
	Files   []Datei
	Kanal   Kanal
	// ConsentAbruf: the Bescheid may be provided for electronic retrieval.
	ConsentAbruf bool
	BuergerID    string     // account that sends it, or empty
	ReceivedOn   clock.Date // Eingang on paper; empty: today
}

// Datei is an uploaded file.
type Datei struct {
	Field     string // path of the form's file field; empty: the answer that has its name, or none
	Name      string
	MediaType string // by content
	Ref       blob.Ref
	// Content is written by Prepare when the file is not durable yet (Ref has no ID).
	Content []byte
}

// NewDatei is a file that is still in memory.
func NewDatei(name, mediaType string, content []byte) Datei {
	sum := sha256.Sum256(content)
	return Datei{Name: name, MediaType: mediaType, Content: content, Ref: blob.Ref{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}}
}

// Receipt is what the applicant gets: number and code open the case, the Aktenzeichen names it.
type Receipt struct {
	AntragID       string
	Vorgangsnummer string
	Aktenzeichen   string
	Abholcode      string
}

// digest identifies the content.
func (s Submission) digest() (string, error) {
	raw, err := json.Marshal(s.Answers)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	canonical, err := Canonical(raw)
	if err != nil {
		return "", err
	}
	sums := make([]string, len(s.Files))
	for i, f := range s.Files {
		sums[i] = f.Ref.SHA256
	}
	return Digest(s.Slug, canonical, sums), nil
}

// Plan is a checked submission with everything its Vorgang needs.
type Plan struct {
	Submission Submission
	// Repeated is set when this submission was stored before: nothing is left to do but show it.
	Repeated *Receipt

	town       string
	digest     string
	number     string
	now        time.Time
	definition formular.Definition
	form       *formular.Form
	answers    formular.Answers // cleaned: nothing hidden, everything computed
	fee        int64            // cents the form computed, -1 when it has no rule
	service    leistung.Leistung
	name       string // of the service
	profil     mandant.Profil
	unit       mandant.Einheit
	applicant  Applicant
	due        clock.Date
}

// Plan checks a submission in a Read: a repeat is found, form problems are problem.Fields, an unknown service or one
// without a form is problem.NotFound, a reused key ErrKeyReused.
func (o *Office) Plan(tx *storage.Tx, s Submission) (*Plan, error) {
	p := &Plan{Submission: s, town: tx.Scope().Mandant, now: tx.Now()}
	var err error
	if p.digest, err = s.digest(); err != nil {
		return nil, err
	}
	if p.Repeated, err = o.repeated(tx, s, p.digest); err != nil || p.Repeated != nil {
		return p, err
	}
	if p.service, err = leistung.Get(tx, s.Slug); err != nil {
		return nil, err
	}
	if p.form = s.Form; p.form == nil {
		if p.form, err = o.Forms.ForLeistung(tx, s.Slug); err != nil {
			return nil, err
		}
	}
	p.definition = p.form.Definition
	if p.profil, err = mandant.GetProfil(tx); err != nil {
		return nil, err
	}
	if p.unit, err = mandant.EinheitByKey(tx, p.service.Einheit); errors.Is(err, problem.NotFound) {
		return nil, problem.Conflicting("antrag.unit_missing", p.service.Einheit)
	} else if err != nil {
		return nil, err
	}
	if err := konto.Require(tx, konto.IntakeVorgang, p.unit.ID); err != nil {
		return nil, err
	}
	if err := p.check(tx); err != nil {
		return nil, err
	}
	text, _ := p.service.In(i18n.De)
	p.name = text.At(p.profil.Name, p.profil.Official).Title
	p.applicant = applicantOf(p.definition, p.answers)
	if p.service.Workdays > 0 {
		p.due = p.profil.Calendar().AddWorkdays(p.received(), p.service.Workdays)
	}
	p.number, err = freeNumber(tx, Prefix(p.town))
	return p, err
}

func (p *Plan) received() clock.Date {
	if p.Submission.ReceivedOn != "" {
		return p.Submission.ReceivedOn
	}
	return clock.DateOf(p.now)
}

const maxKey = 200

// check asks the form, and looks at what the form itself cannot know.
func (p *Plan) check(tx *storage.Tx) error {
	s := p.Submission
	if s.Key == "" || len(s.Key) > maxKey || s.Source == "" {
		return fmt.Errorf("submission without key: %w", problem.Conflict)
	}
	today := clock.DateOf(tx.Now())
	answers, fields := p.form.Check(today, s.Answers)
	p.answers = answers
	if s.ReceivedOn != "" && (!s.ReceivedOn.Valid() || s.ReceivedOn.After(today)) {
		fields.Add("eingang", "antrag.tag_zukunft")
	}
	fields = append(fields, p.assignFiles()...)
	p.fee = -1
	if cents, missing, ok := p.form.Fee(today, answers); ok {
		p.fee = cents
		for _, path := range missing {
			p.fee = -1
			fields.Add(path, "antrag.gebuehr_offen")
		}
	}
	return fields.Err()
}

// assignFiles gives each file the field whose answer has its name, and checks what the field takes.
func (p *Plan) assignFiles() problem.Fields {
	var fields problem.Fields
	files := slices.Clone(p.Submission.Files)
	byName := map[string]int{}
	for i, f := range files {
		if f.Name == "" || len([]rune(f.Name)) > maxLine {
			fields.Add(f.Field, "antrag.dateiname")
		}
		if _, twice := byName[f.Name]; twice {
			fields.Add(f.Field, "antrag.datei_doppelt", f.Name)
		}
		byName[f.Name] = i
	}
	for _, a := range fileAnswers(p.definition, p.answers) {
		i, there := byName[a.name]
		if !there {
			fields.Add(a.path, "antrag.datei_fehlt", a.name)
			continue
		}
		files[i].Field = a.path
		limit, types := formular.MaxFileBytes, []string{"application/pdf", "image/jpeg", "image/png"}
		if u := a.element.Upload; u != nil {
			if len(u.Types) > 0 {
				types = u.Types
			}
			if u.MaxBytes > 0 {
				limit = int(u.MaxBytes)
			}
		}
		if !slices.Contains(types, files[i].MediaType) {
			fields.Add(a.path, "antrag.datei_art", a.name)
		}
		if files[i].Ref.Size > int64(limit) {
			fields.Add(a.path, "antrag.datei_gross", a.name, limit>>20)
		}
	}
	p.Submission.Files = files
	return fields
}

// freeNumber takes a Vorgangsnummer no case of the town has. Submit looks again under the town's one writer.
func freeNumber(tx *storage.Tx, prefix string) (string, error) {
	for range 20 {
		number := NewNumber(prefix, tx.IDs())
		taken, err := numberTaken(tx, number)
		if err != nil || !taken {
			return number, err
		}
	}
	return "", fmt.Errorf("no free Vorgangsnummer: %w", problem.Conflict)
}

func numberTaken(tx *storage.Tx, number string) (bool, error) {
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from antrag where nummer_normal = $1`, id.Normal(number))
	return n > 0, err
}

// repeated finds the Receipt of an earlier submission with the same key.
func (o *Office) repeated(tx *storage.Tx, s Submission, digest string) (*Receipt, error) {
	type known struct{ digest, antragID string }
	k, err := storage.Get(tx, func(r storage.Scanner) (k known, err error) {
		return k, r.Scan(&k.digest, &k.antragID)
	}, `select digest, antrag_id from antrag_schluessel where source = $1 and idempotency_key = $2 and created_at > $3`,
		s.Source, s.Key, storage.Millis(tx.Now().Add(-keyLife)))
	if errors.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if k.digest != digest {
		return nil, ErrKeyReused
	}
	a, err := load(tx, "id", k.antragID)
	if err != nil {
		return nil, err
	}
	r := o.receipt(tx.Scope().Mandant, a.ID, a.Vorgangsnummer, a.Aktenzeichen)
	return &r, nil
}

// Submitted finds what an earlier submission with this key became, for a form that was sent twice: the draft it came from is
// gone by then. The caller knows that the key is the sender's. problem.NotFound when nothing was sent with it.
func (o *Office) Submitted(tx *storage.Tx, source, key string) (Receipt, error) {
	antragID, err := storage.Get(tx, storage.Value[string], `select antrag_id from antrag_schluessel where source = $1 and idempotency_key = $2 and created_at > $3`,
		source, key, storage.Millis(tx.Now().Add(-keyLife)))
	if err != nil {
		return Receipt{}, fmt.Errorf("submission: %w", err)
	}
	a, err := load(tx, "id", antragID)
	if err != nil {
		return Receipt{}, err
	}
	return o.receipt(tx.Scope().Mandant, a.ID, a.Vorgangsnummer, a.Aktenzeichen), nil
}

// receipt always names the first code: the answer to a repeat is the same for ever, a code replaced since is not
// given away by it.
func (o *Office) receipt(town, antragID, number, zeichen string) Receipt {
	return Receipt{AntragID: antragID, Vorgangsnummer: number, Aktenzeichen: zeichen, Abholcode: Abholcode(o.Keys, town, number, 1)}
}

// Prepared is a submission whose files are durable.
type Prepared struct {
	plan    *Plan
	copyPDF blob.Ref // the application as the applicant sent it
	answers blob.Ref // the same as data
}

// Prepare sets the application as PDF and makes all its files durable, so that the Write that follows refers only to what
// is on disk. It runs outside any transaction.
func (o *Office) Prepare(ctx context.Context, p *Plan) (*Prepared, error) {
	file, err := applicationPDF(o.Fonts, p.copy())
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(p.data(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	out := &Prepared{plan: p}
	pending := []pendingFile{{&out.copyPDF, file}, {&out.answers, data}}
	for i := range p.Submission.Files {
		if f := &p.Submission.Files[i]; f.Ref.ID == "" {
			pending = append(pending, pendingFile{&f.Ref, f.Content})
		}
	}
	return out, o.putAll(ctx, p.town, pending)
}

type pendingFile struct {
	ref     *blob.Ref
	content []byte
}

// putAll writes the files side by side: each waits for the disk, none for another.
func (o *Office) putAll(ctx context.Context, town string, files []pendingFile) error {
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	for i, f := range files {
		wg.Go(func() { *f.ref, errs[i] = o.Blobs.Put(ctx, town, bytes.NewReader(f.content)) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Antragskopie is what the PDF of an application shows.
type Antragskopie struct {
	Profil     mandant.Profil
	Einheit    mandant.Einheit
	Leistung   string
	Nummer     string
	Eingang    time.Time
	ReceivedOn clock.Date
	Kanal      Kanal
	Applicant  Applicant
	Definition formular.Definition
	Answers    formular.Answers
	Files      []Datei
	Consent    bool
}

func (p *Plan) copy() Antragskopie {
	s := p.Submission
	return Antragskopie{Profil: p.profil, Einheit: p.unit, Leistung: p.name, Nummer: p.number, Eingang: p.now, ReceivedOn: p.received(),
		Kanal: s.Kanal, Applicant: p.applicant, Definition: p.definition, Answers: p.answers, Files: s.Files, Consent: s.ConsentAbruf}
}

// antragsdaten is the machine-readable copy beside the PDF.
type antragsdaten struct {
	Vorgangsnummer string           `json:"vorgangsnummer"`
	Leistung       string           `json:"leistung"`
	LeiKa          string           `json:"leika,omitempty"`
	Formular       string           `json:"formular"`
	Version        string           `json:"version"`
	Eingang        clock.Date       `json:"eingang"`
	Kanal          Kanal            `json:"kanal"`
	Antworten      formular.Answers `json:"antworten"`
	Dateien        []dateidaten     `json:"dateien"`
}

type dateidaten struct {
	Feld   string `json:"feld,omitempty"`
	Name   string `json:"name"`
	Typ    string `json:"typ"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

func (p *Plan) data() antragsdaten {
	files := make([]dateidaten, len(p.Submission.Files))
	for i, f := range p.Submission.Files {
		files[i] = dateidaten{f.Field, f.Name, f.MediaType, f.Ref.SHA256, f.Ref.Size}
	}
	return antragsdaten{Vorgangsnummer: p.number, Leistung: p.Submission.Slug, LeiKa: p.service.LeiKa, Formular: p.definition.Key,
		Version: p.definition.Version, Eingang: p.received(), Kanal: p.Submission.Kanal, Antworten: p.answers, Dateien: files}
}

// Submit stores a prepared submission in one transaction: Antrag, Vorgang in its Akte, Dokumente, history, mail, search.
// A repeat gives the Receipt of the first; then the files prepared anew are nobody's and swept.
func (o *Office) Submit(tx *storage.Tx, prepared *Prepared) (Receipt, error) {
	p := prepared.plan
	s := p.Submission
	known, err := o.repeated(tx, s, p.digest)
	if err != nil {
		return Receipt{}, err
	}
	if known != nil {
		return *known, nil
	}
	if taken, err := numberTaken(tx, p.number); err != nil || taken {
		if taken {
			err = fmt.Errorf("vorgangsnummer %s was taken meanwhile: %w", p.number, problem.Conflict)
		}
		return Receipt{}, err
	}
	v, err := p.open(tx)
	if err != nil {
		return Receipt{}, err
	}
	a := Antrag{ID: tx.NewID(), Vorgangsnummer: p.number, VorgangID: v.ID, Aktenzeichen: v.Zeichen, Vorgang: v, Applicant: p.applicant}
	if err := p.insert(tx, a); err != nil {
		return Receipt{}, err
	}
	if err := p.file(tx, a, prepared); err != nil {
		return Receipt{}, err
	}
	if err := a.record(tx, "submitted", map[string]string{"kanal": string(s.Kanal), "nummer": p.number}, nil, p.digest); err != nil {
		return Receipt{}, err
	}
	if err := a.tell(tx, noticeReceived, a.ID); err != nil {
		return Receipt{}, err
	}
	if err := a.index(tx); err != nil {
		return Receipt{}, err
	}
	return o.receipt(p.town, a.ID, a.Vorgangsnummer, a.Aktenzeichen), nil
}

// open files the Vorgang by the service's rule.
func (p *Plan) open(tx *storage.Tx) (akte.Vorgang, error) {
	rule, answers := p.service.Filing, p.answers
	key := ""
	for _, path := range []string{p.definition.Roles.FileKey, rule.Key} {
		if path != "" && key == "" {
			key = answerText(answers, path)
		}
	}
	who := p.applicant.Display()
	if who == "" {
		who = "unbekannt"
	}
	subject := p.definition.Roles.FileSubject
	if subject == "" {
		subject = p.name
	}
	file, err := akte.FileUnder(tx, akte.Filing{Plan: rule.Plan, Sammelakte: rule.Sammelakte, Key: key,
		Betreff: cut(subjectText(subject, answers)+", "+who, maxLine), EinheitID: p.unit.ID})
	if err != nil {
		return akte.Vorgang{}, err
	}
	return akte.OpenVorgang(tx, akte.NewVorgang{AkteID: file.ID, EinheitID: p.unit.ID, Betreff: subjectOf(p.definition, answers, p.name),
		Art: "antrag", Bezug: p.Submission.Slug, BezugName: p.name, Beteiligter: who, Frist: p.due})
}

func (p *Plan) insert(tx *storage.Tx, a Antrag) error {
	s := p.Submission
	applicant, err := json.Marshal(p.applicant)
	if err != nil {
		return fmt.Errorf("antrag: %w", err)
	}
	answers, err := json.Marshal(p.answers)
	if err != nil {
		return fmt.Errorf("antrag: %w", err)
	}
	now := storage.Millis(tx.Now())
	if _, err := tx.Exec(`insert into antrag (id, vorgangsnummer, nummer_normal, vorgang_id, aktenzeichen, leistung, leistung_name, formular, formular_version,
			kanal, state, asked, applicant, consent_abruf, buerger_id, answers, fee_cents, code_version, source, idempotency_key, digest, received_on, submitted_at,
			begun_at, decided_at, withdrawn_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14, $15, $16, 1, $17, $18, $19, $20, $21, 0, 0, 0, 1)`,
		a.ID, a.Vorgangsnummer, id.Normal(a.Vorgangsnummer), a.VorgangID, a.Aktenzeichen, s.Slug, p.name, p.definition.Key, p.definition.Version,
		s.Kanal, Eingereicht, string(applicant), flag(s.ConsentAbruf), s.BuergerID, string(answers), p.fee, s.Source, s.Key, p.digest, p.received(), now); err != nil {
		return fmt.Errorf("insert antrag %s: %w", a.Vorgangsnummer, err)
	}
	expired := storage.Millis(tx.Now().Add(-keyLife))
	if _, err := tx.Exec(`delete from antrag_schluessel where created_at <= $1`, expired); err != nil {
		return err
	}
	_, err = tx.Exec(`insert into antrag_schluessel (source, idempotency_key, digest, antrag_id, created_at) values ($1, $2, $3, $4, $5)`,
		s.Source, s.Key, p.digest, a.ID, now)
	return err
}

// file adds the Dokumente: the copy for people, the copy for machines, the uploads.
func (p *Plan) file(tx *storage.Tx, a Antrag, prepared *Prepared) error {
	documents := []akte.NewDokument{
		{Titel: "Antrag: " + p.name, Buerger: true, Blob: prepared.copyPDF, FileName: "Antrag-" + p.number + ".pdf", MediaType: "application/pdf"},
		{Titel: "Angaben als Daten", Blob: prepared.answers, FileName: "Antrag-" + p.number + ".json", MediaType: "application/json"},
	}
	for _, f := range p.Submission.Files {
		documents = append(documents, akte.NewDokument{Titel: p.fileTitle(f), Buerger: true, Blob: f.Ref, FileName: f.Name, MediaType: f.MediaType})
	}
	for _, d := range documents {
		d.VorgangID, d.Art = a.VorgangID, akte.Eingang
		if _, err := akte.AddDokument(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// fileTitle is what the form calls the proof, or the name of the file.
func (p *Plan) fileTitle(f Datei) string {
	if e := elementAt(p.definition, f.Field); e != nil {
		if e.Output != "" {
			return e.Output
		}
		return e.Label
	}
	return f.Name
}

// addDokument files an upload that came with a message.
func (a *Antrag) addDokument(tx *storage.Tx, f Datei, art, title string) (akte.Dokument, error) {
	return akte.AddDokument(tx, akte.NewDokument{VorgangID: a.VorgangID, Titel: title, Art: art, Buerger: true, Blob: f.Ref, FileName: f.Name, MediaType: f.MediaType})
}
