package mandant

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Profil is what a town says about itself: identity, address, letterhead, look, legal texts, switches.
// One per town's store.
type Profil struct {
	Key        string `json:"key"` // the Mandant's key
	Name       string `json:"name"`
	Official   string `json:"official"` // "Stadt Wiesenbrück"
	Motto      string `json:"motto"`    // line under the name in the page head
	AGS        string `json:"ags"`
	Land       string `json:"land"`
	Population int64  `json:"population"`
	Source     string `json:"source"` // where name and population come from: "Gemeindeverzeichnis, Stand 30.11.2023"
	BaseURL    string `json:"base_url"`

	Street   string `json:"street"`
	PostCode string `json:"post_code"`
	City     string `json:"city"`
	Phone    string `json:"phone"`
	Fax      string `json:"fax"`
	Mail     string `json:"mail"`
	Website  string `json:"website"`
	Hours    string `json:"hours"` // opening hours, a line each

	Bank      Bank      `json:"bank"`
	Signatory Signatory `json:"signatory"`
	Court     Court     `json:"court"`
	Theme     Theme     `json:"theme"`

	Impressum     string        `json:"impressum"`
	Datenschutz   string        `json:"datenschutz"`   // contact of the data protection officer, a line each
	Accessibility string        `json:"accessibility"` // who answers feedback on barriers, a line each
	Municipal     []clock.Local `json:"municipal"`     // holidays only some municipalities have
	Switches      Switches      `json:"switches"`

	// Version counts the changes; SetProfil refuses an outdated one.
	Version int64 `json:"-"`
}

// Bank is the account fees are paid to.
type Bank struct {
	Name       string `json:"name"`
	IBAN       string `json:"iban"` // without blanks
	BIC        string `json:"bic"`
	CreditorID string `json:"creditor_id"` // Glaeubiger-Identifikationsnummer for SEPA mandates
	Holder     string `json:"holder"`      // account holder; empty: Profil.Official
}

// Signatory is who stands under a letter when the unit has nobody of its own.
type Signatory struct {
	Name   string `json:"name"`
	Office string `json:"office"` // "Bürgermeisterin"
}

// Court is the administrative court named in the Rechtsbehelfsbelehrung.
type Court struct {
	Name     string `json:"name"`
	Street   string `json:"street"`
	PostCode string `json:"post_code"`
	City     string `json:"city"`
}

// Switches are decisions of a town; their zero value is the careful one.
type Switches struct {
	// SecondFactorOptional lets staff sign in without TOTP (demo only).
	SecondFactorOptional bool `json:"second_factor_optional"`
	// WorkloadPerPerson shows open Vorgaenge per employee; needs the Personalrat's consent.
	WorkloadPerPerson bool `json:"workload_per_person"`
	// Demo marks every page as a demonstration of an invented town.
	Demo bool `json:"demo"`
}

// Calendar returns the holidays of this town.
func (p Profil) Calendar() clock.Calendar {
	return clock.Calendar{Land: p.Land, Municipal: p.Municipal}
}

// ProfilTopic is the storage signal sent after each change of a profile, for whoever keeps a copy of it in memory.
const ProfilTopic = "profil"

// GetProfil reads the town's profile; problem.NotFound before Add has completed.
func GetProfil(tx *storage.Tx) (Profil, error) {
	p, err := storage.Get(tx, func(s storage.Scanner) (Profil, error) {
		var p Profil
		var data string
		if err := s.Scan(&data, &p.Version); err != nil {
			return p, err
		}
		return p, json.Unmarshal([]byte(data), &p)
	}, `select data, version from profil where id = 1`)
	if err != nil {
		return p, fmt.Errorf("profil: %w", err)
	}
	return p, nil
}

// SetProfil checks and stores the profile. p.Version must be the one read (0 for the first), else Conflict.
// Key, AGS and Land are fixed once set. The caller has checked the right to change it (konto.SaveProfil does).
func SetProfil(tx *storage.Tx, p Profil) error {
	p.normalise()
	if err := p.check().Err(); err != nil {
		return err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("profil: %w", err)
	}
	now := storage.Millis(tx.Now())
	tx.Signal(ProfilTopic, tx.Now())
	old, err := GetProfil(tx)
	if errors.Is(err, problem.NotFound) {
		if _, err := tx.Exec(`insert into profil (id, data, version, changed_at) values (1, $1, 1, $2)`, string(data), now); err != nil {
			return fmt.Errorf("profil: %w", err)
		}
		return audit.Record(tx, audit.Entry{Noun: "profil", ID: p.Key, Act: "created", New: p})
	}
	if err != nil {
		return err
	}
	if old.Key != p.Key || old.AGS != p.AGS || old.Land != p.Land {
		return problem.Conflicting("mandant.profil_fixed")
	}
	n, err := tx.Exec(`update profil set data = $1, version = version + 1, changed_at = $2 where id = 1 and version = $3`,
		string(data), now, p.Version)
	if err != nil {
		return fmt.Errorf("profil: %w", err)
	}
	if n == 0 {
		return problem.Conflicting("problem.conflict")
	}
	return audit.Record(tx, audit.Entry{Noun: "profil", ID: p.Key, Act: "changed", Old: old, New: p})
}

