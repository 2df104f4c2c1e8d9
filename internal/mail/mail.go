// Package mail is the outbox: a mail is a row written in the transaction of what it tells about, and a
// job sends it. A mail therefore exists exactly if its event happened, and is delivered at least once,
// under a Message-ID that stays the same so that a second delivery can be recognised.
//
// Plain e-mail is readable on its way. What may stand in it is the caller's duty: a number and a link,
// never personal data.
package mail

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"rathaus/internal/job"
	"rathaus/internal/storage"
)

// Kind is the job kind of sending one mail.
const Kind = "mail.send"

// Message is a mail to one recipient.
type Message struct {
	To      string // one bare address
	Subject string
	Text    string // plain text, lines ended by \n
	EventID string // what it tells about; one mail per event, however often it is enqueued
}

// payload is the job's content: the row, never the text.
type payload struct {
	ID string `json:"id"`
}

// Longest parts of a Message; beyond them something is wrong with the caller.
const (
	maxSubject = 200
	maxText    = 50_000
)

// Enqueue stores the mail and the job that sends it. A second call with the same EventID does nothing.
// An address that is none, a line break in the subject, or an empty EventID is an error.
func Enqueue(tx *storage.Tx, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	known, err := storage.Get(tx, storage.Value[int64], `select count(*) from mail where event_id = $1`, m.EventID)
	if err != nil || known > 0 {
		return err
	}
	id := tx.NewID()
	_, err = tx.Exec(`insert into mail (id, event_id, message_id, recipient, subject, text, created_at, last_error)
		values ($1, $2, $3, $4, $5, $6, $7, '')`,
		id, m.EventID, id+"@"+tx.Scope().Mandant+".rathaus.invalid", m.To, m.Subject, m.Text, storage.Millis(tx.Now()))
	if err != nil {
		return fmt.Errorf("enqueue mail: %w", err)
	}
	return job.Enqueue(tx, Kind, payload{id})
}

func (m Message) check() error {
	a, err := mail.ParseAddress(m.To)
	switch {
	case err != nil || a.Address != m.To:
		return errors.New("mail: recipient is no bare address") // the address itself stays out of logs
	case strings.ContainsAny(m.Subject, "\r\n") || m.Subject == "" || len(m.Subject) > maxSubject:
		return errors.New("mail: subject is empty, too long or has a line break")
	case len(m.Text) > maxText:
		return errors.New("mail: text is too long")
	case m.EventID == "":
		return errors.New("mail: event id is missing")
	}
	return nil
}

// Entry is a mail of the outbox.
type Entry struct {
	ID        string
	MessageID string
	To        string
	Subject   string
	Text      string // empty once it went to a mail server
	CreatedAt time.Time
	SentAt    time.Time // zero while it waits
	LastError string    // why the last attempt failed
}

const columnsEntry = `id, message_id, recipient, subject, text, created_at, coalesce(sent_at, 0), last_error`

func scanEntry(s storage.Scanner) (Entry, error) {
	var e Entry
	var created, sent int64
	err := s.Scan(&e.ID, &e.MessageID, &e.To, &e.Subject, &e.Text, &created, &sent, &e.LastError)
	e.CreatedAt, e.SentAt = storage.Time(created), storage.Time(sent)
	return e, err
}

// PageSize is how many mails List returns at most.
const PageSize = 25

// List returns the newest mails written before the given one ("" for the newest of all), for the demo's
// mail page. The caller decides who may see them.
func List(tx *storage.Tx, before string) ([]Entry, error) {
	if before == "" {
		before = "g" // ids are hexadecimal and grow with time
	}
	return storage.List(tx, scanEntry, `select `+columnsEntry+` from mail where id < $1 order by id desc limit 25`, before)
}

// Get returns one mail; problem.NotFound when there is none.
func Get(tx *storage.Tx, id string) (Entry, error) {
	e, err := storage.Get(tx, scanEntry, `select `+columnsEntry+` from mail where id = $1`, id)
	if err != nil {
		return e, fmt.Errorf("mail %s: %w", id, err)
	}
	return e, nil
}

// keep is how long a sent mail stays in the outbox.
const keep = 90 * 24 * time.Hour

// Sweep deletes mails sent more than 90 days ago; a nightly job calls it.
func Sweep(tx *storage.Tx) error {
	_, err := tx.Exec(`delete from mail where sent_at is not null and created_at < $1`, storage.Millis(tx.Now().Add(-keep)))
	return err
}
