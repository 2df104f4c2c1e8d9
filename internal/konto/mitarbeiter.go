// Package konto knows who may act in a town: employees with roles on organisation units, deputies,
// sign-in with a second factor, sessions, optional accounts of residents, and keys of other portals.
package konto

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Mitarbeiter is an employee with an account.
type Mitarbeiter struct {
	ID    string
	Login string
	Name  string // "Jana Petersen"
	Title string // function as it stands in letters: "Sachbearbeiterin"
	Mail  string
	Phone string
	Room  string
	// Active is false for somebody who may no longer sign in; accounts are never deleted, their acts stay named.
	Active      bool
	HasPassword bool
	HasTOTP     bool
	CreatedAt   time.Time
	Version     int64
}

// RolleAn is a role on a unit.
type RolleAn struct {
	Rolle     Rolle
	EinheitID string
}

const columnsMitarbeiter = `id, login, name, title, mail, phone, room, active,
	case when password_hash = '' then 0 else 1 end, case when totp_sealed = '' then 0 else 1 end, created_at, version`

func scanMitarbeiter(s storage.Scanner) (Mitarbeiter, error) {
	var m Mitarbeiter
	var active, password, totp, created int64
	err := s.Scan(&m.ID, &m.Login, &m.Name, &m.Title, &m.Mail, &m.Phone, &m.Room, &active, &password, &totp, &created, &m.Version)
	m.Active, m.HasPassword, m.HasTOTP, m.CreatedAt = active == 1, password == 1, totp == 1, storage.Time(created)
	return m, err
}

// ShortName is "J. Petersen", as lists show people.
func (m Mitarbeiter) ShortName() string {
	first, rest, ok := strings.Cut(m.Name, " ")
	if !ok {
		return m.Name
	}
	last := rest[strings.LastIndex(rest, " ")+1:]
	return string([]rune(first)[:1]) + ". " + last
}

// Get returns the employee; problem.NotFound when there is none. Names of colleagues are no secret in the house:
// no right is needed.
func Get(tx *storage.Tx, id string) (Mitarbeiter, error) {
	m, err := storage.Get(tx, scanMitarbeiter, `select `+columnsMitarbeiter+` from mitarbeiter where id = $1`, id)
	if err != nil {
		return m, fmt.Errorf("mitarbeiter %s: %w", id, err)
	}
	return m, nil
}

// ByLogin returns the employee of a login name, case and umlauts folded; problem.NotFound when there is none.
func ByLogin(tx *storage.Tx, login string) (Mitarbeiter, error) {
	m, err := storage.Get(tx, scanMitarbeiter, `select `+columnsMitarbeiter+` from mitarbeiter where login_folded = $1`,
		storage.Fold(strings.TrimSpace(login)))
	if err != nil {
		return m, fmt.Errorf("login: %w", err)
	}
	return m, nil
}

// All lists the employees by name, disabled ones included.
func All(tx *storage.Tx) ([]Mitarbeiter, error) {
	return storage.List(tx, scanMitarbeiter, `select `+columnsMitarbeiter+` from mitarbeiter order by name_folded, id`)
}