func (p *Profil) normalise() {
	for _, s := range []*string{&p.Name, &p.Official, &p.Motto, &p.Street, &p.PostCode, &p.City, &p.Phone, &p.Fax, &p.Mail,
		&p.Website, &p.Hours, &p.Bank.Name, &p.Bank.Holder, &p.Signatory.Name, &p.Signatory.Office,
		&p.Court.Name, &p.Court.Street, &p.Court.PostCode, &p.Court.City, &p.Impressum, &p.Datenschutz, &p.Accessibility} {
		*s = strings.TrimSpace(strings.ReplaceAll(*s, "\r\n", "\n"))
	}
	p.BaseURL = strings.TrimRight(strings.TrimSpace(p.BaseURL), "/")
	for _, s := range []*string{&p.Bank.IBAN, &p.Bank.BIC, &p.Bank.CreditorID} {
		*s = strings.ToUpper(strings.Join(strings.Fields(*s), ""))
	}
}

// Longest texts accepted: one line, and a text of several lines.
const (
	maxLine = 200
	maxText = 20_000
)

// named is a field's path with its value; slices of it keep the problems in the order of the form.
type named struct{ path, value string }

func (p *Profil) check() problem.Fields {
	var f problem.Fields
	for _, n := range []named{{"key", p.Key}, {"name", p.Name}, {"official", p.Official}} {
		if n.value == "" {
			f.Add(n.path, "problem.required")
		}
	}
	for _, n := range []named{{"name", p.Name}, {"official", p.Official}, {"motto", p.Motto}, {"street", p.Street},
		{"city", p.City}, {"phone", p.Phone}, {"fax", p.Fax}, {"bank.name", p.Bank.Name}, {"bank.holder", p.Bank.Holder},
		{"signatory.name", p.Signatory.Name}, {"signatory.office", p.Signatory.Office},
		{"court.name", p.Court.Name}, {"court.street", p.Court.Street}, {"court.city", p.Court.City}} {
		if strings.ContainsAny(n.value, "\n\r\t\x00") {
			f.Add(n.path, "mandant.one_line")
		} else if len([]rune(n.value)) > maxLine {
			f.Add(n.path, "problem.too_long", maxLine)
		}
	}
	for _, n := range []named{{"hours", p.Hours}, {"impressum", p.Impressum}, {"datenschutz", p.Datenschutz}, {"accessibility", p.Accessibility}} {
		if len([]rune(n.value)) > maxText {
			f.Add(n.path, "problem.too_long", maxText)
		}
	}
	f = append(f, p.checkContact()...)
	f = append(f, p.Bank.check()...)
	f = append(f, p.Theme.check()...)
	return f
}

func (p *Profil) checkContact() problem.Fields {
	var f problem.Fields
	for _, n := range []named{{"post_code", p.PostCode}, {"court.post_code", p.Court.PostCode}} {
		if n.value != "" && (len(n.value) != 5 || strings.Trim(n.value, "0123456789") != "") {
			f.Add(n.path, "mandant.post_code")
		}
	}
	if p.Mail != "" && !ValidMail(p.Mail) {
		f.Add("mail", "problem.email")
	}
	for _, n := range []named{{"base_url", p.BaseURL}, {"website", p.Website}} {
		if u, err := url.Parse(n.value); n.value != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			f.Add(n.path, "mandant.url")
		}
	}
	return f
}

func (b Bank) check() problem.Fields {
	var f problem.Fields
	if b.IBAN != "" && !ValidIBAN(b.IBAN) {
		f.Add("bank.iban", "problem.iban")
	}
	if n := len(b.BIC); n != 0 && n != 8 && n != 11 {
		f.Add("bank.bic", "mandant.bic")
	}
	if b.CreditorID != "" && (len(b.CreditorID) < 9 || len(b.CreditorID) > 35) {
		f.Add("bank.creditor_id", "mandant.creditor_id")
	}
	return f
}

// LetterheadMissing names the fields without which no letter goes out; empty when all are there.
func (p Profil) LetterheadMissing() problem.Fields {
	var f problem.Fields
	for _, need := range []named{
		{"street", p.Street}, {"post_code", p.PostCode}, {"city", p.City}, {"phone", p.Phone}, {"mail", p.Mail}, {"hours", p.Hours},
		{"bank.name", p.Bank.Name}, {"bank.iban", p.Bank.IBAN}, {"signatory.name", p.Signatory.Name}, {"signatory.office", p.Signatory.Office},
		{"court.name", p.Court.Name},
	} {
		if need.value == "" {
			f.Add(need.path, "mandant.letterhead")
		}
	}
	return f
}

// ValidMail reports whether s is one bare e-mail address that a German mail server can be expected to accept.
func ValidMail(s string) bool {
	if len(s) > 254 || strings.ContainsAny(s, " <>\"\r\n\t,;") {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(domain, ".") || domain == "localhost"
}

// ValidIBAN checks country, length for Germany, and the check digits (ISO 13616, modulo 97). No blanks.
func ValidIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 || strings.HasPrefix(s, "DE") && len(s) != 22 {
		return false
	}
	rem := 0
	for i, r := range s[4:] + s[:4] {
		inHead := i >= len(s)-4
		switch {
		case r >= '0' && r <= '9' && !(inHead && i < len(s)-2):
			rem = (rem*10 + int(r-'0')) % 97
		case r >= 'A' && r <= 'Z' && !(inHead && i >= len(s)-2):
			rem = (rem*100 + int(r-'A') + 10) % 97
		default:
			return false
		}
	}
	return rem == 1
}
