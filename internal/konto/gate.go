package konto

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/id"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
)

// ErrRefused: login and password do not belong together. Nothing says which of the two is wrong.
var ErrRefused = errors.New("konto: login refused")

// ThrottledError: too many attempts; try again after Wait.
type ThrottledError struct{ Wait time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("konto: too many attempts, wait %s", e.Wait.Round(time.Second))
}

// Gate signs people in. Hashing takes tens of milliseconds and must not hold a town's writer, so signing in
// has three steps: FindCredentials in a Read, Verify outside any transaction, SignIn in a Write.
// One per installation; safe for concurrent use.
type Gate struct {
	Keys     *seal.Keys
	Hasher   *Hasher
	Throttle *Throttle
	clock    clock.Clock
	dummy    string // verified when the account does not exist, so that it takes the same time
}

// NewGate builds a Gate.
func NewGate(ctx context.Context, keys *seal.Keys, c clock.Clock, hasher *Hasher) (*Gate, error) {
	dummy, err := hasher.Hash(ctx, "kein Konto hat dieses Kennwort")
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	return &Gate{Keys: keys, Hasher: hasher, Throttle: NewThrottle(c), clock: c, dummy: dummy}, nil
}

// Credentials is what is needed to check a password; it is made for unknown logins too.
type Credentials struct {
	town, login string
	id, hash    string // empty when there is nothing to compare with
}

// FindCredentials reads what Verify needs. It never fails because of an unknown or disabled account.
func FindCredentials(tx *storage.Tx, login string) (Credentials, error) {
	c := Credentials{town: tx.Scope().Mandant, login: storage.Fold(strings.TrimSpace(login))}
	m, err := ByLogin(tx, login)
	if errors.Is(err, problem.NotFound) || err == nil && (!m.Active || !m.HasPassword) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.id = m.ID
	c.hash, err = passwordHash(tx, m.ID)
	return c, err
}

func passwordHash(tx *storage.Tx, mitarbeiterID string) (string, error) {
	return storage.Get(tx, storage.Value[string], `select password_hash from mitarbeiter where id = $1`, mitarbeiterID)
}

// Origin is where a request comes from: the address as a trusted proxy states it, and the device cookie's value.
type Origin struct{ Address, Device string }

// Verified proves that a password was right a moment ago.
type Verified struct {
	town, login, id, hash string
	rehash                string // the same password hashed with today's parameters, when they changed
	try                   Try
}

// Verify checks the password outside any transaction. ErrRefused when it is wrong, *ThrottledError when there
// were too many attempts from this address or for this account; unknown accounts take the same time.
func (g *Gate) Verify(ctx context.Context, c Credentials, password string, from Origin) (Verified, error) {
	s := source{town: c.town, purpose: "password", account: c.login, address: from.Address, device: g.knows(c.town, c.login, from.Device)}
	try, wait, ok := g.Throttle.begin(s)
	if !ok {
		return Verified{}, &ThrottledError{wait}
	}
	hash := c.hash
	if hash == "" {
		hash = g.dummy
	}
	right, err := g.Hasher.Verify(ctx, hash, clip(password, MaxPassword+1))
	if err != nil {
		return Verified{}, fmt.Errorf("verify password: %w", err)
	}
	if !right || c.hash == "" {
		return Verified{}, ErrRefused
	}
	v := Verified{town: c.town, login: c.login, id: c.id, hash: c.hash, try: try}
	if g.Hasher.Outdated(c.hash) {
		if v.rehash, err = g.Hasher.Hash(ctx, password); err != nil {
			return Verified{}, err
		}
	}
	return v, nil
}

// SignIn opens the session after the right password: a SessionStaff when no second factor is needed, else a
// SessionPending that Complete or ConfirmTOTP turns into one. ErrRefused when the account changed meanwhile.
// Call Succeeded on the result of Verify once the Write is through.
func (g *Gate) SignIn(tx *storage.Tx, v Verified, agent string) (string, Sitzung, error) {
	if v.hash == "" || v.town != tx.Scope().Mandant {
		return "", Sitzung{}, ErrRefused
	}
	m, err := Get(tx, v.id)
	if err != nil {
		return "", Sitzung{}, err
	}
	hash, err := passwordHash(tx, v.id)
	if err != nil {
		return "", Sitzung{}, err
	}
	if !m.Active || hash != v.hash {
		return "", Sitzung{}, ErrRefused
	}
	if v.rehash != "" {
		if _, err := tx.Exec(`update mitarbeiter set password_hash = $2 where id = $1`, m.ID, v.rehash); err != nil {
			return "", Sitzung{}, err
		}
	}
	kind := SessionPending
	if !m.HasTOTP {
		optional, err := secondFactorOptional(tx)
		if err != nil {
			return "", Sitzung{}, err
		}
		if optional {
			kind = SessionStaff
		}
	}
	return g.open(tx, kind, m.ID, agent)
}

// Succeeded gives the counted attempt back; call it after SignIn's Write.
func (v Verified) Succeeded() { v.try.Succeeded() }

func (g *Gate) open(tx *storage.Tx, kind SessionKind, mitarbeiterID, agent string) (string, Sitzung, error) {
	token, s, err := Start(tx, kind, mitarbeiterID, agent)
	if err != nil || kind != SessionStaff {
		return token, s, err
	}
	return token, s, audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: mitarbeiterID, Act: "signed_in"})
}

func secondFactorOptional(tx *storage.Tx) (bool, error) {
	p, err := mandant.GetProfil(tx)
	return p.Switches.SecondFactorOptional, err
}

