package app

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// demoPerson is an invented employee with one role on some units.
type demoPerson struct {
	Name, Title string
	Rolle       konto.Rolle
	Units       []string
}

func (p demoPerson) login() string {
	first, last, _ := strings.Cut(p.Name, " ")
	return asciiName(first) + "." + asciiName(last)
}

// demoStaff are the people of a town. The first of a role sees the most.
func demoStaff(t demoTown) []demoPerson {
	if t.Key == "sturmkoog" {
		return []demoPerson{
			{"Wiebke Harmsen", "Sachbearbeiterin", konto.Sachbearbeitung, []string{mandant.RootKey}},
			{"Onno Claassen", "Fachbereichsleiter", konto.Leitung, []string{mandant.RootKey}},
			{"Gesa Thomsen", "Poststelle", konto.Poststelle, []string{mandant.RootKey}},
			{"Lars Petermann", "Onlinedienste", konto.Redaktion, []string{mandant.RootKey}},
			{"Antje Wulff", "IT-Koordination", konto.Administration, []string{mandant.RootKey}},
		}
	}
	return []demoPerson{
		{"Finn Albers", "Zentrale Sachbearbeitung", konto.Sachbearbeitung, []string{mandant.RootKey}},
		{"Jana Petersen", "Sachbearbeiterin Ordnungsamt", konto.Sachbearbeitung, []string{"ordnungsamt"}},
		{"Tobias Maurer", "Sachbearbeiter Steueramt", konto.Sachbearbeitung, []string{"steueramt", "kasse"}},
		{"Deniz Yalcin", "Sachbearbeiter Stadtkasse", konto.Sachbearbeitung, []string{"kasse", "steueramt"}},
		{"Milena Horvat", "Sachbearbeiterin Bauamt", konto.Sachbearbeitung, []string{"bauamt"}},
		{"Ruben Steinbach", "Sachbearbeiter Liegenschaften", konto.Sachbearbeitung, []string{"liegenschaften", "gruenflaechen"}},
		{"Hanna Vossberg", "Leiterin Hauptamt", konto.Leitung, []string{mandant.RootKey}},
		{"Kaja Brandt", "Leiterin Ordnungsamt", konto.Leitung, []string{"ordnungsamt"}},
		{"Konrad Ehlers", "Leiter Bauamt", konto.Leitung, []string{"bauamt", "liegenschaften"}},
		{"Birte Lange", "Poststelle", konto.Poststelle, []string{mandant.RootKey}},
		{"Nora Weidner", "Onlineredaktion", konto.Redaktion, []string{mandant.RootKey}},
		{"Anke Rothmann", "IT und Organisation", konto.Administration, []string{mandant.RootKey}},
		{"Uwe Steiner", "Stadtarchiv", konto.Archiv, []string{mandant.RootKey}},
		{"Ines Falkner", "Rechnungsprüfung", konto.Revision, []string{mandant.RootKey}},
	}
}

// profil is the complete letterhead of a demo town.
func (t demoTown) profil(base string) mandant.Profil {
	number := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
	place := "Marktplatz 1"
	mayor, court := mandant.Signatory{Name: "Carla Eichwald", Office: "Bürgermeisterin"}, "Wiesenbrück"
	if t.Key == "sturmkoog" {
		place, mayor, court = "Deichstraße 2", mandant.Signatory{Name: "Hauke Janssen", Office: "Bürgermeister"}, "Sturmkoog"
	}
	mail := "rathaus@" + t.Key + ".example"
	return mandant.Profil{
		Official: t.Title, Motto: "Eine erfundene Stadt zum Ausprobieren", Source: "erfunden", BaseURL: base,
		Street: place, PostCode: t.PLZ, City: t.Name, Phone: "030 23125-100", Fax: "030 23125-199", Mail: mail, Website: "https://" + t.Key + ".example",
		Hours: "Montag bis Freitag 8:00 bis 12:00 Uhr\nDonnerstag 14:00 bis 18:00 Uhr",
		Bank: mandant.Bank{Name: "Sparkasse " + t.Name, IBAN: "DE02120300000000202051", BIC: "BYLADEM1001",
			CreditorID: "DE98ZZZ09999999999", Holder: t.Title},
		Signatory: mayor,
		Court:     mandant.Court{Name: "Verwaltungsgericht " + court, Street: "Gerichtsplatz 3", PostCode: t.PLZ, City: court},
		Theme:     mandant.Theme{Hue: int(number(t.Hue)), Chroma: number(t.Chroma), AccentHue: int(number(t.AccentHue)), Radius: number(t.Radius), Crest: t.crest()},
		Impressum: t.Title + "\n" + place + ", " + t.PLZ + " " + t.Name + "\nVertreten durch " + mayor.Office + " " + mayor.Name +
			"\n\nDiese Stadt ist erfunden. Die Seiten zeigen, wie das Programm arbeitet.",
		Datenschutz:   "Datenschutzbeauftragte der " + t.Title + "\n" + place + ", " + t.PLZ + " " + t.Name + "\ndatenschutz@" + t.Key + ".example",
		Accessibility: "Beauftragte für Barrierefreiheit\nTelefon 030 23125-150\nbarrierefrei@" + t.Key + ".example",
		Switches:      mandant.Switches{SecondFactorOptional: true, Demo: true},
	}
}

