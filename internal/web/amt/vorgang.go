package amt

import (
	"net/http"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/audit"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// vorgangHead is what every page of one Vorgang shows on top.
type vorgangHead struct {
	ui.Page
	V       akte.Vorgang
	Unit    string
	Clerk   string
	Due     due
	Tabs    []viewLink
	May     may
	Antrag  *antragHead
	Mine    bool
	Primary *ui.Link // the next act, as a link to its page
}

// may says which acts to offer; the modules decide again when one is done.
type may struct{ Edit, Forward, Assign, Close, Reopen bool }

// vorgangPage is the overview of one Vorgang.
type vorgangPage struct {
	vorgangHead
	Dokumente      []docRow
	Preview        *docRow
	History        []historyRow
	MoreHistory    string
	Schritte       []stepRow
	Notizen        []noteRow
	Wiedervorlagen []akte.Wiedervorlage
	Blockers       []string
}

type docRow struct {
	ID, Titel, Type, FileName string
	At                        time.Time
	Bytes                     int64
	Buerger                   bool
	Current                   bool
	Inline                    bool
}

type historyRow struct {
	At        time.Time
	Who, What string
	Text      string
	Now       bool
}

type stepRow struct {
	ID, Art, Who, Verfuegung, Vermerk string
	Status                            string
	At                                time.Time
	Due                               due
	CanAnswer, CanWithdraw            bool
	Signature                         bool
}

type noteRow struct {
	Who, Text string
	At        time.Time
}

func showVorgang(w http.ResponseWriter, r *web.Request) error {
	page := &vorgangPage{}
	err := r.Read(func(tx *storage.Tx) error { return page.read(tx, r, r.PathValue("id"), r.URL.Query().Get("dokument")) })
	if err != nil {
		return err
	}
	return r.Page(w, "amt/vorgang", page)
}

// readHead loads what all pages of a Vorgang share. tab is the name of the current area.
func (p *vorgangHead) readHead(tx *storage.Tx, r *web.Request, id, tab string) (house, error) {
	v, err := akte.GetVorgang(tx, id)
	if err != nil {
		return house{}, err
	}
	h, err := readHouse(tx)
	if err != nil {
		return h, err
	}
	me, err := konto.Effective(tx)
	if err != nil {
		return h, err
	}
	p.V, p.Unit, p.Clerk, p.Due = v, h.units[v.EinheitID].Name, h.person(v.BearbeiterID), dueOf(v.Frist, h.today, h.calendar)
	p.Mine = v.BearbeiterID == me
	p.Title = v.Zeichen + " " + v.BezugName
	p.Crumbs = []ui.Link{{Text: r.T("amt.inbox"), Href: "/amt/"}, {Text: r.T("amt.akte_of", v.Aktenzeichen), Href: "/amt/akte/" + v.AkteID}}
	for right, at := range map[konto.Right]*bool{konto.EditVorgang: &p.May.Edit, konto.ForwardVorgang: &p.May.Forward,
		konto.AssignVorgang: &p.May.Assign, konto.CloseVorgang: &p.May.Close, konto.ReopenVorgang: &p.May.Reopen} {
		if *at, err = konto.Has(tx, right, v.EinheitID); err != nil {
			return h, err
		}
	}
	if err := p.readAntrag(tx, r); err != nil {
		return h, err
	}
	p.Tabs = p.tabs(r, tab)
	return h, nil
}

func (p *vorgangHead) tabs(r *web.Request, current string) []viewLink {
	base := "/amt/vorgang/" + p.V.ID
	list := []viewLink{{Text: r.T("amt.tab_overview"), Href: base, Current: current == ""}}
	if p.Antrag != nil {
		list = append(list,
			viewLink{Text: r.T("amt.tab_answers"), Href: base + "/angaben", Current: current == "angaben"},
			viewLink{Text: r.T("amt.tab_messages"), Href: base + "/nachrichten", Current: current == "nachrichten", Count: p.Antrag.MessageCount})
	}
	return append(list, viewLink{Text: r.T("amt.tab_history"), Href: base + "/verlauf", Current: current == "verlauf"})
}

func (p *vorgangPage) read(tx *storage.Tx, r *web.Request, id, preview string) error {
	h, err := p.readHead(tx, r, id, "")
	if err != nil {
		return err
	}
	docs, err := akte.Dokumente(tx, id, false)
	if err != nil {
		return err
	}
	p.Dokumente, p.Preview = docRows(docs, preview)
	if p.History, p.MoreHistory, err = readHistory(tx, r, h, id, ""); err != nil {
		return err
	}
	if len(p.History) > 6 {
		p.History, p.MoreHistory = p.History[:6], "/amt/vorgang/"+id+"/verlauf"
	}
	if p.Schritte, err = readSteps(tx, r, h, p.V, p.May.Edit); err != nil {
		return err
	}
	if p.Notizen, err = readNotes(tx, r, h, id); err != nil {
		return err
	}
	if p.Wiedervorlagen, err = openWiedervorlagen(tx, id); err != nil {
		return err
	}
	keys, err := akte.CloseBlockers(tx, id)
	if err != nil {
		return err
	}
	blockers := make([]string, len(keys))
	for i, key := range keys {
		blockers[i] = r.T(key)
	}
	p.Blockers = blockers
	return nil
}

func docRows(docs []akte.Dokument, preview string) ([]docRow, *docRow) {
	rows := make([]docRow, len(docs))
	var shown *docRow
	for i, d := range docs {
		rows[i] = docRow{ID: d.ID, Titel: d.Titel, Type: typeLabel(d.MediaType), FileName: d.FileName, At: instant(d.AngelegtAt),
			Bytes: d.Bytes, Buerger: d.Buerger, Inline: d.MediaType == "image/png" || d.MediaType == "image/jpeg"}
		if d.ID == preview {
			rows[i].Current = true
			shown = &rows[i]
		}
	}
	return rows, shown
}

// typeLabel is the short name of a file type, as it stands beside a document.
func typeLabel(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "image/jpeg":
		return "JPG"
	case "image/png":
		return "PNG"
	case "application/json":
		return "JSON"
	case "text/plain":
		return "TXT"
	}
	return "DATEI"
}

