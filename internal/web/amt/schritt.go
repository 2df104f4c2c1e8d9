package amt

import (
	"fmt"
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// stepPage is where the addressee answers a Beteiligungsschritt.
type stepPage struct {
	vorgangHead
	Step    stepRow
	Ordered string // who ordered it
	Refuse  bool   // a co-signature can be refused
	Options []ui.Option
	Letter  string // address of the letter to be co-signed, or empty
}

func showStep(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/schritt", &stepPage{})
}

func (p *stepPage) read(tx *storage.Tx, r *web.Request) error {
	h, err := p.readHead(tx, r, r.PathValue("id"), "")
	if err != nil {
		return err
	}
	steps, err := akte.Schritte(tx, p.V.ID)
	if err != nil {
		return err
	}
	rows, err := readSteps(tx, r, h, p.V, p.May.Edit)
	if err != nil {
		return err
	}
	for i, s := range steps {
		if s.ID != r.PathValue("schritt") {
			continue
		}
		p.Step, p.Ordered, p.Refuse = rows[i], h.actor(r, s.Ersteller, ""), s.Art == akte.Mitzeichnung
		p.Title, p.Crumbs = p.Step.Art, nil
		p.Back = &ui.Link{Text: r.T("amt.back_to_vorgang"), Href: "/amt/vorgang/" + p.V.ID}
		p.Options = []ui.Option{{Value: akte.StepDone, Text: r.T("amt.sign_yes")}, {Value: akte.StepRefused, Text: r.T("amt.sign_no")}}
		return p.findLetter(tx, s.ID)
	}
	return fmt.Errorf("schritt %s of vorgang %s: %w", r.PathValue("schritt"), p.V.ID, problem.NotFound)
}

func answerStep(w http.ResponseWriter, r *web.Request) error {
	status := r.PostFormValue("ergebnis")
	if status == "" {
		status = akte.StepDone
	}
	err := r.Write(func(tx *storage.Tx) error {
		return akte.AnswerSchritt(tx, r.PathValue("schritt"), status, r.PostFormValue("vermerk"))
	})
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/schritt", &stepPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.step_answered")
	return r.Redirect(w, "/amt/vorgang/"+r.PathValue("id"))
}

func withdrawStep(w http.ResponseWriter, r *web.Request) error {
	if err := r.Write(func(tx *storage.Tx) error { return akte.WithdrawSchritt(tx, r.PathValue("schritt")) }); err != nil {
		return err
	}
	r.Notice(w, "success", "amt.step_withdrawn")
	return r.Redirect(w, "/amt/vorgang/"+r.PathValue("id"))
}

func settleWiedervorlage(w http.ResponseWriter, r *web.Request) error {
	id := r.PathValue("id")
	if err := r.Write(func(tx *storage.Tx) error { return akte.SettleWiedervorlage(tx, id, r.PathValue("wv")) }); err != nil {
		return err
	}
	r.Notice(w, "success", "amt.wiedervorlage_done")
	return r.Redirect(w, "/amt/vorgang/"+id)
}
