package amt

import (
	"errors"
	"net/http"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// antragHead is what the pages of a Vorgang show when an application began it.
type antragHead struct {
	ID, Nummer    string
	MessageCount  string
	State         string
	Asked         bool // a Nachforderung is open
	Can           antragMay
	Draft         string // id of the Bescheid being drafted, or empty
	Bescheide     []bescheidRow
	Kanal         string
	Address       []string
	Mail          string
	ConsentAbruf  bool
	RemedyEnd     clock.Date
	Bekanntgabe   clock.Date
	BescheidState string
}

// bescheidRow leads to a Bescheid, the newest first.
type bescheidRow struct {
	ui.Link
	State       string
	Bekanntgabe clock.Date
	RemedyEnd   clock.Date
}

// antragMay says which acts the state of the application allows.
type antragMay struct{ Ask, Settle, Decide, Reopen, Correct, Message bool }

func (p *vorgangHead) readAntrag(tx *storage.Tx, r *web.Request) error {
	a, err := antrag.ByVorgang(tx, p.V.ID)
	if errors.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	messages, err := antrag.Messages(tx, a.ID)
	if err != nil {
		return err
	}
	work := p.May.Edit && p.V.Offen
	head := &antragHead{ID: a.ID, Nummer: a.Vorgangsnummer, MessageCount: r.T("amt.number", len(messages)), State: string(a.Stand.State),
		Asked: a.Stand.Asked, Kanal: r.T("amt.kanal_" + string(a.Kanal)), Address: a.Applicant.Lines(), Mail: a.Applicant.Mail, ConsentAbruf: a.ConsentAbruf,
		Can: antragMay{Ask: work && a.Stand.Allows(antrag.ActAsk), Settle: work && a.Stand.Allows(antrag.ActSettle),
			Decide: work && a.Stand.Allows(antrag.ActDecide), Reopen: p.May.Reopen && a.Stand.Allows(antrag.ActReopen),
			Correct: work && a.Stand.Allows(antrag.ActCorrect), Message: work && a.Stand.Allows(antrag.ActMessage)}}
	all, err := antrag.Bescheide(tx, a.ID)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.State != antrag.Verworfen {
			head.Bescheide = append(head.Bescheide, bescheidRow{Link: ui.Link{Text: r.T("amt.decision_" + string(b.Entscheidung)), Href: "/amt/bescheid/" + b.ID},
				State: r.T("amt.bescheid_" + string(b.State)), Bekanntgabe: b.Bekanntgabe, RemedyEnd: b.RemedyEnd})
		}
		if b.State == antrag.Entwurf && head.Draft == "" {
			head.Draft = b.ID
		}
		if b.State != antrag.Entwurf && b.State != antrag.Verworfen && head.BescheidState == "" {
			head.BescheidState, head.Bekanntgabe, head.RemedyEnd = string(b.State), b.Bekanntgabe, b.RemedyEnd
		}
	}
	p.Antrag = head
	if work && p.V.BearbeiterID != "" {
		switch {
		case head.Draft != "":
			p.Primary = &ui.Link{Text: r.T("amt.continue_draft"), Href: "/amt/bescheid/" + head.Draft}
		case head.Can.Decide:
			p.Primary = &ui.Link{Text: r.T("amt.decide"), Href: "/amt/vorgang/" + p.V.ID + "/entscheiden"}
		}
	}
	return nil
}

// messagesPage is the thread with the applicant.
type messagesPage struct {
	vorgangHead
	Messages []messageRow
}

type messageRow struct {
	Who, Text string
	At        time.Time
	Mine      bool
	Files     []docRow
	Asked     bool
	Until     clock.Date
	Open      bool
}

func (p *messagesPage) read(tx *storage.Tx, r *web.Request) error {
	if _, err := p.readHead(tx, r, r.PathValue("id"), "nachrichten"); err != nil {
		return err
	}
	if p.Antrag == nil {
		return problem.NotFound
	}
	list, err := antrag.Messages(tx, p.Antrag.ID)
	if err != nil {
		return err
	}
	rows := make([]messageRow, len(list))
	for i, m := range list {
		who := m.AuthorName
		if m.Richtung == antrag.Ein {
			who = p.V.Beteiligter
		}
		files, _ := docRows(m.Dokumente, "")
		rows[i] = messageRow{Who: who, Text: m.Text, At: m.CreatedAt, Mine: m.Richtung == antrag.Aus, Files: files}
		if n := m.Nachforderung; n != nil {
			rows[i].Asked, rows[i].Until, rows[i].Open = true, n.Frist, n.Open()
		}
	}
	p.Messages = rows
	return nil
}

func showMessages(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/nachrichten", &messagesPage{})
}

