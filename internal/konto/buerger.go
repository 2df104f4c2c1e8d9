package konto

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/id"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Buerger is the optional account of a resident: a proved e-mail address, nothing more. It lists one's own
// applications and keeps drafts; it is no identification (level of trust "none").
type Buerger struct {
	ID        string
	Mail      string
	CreatedAt time.Time
}

func scanBuerger(s storage.Scanner) (Buerger, error) {
	var b Buerger
	var created int64
	err := s.Scan(&b.ID, &b.Mail, &created)
	b.CreatedAt = storage.Time(created)
	return b, err
}

// GetBuerger returns the account; problem.NotFound when there is none.
func GetBuerger(tx *storage.Tx, id string) (Buerger, error) {
	b, err := storage.Get(tx, scanBuerger, `select id, mail, created_at from buerger where id = $1`, id)
	if err != nil {
		return b, fmt.Errorf("buerger %s: %w", id, err)
	}
	return b, nil
}

// RequestLink mails a sign-in link to an address; whether an account exists makes no difference. A wrong address is a
// problem of field "mail". The account is made only when the link is confirmed.
func RequestLink(tx *storage.Tx, address string) error {
	address = strings.TrimSpace(address)
	if !mandant.ValidMail(address) {
		return problem.Fields{{Path: "mail", Key: "problem.email"}}
	}
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return err
	}
	recent, err := storage.Get(tx, storage.Value[int64], `select count(*) from einmalcode where subject = $1 and purpose = $2 and created_at > $3`,
		address, purposeBuerger, storage.Millis(tx.Now().Add(-time.Minute)))
	if err != nil || recent > 0 {
		return err // one mail a minute: nobody floods a stranger's mailbox through us
	}
	code, err := issue(tx, purposeBuerger, address, linkLife)
	if err != nil {
		return err
	}
	text := "Guten Tag,\n\nmit diesem Link melden Sie sich im Serviceportal an. Er gilt 30 Minuten und nur einmal:\n\n" +
		p.BaseURL + "/konto/anmelden/" + code + "\n\n" +
		"Haben Sie das nicht angefordert, löschen Sie diese Nachricht. Es wird dann kein Konto angelegt.\n\n" + p.Official + "\n"
	return mail.Enqueue(tx, mail.Message{To: address, Subject: "Ihr Link zur Anmeldung", Text: text, EventID: "konto.link:" + tx.NewID()})
}

// CheckLink tells whether a link still works, without using it: pages reached by GET change nothing, and mail
// scanners follow links.
func CheckLink(tx *storage.Tx, code string) error {
	_, err := lookup(tx, purposeBuerger, code)
	return err
}

// ConfirmLink uses the link up, makes the account when the address has none, and opens a session.
func ConfirmLink(tx *storage.Tx, code, agent string) (string, Sitzung, error) {
	address, err := redeem(tx, purposeBuerger, code)
	if err != nil {
		return "", Sitzung{}, err
	}
	b, err := storage.Get(tx, scanBuerger, `select id, mail, created_at from buerger where mail_folded = $1`, storage.Fold(address))
	if errors.Is(err, problem.NotFound) {
		b = Buerger{ID: tx.NewID(), Mail: address}
		_, err = tx.Exec(`insert into buerger (id, mail, mail_folded, created_at, seen_at) values ($1, $2, $3, $4, $4)`,
			b.ID, b.Mail, storage.Fold(address), storage.Millis(tx.Now()))
	}
	if err != nil {
		return "", Sitzung{}, fmt.Errorf("buerger: %w", err)
	}
	if _, err := tx.Exec(`update buerger set seen_at = $2 where id = $1`, b.ID, storage.Millis(tx.Now())); err != nil {
		return "", Sitzung{}, err
	}
	return Start(tx, SessionBuerger, b.ID, agent)
}

// DeleteBuerger removes the account and its sessions; applications stay what they are. The caller's session must be
// the account's own.
func DeleteBuerger(tx *storage.Tx, s Sitzung) error {
	if s.Kind != SessionBuerger {
		return fmt.Errorf("delete buerger: %w", problem.Forbidden)
	}
	b, err := GetBuerger(tx, s.Subject)
	if err != nil {
		return err
	}
	if err := EndSubject(tx, SessionBuerger, b.ID); err != nil {
		return err
	}
	if err := dropCodes(tx, b.Mail); err != nil {
		return err
	}
	_, err = tx.Exec(`delete from buerger where id = $1`, b.ID)
	return err
}

// LinkCode brings the code of a link to its stored form.
func LinkCode(s string) string { return id.Normal(s) }
