package antrag

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/konto"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// linkLife is how long a link by mail opens an Antrag.
const linkLife = 24 * time.Hour

// SendAccessLink mails the applicant a link that opens the case once within a day: for a lost Abholcode. Staff never see
// it. Right: konto.EditVorgang.
func SendAccessLink(tx *storage.Tx, antragID string) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if a.Applicant.Mail == "" {
		return problem.Conflicting("antrag.ohne_mail")
	}
	return a.sendLink(tx)
}

// RequestAccessLink is the same at the applicant's own wish. An unknown number, or a case without mail address,
// changes nothing and is not told: the answer on the page is always the same. The caller throttles.
func RequestAccessLink(tx *storage.Tx, number string) error {
	a, err := byNumber(tx, number)
	if errors.Is(err, problem.NotFound) || err == nil && a.Applicant.Mail == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return a.sendLink(tx)
}

func (a *Antrag) sendLink(tx *storage.Tx) error {
	p, err := mandant.GetProfil(tx)
	if err != nil {
		return err
	}
	secret := tx.IDs().Secret(16)
	if _, err := tx.Exec(`delete from antrag_zugang where antrag_id = $1 or expires_at <= $2`, a.ID, storage.Millis(tx.Now())); err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into antrag_zugang (digest, antrag_id, expires_at, used_at) values ($1, $2, $3, 0)`,
		linkDigest(secret), a.ID, storage.Millis(tx.Now().Add(linkLife))); err != nil {
		return err
	}
	text := strings.Join([]string{
		"Guten Tag,",
		"mit diesem Link öffnen Sie Ihren Vorgang ohne Abholcode. Er gilt 24 Stunden und nur einmal:",
		p.BaseURL + "/zugang/" + secret,
		"Vorgangsnummer: " + a.Vorgangsnummer,
		"Haben Sie keinen Link angefordert, löschen Sie diese E-Mail bitte.",
		p.Official + contact(p),
	}, "\n\n") + "\n"
	if err := mail.Enqueue(tx, mail.Message{To: a.Applicant.Mail, Subject: "Zugang zu Ihrem Vorgang " + a.Vorgangsnummer, Text: text,
		EventID: "antrag:zugang:" + linkDigest(secret)}); err != nil {
		return err
	}
	return a.record(tx, "access_link", nil, nil, nil)
}

func linkDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// OpenByLink redeems a link and returns the id of the Antrag for the session; problem.NotFound when it is used up, over or
// unknown. Reached by POST only: mail scanners follow links.
func OpenByLink(tx *storage.Tx, secret string) (string, error) {
	digest := linkDigest(secret)
	antragID, err := storage.Get(tx, storage.Value[string], `select antrag_id from antrag_zugang where digest = $1 and used_at = 0 and expires_at > $2`,
		digest, storage.Millis(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("access link: %w", err)
	}
	a, err := load(tx, "id", antragID)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(`update antrag_zugang set used_at = $2 where digest = $1`, digest, storage.Millis(tx.Now())); err != nil {
		return "", err
	}
	return antragID, a.record(tx, "access_opened", nil, nil, nil)
}

// ReplaceCode makes the old Abholcode worthless, ends the sessions opened with it and queues a letter with a new one. The
// code is set when the letter is printed and kept nowhere. Right: konto.EditVorgang.
func ReplaceCode(tx *storage.Tx, antragID string) error {
	a, err := forWork(tx, antragID, konto.EditVorgang)
	if err != nil {
		return err
	}
	if !a.Applicant.HasAddress() {
		return problem.Conflicting("antrag.adresse_fehlt")
	}
	if _, err := tx.Exec(`update antrag set code_version = code_version + 1, version = version + 1 where id = $1`, a.ID); err != nil {
		return err
	}
	if err := konto.EndSubject(tx, konto.SessionVorgang, a.ID); err != nil {
		return err
	}
	if err := queue(tx, a, SendungZugang, a.ID); err != nil {
		return err
	}
	return a.record(tx, "code_replaced", nil, nil, nil)
}