// RecordFailure notes a refused login for an existing account; unknown ones leave no trace in the store.
func RecordFailure(tx *storage.Tx, c Credentials, step string) error {
	if c.id == "" {
		return nil
	}
	return recordFailure(tx, c.id, step)
}

// RecordCodeFailure notes a wrong second factor.
func RecordCodeFailure(tx *storage.Tx, s Sitzung) error { return recordFailure(tx, s.Subject, "code") }

func recordFailure(tx *storage.Tx, mitarbeiterID, step string) error {
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: mitarbeiterID, Act: "sign_in_failed", Data: map[string]string{"step": step}})
}

// deviceLife is how long a browser counts as its owner's after a login.
const deviceLife = 180 * 24 * time.Hour

// Device makes the value of the device cookie for the account a session belongs to. It proves nothing
// but that this browser once signed in to this account, which earns it a throttle of its own.
func (g *Gate) Device(town, login string, now time.Time) string {
	var until [8]byte
	binary.BigEndian.PutUint64(until[:], uint64(now.Add(deviceLife).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(until[:], g.deviceMAC(town, storage.Fold(login), until[:])...))
}

func (g *Gate) deviceMAC(town, loginFolded string, until []byte) []byte {
	return g.Keys.MAC("device", town, []byte(loginFolded), until)
}

func (g *Gate) knows(town, loginFolded, device string) bool {
	b, err := base64.RawURLEncoding.DecodeString(device)
	if err != nil || len(b) != 8+32 {
		return false
	}
	return hmac.Equal(b[8:], g.deviceMAC(town, loginFolded, b[:8])) &&
		int64(binary.BigEndian.Uint64(b[:8])) > g.clock.Now().Unix()
}

// NewPassword proves that a password keeps the rules, and holds its hash.
type NewPassword struct{ hash string }

// NewPassword checks the rules and hashes, outside any transaction. own are words it must not be made of.
// problem.Fields under path "password" when it breaks a rule.
func (g *Gate) NewPassword(ctx context.Context, password string, own ...string) (NewPassword, error) {
	if err := CheckPassword("password", password, own...).Err(); err != nil {
		return NewPassword{}, err
	}
	hash, err := g.Hasher.Hash(ctx, password)
	return NewPassword{hash}, err
}

// ResetPassword sets the password of whom the one-time code belongs to, and ends all sessions of the account.
// problem.NotFound when the code is wrong, old or used.
func ResetPassword(tx *storage.Tx, code string, p NewPassword) (Mitarbeiter, error) {
	m, err := ByCode(tx, code)
	if err != nil {
		return m, err
	}
	if _, err := redeem(tx, purposePassword, code); err != nil {
		return m, err
	}
	return m, setPassword(tx, m.ID, p, "", "password_reset")
}

// ChangePassword sets the acting employee's own password; v proves the present one. All other sessions end.
func ChangePassword(tx *storage.Tx, v Verified, p NewPassword, keepSession string) error {
	m, err := ownAccount(tx)
	if err != nil {
		return err
	}
	hash, err := passwordHash(tx, m.ID)
	if err != nil {
		return err
	}
	if v.hash == "" || v.id != m.ID || v.hash != hash || v.town != tx.Scope().Mandant {
		return ErrRefused
	}
	return setPassword(tx, m.ID, p, keepSession, "password_changed")
}

// SetPassword gives an account its password without a code. Only for the system: the demo and commands.
func SetPassword(tx *storage.Tx, mitarbeiterID string, p NewPassword) error {
	if tx.Scope().Actor != actorSystem {
		return fmt.Errorf("set password: %w", problem.Forbidden)
	}
	return setPassword(tx, mitarbeiterID, p, "", "password_set")
}

func setPassword(tx *storage.Tx, mitarbeiterID string, p NewPassword, keepSession, act string) error {
	if p.hash == "" {
		return fmt.Errorf("set password: %w", problem.Forbidden) // never an account without one by accident
	}
	n, err := tx.Exec(`update mitarbeiter set password_hash = $2, password_at = $3 where id = $1`,
		mitarbeiterID, p.hash, storage.Millis(tx.Now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("mitarbeiter %s: %w", mitarbeiterID, problem.NotFound)
	}
	if err := dropCodes(tx, mitarbeiterID); err != nil {
		return err
	}
	if err := endAll(tx, mitarbeiterID, keepSession); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: mitarbeiterID, Act: act})
}

// TryReset counts a request for a reset mail; *ThrottledError when there were too many for the login or from the
// address. It is never given back.
func (g *Gate) TryReset(town, login string, from Origin) (Try, error) {
	try, wait, ok := g.Throttle.begin(source{town: town, purpose: "reset", account: storage.Fold(strings.TrimSpace(login)), address: from.Address})
	if !ok {
		return Try{}, &ThrottledError{wait}
	}
	return try, nil
}

// TryOpen counts an attempt to open a case with number and code; *ThrottledError when there were too many. Call Succeeded
// on the Try when the code was right. Only the address counts: a code of 130 bits needs no more, and a limit by number
// would let whoever knows the number keep its applicant out.
func (g *Gate) TryOpen(town string, from Origin) (Try, error) {
	return g.try(source{town: town, purpose: "vorgang", address: from.Address})
}

// TryLink counts a request for a mail with a link to a case, by number and by address, so that nobody's mailbox is
// flooded; *ThrottledError when there were too many.
func (g *Gate) TryLink(town, number string, from Origin) (Try, error) {
	return g.try(source{town: town, purpose: "vorgang-link", account: id.Normal(number), address: from.Address})
}

func (g *Gate) try(s source) (Try, error) {
	try, wait, ok := g.Throttle.begin(s)
	if !ok {
		return Try{}, &ThrottledError{wait}
	}
	return try, nil
}
