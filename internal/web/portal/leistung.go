package portal

import (
	"errors"
	"net/http"

	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// leistungPage is everything about one service.
type leistungPage struct {
	ui.Page
	Leistung leistung.Leistung
	Text     leistung.Text
	// TextLang is the lang attribute of Text where it differs from the page's, else empty.
	TextLang string
	// Online: a form is published; StartHref leads to it.
	Online    bool
	StartHref string
	// Unpublished: meant to be online, but the form is not there yet. OtherWay: another portal or authority does it.
	Unpublished, OtherWay bool
	Facts                 []ui.Fact
	// Identity says which proof of identity an online application needs, Signature whether a law demands one.
	Identity, Signature string
	// Einheit is the competent unit; nil when the town has none of that key.
	Einheit *contact
	Related []row
	// FeeSource says who sets the fee; shown with an amount that waits for the town's own statute.
	FeeSource string
	// Translation is shown under a text in another language that nobody has proof-read.
	Translation bool
}

// contact is whom to ask.
type contact struct {
	ui.Town // Phone and PhoneHref are the unit's
	Unit    string
	Room    string
}

func (h handlers) showLeistung(w http.ResponseWriter, r *web.Request) error {
	page := &leistungPage{}
	err := r.Read(func(tx *storage.Tx) error {
		l, related, err := h.Services.Describe(tx, r.Lang, r.PathValue("slug"))
		if err != nil {
			return err
		}
		if l.Hidden {
			return problem.NotFound
		}
		online, err := onlineSlugs(tx)
		if err != nil {
			return err
		}
		page.describe(r, l, online[l.Slug])
		page.Related = rows(r, related, online)
		page.Einheit, err = contactOf(tx, r.Town, l.Einheit)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "portal/leistung", page)
}

func (p *leistungPage) describe(r *web.Request, l leistung.Leistung, online bool) {
	text, lang := l.In(r.Lang)
	p.Leistung, p.Text, p.TextLang = l, text.At(r.Town.Name, r.Town.Official), langAttr(r, lang)
	p.Page = ui.Page{Title: p.Text.Title, Crumbs: crumbs(r)}
	if len(l.Lebenslagen) > 0 {
		lage := l.Lebenslagen[0]
		p.Crumbs = append(p.Crumbs, ui.Link{Text: r.T("portal.lage_" + keyPart(lage)), Href: "/lebenslagen/" + lage})
	}
	p.Online, p.StartHref = online, "/antrag/"+l.Slug
	p.Unpublished = l.Way == leistung.WayForm
	p.OtherWay = l.Way == leistung.WayFachverfahren || l.Way == leistung.WayElsewhere
	p.Translation = lang != i18n.De && !text.Proofread
	p.Facts = []ui.Fact{
		{Name: r.T("portal.fact_fee"), Value: p.Text.Fee.Value, Note: p.Text.Fee.Note},
		{Name: r.T("portal.fact_time"), Value: p.Text.Time.Value, Note: p.Text.Time.Note},
		{Name: r.T("portal.fact_deadline"), Value: p.Text.Deadline.Value, Note: p.Text.Deadline.Note},
		{Name: r.T("portal.fact_result"), Value: p.Text.Result.Value, Note: p.Text.Result.Note},
	}
	p.FeeSource = r.T("portal.fee_" + string(l.Gebuehr.Origin))
	p.Identity = r.T("portal.trust_" + string(l.Trust))
	p.Signature = signature(r, l.Schriftform)
}

// signature says whether a law demands written form, and what replaces it online.
func signature(r *web.Request, s leistung.Schriftform) string {
	switch {
	case !s.Required:
		return r.T("portal.signature_none")
	case len(s.ReplacedBy) == 0:
		return r.T("portal.signature_paper")
	}
	names := r.T("portal.substitute_" + string(s.ReplacedBy[0]))
	for _, by := range s.ReplacedBy[1:] {
		names = r.T("portal.or", names, r.T("portal.substitute_"+string(by)))
	}
	return r.T("portal.signature_replaced", names)
}

func contactOf(tx *storage.Tx, town ui.Town, key string) (*contact, error) {
	e, err := mandant.EinheitByKey(tx, key)
	if errors.Is(err, problem.NotFound) {
		return nil, nil // the page shows the town's own address in the footer
	}
	if err != nil {
		return nil, err
	}
	c := &contact{Town: town, Unit: e.Name, Room: e.Room}
	if e.Phone != "" {
		c.Phone = e.Phone
	}
	if e.Mail != "" {
		c.Mail = e.Mail
	}
	return c, nil
}

func exampleLeistung() *leistungPage {
	return &leistungPage{
		Leistung: leistung.Leistung{Slug: "hundesteuer-anmelden", LeiKa: "99102013104000", Fachverfahren: "Register", CheckedOn: "2026-11-20",
			Gebuehr: leistung.Gebuehr{Origin: leistung.OriginTown, Example: true}},
		Text: leistung.Text{Title: "Hund anmelden", Lead: "Kurz.", Start: "Los", Effort: "5 Minuten", Needs: []string{"Chip"}, NeedsNote: "Später.",
			WhoTitle: "Wer?", Who: []string{"Alle."}, Steps: []string{"Senden."}, Law: []string{"Satzung"}, Offline: "Nur hier.", Paper: "Brief.",
			Costs: &leistung.Costs{Title: "Kosten", Caption: "Je Jahr", Subject: "Hund", Amount: "Steuer", Rows: []leistung.Cost{{Name: "Erster", Amount: "96,00 €"}}}},
		TextLang: "de", Online: true, StartHref: "/antrag/hundesteuer-anmelden", Unpublished: true,
		Facts: []ui.Fact{{Name: "Gebühr", Value: "keine"}}, Identity: "Nein.", Signature: "Nein.", FeeSource: "Satzung", Translation: true,
		Einheit: &contact{Unit: "Steueramt", Room: "1.14", Town: ui.Town{Address: []string{"Marktplatz 1"}, Phone: "030 1", Mail: "a@b.example"}},
		Related: exampleRows(),
	}
}
