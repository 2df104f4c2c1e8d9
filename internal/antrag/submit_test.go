package antrag_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/antrag/antragtest"
	"rathaus/internal/audit"
	"rathaus/internal/mail"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

func count(t *testing.T, w *antragtest.World, table string) (n int64) {
	t.Helper()
	w.Read(t, func(tx *storage.Tx) (err error) {
		n, err = storage.Get(tx, storage.Value[int64], `select count(*) from `+table)
		return err
	})
	return n
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	proof := w.File(t, "tierheim-vertrag.pdf", "%PDF proof")
	r := w.Submit(t, func(s *antrag.Submission) { s.Files = []antrag.Datei{proof} })

	if !strings.HasPrefix(r.Vorgangsnummer, "WB-") || r.Aktenzeichen == "" || r.Abholcode == "" {
		t.Fatalf("receipt %+v", r)
	}
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) error {
		a, err := antrag.Get(tx, r.AntragID)
		if err != nil {
			return err
		}
		if a.Vorgang.Zeichen != r.Aktenzeichen || a.Stand.State != antrag.Eingereicht || a.Applicant.Name != "Mira Tannhof" || a.Vorgang.Betreff == "" {
			t.Errorf("antrag %+v", a)
		}
		if a.Vorgang.Frist != "2026-12-04" { // 10 workdays
			t.Errorf("Frist %s", a.Vorgang.Frist)
		}
		if diff := cmp.Diff([]string{"Mira Tannhof", "Lindenweg 4", "00000 Wiesenbrück"}, a.Applicant.Lines()); diff != "" {
			t.Error(diff)
		}
		docs, err := akte.Dokumente(tx, a.VorgangID, false)
		if err != nil {
			return err
		}
		var titles []string
		for _, d := range docs {
			titles = append(titles, d.FileName)
			f, err := w.Antraege.Blobs.Open(tx.Context(), tx.Scope().Mandant, d.BlobID)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(f)
			f.Close()
			if err != nil || int64(len(content)) != d.Bytes || len(content) == 0 {
				t.Errorf("%s: %d of %d bytes, %v", d.FileName, len(content), d.Bytes, err)
			}
		}
		want := []string{"Antrag-" + r.Vorgangsnummer + ".pdf", "Antrag-" + r.Vorgangsnummer + ".json", "tierheim-vertrag.pdf"}
		if diff := cmp.Diff(want, titles); diff != "" {
			t.Error(diff)
		}
		return nil
	})
	w.Read(t, func(tx *storage.Tx) error {
		mails, err := mail.List(tx, "")
		if err != nil {
			return err
		}
		if len(mails) != 1 || mails[0].To != "mira.tannhof@post.example" || !strings.Contains(mails[0].Text, r.Vorgangsnummer) {
			t.Fatalf("mails %+v", mails)
		}
		for _, secret := range []string{r.Abholcode, "Tannhof", "Fenja", "Hund", "Lindenweg", r.Aktenzeichen} {
			if strings.Contains(mails[0].Subject+mails[0].Text, secret) {
				t.Errorf("the mail tells %q", secret)
			}
		}
		_, err = audit.Verify(tx)
		return err
	})
}

func TestSubmitIsIdempotent(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	same := func(s *antrag.Submission) { s.Source, s.Key = "portal:1", "a-key" }
	first := w.Submit(t, same)
	again := w.Submit(t, same)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the repeat differs:\n%s", diff)
	}
	if n := count(t, w, "antrag"); n != 1 {
		t.Errorf("%d applications", n)
	}
	other := w.Submit(t, func(s *antrag.Submission) { s.Source, s.Key = "portal:2", "a-key" })
	if other.Vorgangsnummer == first.Vorgangsnummer {
		t.Error("two portals share a key")
	}
	_, err := w.TrySubmit(t, same, func(s *antrag.Submission) { s.Answers["hund"] = map[string]any{"name": "Bello"} })
	if !errors.Is(err, antrag.ErrKeyReused) {
		t.Errorf("other content under the same key: %v", err)
	}
	w.Clock.Advance(31 * 24 * 3600e9)
	if late := w.Submit(t, same); late.Vorgangsnummer == first.Vorgangsnummer {
		t.Error("the key is remembered for ever")
	}
}

// TestSubmitTwiceAtOnce: both requests are planned before either is stored, as two clicks are.
func TestSubmitTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	s := antrag.Submission{Source: "entwurf", Key: "k", Slug: "hundesteuer-anmelden", Answers: antragtest.Answers(), Kanal: antrag.KanalOnline}
	citizen := w.As("citizen")
	var plans [2]*antrag.Plan
	for i := range plans {
		citizen.Read(t, func(tx *storage.Tx) (err error) { plans[i], err = w.Antraege.Plan(tx, s); return err })
	}
	var receipts [2]antrag.Receipt
	for i := range plans {
		prepared, err := w.Antraege.Prepare(t.Context(), plans[i])
		if err != nil {
			t.Fatal(err)
		}
		citizen.Write(t, func(tx *storage.Tx) (err error) { receipts[i], err = w.Antraege.Submit(tx, prepared); return err })
	}
	if receipts[0] != receipts[1] || count(t, w, "antrag") != 1 || count(t, w, "mail") != 1 {
		t.Errorf("receipts %+v", receipts)
	}
}

func TestSubmitRefuses(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	if _, err := w.TrySubmit(t, func(s *antrag.Submission) { s.Slug = "gibt-es-nicht" }); !errors.Is(err, problem.NotFound) {
		t.Errorf("unknown service: %v", err)
	}
	if _, err := w.TrySubmit(t, func(s *antrag.Submission) { s.Slug = "abfallbehaelter" }); !errors.Is(err, problem.NotFound) {
		t.Errorf("service without form: %v", err)
	}
	if _, err := w.TrySubmit(t, func(s *antrag.Submission) { s.Key = "" }); !errors.Is(err, problem.Conflict) {
		t.Errorf("no key: %v", err)
	}
	var fields problem.Fields
	if _, err := w.TrySubmit(t, func(s *antrag.Submission) { s.Kanal, s.ReceivedOn = antrag.KanalPapier, "2026-12-24" }); !errors.As(err, &fields) || fields[0].Path != "eingang" {
		t.Errorf("received in the future: %v", err)
	}
	if n := count(t, w, "antrag") + count(t, w, "vorgang") + count(t, w, "akte") + count(t, w, "mail"); n != 0 {
		t.Errorf("a refused submission left %d rows", n)
	}
}

func TestPaperApplication(t *testing.T) {
	t.Parallel()
	w := antragtest.New(t)
	r := w.Submit(t, func(s *antrag.Submission) {
		s.Source, s.Kanal, s.ReceivedOn = "amt", antrag.KanalPapier, "2026-11-18"
		delete(s.Answers["person"].(map[string]any), "mail")
	})
	w.As(w.Clerk).Read(t, func(tx *storage.Tx) error {
		a, err := antrag.Get(tx, r.AntragID)
		if a.Kanal != antrag.KanalPapier || a.ReceivedOn != "2026-11-18" || a.Vorgang.Frist != "2026-12-02" {
			t.Errorf("%s, received %s, Frist %s", a.Kanal, a.ReceivedOn, a.Vorgang.Frist)
		}
		return err
	})
	if n := count(t, w, "mail"); n != 0 {
		t.Errorf("%d mails to nobody", n)
	}
}
