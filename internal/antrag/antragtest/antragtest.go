// Package antragtest builds a town hall for tests of applications: profile, services, forms, staff, files.
package antragtest

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"rathaus/internal/akte/aktetest"
	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/id"
	"rathaus/internal/konto"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf/pdftest"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
)

// World is the town Wiesenbrück (BW) with staff in the Steueramt, all services, and the office that handles
// applications.
type World struct {
	*aktetest.Office
	Antraege *antrag.Office
	Gardener string // clerk of gruenflaechen, where general law applies
	Admin    string
	Mayor    string // Leitung of the whole administration
}

// New returns a fresh World whose services of Slugs have a small form.
func New(t testing.TB) *World { return build(t, publishForms) }

// NewWithShippedForms returns a fresh World with the forms the program ships.
func NewWithShippedForms(t testing.TB) *World { return build(t, formular.Seed) }

func build(t testing.TB, publish func(*storage.Tx) error) *World {
	t.Helper()
	keys, err := seal.New("k1", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Office: aktetest.New(t)}
	w.Antraege = &antrag.Office{Keys: keys, Blobs: blob.New(w.Dir, w.Clock, id.Source{}), Fonts: pdftest.Fonts(t), Forms: formular.NewForms()}
	leistungtest.Fill(t, w.Store)
	w.Write(t, publish)
	w.Admin = w.staff(t, "admin", konto.Administration, mandant.RootKey)
	w.Gardener = w.staff(t, "gardener", konto.Sachbearbeitung, "gruenflaechen")
	w.Mayor = w.staff(t, "mayor", konto.Leitung, mandant.RootKey)
	w.Post = w.staff(t, "postroom", konto.Poststelle, mandant.RootKey)
	return w
}

// staff adds an employee and returns the actor.
func (w *World) staff(t testing.TB, login string, rolle konto.Rolle, unitKey string) string {
	t.Helper()
	var m konto.Mitarbeiter
	w.Write(t, func(tx *storage.Tx) error {
		unit, err := mandant.EinheitByKey(tx, unitKey)
		if err != nil {
			return err
		}
		m, err = konto.Create(tx, konto.Mitarbeiter{Login: login, Name: "Test " + login}, konto.RolleAn{Rolle: rolle, EinheitID: unit.ID})
		return err
	})
	return konto.StaffActor(m.ID)
}

// form is a small form with everything a case is built from: name, mail, address, a proof, a subject.
func form(slug string) formular.Definition {
	optional := formular.Occurs{Min: 0, Max: 1}
	return formular.Definition{Key: slug, Version: "1.0.0", Title: "Anmeldung", Abschnitte: []formular.Abschnitt{
		{Key: "hund", Title: "Ihr Hund", Elements: []formular.Element{
			{Key: "hund", Kind: formular.Group, Label: "Hund", Elements: []formular.Element{{Key: "name", Kind: formular.Text, Label: "Name des Hundes"}}},
			{Key: "nachweis", Kind: formular.File, Label: "Nachweis", Occurs: optional}}},
		{Key: "person", Title: "Sie", Elements: []formular.Element{{Key: "person", Kind: formular.Group, Label: "Person", Elements: []formular.Element{
			{Key: "vorname", Kind: formular.Text, Label: "Vorname"}, {Key: "nachname", Kind: formular.Text, Label: "Nachname"},
			{Key: "anschrift", Kind: formular.Address, Label: "Anschrift", Occurs: optional}, {Key: "mail", Kind: formular.Email, Label: "E-Mail", Occurs: optional}}}}},
	}, Roles: formular.Roles{Name: []string{"person.vorname", "person.nachname"}, Mail: "person.mail", Address: "person.anschrift", Subject: "Anmeldung eines Hundes: {hund.name}"},
		Declarations: []string{"Meine Angaben sind vollständig und richtig."}}
}

// Slugs are the services with a form: one of the law of Abgaben, one of general law.
func Slugs() []string { return []string{"hundesteuer-anmelden", "baumfaellung"} }

func publishForms(tx *storage.Tx) error {
	for _, slug := range Slugs() {
		s, err := formular.Save(tx, form(slug))
		if err != nil {
			return err
		}
		if err := formular.Publish(tx, s.ID, slug); err != nil {
			return err
		}
	}
	return nil
}

// Answers are a valid registration by Mira Tannhof.
func Answers() formular.Answers {
	return formular.Answers{"hund": map[string]any{"name": "Fenja"}, "person": map[string]any{"vorname": "Mira", "nachname": "Tannhof", "mail": "mira.tannhof@post.example",
		"anschrift": map[string]any{"strasse": "Lindenweg", "hausnummer": "4", "plz": "00000", "ort": "Wiesenbrück"}}}
}

