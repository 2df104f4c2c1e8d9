package konto

import (
	"errors"
	"fmt"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/id"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// What a one-time code is good for.
const (
	purposePassword = "password" // subject: Mitarbeiter
	purposeBuerger  = "buerger"  // subject: an e-mail address
)

const (
	inviteLife = 7 * 24 * time.Hour
	resetLife  = time.Hour
	linkLife   = 30 * time.Minute
)

// issue stores the hash of a fresh code, replacing the subject's older ones for the purpose.
func issue(tx *storage.Tx, purpose, subject string, life time.Duration) (string, error) {
	if _, err := tx.Exec(`delete from einmalcode where subject = $1 and purpose = $2`, subject, purpose); err != nil {
		return "", err
	}
	code, err := newSecret(tx.IDs())
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`insert into einmalcode (id, code_hash, purpose, subject, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
		tx.NewID(), hashSecret(code), purpose, subject, storage.Millis(tx.Now()), storage.Millis(tx.Now().Add(life)))
	return code, err
}

// lookup returns the subject of a living code; problem.NotFound otherwise.
func lookup(tx *storage.Tx, purpose, code string) (string, error) {
	subject, err := storage.Get(tx, storage.Value[string], `select subject from einmalcode
		where code_hash = $1 and purpose = $2 and expires_at > $3`, hashSecret(id.Normal(code)), purpose, storage.Millis(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("one-time code: %w", err)
	}
	return subject, nil
}

// redeem is lookup and deletes the code: it works once.
func redeem(tx *storage.Tx, purpose, code string) (string, error) {
	subject, err := lookup(tx, purpose, code)
	if err != nil {
		return "", err
	}
	n, err := tx.Exec(`delete from einmalcode where code_hash = $1`, hashSecret(id.Normal(code)))
	if err == nil && n == 0 {
		err = problem.NotFound
	}
	return subject, err
}

func dropCodes(tx *storage.Tx, subject string) error {
	_, err := tx.Exec(`delete from einmalcode where subject = $1`, subject)
	return err
}

// IssueCode returns a code, shown once to whoever asks, with which the employee sets a (new) password within
// seven days. Needs ManageStaff. Earlier codes die; the present password works until the code is used.
func IssueCode(tx *storage.Tx, mitarbeiterID string) (string, error) {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return "", err
	}
	m, err := Get(tx, mitarbeiterID)
	if err != nil {
		return "", err
	}
	if !m.Active {
		return "", problem.Conflicting("konto.account_disabled")
	}
	code, err := issue(tx, purposePassword, m.ID, inviteLife)
	if err != nil {
		return "", err
	}
	return id.Grouped(code, 5), audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: m.ID, Act: "code_issued"})
}

// RequestReset mails a code to the address known for a login. It answers the same for unknown logins and for
// accounts without address: the page must not tell who works here.
func RequestReset(tx *storage.Tx, login string) error {
	m, err := ByLogin(tx, login)
	if errors.Is(err, problem.NotFound) || err == nil && (!m.Active || m.Mail == "") {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return err
	}
	code, err := issue(tx, purposePassword, m.ID, resetLife)
	if err != nil {
		return err
	}
	text := "Guten Tag,\n\nfür Ihr Benutzerkonto im Rathaus wurde ein neues Kennwort angefordert.\n\n" +
		"Einmalcode: " + id.Grouped(code, 5) + "\n\n" +
		"Geben Sie den Code innerhalb einer Stunde auf dieser Seite ein:\n" + p.BaseURL + "/amt/kennwort/neu\n\n" +
		"Haben Sie nichts angefordert, brauchen Sie nichts zu tun. Ihr bisheriges Kennwort gilt weiter.\n\n" + p.Official + "\n"
	if err := mail.Enqueue(tx, mail.Message{To: m.Mail, Subject: "Neues Kennwort für das Rathaus", Text: text,
		EventID: "konto.reset:" + tx.NewID()}); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: m.ID, Act: "reset_requested"})
}

// ByCode tells whose password a code sets, without using it up; problem.NotFound for a wrong or old one.
func ByCode(tx *storage.Tx, code string) (Mitarbeiter, error) {
	subject, err := lookup(tx, purposePassword, code)
	if err != nil {
		return Mitarbeiter{}, err
	}
	m, err := Get(tx, subject)
	if err == nil && !m.Active {
		err = fmt.Errorf("code of a disabled account: %w", problem.NotFound)
	}
	return m, err
}
