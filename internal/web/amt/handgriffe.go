package amt

import (
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// actPage is a small form for one act on a Vorgang: what is about to happen, the fields, one button.
type actPage struct {
	vorgangHead
	Act      string // names the catalogue keys amt.do_ACT_title, _lead, _submit
	Fields   []ui.Field
	Radios   []ui.Field
	Texts    []ui.Field
	Selects  []ui.Field
	Blockers []string
}

// act describes one small form: what it asks and what it does.
type act struct {
	name   string
	fields func(tx *storage.Tx, r *web.Request, h house, p *actPage) error
	do     func(tx *storage.Tx, r *web.Request, vorgangID string) error
	done   string // catalogue key of the notice
}

func (a act) show(w http.ResponseWriter, r *web.Request) error {
	page, err := a.page(r, nil)
	if err != nil {
		return err
	}
	return r.Page(w, "amt/handgriff", page)
}

// page builds the form; values are what was typed when it comes back refused.
func (a act) page(r *web.Request, problems problem.Fields) (*actPage, error) {
	page := &actPage{Act: a.name}
	err := r.Read(func(tx *storage.Tx) error {
		fresh := actPage{Act: a.name}
		h, err := fresh.readHead(tx, r, r.PathValue("id"), "")
		if err != nil {
			return err
		}
		if problems != nil {
			fresh.Problems, fresh.Values = r.Problems(problems), r.PostForm
		}
		fresh.Title = r.T("amt.do_" + a.name + "_title")
		fresh.Back = &ui.Link{Text: r.T("amt.back_to_vorgang"), Href: "/amt/vorgang/" + fresh.V.ID}
		fresh.Crumbs = nil
		if a.fields != nil {
			if err := a.fields(tx, r, h, &fresh); err != nil {
				return err
			}
		}
		*page = fresh
		return nil
	})
	return page, err
}

func (a act) post(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	err := r.Write(func(tx *storage.Tx) error { return a.do(tx, r, id) })
	if fields, ok := web.Fields(err); ok && a.fields != nil {
		page, err := a.page(r, fields)
		if err != nil {
			return err
		}
		return r.Problem(w, "amt/handgriff", page, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", a.done)
	if a.name == "weitergeben" { // perhaps no longer ours to see
		return r.Redirect(w, "/amt/")
	}
	return r.Redirect(w, "/amt/vorgang/"+id)
}

func (p *actPage) field(name, label string, options ...any) error {
	f, err := ui.NewField(p.Page, name, label, options...)
	p.Fields = append(p.Fields, f)
	return err
}

func (p *actPage) text(name, label string, options ...any) error {
	f, err := ui.NewField(p.Page, name, label, options...)
	p.Texts = append(p.Texts, f)
	return err
}

func (p *actPage) choice(name, label string, options []ui.Option) error {
	f, err := ui.NewField(p.Page, name, label, "options", options)
	p.Selects = append(p.Selects, f)
	return err
}

// typedDay reads a day as people type it ("3.11.2026") or as a date input sends it; empty is no day.
func typedDay(r *web.Request, name string) (clock.Date, error) {
	typed := r.PostFormValue(name)
	if typed == "" {
		return "", nil
	}
	if d, err := clock.ParseDate(typed); err == nil {
		return d, nil
	}
	d, err := clock.ParseGerman(typed)
	if err != nil {
		return "", problem.Fields{{Path: name, Key: "problem.date"}}
	}
	return d, nil
}

func takeOver(tx *storage.Tx, r *web.Request, id string) error {
	a, err := antrag.ByVorgang(tx, id)
	if err == nil {
		return antrag.TakeOver(tx, a.ID)
	}
	return akte.TakeOver(tx, id)
}

// acts lists the small forms of a Vorgang by the last part of their address.
func acts() []act {
	return []act{
		{name: "uebernehmen", done: "amt.taken_over", do: takeOver},
		{name: "zurueckgeben", done: "amt.given_back", do: func(tx *storage.Tx, r *web.Request, id string) error { return akte.GiveBack(tx, id) }},
		{name: "notiz", done: "amt.note_saved", fields: func(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
			return p.text("notiz", r.T("amt.note_internal"), "rows", 4)
		}, do: func(tx *storage.Tx, r *web.Request, id string) error {
			return akte.AddNotiz(tx, id, r.PostFormValue("notiz"))
		}},
		{name: "weitergeben", done: "amt.forwarded", fields: forwardFields, do: func(tx *storage.Tx, r *web.Request, id string) error {
			return akte.Forward(tx, id, r.PostFormValue("einheit"), r.PostFormValue("grund"))
		}},
		{name: "zuweisen", done: "amt.assigned", fields: assignFields, do: func(tx *storage.Tx, r *web.Request, id string) error {
			return akte.Assign(tx, id, r.PostFormValue("bearbeiter"))
		}},
		{name: "wiedervorlage", done: "amt.wiedervorlage_set", fields: func(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
			if err := p.field("am", r.T("amt.day"), "hint", r.T("amt.day_hint"), "width", "10", "inputmode", "numeric"); err != nil {
				return err
			}
			return p.field("grund", r.T("amt.reason_again"))
		}, do: func(tx *storage.Tx, r *web.Request, id string) error {
			day, err := typedDay(r, "am")
			if err != nil {
				return err
			}
			return akte.SetWiedervorlage(tx, id, day, r.PostFormValue("grund"))
		}},
		{name: "frist", done: "amt.deadline_set", fields: deadlineFields, do: func(tx *storage.Tx, r *web.Request, id string) error {
			day, err := typedDay(r, "frist")
			if err != nil {
				return err
			}
			return akte.SetFrist(tx, id, day, r.PostFormValue("grund"))
		}},
		{name: "beteiligen", done: "amt.step_ordered", fields: stepFields, do: orderStep},
		{name: "zda", done: "amt.closed", fields: closeFields, do: func(tx *storage.Tx, r *web.Request, id string) error { return akte.CloseVorgang(tx, id) }},
		{name: "oeffnen", done: "amt.reopened", fields: func(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
			return p.text("grund", r.T("amt.reason"), "rows", 3)
		}, do: func(tx *storage.Tx, r *web.Request, id string) error {
			return akte.ReopenVorgang(tx, id, r.PostFormValue("grund"))
		}},
	}
}

func forwardFields(_ *storage.Tx, r *web.Request, h house, p *actPage) error {
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, e := range h.order {
		if e.Active && e.ID != p.V.EinheitID {
			options = append(options, ui.Option{Value: e.ID, Text: e.Name})
		}
	}
	if err := p.choice("einheit", r.T("amt.forward_to"), options); err != nil {
		return err
	}
	return p.text("grund", r.T("amt.reason"), "rows", 3)
}

func assignFields(tx *storage.Tx, r *web.Request, _ house, p *actPage) error {
	people, err := konto.PeopleWith(tx, konto.EditVorgang, p.V.EinheitID)
	if err != nil {
		return err
	}
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, m := range people {
		options = append(options, ui.Option{Value: m.ID, Text: m.Name})
	}
	return p.choice("bearbeiter", r.T("amt.clerk"), options)
}

func deadlineFields(_ *storage.Tx, r *web.Request, _ house, p *actPage) error {
	value := ""
	if !p.V.Frist.IsZero() {
		value = p.V.Frist.Short()
	}
	if err := p.field("frist", r.T("amt.deadline"), "value", value, "hint", r.T("amt.day_hint"), "width", "10", "inputmode", "numeric", "optional", true); err != nil {
		return err
	}
	return p.text("grund", r.T("amt.reason"), "rows", 2, "optional", true)
}

// stepFields offers units for an opinion and signers for a co-signature in one list each.
func stepFields(tx *storage.Tx, r *web.Request, h house, p *actPage) error {
	if err := p.choice("art", r.T("amt.step_kind"), []ui.Option{
		{Value: akte.Stellungnahme, Text: r.T("amt.step_stellungnahme")}, {Value: akte.Mitzeichnung, Text: r.T("amt.step_mitzeichnung")}}); err != nil {
		return err
	}
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, e := range h.order {
		if e.Active {
			options = append(options, ui.Option{Value: "einheit:" + e.ID, Text: e.Name})
		}
	}
	for _, m := range h.staff {
		if m.Active {
			options = append(options, ui.Option{Value: "person:" + m.ID, Text: m.Name})
		}
	}
	if err := p.choice("adressat", r.T("amt.step_to"), options); err != nil {
		return err
	}
	if err := p.text("verfuegung", r.T("amt.step_what"), "rows", 3); err != nil {
		return err
	}
	return p.field("frist", r.T("amt.answer_until"), "hint", r.T("amt.day_hint"), "width", "10", "inputmode", "numeric", "optional", true)
}

func orderStep(tx *storage.Tx, r *web.Request, id string) error {
	due, err := typedDay(r, "frist")
	if err != nil {
		return err
	}
	ask := akte.Ask{Art: r.PostFormValue("art"), Verfuegung: r.PostFormValue("verfuegung"), Frist: due}
	to := r.PostFormValue("adressat")
	switch {
	case len(to) > 8 && to[:8] == "einheit:":
		ask.EinheitID = to[8:]
	case len(to) > 7 && to[:7] == "person:":
		ask.MitarbeiterID = to[7:]
	}
	_, err = akte.AddSchritt(tx, id, ask)
	return err
}

func closeFields(tx *storage.Tx, r *web.Request, _ house, p *actPage) error {
	keys, err := akte.CloseBlockers(tx, p.V.ID)
	if err != nil {
		return err
	}
	for _, key := range keys {
		p.Blockers = append(p.Blockers, r.T(key))
	}
	return nil
}
