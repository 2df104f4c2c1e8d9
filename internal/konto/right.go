package konto

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Rolle is what an employee does for an organisation unit and everything below it.
type Rolle string

// The roles a town assigns.
const (
	Sachbearbeitung Rolle = "sachbearbeitung" // works on Vorgaenge
	Leitung         Rolle = "leitung"         // also assigns, co-signs, reopens, sees protected Akten
	Poststelle      Rolle = "poststelle"      // takes in paper, forwards, posts letters
	Redaktion       Rolle = "redaktion"       // writes services, forms, letter templates
	Administration  Rolle = "administration"  // staff, town profile, keys, jobs; no case content
	Archiv          Rolle = "archiv"          // Aktenplan, retention, Aussonderung
	Revision        Rolle = "revision"        // reads everything, changes nothing
)

// Rollen lists the roles in the order they are shown.
func Rollen() []Rolle {
	return []Rolle{Sachbearbeitung, Leitung, Poststelle, Redaktion, Administration, Archiv, Revision}
}

// Right is what an act demands.
type Right string

// The rights. An act names one of them and the unit it happens in.
const (
	ReadVorgang    Right = "vorgang.read"
	ReadProtected  Right = "vorgang.read_protected" // Akten marked as protected, besides the people working on them
	IntakeVorgang  Right = "vorgang.intake"         // file an application, open a Vorgang, add what came in
	EditVorgang    Right = "vorgang.edit"
	AssignVorgang  Right = "vorgang.assign" // give it to somebody else of the unit
	ForwardVorgang Right = "vorgang.forward"
	SignVorgang    Right = "vorgang.sign" // answer a Mitzeichnung or Schlusszeichnung addressed to the unit
	CloseVorgang   Right = "vorgang.close"
	ReopenVorgang  Right = "vorgang.reopen" // of its own: it restarts the retention period
	SendPost       Right = "post.send"
	EditCatalogue  Right = "catalogue.edit"
	ManagePlan     Right = "plan.manage"
	ManageStaff    Right = "staff.manage"
	ManageTown     Right = "town.manage"
	ManageKeys     Right = "keys.manage"
	ManageJobs     Right = "jobs.manage"
	ManageDeputies Right = "deputies.manage" // arrange deputies for others
	ReadAudit      Right = "audit.read"
	ProtectAkte    Right = "vorgang.protect"
)

// rightsOf is the whole permission model: which role grants which rights on its units.
func rightsOf(r Rolle) []Right {
	switch r {
	case Sachbearbeitung:
		return []Right{ReadVorgang, IntakeVorgang, EditVorgang, ForwardVorgang, CloseVorgang, SendPost}
	case Leitung:
		return []Right{ReadVorgang, ReadProtected, IntakeVorgang, EditVorgang, AssignVorgang, ForwardVorgang, SignVorgang,
			CloseVorgang, ReopenVorgang, SendPost, ManageDeputies, ProtectAkte}
	case Poststelle:
		return []Right{IntakeVorgang, ForwardVorgang, SendPost}
	case Redaktion:
		return []Right{EditCatalogue}
	case Administration:
		return []Right{ManageStaff, ManageTown, ManageKeys, ManageJobs, ManageDeputies, ReadAudit}
	case Archiv:
		return []Right{ReadVorgang, ManagePlan}
	case Revision:
		return []Right{ReadVorgang, ReadProtected, ReadAudit}
	}
	return nil
}

// Grants reports whether the role carries the right.
func (r Rolle) Grants(right Right) bool {
	for _, x := range rightsOf(r) {
		if x == right {
			return true
		}
	}
	return false
}

// Rights lists all rights, in the order of their declaration.
func Rights() []Right {
	return []Right{ReadVorgang, ReadProtected, IntakeVorgang, EditVorgang, AssignVorgang, ForwardVorgang, SignVorgang, CloseVorgang,
		ReopenVorgang, SendPost, EditCatalogue, ManagePlan, ManageStaff, ManageTown, ManageKeys, ManageJobs, ManageDeputies,
		ReadAudit, ProtectAkte}
}

// delegable reports whether a deputy has the right while acting for somebody: case work yes, administration
// of the house no.
func (r Right) delegable() bool {
	switch r {
	case ManageStaff, ManageTown, ManageKeys, ManageJobs, ManageDeputies, ReadAudit:
		return false
	}
	return true
}

// Kinds of actors, the part of Scope.Actor before the colon.
const (
	actorStaff   = "staff"
	actorCitizen = "citizen"
	actorPortal  = "portal"
	actorJob     = "job"
	actorSystem  = "system"
)

// StaffActor is the Scope.Actor of an employee.
func StaffActor(mitarbeiterID string) string { return actorStaff + ":" + mitarbeiterID }

// PortalActor is the Scope.Actor of a portal that uses an API key.
func PortalActor(keyID string) string { return actorPortal + ":" + keyID }

// CitizenActor is the Scope.Actor of residents: who they are stands in the Antrag, not in every log line.
const CitizenActor = actorCitizen

// StaffID returns the employee's id of an actor or OnBehalfOf, or "" for any other kind.
func StaffID(actor string) string {
	kind, id, _ := strings.Cut(actor, ":")
	if kind != actorStaff {
		return ""
	}
	return id
}