func sendMessage(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	err := r.Write(func(tx *storage.Tx) error {
		a, err := antrag.ByVorgang(tx, id)
		if err != nil {
			return err
		}
		return antrag.SendMessage(tx, a.ID, r.PostFormValue("nachricht"), nil)
	})
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/nachrichten", &messagesPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.message_sent")
	return r.Redirect(w, "/amt/vorgang/"+id+"/nachrichten")
}

// onAntrag runs an act of package antrag on the application of a Vorgang.
func onAntrag(do func(tx *storage.Tx, r *web.Request, a antrag.Antrag) error) func(*storage.Tx, *web.Request, string) error {
	return func(tx *storage.Tx, r *web.Request, vorgangID string) error {
		a, err := antrag.ByVorgang(tx, vorgangID)
		if err != nil {
			return err
		}
		return do(tx, r, a)
	}
}

// antragActs are the small forms that exist for applications only.
func antragActs() []act {
	return []act{
		{name: "nachfordern", done: "amt.asked", fields: func(_ *storage.Tx, r *web.Request, h house, p *actPage) error {
			if err := p.text("nachricht", r.T("amt.what_is_missing"), "rows", 6, "hint", r.T("amt.what_is_missing_hint")); err != nil {
				return err
			}
			return p.field("frist", r.T("amt.answer_until"), "value", h.calendar.NextWorkday(h.today.AddDays(14)).Short(),
				"hint", r.T("amt.day_hint"), "width", "10", "inputmode", "numeric")
		}, do: onAntrag(func(tx *storage.Tx, r *web.Request, a antrag.Antrag) error {
			until, err := typedDay(r, "frist")
			if err != nil {
				return err
			}
			return antrag.Ask(tx, a.ID, r.PostFormValue("nachricht"), until, nil)
		})},
		{name: "erledigen", done: "amt.settled", do: onAntrag(func(tx *storage.Tx, _ *web.Request, a antrag.Antrag) error { return antrag.Settle(tx, a.ID) })},
		{name: "berichtigen", done: "amt.corrected", fields: correctFields, do: onAntrag(correct)},
		{name: "abholcode", done: "amt.access_sent", fields: accessFields, do: onAntrag(renewAccess)},
		{name: "bescheid-oeffnen", done: "amt.decision_reopened", fields: func(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
			return p.text("grund", r.T("amt.reason"), "rows", 3)
		}, do: onAntrag(func(tx *storage.Tx, r *web.Request, a antrag.Antrag) error {
			return antrag.Reopen(tx, a.ID, r.PostFormValue("grund"))
		})},
	}
}

// correctable are the parts of the applicant a clerk may put right, by form name.
func correctable(a *antrag.Applicant) []struct {
	name string
	at   *string
} {
	return []struct {
		name string
		at   *string
	}{{"name", &a.Name}, {"organisation", &a.Organisation}, {"zusatz", &a.Addition}, {"strasse", &a.Street}, {"plz", &a.PostCode},
		{"ort", &a.City}, {"land", &a.Country}, {"mail", &a.Mail}, {"telefon", &a.Phone}}
}

func correctFields(tx *storage.Tx, r *web.Request, _ house, p *actPage) error {
	a, err := antrag.ByVorgang(tx, p.V.ID)
	if err != nil {
		return err
	}
	for _, f := range correctable(&a.Applicant) {
		if err := p.field(f.name, r.T("amt.applicant_"+f.name), "value", *f.at, "optional", f.name != "name"); err != nil {
			return err
		}
	}
	return p.text("grund", r.T("amt.reason"), "rows", 2)
}

func correct(tx *storage.Tx, r *web.Request, a antrag.Antrag) error {
	changed := a.Applicant
	for _, f := range correctable(&changed) {
		*f.at = r.PostFormValue(f.name)
	}
	return antrag.CorrectApplicant(tx, a.ID, changed, r.PostFormValue("grund"))
}

// accessFields offers the ways to let an applicant in again: a link by mail, or a letter with a new code.
func accessFields(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
	options := []ui.Option{{Text: r.T("ui.choose")}}
	if p.Antrag != nil && p.Antrag.Mail != "" {
		options = append(options, ui.Option{Value: "mail", Text: r.T("amt.access_mail")})
	}
	options = append(options, ui.Option{Value: "brief", Text: r.T("amt.access_letter")})
	return p.choice("weg", r.T("amt.way"), options)
}

func renewAccess(tx *storage.Tx, r *web.Request, a antrag.Antrag) error {
	switch r.PostFormValue("weg") {
	case "mail":
		return antrag.SendAccessLink(tx, a.ID)
	case "brief":
		return antrag.ReplaceCode(tx, a.ID)
	}
	return problem.Fields{{Path: "weg", Key: "problem.choice"}}
}
