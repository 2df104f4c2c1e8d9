package leistung

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"rathaus/internal/i18n"
	"rathaus/internal/problem"
)

// Lengths a page can show at 320 px and a reader takes in at a glance.
const (
	maxTitle = 60
	maxLead  = 220
	maxFact  = 40
	maxNote  = 90
	maxEntry = 220 // one entry of a list
	maxText  = 400 // one paragraph
)

var (
	slugForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	leikaForm = regexp.MustCompile(`^99[0-9]{12}$`)
	planForm  = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}){1,2}$`)
)

// Check returns what keeps the Leistung from being published; paths are those of the JSON form
// ("texts.de.title"). Whether the unit exists is checked by Save.
func (l Leistung) Check() problem.Fields {
	var p problem.Fields
	demand := func(ok bool, path, key string, args ...any) {
		if !ok {
			p.Add(path, key, args...)
		}
	}
	demand(slugForm.MatchString(l.Slug) && len(l.Slug) <= 60, "slug", "problem.pattern")
	demand(l.LeiKa == "" || leikaForm.MatchString(l.LeiKa), "leika", "problem.leika")
	demand(len(l.Lebenslagen) > 0, "lebenslagen", "problem.required")
	for _, key := range l.Lebenslagen {
		_, err := LebenslageByKey(key)
		demand(err == nil, "lebenslagen", "problem.choice")
	}
	demand(l.Einheit != "", "einheit", "problem.required")
	demand(slices.Contains([]Way{WayCounter, WayAppointment, WayFachverfahren, WayElsewhere, WayForm}, l.Way), "way", "problem.choice")
	demand(l.Way != WayFachverfahren || l.Fachverfahren != "", "fachverfahren", "problem.required")
	_, known := trustRank(l.Trust)
	demand(known, "trust", "problem.choice")
	demand(slices.Contains([]Rechtsgebiet{RechtVerwaltung, RechtAbgaben, RechtSozial}, l.Rechtsgebiet), "rechtsgebiet", "problem.choice")
	demand(slices.Contains([]Origin{OriginNone, OriginFederal, OriginLand, OriginTown}, l.Gebuehr.Origin), "gebuehr.origin", "problem.choice")
	demand(l.Gebuehr.Cents >= 0 && (l.Gebuehr.Cents == 0 || l.Gebuehr.Origin != OriginNone), "gebuehr.cents", "problem.money")
	demand(l.Workdays >= 0 && l.Workdays <= 260, "workdays", "problem.number")
	demand(planForm.MatchString(l.Filing.Plan), "filing.plan", "problem.pattern")
	demand(!l.Filing.Sammelakte || l.Filing.Key == "", "filing.key", "problem.choice")
	demand(l.CheckedOn.Valid(), "checkedOn", "problem.date")
	_, german := l.Texts[i18n.De]
	demand(german, "texts.de", "problem.required")
	for lang, t := range l.Texts {
		_, ok := i18n.ParseLang(string(lang))
		demand(ok, "texts", "problem.choice")
		t.check(&p, "texts."+string(lang)+".")
	}
	return p
}

func (t Text) check(p *problem.Fields, path string) {
	line := func(name, s string, limit int) {
		switch {
		case strings.TrimSpace(s) == "":
			p.Add(path+name, "problem.required")
		case utf8.RuneCountInString(s) > limit:
			p.Add(path+name, "problem.too_long", limit)
		}
	}
	list := func(name string, entries []string, limit int) {
		if len(entries) == 0 {
			p.Add(path+name, "problem.required")
		}
		for i, s := range entries {
			line(fmt.Sprintf("%s.%d", name, i), s, limit)
		}
	}
	line("title", t.Title, maxTitle)
	line("lead", t.Lead, maxLead)
	for _, f := range []struct {
		name string
		Fact
	}{{"fee", t.Fee}, {"time", t.Time}, {"deadline", t.Deadline}, {"result", t.Result}} {
		line(f.name+".value", f.Value, maxFact)
		if f.Note != "" {
			line(f.name+".note", f.Note, maxNote)
		}
	}
	list("needs", t.Needs, maxEntry)
	list("who", t.Who, maxText)
	list("steps", t.Steps, maxEntry)
	list("law", t.Law, maxEntry)
	line("paper", t.Paper, maxText)
	if t.Costs != nil {
		line("costs.title", t.Costs.Title, maxTitle)
		line("costs.caption", t.Costs.Caption, maxNote)
		for i, r := range t.Costs.Rows {
			line(fmt.Sprintf("costs.%d.name", i), r.Name, maxNote)
			line(fmt.Sprintf("costs.%d.amount", i), r.Amount, maxFact)
		}
	}
}