// Require returns nil when whoever acts in tx has the right on the unit, else an error that is problem.Forbidden.
// einheitID "" asks for the right on any unit at all. Jobs and the system may do everything; citizens and
// portals have IntakeVorgang only, because the modules that serve them check number and code first.
// Acting on behalf of somebody uses that person's rights, not one's own, and only while the deputyship runs.
func Require(tx *storage.Tx, right Right, einheitID string) error {
	has, err := Has(tx, right, einheitID)
	if err != nil {
		return err
	}
	if !has {
		return fmt.Errorf("%s on einheit %q: %w", right, einheitID, problem.Forbidden)
	}
	return nil
}

// Has is Require as a question; for showing or hiding a button.
func Has(tx *storage.Tx, right Right, einheitID string) (bool, error) {
	kind, _, _ := strings.Cut(tx.Scope().Actor, ":")
	switch kind {
	case actorSystem, actorJob:
		return true, nil
	case actorCitizen, actorPortal:
		return right == IntakeVorgang, nil
	case actorStaff:
		roles, err := effectiveRoles(tx, einheitID)
		if err != nil {
			return false, err
		}
		if tx.Scope().OnBehalfOf != "" && !right.delegable() {
			return false, nil
		}
		for _, r := range roles {
			if r.Grants(right) {
				return true, nil
			}
		}
	}
	return false, nil
}

// effectiveRoles lists the roles that count for the actor on a unit (or anywhere): the represented
// person's when a deputy acts, none when the deputyship is not valid or an account is disabled.
func effectiveRoles(tx *storage.Tx, einheitID string) ([]Rolle, error) {
	person := StaffID(tx.Scope().Actor)
	if tx.Scope().OnBehalfOf != "" {
		represented, err := Effective(tx)
		if err != nil {
			return nil, noRights(err)
		}
		person = represented
	}
	if einheitID == "" {
		return storage.List(tx, storage.Value[Rolle], `select distinct r.rolle from mitarbeiter_rolle r
			join mitarbeiter m on m.id = r.mitarbeiter_id where m.id = $1 and m.active = 1`, person)
	}
	return storage.List(tx, storage.Value[Rolle], `with recursive up(id, parent_id) as (
			select id, parent_id from einheit where id = $1
			union all select e.id, e.parent_id from einheit e join up on e.id = up.parent_id)
		select distinct r.rolle from mitarbeiter_rolle r join up on up.id = r.einheit_id
			join mitarbeiter m on m.id = r.mitarbeiter_id where m.id = $2 and m.active = 1`, einheitID, person)
}

// noRights turns Forbidden into "no roles", so that Has answers false instead of failing.
func noRights(err error) error {
	if errors.Is(err, problem.Forbidden) {
		return nil
	}
	return err
}

// Effective returns the id of the employee whose work it is: the actor, or whom the actor represents.
// problem.Forbidden when the actor is no active employee or the deputyship is not valid today.
func Effective(tx *storage.Tx) (string, error) {
	scope := tx.Scope()
	actor := StaffID(scope.Actor)
	if actor == "" {
		return "", fmt.Errorf("actor %q is no employee: %w", scope.Actor, problem.Forbidden)
	}
	if err := requireActive(tx, actor); err != nil {
		return "", err
	}
	if scope.OnBehalfOf == "" {
		return actor, nil
	}
	represented := StaffID(scope.OnBehalfOf)
	if err := requireDeputy(tx, actor, represented); err != nil {
		return "", err
	}
	return represented, nil
}

func requireActive(tx *storage.Tx, id string) error {
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from mitarbeiter where id = $1 and active = 1`, id)
	if err == nil && n == 0 {
		err = fmt.Errorf("mitarbeiter %s is not active: %w", id, problem.Forbidden)
	}
	return err
}

func requireDeputy(tx *storage.Tx, deputy, represented string) error {
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from vertretung v
		join mitarbeiter m on m.id = v.represented_id and m.active = 1
		where v.deputy_id = $1 and v.represented_id = $2 and v.from_day <= $3 and v.to_day >= $3 and v.ended_at is null`,
		deputy, represented, clock.DateOf(tx.Now()))
	if err == nil && n == 0 {
		err = fmt.Errorf("%s does not represent %s today: %w", deputy, represented, problem.Forbidden)
	}
	return err
}

// Units lists the ids of all units on which whoever acts has the right, those below a role's unit
// included; for lists and search. Jobs and the system get all units, citizens and portals none.
func Units(tx *storage.Tx, right Right) ([]string, error) {
	kind, _, _ := strings.Cut(tx.Scope().Actor, ":")
	if kind == actorSystem || kind == actorJob {
		return storage.List(tx, storage.Value[string], `select id from einheit order by position, id`)
	}
	if kind != actorStaff || tx.Scope().OnBehalfOf != "" && !right.delegable() {
		return nil, nil
	}
	person, err := Effective(tx)
	if err != nil {
		return nil, noRights(err)
	}
	type grant struct {
		einheit string
		rolle   Rolle
	}
	grants, err := storage.List(tx, func(s storage.Scanner) (g grant, err error) {
		return g, s.Scan(&g.einheit, &g.rolle)
	}, `with recursive below(id, rolle) as (
			select einheit_id, rolle from mitarbeiter_rolle where mitarbeiter_id = $1
			union select e.id, b.rolle from einheit e join below b on e.parent_id = b.id)
		select e.id, b.rolle from einheit e join below b on b.id = e.id order by e.position, e.id`, person)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, g := range grants {
		if g.rolle.Grants(right) && !slices.Contains(ids, g.einheit) {
			ids = append(ids, g.einheit)
		}
	}
	return ids, nil
}
