package konto

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// SessionKind tells what a session stands for.
type SessionKind string

// Kinds of sessions. They never mix: a cookie of one kind opens nothing of another.
const (
	SessionStaff   SessionKind = "staff"   // subject: Mitarbeiter
	SessionPending SessionKind = "pending" // password was right, second factor is missing; subject: Mitarbeiter
	SessionVorgang SessionKind = "vorgang" // number and code were right; subject: chosen by the caller (the Antrag)
	SessionBuerger SessionKind = "buerger" // subject: Buerger
)

// lifetimes: after idle without a request, or absolute after the start, a session is dead.
func (k SessionKind) lifetimes() (idle, absolute time.Duration) {
	switch k {
	case SessionStaff:
		return time.Hour, 12 * time.Hour
	case SessionPending:
		return 10 * time.Minute, 10 * time.Minute
	case SessionVorgang:
		return 30 * time.Minute, 4 * time.Hour
	default:
		return 30 * time.Minute, 12 * time.Hour
	}
}

// touchAfter spares a write per request: a session's last use is known to the minute.
const touchAfter = time.Minute

// Sitzung is a session. Only the hash of its token is stored.
type Sitzung struct {
	ID         string
	Kind       SessionKind
	Subject    string
	OnBehalfOf string // id of the Mitarbeiter represented, or empty
	Agent      string // "Firefox unter Windows": for the list of one's own sessions
	CreatedAt  time.Time
	SeenAt     time.Time
	ExpiresAt  time.Time // absolute end
}

// Actor is what the session's requests put into storage.Scope.Actor; empty for a pending one.
func (s Sitzung) Actor() string {
	switch s.Kind {
	case SessionStaff:
		return StaffActor(s.Subject)
	case SessionVorgang, SessionBuerger:
		return CitizenActor
	}
	return ""
}

// Represents is the Scope.OnBehalfOf of the session, or empty.
func (s Sitzung) Represents() string {
	if s.OnBehalfOf == "" {
		return ""
	}
	return StaffActor(s.OnBehalfOf)
}

// IdleEnd is when the session ends if nothing more happens; pages warn before.
func (s Sitzung) IdleEnd() time.Time {
	idle, _ := s.Kind.lifetimes()
	if end := s.SeenAt.Add(idle); end.Before(s.ExpiresAt) {
		return end
	}
	return s.ExpiresAt
}

// NeedsTouch reports whether Touch has something to write.
func (s Sitzung) NeedsTouch(now time.Time) bool { return now.Sub(s.SeenAt) >= touchAfter }

const columnsSitzung = `id, kind, subject, on_behalf_of, agent, created_at, seen_at, expires_at`

func scanSitzung(s storage.Scanner) (Sitzung, error) {
	var v Sitzung
	var created, seen, expires int64
	err := s.Scan(&v.ID, &v.Kind, &v.Subject, &v.OnBehalfOf, &v.Agent, &created, &seen, &expires)
	v.CreatedAt, v.SeenAt, v.ExpiresAt = storage.Time(created), storage.Time(seen), storage.Time(expires)
	return v, err
}

func hashSecret(s string) string {
	sum := sha256.Sum256([]byte(s)) // the secrets are random and long: a fast hash hides them well enough
	return hex.EncodeToString(sum[:])
}

// secretBytes is the entropy of tokens, codes and keys: 128 bit, 26 characters.
const secretBytes = 16

func newSecret(ids id.Source) (string, error) {
	b, err := hex.DecodeString(ids.Secret(secretBytes))
	return id.Encode(b), err
}

// Start opens a session and returns the token for the cookie. The caller has established who it is: for staff use
// Gate.SignIn. Starting records no audit; the act that led to it does.
func Start(tx *storage.Tx, kind SessionKind, subject, agent string) (string, Sitzung, error) {
	token, err := newSecret(tx.IDs())
	if err != nil {
		return "", Sitzung{}, err
	}
	_, absolute := kind.lifetimes()
	s := Sitzung{ID: tx.NewID(), Kind: kind, Subject: subject, Agent: clip(agent, 80),
		CreatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(absolute)}
	_, err = tx.Exec(`insert into sitzung (id, token_hash, kind, subject, on_behalf_of, agent, created_at, seen_at, expires_at)
		values ($1, $2, $3, $4, '', $5, $6, $6, $7)`,
		s.ID, hashSecret(token), s.Kind, s.Subject, s.Agent, storage.Millis(s.CreatedAt), storage.Millis(s.ExpiresAt))
	if err != nil {
		return "", s, fmt.Errorf("start session: %w", err)
	}
	return token, s, nil
}

