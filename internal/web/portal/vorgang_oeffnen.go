package portal

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

// openCasePage asks for number and code, and lists the cases that are open already.
type openCasePage struct {
	ui.Page
	Next     string // where the person wanted to go
	SignedIn bool
	Account  bool
	Cases    []caseRow
}

// caseRow is a line in the list of cases.
type caseRow struct {
	ui.Link
	Number string
	State  ui.State
	On     clock.Date
}

func newOpenCase(r *web.Request) (*openCasePage, error) {
	page := &openCasePage{Page: ui.Page{Title: r.T("vorgang.open_title")}, SignedIn: r.Login.Kind == web.CitizenLogin, Account: r.Login.Account != ""}
	if next := r.FormValue("weiter"); web.IsLocal(next) {
		page.Next = next
	}
	if !page.SignedIn {
		return page, nil
	}
	var list []antrag.Kurz
	err := r.Read(func(tx *storage.Tx) (err error) { list, err = antrag.Cases(tx, proof(r)); return err })
	for _, k := range list {
		page.Cases = append(page.Cases, caseRow{Link: ui.Link{Text: k.LeistungName, Href: "/vorgang/" + k.Vorgangsnummer},
			Number: k.Vorgangsnummer, State: caseState(r, k.Stand), On: clock.DateOf(k.SubmittedAt)})
	}
	return page, err
}

// stateKey names the state of a case for the applicant.
func stateKey(s antrag.Stand) string {
	if s.Asked {
		return "antrag.state_nachforderung"
	}
	return "antrag.state_" + string(s.State)
}

func caseState(r *web.Request, s antrag.Stand) ui.State {
	kind := map[antrag.State]string{antrag.Eingereicht: "new", antrag.InBearbeitung: "work", antrag.Entschieden: "done", antrag.Zurueckgezogen: "done"}[s.State]
	if s.Asked {
		kind = "wait"
	}
	return ui.State{Kind: kind, Text: r.T(stateKey(s))}
}

func (h handlers) showOpenCase(w http.ResponseWriter, r *web.Request) error {
	page, err := newOpenCase(r)
	if err != nil {
		return err
	}
	return r.Page(w, "portal/vorgang_oeffnen", page)
}

// openCase checks number and code. A wrong pair says so without telling which of the two is wrong.
func (h handlers) openCase(w http.ResponseWriter, r *web.Request) error {
	number, code := r.PostFormValue("nummer"), r.PostFormValue("code")
	var fields problem.Fields
	if number == "" {
		fields.Add("nummer", "problem.required")
	}
	if code == "" {
		fields.Add("code", "problem.required")
	}
	antragID := ""
	if len(fields) == 0 {
		try, err := h.Gate.TryOpen(r.Town.Key, origin(r))
		if err != nil {
			return throttled(err)
		}
		err = r.Read(func(tx *storage.Tx) (err error) { antragID, err = h.Office.VerifyCode(tx, number, code); return err })
		switch {
		case errors.Is(err, antrag.ErrCode):
			fields.Add("code", "vorgang.code_wrong")
		case err != nil:
			return err
		default:
			try.Succeeded()
		}
	}
	if len(fields) > 0 {
		page, err := newOpenCase(r)
		if err != nil {
			return err
		}
		return r.Problem(w, "portal/vorgang_oeffnen", page, fields)
	}
	return h.startCase(w, r, antragID)
}

// caseRoutes are the pages of an applicant's case; everything below its number needs a session that has proven access.
func (h handlers) caseRoutes(m *web.Mux) {
	m.Handle("GET /vorgang", web.Public, h.showOpenCase)
	m.Handle("POST /vorgang", web.Public, h.openCase)
	m.Handle("POST /vorgang/abmelden", web.Public, h.signOut)
	m.Handle("GET /abholcode-verloren", web.Public, h.showLostCode)
	m.Handle("POST /abholcode-verloren", web.Public, h.lostCode).Limit(5, 5*time.Minute)
	m.Handle("GET /zugang/{code}", web.Public, h.showAccess).Example("/zugang/beispiel")
	m.Handle("POST /zugang/{code}", web.Public, h.openAccess).Limit(10, time.Minute)
	m.Handle("GET /konto/anmelden", web.Public, h.showSignIn)
	m.Handle("POST /konto/anmelden", web.Public, h.requestSignIn).Limit(5, 5*time.Minute)
	m.Handle("GET /konto/anmelden/{code}", web.Public, h.showConfirmSignIn).Example("/konto/anmelden/beispiel")
	m.Handle("POST /konto/anmelden/{code}", web.Public, h.confirmSignIn).Limit(10, time.Minute)

	m.Handle("GET /vorgang/{nummer}", web.Citizen, h.showCase).ExampleFrom(caseExamples(""))
	m.Handle("POST /vorgang/{nummer}/nachricht", web.Citizen, h.writeMessage).Body(maxUpload)
	m.Handle("GET /vorgang/{nummer}/zurueckziehen", web.Citizen, h.showWithdraw).ExampleFrom(caseExamples("/zurueckziehen"))
	m.Handle("POST /vorgang/{nummer}/zurueckziehen", web.Citizen, h.withdraw)
	m.Handle("POST /vorgang/{nummer}/bescheid", web.Citizen, h.fetchBescheid)
	m.Handle("POST /vorgang/{nummer}/verbinden", web.Citizen, h.linkAccount)
	m.Handle("GET /vorgang/{nummer}/dokument/{nr}", web.Citizen, h.sendDokument).ExampleFrom(caseExamples("/dokument/1"))
}

// casePages are examples of the pages above.
func casePages() web.Pages {
	return web.Pages{
		"vorgang_oeffnen": &openCasePage{Next: "/vorgang/WB-7K4M-92QX", SignedIn: true, Account: true, Cases: []caseRow{{Link: ui.Link{Text: "Hund anmelden", Href: "/vorgang/WB-7K4M-92QX"},
			Number: "WB-7K4M-92QX", State: ui.State{Kind: "work", Text: "In Bearbeitung"}, On: "2026-11-07"}}},
		"vorgang_verloren":      &lostCodePage{},
		"vorgang_zugang":        &accessPage{},
		"konto_anmelden":        &signInPage{Next: "/vorgang"},
		"konto_bestaetigen":     &accessPage{},
		"vorgang_stand":         exampleCase(),
		"vorgang_zurueckziehen": &withdrawPage{Number: "WB-7K4M-92QX", Service: "Hund anmelden"},
	}
}
