package portal

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/i18n"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// sentPage confirms that the application has arrived.
type sentPage struct {
	ui.Page
	Service, Lang string
	Number        string
	Zeichen       string
	Code          string
	Unit          string
	Mail          bool // an acknowledgement goes to the address given
	Copy          *ui.FileItem
}

// codeShown is how long the page gives the code again; the session ends no later.
const codeShown = 4 * time.Hour

func (h handlers) showSent(w http.ResponseWriter, r *web.Request) error {
	number := r.URL.Query().Get("nummer")
	var e antrag.Einsicht
	err := r.Read(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, number, proof(r))
		if err != nil {
			return err
		}
		e, err = antrag.ForCitizen(tx, antragID)
		return err
	})
	if err != nil {
		return err
	}
	a := e.Antrag
	if a.Leistung != r.PathValue("slug") {
		return problem.NotFound
	}
	if !slices.Contains(r.Login.Antraege, a.ID) || r.Now().Sub(a.SubmittedAt) > codeShown {
		return r.Redirect(w, "/vorgang/"+a.Vorgangsnummer)
	}
	page := &sentPage{Page: ui.Page{Title: r.T("antragsformular.sent_title")}, Service: a.LeistungName, Number: a.Vorgangsnummer, Zeichen: a.Aktenzeichen,
		Code: h.Office.Code(r.Town.Key, a), Unit: e.Einheit, Mail: a.Applicant.Mail != "", Copy: copyOf(r, e)}
	if r.Lang != i18n.De {
		page.Lang = string(i18n.De)
	}
	return r.Page(w, "portal/antrag_gesendet", page)
}

// copyOf is the application as PDF: the first Dokument of the case.
func copyOf(r *web.Request, e antrag.Einsicht) *ui.FileItem {
	for _, d := range e.Dokumente {
		if d.Nummer == 1 && d.MediaType == "application/pdf" {
			return &ui.FileItem{Type: "PDF", Note: i18n.Size(r.Lang, d.Bytes),
				Link: ui.Link{Text: d.Titel, Href: "/vorgang/" + e.Antrag.Vorgangsnummer + "/dokument/" + strconv.FormatInt(d.Nummer, 10)}}
		}
	}
	return nil
}
