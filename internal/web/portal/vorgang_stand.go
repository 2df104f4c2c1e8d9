package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/i18n"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// casePage is the state of an application as its applicant sees it: the result first, then what happened.
type casePage struct {
	ui.Page
	Number  string
	Service string
	Foreign bool // the name of the service is German on a page that is not
	Badge   ui.Badge
	Result  *caseResult
	Asked   clock.Date // last day to answer an open Nachforderung
	History []ui.Event
	Thread  []ui.Message
	Files   []ui.FileItem
	Unit    string
	// What the applicant may do now.
	CanWrite, CanAnswer, CanWithdraw, CanLink, CanSignIn bool
}

// caseResult is the outcome. Kind: "letter", "posted", "ready", "fetched", "withdrawn", "again".
type caseResult struct {
	Kind        string
	On          clock.Date // posted or retrieved
	Until       clock.Date // last day of retrieval
	Bekanntgabe clock.Date
	RemedyEnd   clock.Date
	Remedy      string
	SignedIn    bool // with the account the case is linked with
	File        *ui.FileItem
}

func (h handlers) showCase(w http.ResponseWriter, r *web.Request) error {
	page, err := readCase(r)
	if err != nil {
		return err
	}
	return r.Page(w, "portal/vorgang_stand", page)
}

// readCase resolves the number among the session's cases and builds the page.
func readCase(r *web.Request) (*casePage, error) {
	var e antrag.Einsicht
	err := r.Read(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
		if err != nil {
			return err
		}
		e, err = antrag.ForCitizen(tx, antragID)
		return err
	})
	if err != nil {
		return nil, err
	}
	a := e.Antrag
	page := &casePage{Page: ui.Page{Title: a.LeistungName, Crumbs: []ui.Link{{Text: r.T("vorgang.open_title"), Href: "/vorgang"}}},
		Number: a.Vorgangsnummer, Service: a.LeistungName, Foreign: r.Lang == i18n.En, Badge: caseBadge(r, a), Unit: e.Einheit,
		CanWrite: a.Stand.Allows(antrag.ActMessage), CanAnswer: a.Stand.Allows(antrag.ActAnswer), CanWithdraw: a.Stand.Allows(antrag.ActWithdraw),
		CanLink: a.BuergerID == "" && r.Login.Account != "", CanSignIn: a.BuergerID == "" && r.Login.Account == ""}
	if e.Offen != nil {
		page.Asked = e.Offen.Frist
	}
	page.Files = caseFiles(r, a.Vorgangsnummer, e.Dokumente)
	page.Result = resultOf(r, e, page.Files)
	page.History = historyOf(r, e)
	page.Thread = threadOf(r, e)
	return page, nil
}

func caseBadge(r *web.Request, a antrag.Antrag) ui.Badge {
	switch {
	case a.Stand.Asked:
		return ui.Badge{Kind: "warning", Text: r.T("antrag.state_nachforderung")}
	case a.Stand.State == antrag.Entschieden:
		return ui.Badge{Kind: "success", Text: r.T("vorgang.decided_on", clock.DateOf(a.DecidedAt))}
	default:
		return ui.Badge{Kind: "info", Text: r.T(stateKey(a.Stand))}
	}
}

func resultOf(r *web.Request, e antrag.Einsicht, files []ui.FileItem) *caseResult {
	a, b := e.Antrag, e.Bescheid
	if a.Stand.State == antrag.Zurueckgezogen {
		return &caseResult{Kind: "withdrawn"}
	}
	if b == nil {
		return nil
	}
	res := &caseResult{Kind: "letter", On: b.StartedOn, Until: b.FetchUntil, Bekanntgabe: b.Bekanntgabe, RemedyEnd: b.RemedyEnd, Remedy: e.Rechtsbehelf,
		SignedIn: r.Login.Account != "" && r.Login.Account == a.BuergerID}
	switch {
	case b.State == antrag.Versandt:
		res.Kind = "posted"
	case b.State == antrag.Abgerufen:
		res.Kind, res.On = "fetched", clock.DateOf(b.FetchedAt)
		for i, d := range e.Dokumente {
			if d.ID == b.DokumentID {
				res.File = &files[i]
			}
		}
	case b.Weg == antrag.WegAbruf:
		res.Kind = "ready"
	}
	if a.Stand.State != antrag.Entschieden {
		res.Kind = "again"
	}
	return res
}

