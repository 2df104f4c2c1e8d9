package formular_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"rathaus/internal/formular"
	"rathaus/internal/leistung/leistungtest"
	"rathaus/internal/mail"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func town(t *testing.T) *storagetest.Store {
	t.Helper()
	s := storagetest.New(t)
	leistungtest.Fill(t, s)
	s.Write(t, formular.Seed)
	return s
}

func TestDraftLife(t *testing.T) {
	t.Parallel()
	s, forms := town(t), formular.NewForms()
	var e formular.Entwurf
	const code = "7K4M-92QX-7K4M-92QX-7K4M-92QX-7K"
	s.Write(t, func(tx *storage.Tx) (err error) {
		if e, err = forms.Begin(tx, "hundesteuer-anmelden", "", func(string) string { return code }); err != nil {
			return err
		}
		return formular.SaveAnswers(tx, &e, formular.Answers{"person": map[string]any{"mail": "mira@post.example"}}, "person", true)
	})
	s.Read(t, func(tx *storage.Tx) error {
		got, err := formular.Resume(tx, " "+code)
		if got != e.ID {
			t.Errorf("resume = %q, want %q", got, e.ID)
		}
		if _, wrong := formular.Resume(tx, "0000"); !errors.Is(wrong, problem.NotFound) {
			t.Errorf("a wrong code: %v", wrong)
		}
		return err
	})
	stale := e
	stale.Version--
	err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
		return formular.SaveAnswers(tx, &stale, formular.Answers{}, "person", true)
	})
	if !errors.Is(err, problem.Conflict) {
		t.Errorf("saving an outdated draft = %v, want Conflict", err)
	}
	s.Clock.Advance(28 * 24 * time.Hour)
	for _, want := range []int{1, 0} { // told once
		s.Write(t, func(tx *storage.Tx) error {
			n, err := forms.RemindDrafts(tx)
			if n != want {
				t.Errorf("reminded %d, want %d", n, want)
			}
			return err
		})
	}
	s.Read(t, func(tx *storage.Tx) error {
		list, err := mail.List(tx, "")
		if len(list) != 1 || list[0].To != "mira@post.example" {
			t.Errorf("mails: %+v", list)
		}
		return err
	})
	s.Clock.Advance(3 * 24 * time.Hour)
	s.Write(t, func(tx *storage.Tx) error {
		n, err := formular.ExpireDrafts(tx)
		if n != 1 {
			t.Errorf("expired %d drafts, want 1", n)
		}
		return err
	})
	s.Read(t, func(tx *storage.Tx) error {
		if _, err := forms.Draft(tx, e.ID); !errors.Is(err, problem.NotFound) {
			t.Errorf("an expired draft: %v", err)
		}
		return nil
	})
}

// TestPublishedNeverChanges: the same version with other content is refused once it is online.
func TestPublishedNeverChanges(t *testing.T) {
	t.Parallel()
	s := town(t)
	own, err := formular.Own()
	if err != nil {
		t.Fatal(err)
	}
	d := own["sperrmuell"]
	save := func() error {
		return s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error { _, err := formular.Save(tx, d); return err })
	}
	if err := save(); err != nil {
		t.Errorf("saving what is there already: %v", err)
	}
	d.Title = "Anders"
	if err := save(); !errors.Is(err, problem.Conflict) {
		t.Errorf("changing a published version = %v, want Conflict", err)
	}
	d.Version = "1.1.0"
	if err := save(); err != nil {
		t.Errorf("a new version: %v", err)
	}
}

// TestTrustKeepsOffline: a service that needs more than the logins in place give cannot be published.
func TestTrustKeepsOffline(t *testing.T) {
	t.Parallel()
	s := town(t)
	refused := 0
	for _, slug := range []string{"personalausweis", "reisepass", "bauantrag", "wohngeld", "eheschliessung"} {
		err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			list, err := formular.List(tx)
			if err != nil {
				return err
			}
			return formular.Publish(tx, list[0].ID, slug)
		})
		if errors.Is(err, problem.Conflict) {
			refused++
		} else if err != nil && !errors.Is(err, problem.NotFound) {
			t.Errorf("%s: %v", slug, err)
		}
	}
	if refused == 0 {
		t.Error("no service of high trust or written form was refused")
	}
}