// PeopleWith lists the active employees who have the right on the unit by role, by name: whom a Vorgang of that unit
// can be given to.
func PeopleWith(tx *storage.Tx, right Right, einheitID string) ([]Mitarbeiter, error) {
	type holder struct {
		id    string
		rolle Rolle
	}
	holders, err := storage.List(tx, func(s storage.Scanner) (h holder, err error) {
		return h, s.Scan(&h.id, &h.rolle)
	}, `with recursive up(id, parent_id) as (
			select id, parent_id from einheit where id = $1
			union all select e.id, e.parent_id from einheit e join up on e.id = up.parent_id)
		select m.id, r.rolle from mitarbeiter_rolle r join up on up.id = r.einheit_id
			join mitarbeiter m on m.id = r.mitarbeiter_id where m.active = 1 order by m.name_folded, m.id`, einheitID)
	if err != nil {
		return nil, err
	}
	var out []Mitarbeiter
	for _, h := range holders {
		if !h.rolle.Grants(right) || slices.ContainsFunc(out, func(m Mitarbeiter) bool { return m.ID == h.id }) {
			continue
		}
		m, err := Get(tx, h.id)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// Acting returns the employee who acts in tx. problem.Forbidden when it is no employee, the account is
// disabled, or Scope.OnBehalfOf names somebody the actor does not represent today.
func Acting(tx *storage.Tx) (Mitarbeiter, error) {
	if _, err := Effective(tx); err != nil {
		return Mitarbeiter{}, err
	}
	return Get(tx, StaffID(tx.Scope().Actor))
}

// RollenOf lists the roles of an employee.
func RollenOf(tx *storage.Tx, id string) ([]RolleAn, error) {
	return storage.List(tx, func(s storage.Scanner) (r RolleAn, err error) {
		return r, s.Scan(&r.Rolle, &r.EinheitID)
	}, `select r.rolle, r.einheit_id from mitarbeiter_rolle r join einheit e on e.id = r.einheit_id
		where r.mitarbeiter_id = $1 order by e.position, e.id, r.rolle`, id)
}

var loginPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

const maxName = 120

func (m *Mitarbeiter) normalise() {
	for _, s := range []*string{&m.Login, &m.Name, &m.Title, &m.Mail, &m.Phone, &m.Room} {
		*s = strings.Join(strings.Fields(*s), " ")
	}
	m.Login = strings.ToLower(m.Login)
}

func (m Mitarbeiter) check() problem.Fields {
	var p problem.Fields
	if !loginPattern.MatchString(m.Login) {
		p.Add("login", "konto.login")
	}
	if m.Name == "" {
		p.Add("name", "problem.required")
	}
	for _, f := range []struct{ path, value string }{{"name", m.Name}, {"title", m.Title}, {"phone", m.Phone}, {"room", m.Room}} {
		if len([]rune(f.value)) > maxName {
			p.Add(f.path, "problem.too_long", maxName)
		}
	}
	if m.Mail != "" && !mandant.ValidMail(m.Mail) {
		p.Add("mail", "problem.email")
	}
	return p
}

// Create adds an employee with roles. Needs ManageStaff, except for the system. The account has no
// password yet: IssueCode gives the person a way to set one.
func Create(tx *storage.Tx, m Mitarbeiter, roles ...RolleAn) (Mitarbeiter, error) {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return m, err
	}
	m.normalise()
	p := m.check()
	if err := loginFree(tx, m, &p); err != nil {
		return m, err
	}
	if err := p.Err(); err != nil {
		return m, err
	}
	m.ID, m.Active, m.Version, m.CreatedAt = tx.NewID(), true, 1, tx.Now()
	_, err := tx.Exec(`insert into mitarbeiter (id, login, login_folded, name, name_folded, title, mail, phone, room, active,
			password_hash, password_at, totp_sealed, totp_pending, totp_step, created_at, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, '', 0, '', '', 0, $10, 1)`,
		m.ID, m.Login, storage.Fold(m.Login), m.Name, storage.Fold(m.Name), m.Title, m.Mail, m.Phone, m.Room, storage.Millis(m.CreatedAt))
	if err != nil {
		return m, fmt.Errorf("create mitarbeiter: %w", err)
	}
	if err := audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: m.ID, Act: "created", New: m}); err != nil {
		return m, err
	}
	return m, setRollen(tx, m.ID, roles)
}

func loginFree(tx *storage.Tx, m Mitarbeiter, p *problem.Fields) error {
	other, err := ByLogin(tx, m.Login)
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	if err == nil && other.ID != m.ID {
		p.Add("login", "konto.taken")
	}
	return err
}

// Update changes name, contact and login. Needs ManageStaff. m.Version must be the one read, else Conflict.
func Update(tx *storage.Tx, m Mitarbeiter) error {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return err
	}
	return update(tx, m)
}

// UpdateOwn lets employees change their own telephone, room and mail; everything else stays.
func UpdateOwn(tx *storage.Tx, phone, room, mail string, version int64) error {
	m, err := ownAccount(tx)
	if err != nil {
		return err
	}
	m.Phone, m.Room, m.Mail, m.Version = phone, room, mail, version
	return update(tx, m)
}

// ownAccount is Acting for acts on one's own account, which nobody does on behalf of somebody else.
func ownAccount(tx *storage.Tx) (Mitarbeiter, error) {
	if tx.Scope().OnBehalfOf != "" {
		return Mitarbeiter{}, fmt.Errorf("own account while representing: %w", problem.Forbidden)
	}
	return Acting(tx)
}