func readHistory(tx *storage.Tx, r *web.Request, h house, id, cursor string) ([]historyRow, string, error) {
	entries, next, err := audit.Timeline(tx, "vorgang", id, cursor)
	if err != nil {
		return nil, "", err
	}
	rows := make([]historyRow, len(entries))
	for i, e := range entries {
		rows[i] = historyRow{At: e.At, Who: h.actor(r, e.Actor, e.OnBehalfOf), What: r.T("amt.act_" + e.Act), Text: e.Data["text"], Now: i == 0 && cursor == ""}
	}
	return rows, next, nil
}

func readSteps(tx *storage.Tx, r *web.Request, h house, v akte.Vorgang, edit bool) ([]stepRow, error) {
	steps, err := akte.Schritte(tx, v.ID)
	if err != nil {
		return nil, err
	}
	rows := make([]stepRow, len(steps))
	for i, s := range steps {
		who := h.person(s.AdressatID)
		if s.AdressatEinheitID != "" {
			who = h.units[s.AdressatEinheitID].Name
		}
		at := s.ErstelltAt
		if s.BearbeitetAt != 0 {
			at = s.BearbeitetAt
		}
		row := stepRow{ID: s.ID, Art: r.T("amt.step_" + s.Art), Who: who, Verfuegung: s.Verfuegung, Vermerk: s.Vermerk, Status: s.Status,
			At: instant(at), Due: dueOf(s.Frist, h.today, h.calendar), Signature: s.Art == akte.Mitzeichnung}
		if s.Status == akte.StepOpen {
			row.CanAnswer = akte.MayAnswer(tx, s) == nil
			row.CanWithdraw = edit
		}
		rows[i] = row
	}
	return rows, nil
}

func readNotes(tx *storage.Tx, r *web.Request, h house, id string) ([]noteRow, error) {
	notes, err := akte.Notizen(tx, id)
	if err != nil {
		return nil, err
	}
	rows := make([]noteRow, len(notes))
	for i, n := range notes {
		rows[i] = noteRow{Who: h.actor(r, n.AngelegtVon, n.ImAuftrag), Text: n.Text, At: instant(n.AngelegtAt)}
	}
	return rows, nil
}

func openWiedervorlagen(tx *storage.Tx, id string) ([]akte.Wiedervorlage, error) {
	all, err := akte.Wiedervorlagen(tx, id)
	if err != nil {
		return nil, err
	}
	var open []akte.Wiedervorlage
	for _, w := range all {
		if !w.Erledigt {
			open = append(open, w)
		}
	}
	return open, nil
}

// historyPage is the complete history of a Vorgang.
type historyPage struct {
	vorgangHead
	History []historyRow
	Next    string
}

func showHistory(w http.ResponseWriter, r *web.Request) error {
	page := &historyPage{}
	err := r.Read(func(tx *storage.Tx) error {
		h, err := page.readHead(tx, r, r.PathValue("id"), "verlauf")
		if err != nil {
			return err
		}
		next := ""
		page.History, next, err = readHistory(tx, r, h, page.V.ID, r.URL.Query().Get("seite"))
		page.Next = ""
		if next != "" {
			page.Next = "?seite=" + next
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "amt/verlauf", page)
}
