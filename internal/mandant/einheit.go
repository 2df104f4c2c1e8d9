package mandant

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Einheit is an organisation unit (Organisationseinheit): an office or a part of one. The units of a
// town form one tree; a role on a unit covers everything below it.
type Einheit struct {
	ID       string
	Key      string // stable name that services and rules refer to: "steueramt"
	Name     string
	ParentID string // empty for the root
	Phone    string
	Mail     string
	Room     string
	Active   bool
	Position int64 // order among siblings
}

// RootKey is the key of the tree's root: the whole administration.
const RootKey = "verwaltung"

const columnsEinheit = `id, key, name, coalesce(parent_id, ''), phone, mail, room, active, position`

func scanEinheit(s storage.Scanner) (Einheit, error) {
	var e Einheit
	var active int64
	err := s.Scan(&e.ID, &e.Key, &e.Name, &e.ParentID, &e.Phone, &e.Mail, &e.Room, &active, &e.Position)
	e.Active = active == 1
	return e, err
}

// Einheiten lists all units, each after its parent, siblings in their order.
func Einheiten(tx *storage.Tx) ([]Einheit, error) {
	all, err := storage.List(tx, scanEinheit, `select `+columnsEinheit+` from einheit order by position, name_folded, id`)
	if err != nil {
		return nil, err
	}
	children := map[string][]Einheit{}
	for _, e := range all {
		children[e.ParentID] = append(children[e.ParentID], e)
	}
	out := make([]Einheit, 0, len(all))
	var walk func(parent string)
	walk = func(parent string) {
		for _, e := range children[parent] {
			out = append(out, e)
			walk(e.ID)
		}
	}
	walk("")
	return out, nil
}

// EinheitByKey returns the unit of a key; problem.NotFound when the town has none.
func EinheitByKey(tx *storage.Tx, key string) (Einheit, error) {
	e, err := storage.Get(tx, scanEinheit, `select `+columnsEinheit+` from einheit where key = $1`, key)
	if err != nil {
		return e, fmt.Errorf("einheit %q: %w", key, err)
	}
	return e, nil
}

// EinheitByID returns the unit; problem.NotFound when there is none.
func EinheitByID(tx *storage.Tx, id string) (Einheit, error) {
	e, err := storage.Get(tx, scanEinheit, `select `+columnsEinheit+` from einheit where id = $1`, id)
	if err != nil {
		return e, fmt.Errorf("einheit %s: %w", id, err)
	}
	return e, nil
}

// Below returns the ids of the unit and of all units under it.
func Below(tx *storage.Tx, id string) ([]string, error) {
	return storage.List(tx, storage.Value[string], `with recursive below(id) as (
		select id from einheit where id = $1
		union all select e.id from einheit e join below b on e.parent_id = b.id)
		select id from below`, id)
}

