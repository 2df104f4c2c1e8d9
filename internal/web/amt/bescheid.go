package amt

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"rathaus/internal/antrag"
	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// decidePage asks for the outcome before a draft is made.
type decidePage struct {
	vorgangHead
	Options []ui.Option
}

func (p *decidePage) read(tx *storage.Tx, r *web.Request) error {
	if _, err := p.readHead(tx, r, r.PathValue("id"), ""); err != nil {
		return err
	}
	if p.Antrag == nil {
		return problem.NotFound
	}
	options := make([]ui.Option, len(antrag.Entscheidungen()))
	for i, e := range antrag.Entscheidungen() {
		options[i] = ui.Option{Value: string(e), Text: r.T("amt.decision_" + string(e))}
	}
	p.Options = options
	p.Title, p.Crumbs = r.T("amt.decide"), nil
	p.Back = &ui.Link{Text: r.T("amt.back_to_vorgang"), Href: "/amt/vorgang/" + p.V.ID}
	return nil
}

func showDecide(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/entscheiden", &decidePage{})
}

func decide(w http.ResponseWriter, r *web.Request) error {
	var draft antrag.Bescheid
	err := r.Write(func(tx *storage.Tx) error {
		a, err := antrag.ByVorgang(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		draft, err = antrag.Decide(tx, a.ID, antrag.Entscheidung(r.PostFormValue("entscheidung")))
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/entscheiden", &decidePage{}, fields)
	}
	if err != nil {
		return err
	}
	return r.Redirect(w, "/amt/bescheid/"+draft.ID)
}

// bescheidPage is a Bescheid: a draft to be written, or what became of it.
type bescheidPage struct {
	vorgangHead
	B         antrag.Bescheid
	Betrag    string
	Faellig   string
	Wege      []ui.Option
	Signers   []ui.Option
	Step      *stepRow
	Missing   string // why it cannot be released yet, as the clerk reads it
	FourEyes  bool
	CanRecall bool
	Bausteine []antrag.Textblock
	State     string
	Outcome   string
	Notes     []string
}

func (p *bescheidPage) read(tx *storage.Tx, r *web.Request) error {
	b, err := antrag.GetBescheid(tx, r.PathValue("id"))
	if err != nil {
		return err
	}
	a, err := antrag.Get(tx, b.AntragID)
	if err != nil {
		return err
	}
	h, err := p.readHead(tx, r, a.VorgangID, "")
	if err != nil {
		return err
	}
	p.B, p.State, p.Outcome = b, r.T("amt.bescheid_"+string(b.State)), r.T("amt.decision_"+string(b.Entscheidung))
	p.Title, p.Crumbs = r.T("amt.bescheid"), nil
	p.Back = &ui.Link{Text: r.T("amt.back_to_vorgang"), Href: "/amt/vorgang/" + p.V.ID}
	if b.Gebuehr.Cents > 0 {
		p.Betrag = strings.ReplaceAll(strconv.FormatFloat(float64(b.Gebuehr.Cents)/100, 'f', 2, 64), ".", ",")
		p.Faellig = b.Gebuehr.Faellig.Short()
	}
	p.Wege = []ui.Option{{Value: string(antrag.WegBrief), Text: r.T("amt.way_letter")}, {Value: string(antrag.WegAbruf), Text: r.T("amt.way_retrieval")}}
	p.CanRecall = p.May.Edit && b.State == antrag.Freigegeben
	if b.State != antrag.Entwurf {
		return nil
	}
	return p.readDraft(tx, r, h, a)
}

// readDraft adds what only a draft has: text blocks, who may co-sign, what is still missing.
func (p *bescheidPage) readDraft(tx *storage.Tx, r *web.Request, h house, a antrag.Antrag) error {
	v, err := antrag.VorlageFor(tx, a.Leistung, p.B.Entscheidung)
	if err != nil {
		return err
	}
	p.Bausteine = v.Textbloecke
	signers, err := konto.PeopleWith(tx, konto.SignVorgang, p.V.EinheitID)
	if err != nil {
		return err
	}
	options := []ui.Option{{Text: r.T("ui.choose")}}
	for _, m := range signers {
		options = append(options, ui.Option{Value: m.ID, Text: m.Name})
	}
	p.Signers = options
	step, err := antrag.Mitzeichnung(tx, p.B, p.V.ID)
	if err != nil {
		return err
	}
	if step != nil {
		rows, err := readSteps(tx, r, h, p.V, false)
		if err != nil {
			return err
		}
		p.Step = &rows[step.Nummer-1]
	}
	_, err = antrag.PlanRelease(tx, p.B.ID)
	p.Missing = reason(r, err)
	return nil
}

func showBescheid(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/bescheid", &bescheidPage{})
}

// saveDraft stores the draft and, if asked for, goes on to the Mitzeichnung or the release.
func saveDraft(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	edit, fields := draftOf(r)
	err := fields.Err()
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error { _, err := antrag.SaveDraft(tx, id, edit); return err })
	}
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/bescheid", &bescheidPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.draft_saved")
	return r.Redirect(w, "/amt/bescheid/"+id)
}