// Resume returns the session of a cookie's token. problem.NotFound when there is none, it is over, the
// account behind it is disabled, or it is not of the kind asked for. A deputyship that has ended meanwhile
// is dropped: the request goes on in one's own name.
func Resume(tx *storage.Tx, kind SessionKind, token string) (Sitzung, error) {
	s, err := storage.Get(tx, scanSitzung, `select `+columnsSitzung+` from sitzung where token_hash = $1 and kind = $2`,
		hashSecret(token), kind)
	if err != nil {
		return s, fmt.Errorf("session: %w", err)
	}
	if now := tx.Now(); !now.Before(s.ExpiresAt) || !now.Before(s.IdleEnd()) {
		return Sitzung{}, fmt.Errorf("session is over: %w", problem.NotFound)
	}
	if kind != SessionStaff && kind != SessionPending {
		return s, nil
	}
	if err := requireActive(tx, s.Subject); err != nil {
		return Sitzung{}, asNotFound(err)
	}
	if s.OnBehalfOf != "" {
		if err := requireDeputy(tx, s.Subject, s.OnBehalfOf); err != nil {
			if !errors.Is(err, problem.Forbidden) {
				return Sitzung{}, err
			}
			s.OnBehalfOf = ""
		}
	}
	return s, nil
}

func asNotFound(err error) error {
	if errors.Is(err, problem.Forbidden) {
		return fmt.Errorf("session of a disabled account: %w", problem.NotFound)
	}
	return err
}

// Touch notes that the session is in use.
func Touch(tx *storage.Tx, s Sitzung) error {
	_, err := tx.Exec(`update sitzung set seen_at = $2 where id = $1 and seen_at < $2`, s.ID, storage.Millis(tx.Now()))
	return err
}

// Sessions lists the living sessions of a subject, the last used first.
func Sessions(tx *storage.Tx, kind SessionKind, subject string) ([]Sitzung, error) {
	all, err := storage.List(tx, scanSitzung, `select `+columnsSitzung+` from sitzung
		where subject = $1 and kind = $2 and expires_at > $3 order by seen_at desc, id`, subject, kind, storage.Millis(tx.Now()))
	if err != nil {
		return nil, err
	}
	alive := all[:0]
	for _, s := range all {
		if tx.Now().Before(s.IdleEnd()) {
			alive = append(alive, s)
		}
	}
	return alive, nil
}

// SignOut ends the session of a token; nothing happens when it is already over.
func SignOut(tx *storage.Tx, token string) error {
	s, err := storage.Get(tx, scanSitzung, `select `+columnsSitzung+` from sitzung where token_hash = $1`, hashSecret(token))
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return endOne(tx, s)
}

// End ends one session of the acting employee, or of anybody with ManageStaff; problem.NotFound for others' sessions.
func End(tx *storage.Tx, sessionID string) error {
	s, err := storage.Get(tx, scanSitzung, `select `+columnsSitzung+` from sitzung where id = $1`, sessionID)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if s.Subject != StaffID(tx.Scope().Actor) || s.Kind != SessionStaff {
		if err := Require(tx, ManageStaff, ""); err != nil {
			return fmt.Errorf("session of another: %w", problem.NotFound)
		}
	}
	return endOne(tx, s)
}

// EndOthers ends all sessions of the acting employee but the one given.
func EndOthers(tx *storage.Tx, keepID string) error {
	m, err := ownAccount(tx)
	if err != nil {
		return err
	}
	return endAll(tx, m.ID, keepID)
}

func endOne(tx *storage.Tx, s Sitzung) error {
	if _, err := tx.Exec(`delete from sitzung where id = $1`, s.ID); err != nil {
		return err
	}
	if s.Kind != SessionStaff {
		return nil
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: s.Subject, Act: "signed_out"})
}

// endAll ends every session of a subject, of whatever kind.
func endAll(tx *storage.Tx, subject, keepID string) error {
	n, err := tx.Exec(`delete from sitzung where subject = $1 and id <> $2`, subject, keepID)
	if err != nil || n == 0 {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: subject, Act: "sessions_ended"})
}

// EndSubject ends all sessions of a subject that is no employee, such as an Antrag whose code was replaced.
func EndSubject(tx *storage.Tx, kind SessionKind, subject string) error {
	_, err := tx.Exec(`delete from sitzung where subject = $1 and kind = $2`, subject, kind)
	return err
}

// Sweep deletes sessions and codes that are over; a nightly job calls it.
func Sweep(tx *storage.Tx) error {
	now := storage.Millis(tx.Now())
	if _, err := tx.Exec(`delete from sitzung where expires_at <= $1`, now); err != nil {
		return err
	}
	_, err := tx.Exec(`delete from einmalcode where expires_at <= $1`, now)
	return err
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