// crest is the drawing that fits the name.
func (t demoTown) crest() string {
	if t.Key == "sturmkoog" {
		return "leuchtturm"
	}
	return "bruecke"
}

// demoHall is a demo town at work.
type demoHall struct {
	town     demoTown
	calendar clock.Calendar
	ids      map[string]string   // employee's id by name
	clerks   map[string][]string // employees' ids by unit key
	leads    map[string]string   // employee's id by unit key
	anyLead  string
	post     string
	portal   string // actor of another portal
	units    map[string]string
	unitOf   map[string]string // unit key by slug
	law      map[string]leistung.Rechtsgebiet
	fourEyes map[string]bool
	days     map[string]int // workdays a service may take
	examples map[string]formular.Answers
	// deputy stands in for absent from the day on.
	absent, deputy string
	since          clock.Date
}

// found makes the town, its staff and the key of another portal.
func (t demoTown) found(ctx context.Context, p *program) (*demoHall, error) {
	m := mandant.Mandant{Key: t.Key, AGS: t.AGS, Name: t.Name, Land: t.Land, Population: int64(t.Population), Hosts: demoHosts(p.cfg, t)}
	profil := t.profil(demoBases(p.cfg, p.cfg.Addr)[t.Key])
	if err := p.addTown(ctx, m, profil); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Key, err)
	}
	h := &demoHall{town: t, calendar: clock.Calendar{Land: t.Land}}
	var err error
	if h.examples, err = formular.Examples(); err != nil {
		return nil, err
	}
	return h, p.db.Write(ctx, townScope(t.Key), h.staff)
}

// staff hires the people and learns which services are online.
func (h *demoHall) staff(tx *storage.Tx) error {
	h.ids, h.clerks, h.leads, h.units = map[string]string{}, map[string][]string{}, map[string]string{}, map[string]string{}
	units, err := mandant.Einheiten(tx)
	if err != nil {
		return err
	}
	for i, u := range units {
		h.units[u.Key] = u.ID
		u.Phone, u.Mail, u.Room = fmt.Sprintf("030 23125-%d", 110+i), strings.ReplaceAll(u.Key, "_", "-")+"@"+h.town.Key+".example", fmt.Sprint(101+i)
		if _, err := mandant.SaveEinheit(tx, u); err != nil {
			return err
		}
	}
	for i, p := range demoStaff(h.town) {
		if err := h.hire(tx, i, p); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	_, key, err := konto.CreateAPIKey(tx, "Serviceportal des Landkreises")
	if err != nil {
		return err
	}
	h.portal = konto.PortalActor(key.ID)
	return h.services(tx)
}

func (h *demoHall) hire(tx *storage.Tx, i int, p demoPerson) error {
	roles := make([]konto.RolleAn, len(p.Units))
	for i, u := range p.Units {
		roles[i] = konto.RolleAn{Rolle: p.Rolle, EinheitID: h.units[u]}
	}
	m, err := konto.Create(tx, konto.Mitarbeiter{Login: p.login(), Name: p.Name, Title: p.Title, Mail: p.login() + "@" + h.town.Key + ".example",
		Phone: fmt.Sprintf("030 23125-%d", 300+i), Room: fmt.Sprint(200 + i)}, roles...)
	if err != nil {
		return err
	}
	h.ids[p.Name] = m.ID
	for _, u := range p.Units {
		switch p.Rolle {
		case konto.Sachbearbeitung:
			h.clerks[u] = append(h.clerks[u], m.ID)
		case konto.Leitung:
			h.leads[u] = m.ID
			if h.anyLead == "" {
				h.anyLead = m.ID
			}
		case konto.Poststelle:
			h.post = m.ID
		}
	}
	return nil
}

func (h *demoHall) services(tx *storage.Tx) error {
	h.unitOf, h.law, h.fourEyes = map[string]string{}, map[string]leistung.Rechtsgebiet{}, map[string]bool{}
	h.days = map[string]int{}
	slugs, err := formular.Online(tx)
	if err != nil {
		return err
	}
	for _, slug := range slugs {
		l, err := leistung.Get(tx, slug)
		if err != nil {
			return err
		}
		h.unitOf[slug], h.law[slug], h.fourEyes[slug], h.days[slug] = l.Einheit, l.Rechtsgebiet, l.FourEyes, l.Workdays
	}
	return nil
}

// clerk returns who works on a service: the unit's own people, those of the unit above, or the central clerk.
func (h *demoHall) clerk(slug string, n int) string {
	for _, unit := range []string{h.unitOf[slug], "bauamt", mandant.RootKey} {
		if unit == "bauamt" && h.unitOf[slug] != "tiefbauamt" {
			continue
		}
		if all := h.clerks[unit]; len(all) > 0 {
			return all[n%len(all)]
		}
	}
	return ""
}

// lead returns who co-signs for a service.
func (h *demoHall) lead(slug string) string {
	unit := h.unitOf[slug]
	if unit == "tiefbauamt" || unit == "gruenflaechen" {
		unit = "bauamt"
	}
	if lead := h.leads[unit]; lead != "" {
		return lead
	}
	return h.anyLead
}
