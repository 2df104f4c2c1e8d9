package amt

import (
	"net/http"
	"net/url"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// inboxPage is the list clerks start their day with.
type inboxPage struct {
	ui.Page
	Views   []viewLink
	View    string
	Einheit string
	Bezug   string
	Status  string
	Frist   string
	Wer     string
	// choices of the filters
	Einheiten, Leistungen, Statuses, Fristen, People []ui.Option
	Filtered                                         bool
	Count                                            string
	Rows                                             []inboxRow
	Next, Prev                                       string
	Load                                             []loadRow
}

// viewLink is one saved list with its size.
type viewLink struct {
	Text, Href, Count string
	Current           bool
}

// inboxRow is one Vorgang of the list.
type inboxRow struct {
	ID, Betreff, Zeichen  string
	Leistung, Beteiligter string
	Eingang               clock.Date
	Due                   due
	Status                string // akte.Status
	Bearbeiter            string
	CanTake, Closed       bool
}

// due is a deadline as people read it.
type due struct {
	Day  clock.Date
	Late int // days overdue
	Left int // workdays left; -1: not soon
	Now  bool
}

// loadRow is the workload of one unit.
type loadRow struct {
	Name               string
	Open, Nobody, Late int64
	Width, LateWidth   int // of the bars, 0–100
	OpenText           string
}

const (
	soonWorkdays = 5
	soonDays     = 4 * 7 // further away there are more workdays between, whatever the holidays; counting them costs
)

func dueOf(day, today clock.Date, cal clock.Calendar) due {
	d := due{Day: day, Left: -1}
	switch {
	case day.IsZero():
	case day.Before(today):
		d.Late = day.DaysUntil(today)
	case day == today:
		d.Now = true
	case day.After(today.AddDays(soonDays)):
	default:
		if left := cal.WorkdaysBetween(today, day); left <= soonWorkdays {
			d.Left = left
		}
	}
	return d
}

func (h handlers) showInbox(w http.ResponseWriter, r *web.Request) error {
	q := r.URL.Query()
	f := akte.InboxFilter{View: viewOf(q.Get("ansicht")), Einheit: q.Get("einheit"), Bezug: q.Get("leistung"),
		Status: akte.Status(q.Get("stand")), Frist: q.Get("frist"), Wer: q.Get("wer"), Cursor: q.Get("seite")}
	page := &inboxPage{Page: ui.Page{Title: r.T("amt.inbox")}, View: string(f.View), Einheit: f.Einheit, Bezug: f.Bezug,
		Status: string(f.Status), Frist: f.Frist, Wer: f.Wer,
		Filtered: f.Bezug != "" || f.Status != "" || f.Frist != "" || f.Wer != ""}
	err := r.Read(func(tx *storage.Tx) error { return page.fill(tx, r, h.counts, f, q) })
	if err != nil {
		return err
	}
	return r.Page(w, "amt/eingang", page)
}

func viewOf(name string) akte.View {
	for _, v := range akte.Views() {
		if string(v) == name {
			return v
		}
	}
	return akte.ViewEinheit
}

func (p *inboxPage) fill(tx *storage.Tx, r *web.Request, counts *akte.Counter, f akte.InboxFilter, q url.Values) error {
	list, err := akte.Inbox(tx, f)
	if err != nil {
		return err
	}
	house, err := readHouse(tx)
	if err != nil {
		return err
	}
	p.Rows, err = rowsOf(tx, list.Rows, house)
	if err != nil {
		return err
	}
	p.Next, p.Prev = pageLink(q, list.Next), pageLink(q, list.Prev)
	o, err := counts.Overview(tx, f)
	if err != nil {
		return err
	}
	p.Count, p.Views, p.Load = countText(r, o.Count), viewLinks(r, f, o.Views), workload(r, house, o.Load)
	return p.choices(tx, r, house)
}

// pageLink is the address of another page of the same list.
func pageLink(q url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	next := url.Values{}
	for k, v := range q {
		next[k] = v
	}
	next.Set("seite", cursor)
	return "?" + next.Encode()
}

func countText(r *web.Request, n int64) string {
	if n > akte.CountCap {
		return r.T("amt.more_than", akte.CountCap)
	}
	return r.N("amt.count_vorgaenge", int(n))
}

func viewLinks(r *web.Request, f akte.InboxFilter, counts map[akte.View]int64) []viewLink {
	var out []viewLink
	for _, v := range akte.Views() {
		link := viewLink{Text: r.T("amt.view_" + string(v)), Href: "/amt/?ansicht=" + string(v), Count: shortCount(r, counts[v]), Current: v == f.View}
		if f.Einheit != "" {
			link.Href += "&einheit=" + url.QueryEscape(f.Einheit)
		}
		out = append(out, link)
	}
	return out
}

func shortCount(r *web.Request, n int64) string {
	if n > akte.CountCap {
		return r.T("amt.more_than_short")
	}
	return r.T("amt.number", n)
}

// choices fills the selects of the filters.
func (p *inboxPage) choices(tx *storage.Tx, r *web.Request, h house) error {
	all := ui.Option{Text: r.T("amt.all")}
	p.Einheiten = []ui.Option{{Text: r.T("amt.all_units")}}
	readable, err := konto.Units(tx, konto.ReadVorgang)
	if err != nil {
		return err
	}
	for _, id := range readable {
		p.Einheiten = append(p.Einheiten, ui.Option{Value: id, Text: h.units[id].Name})
	}
	services, err := leistung.Titles(tx, r.Lang)
	if err != nil {
		return err
	}
	p.Leistungen = []ui.Option{{Text: r.T("amt.all_services")}}
	for _, s := range services {
		p.Leistungen = append(p.Leistungen, ui.Option{Value: s.Slug, Text: s.Title})
	}
	p.Statuses = []ui.Option{{Text: r.T("amt.all_open")}}
	for _, s := range append(akte.Statuses(), akte.StatusClosed) {
		p.Statuses = append(p.Statuses, ui.Option{Value: string(s), Text: r.T("amt.status_" + string(s))})
	}
	p.Fristen = []ui.Option{{Text: r.T("amt.any_deadline")}}
	for _, s := range []string{"ueberfaellig", "woche", "14tage"} {
		p.Fristen = append(p.Fristen, ui.Option{Value: s, Text: r.T("amt.deadline_" + s)})
	}
	p.People = []ui.Option{all, {Value: "ohne", Text: r.T("amt.nobody")}}
	for _, m := range h.staff {
		if m.Active {
			p.People = append(p.People, ui.Option{Value: m.ID, Text: m.ShortName()})
		}
	}
	return nil
}

func rowsOf(tx *storage.Tx, list []akte.Vorgang, h house) ([]inboxRow, error) {
	out := make([]inboxRow, len(list))
	edit := map[string]bool{}
	for i, v := range list {
		may, asked := edit[v.EinheitID]
		if !asked {
			var err error
			if may, err = konto.Has(tx, konto.EditVorgang, v.EinheitID); err != nil {
				return nil, err
			}
			edit[v.EinheitID] = may
		}
		out[i] = inboxRow{ID: v.ID, Betreff: v.Betreff, Zeichen: v.Zeichen, Leistung: v.BezugName, Beteiligter: v.Beteiligter,
			Eingang: clock.DateOf(v.EingangAt), Due: dueOf(v.Frist, h.today, h.calendar), Status: string(v.Status),
			Bearbeiter: h.person(v.BearbeiterID), CanTake: may && v.Offen && v.BearbeiterID == "", Closed: !v.Offen}
	}
	return out, nil
}

func workload(r *web.Request, h house, loads []akte.Load) []loadRow {
	var most int64 = 1
	for _, l := range loads {
		most = max(most, l.Open)
	}
	var out []loadRow
	for _, l := range loads {
		if l.Open == 0 {
			continue
		}
		out = append(out, loadRow{Name: h.units[l.EinheitID].Name, Open: l.Open, Nobody: l.Nobody, Late: l.Late, OpenText: shortCount(r, l.Open),
			Width: int(100 * l.Open / most), LateWidth: int(100 * l.Late / most)})
	}
	return out
}

// house is what lists need to name people and units and to count workdays.
type house struct {
	today    clock.Date
	calendar clock.Calendar
	units    map[string]mandant.Einheit
	order    []mandant.Einheit
	staff    []konto.Mitarbeiter
	byID     map[string]konto.Mitarbeiter
}

func readHouse(tx *storage.Tx) (house, error) {
	h := house{today: clock.DateOf(tx.Now()), units: map[string]mandant.Einheit{}, byID: map[string]konto.Mitarbeiter{}}
	profil, err := mandant.GetProfil(tx)
	if err != nil {
		return h, err
	}
	h.calendar = profil.Calendar()
	if h.order, err = mandant.Einheiten(tx); err != nil {
		return h, err
	}
	for _, e := range h.order {
		h.units[e.ID] = e
	}
	if h.staff, err = konto.All(tx); err != nil {
		return h, err
	}
	for _, m := range h.staff {
		h.byID[m.ID] = m
	}
	return h, nil
}

// person is the short name of an employee, or "".
func (h house) person(id string) string {
	if m, ok := h.byID[id]; ok {
		return m.ShortName()
	}
	return ""
}

// actor names whoever stands in an audit entry: an employee, for whom, or the kind of actor.
func (h house) actor(r *web.Request, actor, onBehalfOf string) string {
	name := h.person(konto.StaffID(actor))
	if name == "" {
		kind, _, _ := cutActor(actor)
		name = r.T("amt.actor_" + kind)
	}
	if represented := h.person(konto.StaffID(onBehalfOf)); represented != "" {
		return r.T("ui.acting_for", name, represented)
	}
	return name
}

func cutActor(actor string) (kind, id string, ok bool) {
	for _, known := range []string{"staff", "citizen", "portal", "job"} {
		if actor == known || len(actor) > len(known) && actor[:len(known)+1] == known+":" {
			return known, actor[min(len(actor), len(known)+1):], true
		}
	}
	return "system", "", false
}

// instant is a stored instant for templates.
func instant(ms int64) time.Time { return storage.Time(ms) }
