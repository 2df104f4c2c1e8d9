// Package mandant keeps the municipalities of an installation: the central register of who exists and
// under which host names, and inside each town's own store its profile (letterhead, theme, switches)
// and its organisation units.
package mandant

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// State of a Mandant. Only Bereit serves pages; the others answer 503 with their reason.
type State string

// The states a Mandant passes through.
const (
	Angelegt State = "angelegt" // registered, its store is not complete yet: Add can be run again
	Bereit   State = "bereit"   // in service
	Gesperrt State = "gesperrt" // closed by the operator
	Wartung  State = "wartung"  // closed for a while: migration, restore
)

// Mandant is a municipality (tenant) as the installation knows it: nothing personal, no accounts.
type Mandant struct {
	Key        string // lower-case letters, digits, hyphens: folder, schema and role names come from it
	AGS        string // Amtlicher Gemeindeschluessel; empty for an association or data centre
	Name       string
	Land       string // suffix of ISO 3166-2:DE
	Population int64
	State      State
	Hosts      []string // without port, lower case, sorted
}

// Check refuses what cannot become a Mandant.
func (m Mandant) Check() error {
	var p problem.Fields
	if !storage.ValidKey(m.Key) {
		p.Add("key", "mandant.key")
	}
	if m.AGS != "" && !isAGS(m.AGS) {
		p.Add("ags", "mandant.ags")
	}
	if strings.TrimSpace(m.Name) == "" {
		p.Add("name", "problem.required")
	}
	if clock.LandName(m.Land) == "" || (isAGS(m.AGS) && LandOfAGS(m.AGS) != m.Land) {
		p.Add("land", "mandant.land")
	}
	if m.Population < 0 {
		p.Add("population", "problem.number")
	}
	for _, h := range m.Hosts {
		if NormalHost(h) != h || h == "" {
			p.Add("hosts", "mandant.host", h)
		}
	}
	return p.Err()
}

// NormalHost brings a Host header to the stored form: lower case, no port, no final dot.
func NormalHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(strings.ToLower(strings.TrimSpace(host)), "[]")
	return strings.TrimSuffix(host, ".")
}

const columnsMandant = `key, ags, name, land, population, state`

func scanMandant(s storage.Scanner) (Mandant, error) {
	var m Mandant
	err := s.Scan(&m.Key, &m.AGS, &m.Name, &m.Land, &m.Population, &m.State)
	return m, err
}

// Get returns the Mandant of a key; problem.NotFound when there is none. tx is on the central store.
func Get(tx *storage.Tx, key string) (Mandant, error) {
	m, err := storage.Get(tx, scanMandant, `select `+columnsMandant+` from mandant where key = $1`, key)
	if err != nil {
		return m, fmt.Errorf("mandant %s: %w", key, err)
	}
	m.Hosts, err = storage.List(tx, storage.Value[string],
		`select host from mandant_host where mandant_key = $1 order by host`, key)
	return m, err
}

// ByHost returns the Mandant that answers on a host name; problem.NotFound for an unknown one:
// a stranger's host name must never show the first town. tx is on the central store.
func ByHost(tx *storage.Tx, host string) (Mandant, error) {
	key, err := storage.Get(tx, storage.Value[string],
		`select mandant_key from mandant_host where host = $1`, NormalHost(host))
	if err != nil {
		return Mandant{}, fmt.Errorf("host %q: %w", host, err)
	}
	return Get(tx, key)
}

// All lists the Mandanten by name. tx is on the central store.
func All(tx *storage.Tx) ([]Mandant, error) {
	all, err := storage.List(tx, scanMandant, `select `+columnsMandant+` from mandant order by name_folded, key`)
	if err != nil {
		return nil, err
	}
	type pair struct{ host, key string }
	hosts, err := storage.List(tx, func(s storage.Scanner) (p pair, err error) {
		return p, s.Scan(&p.host, &p.key)
	}, `select host, mandant_key from mandant_host order by host`)
	for _, h := range hosts {
		i := slices.IndexFunc(all, func(m Mandant) bool { return m.Key == h.key })
		all[i].Hosts = append(all[i].Hosts, h.host)
	}
	return all, err
}