// File stores a small upload.
func (w *World) File(t testing.TB, name, content string) antrag.Datei {
	t.Helper()
	ref, err := w.Antraege.Blobs.Put(context.Background(), w.Scope.Mandant, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return antrag.Datei{Name: name, MediaType: "application/pdf", Ref: ref}
}

// Submit sends an application online, as a resident.
func (w *World) Submit(t testing.TB, change ...func(*antrag.Submission)) antrag.Receipt {
	t.Helper()
	r, err := w.TrySubmit(t, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TrySubmit is Submit that may fail.
func (w *World) TrySubmit(t testing.TB, change ...func(*antrag.Submission)) (antrag.Receipt, error) {
	t.Helper()
	s := antrag.Submission{Source: "entwurf", Key: id.Source{}.UUID(w.Clock.Now()), Slug: "hundesteuer-anmelden", Answers: Answers(), Kanal: antrag.KanalOnline}
	for _, c := range change {
		c(&s)
	}
	actor := "citizen"
	if s.Kanal != antrag.KanalOnline && s.Kanal != antrag.KanalPortal {
		actor = w.Clerk
	}
	return Deliver(w.Antraege, w.As(actor).DB, w.As(actor).Scope, s)
}

// Deliver takes a submission through its three steps, as handlers do.
func Deliver(o *antrag.Office, db *storage.DB, scope storage.Scope, s antrag.Submission) (antrag.Receipt, error) {
	ctx := context.Background()
	var plan *antrag.Plan
	if err := db.Read(ctx, scope, func(tx *storage.Tx) (err error) { plan, err = o.Plan(tx, s); return err }); err != nil {
		return antrag.Receipt{}, err
	}
	if plan.Repeated != nil {
		return *plan.Repeated, nil
	}
	prepared, err := o.Prepare(ctx, plan)
	if err != nil {
		return antrag.Receipt{}, err
	}
	var r antrag.Receipt
	err = db.Write(ctx, scope, func(tx *storage.Tx) (err error) { r, err = o.Submit(tx, prepared); return err })
	return r, err
}

// Do runs fn in a Write as actor.
func (w *World) Do(actor string, fn func(tx *storage.Tx) error) error {
	s := w.As(actor)
	return s.DB.Write(context.Background(), s.Scope, fn)
}

// Must is Do that may not fail.
func (w *World) Must(t testing.TB, actor string, fn func(tx *storage.Tx) error) {
	t.Helper()
	if err := w.Do(actor, fn); err != nil {
		t.Fatal(err)
	}
}

// Release takes a draft through its three steps as actor.
func (w *World) Release(actor, bescheidID string) (antrag.Bescheid, error) {
	ctx := context.Background()
	s := w.As(actor)
	var f *antrag.Freigabe
	if err := s.DB.Read(ctx, s.Scope, func(tx *storage.Tx) (err error) { f, err = antrag.PlanRelease(tx, bescheidID); return err }); err != nil {
		return antrag.Bescheid{}, err
	}
	if err := w.Antraege.PrepareRelease(ctx, f); err != nil {
		return antrag.Bescheid{}, err
	}
	var b antrag.Bescheid
	err := s.DB.Write(ctx, s.Scope, func(tx *storage.Tx) (err error) { b, err = antrag.Release(tx, f); return err })
	return b, err
}

// Decided submits an application, drafts the Bescheid and releases it.
func (w *World) Decided(t testing.TB, change ...func(*antrag.Submission)) (antrag.Receipt, antrag.Bescheid) {
	t.Helper()
	r := w.Submit(t, change...)
	return r, w.Grant(t, r)
}

// Grant drafts and releases a Bescheid that grants an application.
func (w *World) Grant(t testing.TB, r antrag.Receipt) antrag.Bescheid {
	t.Helper()
	var b antrag.Bescheid
	w.Must(t, w.Clerk, func(tx *storage.Tx) (err error) {
		b, err = antrag.Decide(tx, r.AntragID, antrag.Bewilligt)
		if err != nil {
			return err
		}
		b, err = antrag.SaveDraft(tx, b.ID, antrag.BescheidEdit{Version: b.Version, Weg: b.Weg, Gebuehr: b.Gebuehr,
			Text: antrag.BescheidText{Titel: "Hundesteuerbescheid", Tenor: "Ihr Hund ist angemeldet.", Begruendung: "Sie halten einen Hund in Wiesenbrück."}})
		return err
	})
	b, err := w.Release(w.Clerk, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
