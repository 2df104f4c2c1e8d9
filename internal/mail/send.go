package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"rathaus/internal/job"
	"rathaus/internal/storage"
)

// Sender delivers the mails of the outbox: to a mail server, or without one into a folder.
type Sender struct {
	Server         string // name:port of the relay; empty: files in Dir
	User, Password string // when the relay wants them; then only over TLS
	Dir            string // where *.eml files go when there is no relay
	// From returns name and address of a town's sender.
	From func(tx *storage.Tx) (name, address string, err error)
}

// timeout bounds one delivery.
const timeout = 30 * time.Second

// Handle is the job.Handler of Kind.
func (s *Sender) Handle(ctx context.Context, run *job.Run) error {
	var p payload
	if err := run.Decode(&p); err != nil {
		return err
	}
	var e Entry
	var name, address string
	err := run.Read(ctx, func(tx *storage.Tx) (err error) {
		if e, err = Get(tx, p.ID); err != nil {
			return err
		}
		name, address, err = s.From(tx)
		return err
	})
	if err != nil {
		return err
	}
	if e.SentAt.IsZero() {
		if err := s.deliver(ctx, run.Mandant, e, name, address); err != nil {
			return errors.Join(err, run.Write(ctx, func(tx *storage.Tx) error { return noteFailure(tx, e.ID, err) }))
		}
	}
	return run.Write(ctx, func(tx *storage.Tx) error {
		if err := noteSent(tx, e.ID, s.Server != ""); err != nil {
			return err
		}
		return run.Complete(tx)
	})
}

// noteSent marks a mail as sent. What went to a mail server is not kept: it may hold a one-time code.
func noteSent(tx *storage.Tx, id string, forget bool) error {
	query := `update mail set sent_at = $2, last_error = '' where id = $1 and sent_at is null`
	if forget {
		query = `update mail set sent_at = $2, last_error = '', text = '' where id = $1 and sent_at is null`
	}
	_, err := tx.Exec(query, id, storage.Millis(tx.Now()))
	return err
}

func noteFailure(tx *storage.Tx, id string, cause error) error {
	text := []rune(cause.Error())
	_, err := tx.Exec(`update mail set last_error = $2 where id = $1`, id, string(text[:min(len(text), 300)]))
	return err
}

func (s *Sender) deliver(ctx context.Context, town string, e Entry, name, address string) error {
	m, err := compose(e, name, address)
	if err != nil {
		return job.Permanent(err)
	}
	if s.Server == "" {
		return s.file(town, e, m)
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, m)
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.Reason != gomail.ErrConnCheck {
		return job.Permanent(fmt.Errorf("mail %s refused: %w", e.ID, err))
	}
	if err != nil {
		return fmt.Errorf("mail %s: %w", e.ID, err)
	}
	return nil
}

func compose(e Entry, name, address string) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(name, address); err != nil {
		return nil, fmt.Errorf("mail %s: sender: %w", e.ID, err)
	}
	if err := m.To(e.To); err != nil {
		return nil, fmt.Errorf("mail %s: recipient: %w", e.ID, err)
	}
	m.Subject(e.Subject)
	m.SetMessageIDWithValue(e.MessageID)
	m.SetDateWithValue(e.CreatedAt)
	// RFC 3834: vacation programs must not answer, and our mails answer nobody.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, e.Text)
	return m, nil
}

func (s *Sender) client() (*gomail.Client, error) {
	host, portText, err := net.SplitHostPort(s.Server)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: %w", s.Server, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: port: %w", s.Server, err)
	}
	opts := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(gomail.TLSOpportunistic)}
	if port == 465 {
		opts = append(opts, gomail.WithSSL())
	}
	if s.User != "" {
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.User), gomail.WithPassword(s.Password))
	}
	client, err := gomail.NewClient(host, opts...)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: %w", s.Server, err)
	}
	return client, nil
}

// file writes TIME-TOWN-ID.eml. The name stays the same, so a second delivery replaces the first.
func (s *Sender) file(town string, e Entry, m *gomail.Msg) error {
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return fmt.Errorf("mail %s: %w", e.ID, err)
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	path := filepath.Join(s.Dir, e.CreatedAt.Format("20060102-150405")+"-"+town+"-"+e.ID+".eml")
	if err := os.WriteFile(path+".neu", b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("mail file: %w", err)
	}
	return os.Rename(path+".neu", path)
}