// Register enters a Mandant as angelegt, or completes an entry that an interrupted run left behind:
// data and hosts are replaced as long as the Mandant is not in service. A town in service is a Conflict
// unless nothing differs. A host name of another town is a problem of field "hosts". tx is on the central store.
func Register(tx *storage.Tx, m Mandant) error {
	slices.Sort(m.Hosts)
	m.Hosts = slices.Compact(m.Hosts)
	if err := m.Check(); err != nil {
		return err
	}
	now := storage.Millis(tx.Now())
	known, err := Get(tx, m.Key)
	switch {
	case err == nil && known.State != Angelegt:
		m.State = known.State
		if known.AGS != m.AGS || known.Name != m.Name || known.Land != m.Land || !slices.Equal(known.Hosts, m.Hosts) {
			return problem.Conflicting("mandant.exists", m.Key)
		}
		return nil
	case err == nil:
		_, err = tx.Exec(`update mandant set ags = $2, name = $3, name_folded = $4, land = $5, population = $6, changed_at = $7
			where key = $1`, m.Key, m.AGS, m.Name, storage.Fold(m.Name), m.Land, m.Population, now)
	case !errors.Is(err, problem.NotFound):
		return err
	default:
		if err := freeAGS(tx, m); err != nil {
			return err
		}
		_, err = tx.Exec(`insert into mandant (key, ags, name, name_folded, land, population, state, created_at, changed_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
			m.Key, m.AGS, m.Name, storage.Fold(m.Name), m.Land, m.Population, Angelegt, now)
	}
	if err != nil {
		return fmt.Errorf("register mandant %s: %w", m.Key, err)
	}
	if err := SetHosts(tx, m.Key, m.Hosts); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mandant", ID: m.Key, Act: "registered", New: m})
}

func freeAGS(tx *storage.Tx, m Mandant) error {
	if m.AGS == "" {
		return nil
	}
	n, err := storage.Get(tx, storage.Value[int64], `select count(*) from mandant where ags = $1 and key <> $2`, m.AGS, m.Key)
	if err == nil && n > 0 {
		err = problem.Fields{{Path: "ags", Key: "mandant.ags_taken", Args: []any{m.AGS}}}
	}
	return err
}

// SetHosts replaces the host names of a Mandant. tx is on the central store.
func SetHosts(tx *storage.Tx, key string, hosts []string) error {
	if _, err := tx.Exec(`delete from mandant_host where mandant_key = $1`, key); err != nil {
		return err
	}
	for _, h := range hosts {
		owner, err := storage.List(tx, storage.Value[string], `select mandant_key from mandant_host where host = $1`, h)
		if err != nil {
			return err
		}
		if len(owner) > 0 {
			return problem.Fields{{Path: "hosts", Key: "mandant.host_taken", Args: []any{h}}}
		}
		if _, err := tx.Exec(`insert into mandant_host (host, mandant_key) values ($1, $2)`, h, key); err != nil {
			return err
		}
	}
	return nil
}

// SetState moves a Mandant to a state. From angelegt only bereit follows, and nothing goes back there.
// tx is on the central store.
func SetState(tx *storage.Tx, key string, to State) error {
	m, err := Get(tx, key)
	if err != nil {
		return err
	}
	if m.State == to {
		return nil
	}
	switch {
	case to == Angelegt, m.State == Angelegt && to != Bereit:
		return problem.Conflicting("mandant.state", string(m.State), string(to))
	case to != Bereit && to != Gesperrt && to != Wartung:
		return fmt.Errorf("mandant %s: unknown state %q", key, to)
	}
	if _, err := tx.Exec(`update mandant set state = $2, changed_at = $3 where key = $1`, key, to, storage.Millis(tx.Now())); err != nil {
		return err
	}
	return audit.Record(tx, audit.Entry{Noun: "mandant", ID: key, Act: "state_" + string(to), Old: m.State})
}
