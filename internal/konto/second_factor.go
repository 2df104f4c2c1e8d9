package konto

import (
	"encoding/hex"
	"errors"
	"fmt"

	"rathaus/internal/audit"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// purposeTOTP is the sealing purpose of the second factor's secret.
const purposeTOTP = "totp"

// TryCode counts an attempt at the second factor of a pending session; *ThrottledError when there were too many.
// Call it before Complete or ConfirmTOTP, and Succeeded on the result once that Write is through.
func (g *Gate) TryCode(town string, s Sitzung, from Origin) (Try, error) {
	try, wait, ok := g.Throttle.begin(source{town: town, purpose: "code", account: s.Subject, address: from.Address})
	if !ok {
		return Try{}, &ThrottledError{wait}
	}
	return try, nil
}

// Complete turns a pending session into a staff session by the current code of the app. A wrong or used code is a
// problem of field "code"; the pending session lives on. A session without set-up second factor is a Conflict.
func (g *Gate) Complete(tx *storage.Tx, pendingToken, code, agent string) (string, Sitzung, error) {
	pending, err := Resume(tx, SessionPending, pendingToken)
	if err != nil {
		return "", Sitzung{}, err
	}
	if err := g.useCode(tx, pending.Subject, code); err != nil {
		return "", Sitzung{}, err
	}
	// A new token after each step: one that leaked before the second factor is worth nothing.
	if _, err := tx.Exec(`delete from sitzung where id = $1`, pending.ID); err != nil {
		return "", Sitzung{}, err
	}
	return g.open(tx, SessionStaff, pending.Subject, agent)
}

// useCode checks a code and notes its time step, so that it works once.
func (g *Gate) useCode(tx *storage.Tx, mitarbeiterID, code string) error {
	f, err := readFactor(tx, mitarbeiterID)
	if err != nil {
		return err
	}
	if f.sealed == "" {
		return problem.Conflicting("konto.totp_missing")
	}
	step, err := g.match(tx, f.sealed, code, f.step)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update mitarbeiter set totp_step = $2 where id = $1`, mitarbeiterID, step)
	return err
}

func (g *Gate) match(tx *storage.Tx, sealed, code string, used int64) (int64, error) {
	secret, err := g.Keys.Open(purposeTOTP, tx.Scope().Mandant, sealed)
	if err != nil {
		return 0, fmt.Errorf("second factor: %w", err)
	}
	step, ok := matchTOTP(secret, code, tx.Now(), used)
	if !ok {
		return 0, problem.Fields{{Path: "code", Key: "konto.totp"}}
	}
	return step, nil
}

type factor struct {
	sealed, pending string
	step            int64
}

func readFactor(tx *storage.Tx, mitarbeiterID string) (factor, error) {
	return storage.Get(tx, func(s storage.Scanner) (f factor, err error) {
		return f, s.Scan(&f.sealed, &f.pending, &f.step)
	}, `select totp_sealed, totp_pending, totp_step from mitarbeiter where id = $1`, mitarbeiterID)
}

// BeginTOTP returns the secret an employee enters in the app. Until ConfirmTOTP it changes nothing; asked again it
// returns the same secret, so that going back in the browser does not spoil a scanned code.
func (g *Gate) BeginTOTP(tx *storage.Tx, s Sitzung) ([]byte, error) {
	f, err := g.ownFactor(tx, s)
	if err != nil {
		return nil, err
	}
	if f.pending != "" {
		return g.Keys.Open(purposeTOTP, tx.Scope().Mandant, f.pending)
	}
	secret, err := hex.DecodeString(tx.IDs().Secret(totpSecret))
	if err != nil {
		return nil, err
	}
	sealed, err := g.Keys.Seal(purposeTOTP, tx.Scope().Mandant, secret)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`update mitarbeiter set totp_pending = $2 where id = $1`, s.Subject, sealed)
	return secret, err
}

// ownFactor allows setting up by a staff session, and by a pending one only for the first factor: whoever
// knows just the password must not be able to replace it.
func (g *Gate) ownFactor(tx *storage.Tx, s Sitzung) (factor, error) {
	f, err := readFactor(tx, s.Subject)
	if err == nil && (s.Kind != SessionStaff && s.Kind != SessionPending || s.Kind == SessionPending && f.sealed != "" || s.OnBehalfOf != "") {
		err = fmt.Errorf("set up second factor: %w", problem.Forbidden)
	}
	return f, err
}

// ConfirmTOTP sets the secret of BeginTOTP in force when its code is right. A pending session becomes a staff
// session with a new token; a staff session stays, all others end. A wrong code is a problem of field "code".
func (g *Gate) ConfirmTOTP(tx *storage.Tx, s Sitzung, code, agent string) (string, Sitzung, error) {
	f, err := g.ownFactor(tx, s)
	if err != nil {
		return "", s, err
	}
	if f.pending == "" {
		return "", s, problem.Conflicting("konto.totp_missing")
	}
	step, err := g.match(tx, f.pending, code, 0)
	if err != nil {
		return "", s, err
	}
	if _, err := tx.Exec(`update mitarbeiter set totp_sealed = totp_pending, totp_pending = '', totp_step = $2 where id = $1`,
		s.Subject, step); err != nil {
		return "", s, err
	}
	keep := s.ID
	if s.Kind == SessionPending {
		keep = ""
	}
	if err := endAll(tx, s.Subject, keep); err != nil {
		return "", s, err
	}
	if err := audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: s.Subject, Act: "totp_set"}); err != nil {
		return "", s, err
	}
	if s.Kind == SessionPending {
		return g.open(tx, SessionStaff, s.Subject, agent)
	}
	return "", s, nil
}

// ClearTOTP removes the second factor of somebody who lost the phone; at the next login a new one is set up.
// Needs ManageStaff; all sessions of the account end.
func ClearTOTP(tx *storage.Tx, mitarbeiterID string) error {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return err
	}
	n, err := tx.Exec(`update mitarbeiter set totp_sealed = '', totp_pending = '', totp_step = 0 where id = $1`, mitarbeiterID)
	if err == nil && n == 0 {
		err = fmt.Errorf("mitarbeiter %s: %w", mitarbeiterID, problem.NotFound)
	}
	if err != nil {
		return err
	}
	if err := endAll(tx, mitarbeiterID, ""); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: mitarbeiterID, Act: "totp_cleared"})
}

// SetTOTP gives an account a second factor with a known secret. Only for the system: the demo's logins.
func (g *Gate) SetTOTP(tx *storage.Tx, mitarbeiterID string, secret []byte) error {
	if tx.Scope().Actor != actorSystem {
		return fmt.Errorf("set second factor: %w", problem.Forbidden)
	}
	if len(secret) < 16 {
		return errors.New("konto: TOTP secret is too short")
	}
	sealed, err := g.Keys.Seal(purposeTOTP, tx.Scope().Mandant, secret)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update mitarbeiter set totp_sealed = $2, totp_pending = '', totp_step = 0 where id = $1`, mitarbeiterID, sealed)
	return err
}