func update(tx *storage.Tx, m Mitarbeiter) error {
	old, err := Get(tx, m.ID)
	if err != nil {
		return err
	}
	m.normalise()
	p := m.check()
	if err := loginFree(tx, m, &p); err != nil {
		return err
	}
	if err := p.Err(); err != nil {
		return err
	}
	n, err := tx.Exec(`update mitarbeiter set login = $2, login_folded = $3, name = $4, name_folded = $5, title = $6, mail = $7,
		phone = $8, room = $9, version = version + 1 where id = $1 and version = $10`,
		m.ID, m.Login, storage.Fold(m.Login), m.Name, storage.Fold(m.Name), m.Title, m.Mail, m.Phone, m.Room, m.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.Conflicting("problem.conflict")
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: m.ID, Act: "changed", Old: old, New: m})
}

// SetRollen replaces the roles of an employee. Needs ManageStaff. The last active administrator cannot lose that role.
func SetRollen(tx *storage.Tx, id string, roles []RolleAn) error {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return err
	}
	if _, err := Get(tx, id); err != nil {
		return err
	}
	if err := setRollen(tx, id, roles); err != nil {
		return err
	}
	return keepAdministrator(tx)
}

func setRollen(tx *storage.Tx, id string, roles []RolleAn) error {
	old, err := RollenOf(tx, id)
	if err != nil {
		return err
	}
	if err := checkRollen(tx, roles); err != nil {
		return err
	}
	if _, err := tx.Exec(`delete from mitarbeiter_rolle where mitarbeiter_id = $1`, id); err != nil {
		return err
	}
	for i, r := range roles {
		if slices.Contains(roles[:i], r) {
			continue
		}
		if _, err := tx.Exec(`insert into mitarbeiter_rolle (mitarbeiter_id, rolle, einheit_id) values ($1, $2, $3)`,
			id, r.Rolle, r.EinheitID); err != nil {
			return fmt.Errorf("role: %w", err)
		}
	}
	return audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: id, Act: "roles_changed", Old: old, New: roles})
}

func checkRollen(tx *storage.Tx, roles []RolleAn) error {
	for _, r := range roles {
		if !slices.Contains(Rollen(), r.Rolle) {
			return problem.Fields{{Path: "rolle", Key: "problem.choice"}}
		}
		_, err := mandant.EinheitByID(tx, r.EinheitID)
		if errors.Is(err, problem.NotFound) {
			return problem.Fields{{Path: "einheit", Key: "problem.choice"}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SetActive disables or enables an account. Needs ManageStaff. Disabling ends all sessions at once; the
// last active administrator cannot be disabled.
func SetActive(tx *storage.Tx, id string, active bool) error {
	if err := Require(tx, ManageStaff, ""); err != nil {
		return err
	}
	m, err := Get(tx, id)
	if err != nil || m.Active == active {
		return err
	}
	act, flag := "disabled", int64(0)
	if active {
		act, flag = "enabled", 1
	}
	if _, err := tx.Exec(`update mitarbeiter set active = $2, version = version + 1 where id = $1`, id, flag); err != nil {
		return err
	}
	if !active {
		if err := endAll(tx, id, ""); err != nil {
			return err
		}
		if err := dropCodes(tx, id); err != nil {
			return err
		}
	}
	if err := audit.Record(tx, audit.Entry{Noun: "mitarbeiter", ID: id, Act: act}); err != nil {
		return err
	}
	return keepAdministrator(tx)
}

// keepAdministrator refuses a change after which nobody could administer the town.
func keepAdministrator(tx *storage.Tx) error {
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from mitarbeiter m join mitarbeiter_rolle r on r.mitarbeiter_id = m.id
		where m.active = 1 and r.rolle = $1`, Administration)
	if err == nil && n == 0 {
		err = problem.Conflicting("konto.last_administrator")
	}
	return err
}

// FirstAdministrator creates the first administrator of a town, with all administrative roles on the whole
// administration, and returns the code to set the password with. Conflict once a town has an administrator.
// Only for the system (init, mandant add, user commands).
func FirstAdministrator(tx *storage.Tx, m Mitarbeiter) (Mitarbeiter, string, error) {
	if tx.Scope().Actor != actorSystem {
		return m, "", fmt.Errorf("first administrator: %w", problem.Forbidden)
	}
	switch err := keepAdministrator(tx); {
	case err == nil:
		return m, "", problem.Conflicting("konto.has_administrator")
	case !errors.Is(err, problem.Conflict):
		return m, "", err
	}
	root, err := mandant.EinheitByKey(tx, mandant.RootKey)
	if err != nil {
		return m, "", err
	}
	m, err = Create(tx, m, RolleAn{Administration, root.ID}, RolleAn{Redaktion, root.ID})
	if err != nil {
		return m, "", err
	}
	code, err := IssueCode(tx, m.ID)
	return m, code, err
}
