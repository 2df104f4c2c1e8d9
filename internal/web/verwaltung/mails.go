package verwaltung

import (
	"net/http"
	"net/url"
	"strings"

	"rathaus/internal/mail"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// mailsPage lists the outbox of the demo, where mails go nowhere else.
type mailsPage struct {
	ui.Page
	Rows []mail.Entry
	Next string
}

func showMails(w http.ResponseWriter, r *web.Request) error {
	page := &mailsPage{Page: ui.Page{Title: r.T("verwaltung.mails")}}
	err := r.Read(func(tx *storage.Tx) (err error) {
		page.Rows, err = mail.List(tx, r.URL.Query().Get("vor"))
		return err
	})
	if err != nil {
		return err
	}
	if n := len(page.Rows); n == mail.PageSize {
		page.Next = "/demo/mails?vor=" + escape(page.Rows[n-1].ID)
	}
	return r.Page(w, "verwaltung/mails", page)
}

// mailPage shows one mail as its reader would see it.
type mailPage struct {
	ui.Page
	Mail  mail.Entry
	Lines []ui.Link // without Href unless the line is an address of this site
}

func showMail(w http.ResponseWriter, r *web.Request) error {
	page := &mailPage{Page: ui.Page{Back: &ui.Link{Text: r.T("verwaltung.mails"), Href: "/demo/mails"}}}
	err := r.Read(func(tx *storage.Tx) (err error) {
		page.Mail, err = mail.Get(tx, r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	page.Title, page.Lines = page.Mail.Subject, linked(page.Mail.Text, r.Host)
	return r.Page(w, "verwaltung/mail", page)
}

// linked makes lines that are addresses of this site clickable, as a mail program would.
func linked(text, host string) []ui.Link {
	lines := strings.Split(text, "\n")
	out := make([]ui.Link, len(lines))
	for i, line := range lines {
		out[i].Text = line
		if u, err := url.Parse(strings.TrimSpace(line)); err == nil && u.Host == host && web.IsLocal(u.RequestURI()) {
			out[i].Href = u.RequestURI()
		}
	}
	return out
}

func firstMail(tx *storage.Tx) ([]string, error) {
	all, err := mail.List(tx, "")
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return []string{"/demo/mails/" + all[0].ID}, nil
}
