package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"

	"rathaus/internal/job"
	"rathaus/internal/mail"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

var ack = mail.Message{To: "mara.vogt@beispiel.example", Subject: "Ihr Antrag WB-7K4M-92QX ist eingegangen",
	Text: "Guten Tag,\n\nwir haben Ihren Antrag erhalten: https://rathaus.example/vorgang\n", EventID: "antrag.submitted:1"}

func enqueue(t *testing.T, s *storagetest.Store, m mail.Message) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) error { return mail.Enqueue(tx, m) })
}

func list(t *testing.T, s *storagetest.Store) []mail.Entry {
	t.Helper()
	var all []mail.Entry
	s.Read(t, func(tx *storage.Tx) (err error) { all, err = mail.List(tx, ""); return err })
	return all
}

// drain runs the due jobs once with the sender.
func drain(t *testing.T, s *storagetest.Store, sender *mail.Sender) {
	t.Helper()
	sender.From = func(*storage.Tx) (string, string, error) {
		return "Stadt Wiesenbrück", "rathaus@wiesenbrueck.example", nil
	}
	r := job.NewRunner(s.DB)
	r.Register(mail.Kind, sender.Handle)
	if _, err := r.Drain(context.Background(), s.Scope.Mandant); err != nil {
		t.Fatal(err)
	}
}

func TestOneMailPerEvent(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	enqueue(t, s, ack)
	enqueue(t, s, ack)
	second := ack
	second.EventID = "antrag.submitted:2"
	enqueue(t, s, second)
	if got := list(t, s); len(got) != 2 || got[0].MessageID == got[1].MessageID {
		t.Errorf("outbox %+v", got)
	}
}

func TestEnqueueRefuses(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	for name, change := range map[string]func(*mail.Message){
		"recipient":   func(m *mail.Message) { m.To = "kein at" },
		"two":         func(m *mail.Message) { m.To = "a@b.example, c@d.example" },
		"header":      func(m *mail.Message) { m.To = "a@b.example\r\nBcc: c@d.example" },
		"display":     func(m *mail.Message) { m.To = "Mara Vogt <a@b.example>" },
		"subject":     func(m *mail.Message) { m.Subject = "x\nBcc: c@d.example" },
		"no subject":  func(m *mail.Message) { m.Subject = "" },
		"no event":    func(m *mail.Message) { m.EventID = "" },
		"endless":     func(m *mail.Message) { m.Text = strings.Repeat("x", 60_000) },
		"long header": func(m *mail.Message) { m.Subject = strings.Repeat("x", 300) },
	} {
		m := ack
		change(&m)
		err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error { return mail.Enqueue(tx, m) })
		if err == nil {
			t.Errorf("%s was accepted", name)
		} else if strings.Contains(err.Error(), "b.example") {
			t.Errorf("%s: the error tells the address: %v", name, err)
		}
	}
}

func TestWithoutServerMailsBecomeFiles(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	enqueue(t, s, ack)
	s.Clock.Advance(time.Minute)
	dir := filepath.Join(t.TempDir(), "mail")
	drain(t, s, &mail.Sender{Dir: dir})
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 1 || !strings.HasSuffix(files[0], ".eml") {
		t.Fatalf("files %v", files)
	}
	f, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := enmime.ReadEnvelope(f)
	if err != nil {
		t.Fatal(err)
	}
	e := list(t, s)[0]
	if m.GetHeader("Subject") != ack.Subject || m.GetHeader("To") != "<"+ack.To+">" ||
		m.GetHeader("Auto-Submitted") != "auto-generated" || m.GetHeader("Message-Id") != "<"+e.MessageID+">" {
		t.Errorf("headers %q %q %q %q", m.GetHeader("Subject"), m.GetHeader("To"), m.GetHeader("From"), m.GetHeader("Message-Id"))
	}
	if from, err := m.AddressList("From"); err != nil || from[0].Name != "Stadt Wiesenbrück" || from[0].Address != "rathaus@wiesenbrueck.example" {
		t.Errorf("from %v, %v", from, err)
	}
	if strings.TrimSpace(strings.ReplaceAll(m.Text, "\r\n", "\n")) != strings.TrimSpace(ack.Text) {
		t.Errorf("text %q", m.Text)
	}
	if date, err := m.Date(); err != nil || !date.Equal(storagetest.Start()) {
		t.Errorf("date %v, %v", date, err)
	}
	if !e.SentAt.Equal(s.Clock.Now()) || e.Text == "" {
		t.Errorf("outbox %+v", e)
	}
}

// sink is a mail server that keeps what it gets, or refuses.
type sink struct {
	mu     sync.Mutex
	refuse *smtp.SMTPError
	got    []string
}

func (k *sink) NewSession(*smtp.Conn) (smtp.Session, error) { return k, nil }
func (k *sink) Mail(string, *smtp.MailOptions) error        { return nil }
func (k *sink) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (k *sink) Reset()                                      {}
func (k *sink) Logout() error                               { return nil }
func (k *sink) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refuse != nil {
		return k.refuse
	}
	k.got = append(k.got, string(b))
	return err
}

func (k *sink) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(k)
	srv.Domain = "localhost"
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return l.Addr().String()
}

func TestServerGetsTheMailAndTheTextIsForgotten(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	k := &sink{}
	enqueue(t, s, ack)
	drain(t, s, &mail.Sender{Server: k.listen(t)})
	drain(t, s, &mail.Sender{Server: k.listen(t)})
	e := list(t, s)[0]
	if len(k.got) != 1 || !strings.Contains(k.got[0], e.MessageID) {
		t.Errorf("server got %d mails", len(k.got))
	}
	if e.SentAt.IsZero() || e.Text != "" {
		t.Errorf("outbox %+v", e)
	}
}

func TestFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	k := &sink{refuse: &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}}
	server := k.listen(t)
	enqueue(t, s, ack)
	drain(t, s, &mail.Sender{Server: server})
	if e := list(t, s)[0]; !e.SentAt.IsZero() || !strings.Contains(e.LastError, "later") || e.Text == "" {
		t.Errorf("after a temporary failure: %+v", e)
	}
	k.mu.Lock()
	k.refuse = nil
	k.mu.Unlock()
	s.Clock.Advance(time.Hour)
	drain(t, s, &mail.Sender{Server: server})
	if e := list(t, s)[0]; e.SentAt.IsZero() || e.LastError != "" {
		t.Errorf("after the retry: %+v", e)
	}
}

func TestRefusedMailIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	k := &sink{refuse: &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "never"}}
	enqueue(t, s, ack)
	drain(t, s, &mail.Sender{Server: k.listen(t)})
	s.Read(t, func(tx *storage.Tx) error {
		dead, err := job.List(tx, job.Dead)
		if len(dead) != 1 || !strings.Contains(dead[0].LastError, "never") || strings.Contains(dead[0].LastError, ack.To) {
			t.Errorf("dead jobs %+v", dead)
		}
		return err
	})
}

func TestSweepAndGet(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	enqueue(t, s, ack)
	id := list(t, s)[0].ID
	drain(t, s, &mail.Sender{Dir: t.TempDir()})
	s.Read(t, func(tx *storage.Tx) error { _, err := mail.Get(tx, id); return err })
	s.Clock.Advance(91 * 24 * time.Hour)
	s.Write(t, mail.Sweep)
	s.Read(t, func(tx *storage.Tx) error {
		if _, err := mail.Get(tx, id); !errors.Is(err, problem.NotFound) {
			t.Errorf("after the sweep: %v", err)
		}
		return nil
	})
}
