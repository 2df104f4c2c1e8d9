package amt

import (
	"bytes"
	"net/http"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// postPage is the print queue: letters to print, to post, and those posted today.
type postPage struct {
	ui.Page
	Waiting []letterRow
	Posted  []letterRow
	Today   string
	Day     clock.Date
}

type letterRow struct {
	ID, Betreff, Empfaenger, Einheit, Nummer, Art string
	VorgangID                                     string // empty where the person may not read the Vorgang
	QueuedAt, PrintedAt                           time.Time
	Bekanntgabe                                   clock.Date
	Undo                                          bool
}

func (p *postPage) read(tx *storage.Tx, r *web.Request) error {
	today := clock.DateOf(tx.Now())
	p.Title, p.Today, p.Day = r.T("amt.print_queue"), today.Short(), today
	waiting, err := antrag.Postausgang(tx)
	if err != nil {
		return err
	}
	posted, err := antrag.PostedOn(tx, today)
	if err != nil {
		return err
	}
	if p.Waiting, err = letterRows(tx, r, waiting, today); err != nil {
		return err
	}
	p.Posted, err = letterRows(tx, r, posted, today)
	return err
}

func letterRows(tx *storage.Tx, r *web.Request, list []antrag.Sendung, today clock.Date) ([]letterRow, error) {
	rows := make([]letterRow, len(list))
	readable := map[string]bool{}
	for i, s := range list {
		may, known := readable[s.EinheitID]
		if !known {
			var err error
			if may, err = konto.Has(tx, konto.ReadVorgang, s.EinheitID); err != nil {
				return nil, err
			}
			readable[s.EinheitID] = may
		}
		if !may {
			s.VorgangID = ""
		}
		rows[i] = letterRow{ID: s.ID, Betreff: s.Betreff, Empfaenger: s.Empfaenger, Einheit: s.Einheit, Nummer: s.Vorgangsnummer,
			VorgangID: s.VorgangID, Art: r.T("amt.letter_" + string(s.Art)), QueuedAt: s.QueuedAt, PrintedAt: s.PrintedAt, Bekanntgabe: s.Bekanntgabe,
			Undo: s.Bekanntgabe.IsZero() || today.Before(s.Bekanntgabe)}
	}
	return rows, nil
}

func showPost(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/post", &postPage{})
}

// printLetters joins the chosen letters into one PDF and notes that they have been printed.
func (h handlers) printLetters(w http.ResponseWriter, r *web.Request) error {
	ids := r.PostForm["sendung"]
	var run *antrag.Druck
	err := r.Read(func(tx *storage.Tx) (err error) { run, err = antrag.PlanDruck(tx, ids); return err })
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/post", &postPage{}, fields)
	}
	if err != nil {
		return err
	}
	data, err := h.office.Print(r.Context(), run, r.PostFormValue("duplex") == "ja")
	if err != nil {
		return err
	}
	if err := r.Write(func(tx *storage.Tx) error { return antrag.MarkPrinted(tx, ids) }); err != nil {
		return err
	}
	name := "briefe-" + clock.DateOf(r.Now()).String() + ".pdf"
	return r.SendFile(w, web.File{Name: name, MediaType: "application/pdf", Size: int64(len(data)), Content: bytes.NewReader(data)})
}

// post serves the one form of the queue: print, or note that the letters were handed to the post.
func (h handlers) post(w http.ResponseWriter, r *web.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if r.PostFormValue("tun") == "drucken" {
		return h.printLetters(w, r)
	}
	day, err := typedDay(r, "tag")
	if err == nil {
		err = r.Write(func(tx *storage.Tx) error { return antrag.MarkPosted(tx, r.PostForm["sendung"], day) })
	}
	if fields, ok := web.Fields(err); ok {
		return refuse(w, r, "amt/post", &postPage{}, fields)
	}
	if err != nil {
		return err
	}
	r.Notice(w, "success", "amt.posted")
	return r.Redirect(w, "/amt/post")
}

func undoPosted(w http.ResponseWriter, r *web.Request) error {
	if err := r.Write(func(tx *storage.Tx) error { return antrag.UndoPosted(tx, r.PathValue("id")) }); err != nil {
		return err
	}
	r.Notice(w, "success", "amt.post_undone")
	return r.Redirect(w, "/amt/post")
}