// draftOf reads the form of a draft.
func draftOf(r *web.Request) (antrag.BescheidEdit, problem.Fields) {
	var p problem.Fields
	edit := antrag.BescheidEdit{Weg: antrag.Weg(r.PostFormValue("weg")), Text: antrag.BescheidText{Titel: r.PostFormValue("titel"),
		Tenor: r.PostFormValue("tenor"), Begruendung: r.PostFormValue("begruendung"), Hinweise: r.PostFormValue("hinweise")}}
	edit.Version, _ = strconv.ParseInt(r.PostFormValue("version"), 10, 64) // no number is no version: a Conflict follows
	cents, err := parseMoney(r.PostFormValue("gebuehr"))
	if err != nil {
		p.Add("gebuehr", "problem.money")
	}
	due, err := typedDay(r, "faellig")
	if err != nil {
		p.Add("faellig", "problem.date")
	}
	edit.Gebuehr = antrag.Gebuehr{Titel: r.PostFormValue("gebuehr_titel"), Cents: cents, Kassenzeichen: r.PostFormValue("kassenzeichen"), Faellig: due}
	return edit, p
}

// parseMoney reads "1.234,56", "12,5", "12" or "" (nothing) as cents.
func parseMoney(s string) (int64, error) {
	s = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(s), " ", ""), ".", ""), "€")
	if s == "" {
		return 0, nil
	}
	euros, cents, _ := strings.Cut(s, ",")
	if len(cents) > 2 {
		return 0, strconv.ErrSyntax
	}
	cents += strings.Repeat("0", 2-len(cents))
	n, err := strconv.ParseUint(euros+cents, 10, 40)
	return int64(n), err
}

// reason is the text of a Conflict as the clerk reads it, "" for none.
func reason(r *web.Request, err error) string {
	var e *problem.Explained
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return r.T(e.Key, e.Args...)
	}
	return r.T("amt.not_ready")
}

func askSignature(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	due, err := typedDay(r, "frist")
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error {
			if r.PostFormValue("person") == "" {
				return problem.Fields{{Path: "person", Key: "problem.choice"}}
			}
			return antrag.AskMitzeichnung(tx, id, r.PostFormValue("person"), "", due)
		})
	}
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/bescheid", &bescheidPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.signature_asked")
	return r.Redirect(w, "/amt/bescheid/"+id)
}

// release checks, sets and files the letter; it leaves on paper or is provided for retrieval.
func (h handlers) release(w http.ResponseWriter, r *web.Request) error {
	var plan *antrag.Freigabe
	err := r.Read(func(tx *storage.Tx) (err error) { plan, err = antrag.PlanRelease(tx, r.PathValue("id")); return err })
	if err != nil {
		return err
	}
	if err := h.office.PrepareRelease(r.Context(), plan); err != nil {
		return err
	}
	var released antrag.Bescheid
	var a antrag.Antrag
	err = r.Write(func(tx *storage.Tx) (err error) {
		if released, err = antrag.Release(tx, plan); err != nil {
			return err
		}
		a, err = antrag.Get(tx, released.AntragID)
		return err
	})
	if err != nil {
		return err
	}
	if released.Weg == antrag.WegAbruf {
		r.Notice(w, "success", "amt.released_retrieval")
	} else {
		r.Notice(w, "success", "amt.released_letter")
	}
	return r.Redirect(w, "/amt/vorgang/"+a.VorgangID)
}

func dropDraft(w http.ResponseWriter, r *web.Request) error {
	var vorgangID string
	err := r.Write(func(tx *storage.Tx) error {
		b, err := antrag.GetBescheid(tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		a, err := antrag.Get(tx, b.AntragID)
		if err != nil {
			return err
		}
		vorgangID = a.VorgangID
		return antrag.DropDraft(tx, b.ID)
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.draft_dropped")
	return r.Redirect(w, "/amt/vorgang/"+vorgangID)
}

func recall(w http.ResponseWriter, r *web.Request) error {
	var draft antrag.Bescheid
	err := r.Write(func(tx *storage.Tx) (err error) {
		draft, err = antrag.Recall(tx, r.PathValue("id"), r.PostFormValue("grund"))
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/bescheid", &bescheidPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.recalled")
	return r.Redirect(w, "/amt/bescheid/"+draft.ID)
}

// previewBescheid shows the letter of a draft as PDF.
func (h handlers) previewBescheid(w http.ResponseWriter, r *web.Request) error {
	var brief antrag.Brief
	err := r.Read(func(tx *storage.Tx) (err error) { brief, err = antrag.Preview(tx, r.PathValue("id")); return err })
	if err != nil {
		return err
	}
	data, err := brief.PDF(h.office.Fonts)
	if err != nil {
		return err
	}
	return r.SendFile(w, web.File{Name: "entwurf.pdf", MediaType: "application/pdf", Size: int64(len(data)), Content: bytes.NewReader(data), Inline: true})
}

// findLetter tells the co-signer where the letter can be read.
func (p *stepPage) findLetter(tx *storage.Tx, stepID string) error {
	if p.Antrag == nil {
		return nil
	}
	all, err := antrag.Bescheide(tx, p.Antrag.ID)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.SchrittID == stepID {
			p.Letter = "/amt/bescheid/" + b.ID + "/vorschau"
		}
	}
	return nil
}