// historyOf writes the history, newest first, with the days still to come above it.
func historyOf(r *web.Request, e antrag.Einsicht) []ui.Event {
	today := clock.DateOf(r.Now())
	var coming []ui.Event
	ahead := func(day clock.Date, key string) {
		if day.After(today) {
			coming = append(coming, ui.Event{State: ui.Open, Day: day, Title: r.T(key)})
		}
	}
	if e.Offen != nil {
		ahead(e.Offen.Frist, "vorgang.ev_answer_by")
	} else if !e.Antrag.Stand.Final() {
		ahead(e.Antrag.Vorgang.Frist, "vorgang.ev_due")
	}
	if b := e.Bescheid; b != nil {
		ahead(b.Bekanntgabe, "vorgang.ev_announced")
		if b.State == antrag.Freigegeben {
			ahead(b.FetchUntil, "vorgang.ev_fetch_by")
		}
	}
	slices.SortFunc(coming, func(a, b ui.Event) int { return cmp.Compare(b.Day, a.Day) })
	out := coming
	for i, x := range e.Verlauf {
		ev := ui.Event{State: ui.Done, Time: x.At, Title: r.T("antrag.act_" + x.Act)}
		if i == 0 {
			ev.State = ui.Now
		}
		out = append(out, ev)
	}
	return out
}

func threadOf(r *web.Request, e antrag.Einsicht) []ui.Message {
	out := make([]ui.Message, 0, len(e.Nachrichten))
	for _, n := range e.Nachrichten {
		m := ui.Message{From: n.AuthorName, Mine: n.Richtung == antrag.Ein, At: n.CreatedAt, Lines: strings.Split(strings.ReplaceAll(n.Text, "\r\n", "\n"), "\n"),
			Files: caseFiles(r, e.Antrag.Vorgangsnummer, n.Dokumente)}
		if m.Mine {
			m.From = r.T("vorgang.you")
		}
		out = append(out, m)
	}
	return out
}

func caseFiles(r *web.Request, number string, docs []akte.Dokument) []ui.FileItem {
	out := make([]ui.FileItem, 0, len(docs))
	for _, d := range docs {
		out = append(out, ui.FileItem{Type: fileKind(d.MediaType),
			Link: ui.Link{Text: d.Titel, Href: "/vorgang/" + number + "/dokument/" + strconv.FormatInt(d.Nummer, 10)},
			Note: r.T("vorgang.doc_note", clock.DateOf(storage.Time(d.AngelegtAt)), fileKind(d.MediaType), i18n.Size(r.Lang, d.Bytes))})
	}
	return out
}

func fileKind(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "image/jpeg":
		return "JPEG"
	case "image/png":
		return "PNG"
	case "application/json":
		return "JSON"
	}
	return "TXT"
}

// caseExamples finds cases whose pages exist; sessions in tests that walk all pages have opened them.
func caseExamples(suffix string) func(*storage.Tx) ([]string, error) {
	return func(tx *storage.Tx) ([]string, error) {
		numbers, err := antrag.ExampleNumbers(tx)
		for i := range numbers {
			numbers[i] = "/vorgang/" + numbers[i] + suffix
		}
		return numbers, err
	}
}

func exampleCase() *casePage {
	at := time.Date(2026, 11, 17, 13, 5, 0, 0, time.UTC)
	file := ui.FileItem{Link: ui.Link{Text: "Bescheid", Href: "/vorgang/WB-7K4M-92QX/dokument/4"}, Type: "PDF", Note: "17.11.2026, PDF, 84 kB"}
	return &casePage{Number: "WB-7K4M-92QX", Service: "Hund anmelden", Foreign: true, Badge: ui.Badge{Kind: "success", Text: "Entschieden am 17.11.2026"},
		Result: &caseResult{Kind: "fetched", On: "2026-11-17", Until: "2026-11-27", Bekanntgabe: "2026-11-18", RemedyEnd: "2026-12-18", Remedy: "Widerspruch", SignedIn: true, File: &file},
		Asked:  "2026-12-01", Unit: "Steueramt",
		History:  []ui.Event{{State: ui.Open, Day: "2026-11-18", Title: "Bekannt gegeben"}, {State: ui.Now, Time: at, Title: "Abgerufen"}, {State: ui.Done, Time: at, Title: "Eingegangen"}},
		Thread:   []ui.Message{{From: "Steueramt", At: at, Lines: []string{"Guten Tag"}}, {From: "Sie", Mine: true, At: at, Lines: []string{"Gern"}, Files: []ui.FileItem{file}}},
		Files:    []ui.FileItem{file},
		CanWrite: true, CanAnswer: true, CanWithdraw: true, CanLink: true, CanSignIn: true}
}