var einheitKey = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// SaveEinheit stores a new unit (ID empty) or changes one, and returns it. The key of an existing unit
// stays: services refer to it. The caller has checked the right (konto.SaveEinheit does).
func SaveEinheit(tx *storage.Tx, e Einheit) (Einheit, error) {
	e.Key, e.Name, e.Mail = strings.TrimSpace(e.Key), strings.TrimSpace(e.Name), strings.TrimSpace(e.Mail)
	if err := checkEinheit(tx, e); err != nil {
		return e, err
	}
	active := int64(0)
	if e.Active {
		active = 1
	}
	var parent any
	if e.ParentID != "" {
		parent = e.ParentID
	}
	if e.ID == "" {
		e.ID = tx.NewID()
		_, err := tx.Exec(`insert into einheit (id, key, name, name_folded, parent_id, phone, mail, room, active, position)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			e.ID, e.Key, e.Name, storage.Fold(e.Name), parent, e.Phone, e.Mail, e.Room, active, e.Position)
		if err != nil {
			return e, fmt.Errorf("einheit %s: %w", e.Key, err)
		}
		return e, audit.Record(tx, audit.Entry{Noun: "einheit", ID: e.ID, Act: "created", New: e})
	}
	old, err := EinheitByID(tx, e.ID)
	if err != nil {
		return e, err
	}
	if old.Key != e.Key {
		return e, problem.Conflicting("mandant.einheit_key_fixed")
	}
	_, err = tx.Exec(`update einheit set name = $2, name_folded = $3, parent_id = $4, phone = $5, mail = $6, room = $7,
		active = $8, position = $9 where id = $1`,
		e.ID, e.Name, storage.Fold(e.Name), parent, e.Phone, e.Mail, e.Room, active, e.Position)
	if err != nil {
		return e, fmt.Errorf("einheit %s: %w", e.Key, err)
	}
	return e, audit.Record(tx, audit.Entry{Noun: "einheit", ID: e.ID, Act: "changed", Old: old, New: e})
}

func checkEinheit(tx *storage.Tx, e Einheit) error {
	var p problem.Fields
	if !einheitKey.MatchString(e.Key) {
		p.Add("key", "mandant.einheit_key")
	} else if other, err := EinheitByKey(tx, e.Key); err == nil && other.ID != e.ID {
		p.Add("key", "mandant.taken")
	} else if err != nil && !errors.Is(err, problem.NotFound) {
		return err
	}
	switch n := len([]rune(e.Name)); {
	case n == 0:
		p.Add("name", "problem.required")
	case n > maxLine:
		p.Add("name", "problem.too_long", maxLine)
	}
	if e.Mail != "" && !ValidMail(e.Mail) {
		p.Add("mail", "problem.email")
	}
	if (e.ParentID == "") != (e.Key == RootKey) {
		p.Add("parent", "problem.required")
		return p
	}
	if e.ParentID != "" {
		if _, err := EinheitByID(tx, e.ParentID); errors.Is(err, problem.NotFound) {
			p.Add("parent", "problem.choice")
		} else if err != nil {
			return err
		}
	}
	if e.ID != "" && e.ParentID != "" {
		below, err := Below(tx, e.ID)
		if err != nil {
			return err
		}
		for _, id := range below {
			if id == e.ParentID {
				p.Add("parent", "mandant.einheit_cycle")
			}
		}
	}
	return p.Err()
}

// seedEinheiten is the usual tree of a small town; every unit can be renamed, moved or switched off.
var seedEinheiten = [...]struct{ key, name, parent string }{
	{RootKey, "Stadtverwaltung", ""},
	{"hauptamt", "Hauptamt", RootKey},
	{"poststelle", "Poststelle", "hauptamt"},
	{"buergerbuero", "Bürgerbüro", "hauptamt"},
	{"kasse", "Stadtkasse", RootKey},
	{"steueramt", "Steueramt", RootKey},
	{"liegenschaften", "Liegenschaften", RootKey},
	{"ordnungsamt", "Ordnungsamt", RootKey},
	{"standesamt", "Standesamt", "ordnungsamt"},
	{"sozialamt", "Sozialamt", RootKey},
	{"bauamt", "Bauamt", RootKey},
	{"tiefbauamt", "Tiefbauamt", "bauamt"},
	{"gruenflaechen", "Grünflächen und Friedhof", "bauamt"},
}

// SeedEinheiten adds the units of the sample tree whose keys the town lacks; running it again changes nothing.
func SeedEinheiten(tx *storage.Tx) error {
	ids := map[string]string{}
	for i, s := range seedEinheiten {
		e, err := EinheitByKey(tx, s.key)
		if err == nil {
			ids[s.key] = e.ID
			continue
		}
		if !errors.Is(err, problem.NotFound) {
			return err
		}
		e, err = SaveEinheit(tx, Einheit{Key: s.key, Name: s.name, ParentID: ids[s.parent], Active: true, Position: int64(i)})
		if err != nil {
			return fmt.Errorf("seed einheit %s: %w", s.key, err)
		}
		ids[s.key] = e.ID
	}
	return nil
}
