package verwaltung

import (
	"rathaus/internal/mandant"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// profilForms are the pages over the town's profile, in the order of their tabs.
func profilForms() []profilForm {
	return []profilForm{townForm(), letterheadForm(), lookForm(), legalForm(), switchForm()}
}

func townForm() profilForm {
	return profilForm{path: "/verwaltung/stadt", name: "stadt", groups: []profilGroup{
		{fields: []profilField{
			text("name", "text", func(p *mandant.Profil) *string { return &p.Name }),
			text("official", "text", func(p *mandant.Profil) *string { return &p.Official }).hinted(),
			text("motto", "text", func(p *mandant.Profil) *string { return &p.Motto }).hinted().free(),
		}},
		{title: "verwaltung.address", fields: []profilField{
			text("street", "text", func(p *mandant.Profil) *string { return &p.Street }).free(),
			text("post_code", "text", func(p *mandant.Profil) *string { return &p.PostCode }).wide("4").free(),
			text("city", "text", func(p *mandant.Profil) *string { return &p.City }).free(),
		}},
		{title: "verwaltung.contact", fields: []profilField{
			text("phone", "tel", func(p *mandant.Profil) *string { return &p.Phone }).free(),
			text("fax", "tel", func(p *mandant.Profil) *string { return &p.Fax }).free(),
			text("mail", "email", func(p *mandant.Profil) *string { return &p.Mail }).free(),
			text("website", "url", func(p *mandant.Profil) *string { return &p.Website }).free(),
			text("base_url", "url", func(p *mandant.Profil) *string { return &p.BaseURL }).hinted().free(),
			text("hours", "textarea", func(p *mandant.Profil) *string { return &p.Hours }).hinted().free(),
		}},
	}}
}

func letterheadForm() profilForm {
	return profilForm{path: "/verwaltung/stadt/briefkopf", name: "briefkopf", groups: []profilGroup{
		{title: "verwaltung.bank", fields: []profilField{
			text("bank.name", "text", func(p *mandant.Profil) *string { return &p.Bank.Name }).free(),
			text("bank.iban", "text", func(p *mandant.Profil) *string { return &p.Bank.IBAN }).free(),
			text("bank.bic", "text", func(p *mandant.Profil) *string { return &p.Bank.BIC }).wide("10").free(),
			text("bank.holder", "text", func(p *mandant.Profil) *string { return &p.Bank.Holder }).hinted().free(),
			text("bank.creditor_id", "text", func(p *mandant.Profil) *string { return &p.Bank.CreditorID }).hinted().free(),
		}},
		{title: "verwaltung.signatory", fields: []profilField{
			text("signatory.name", "text", func(p *mandant.Profil) *string { return &p.Signatory.Name }).free(),
			text("signatory.office", "text", func(p *mandant.Profil) *string { return &p.Signatory.Office }).hinted().free(),
		}},
		{title: "verwaltung.court", fields: []profilField{
			text("court.name", "text", func(p *mandant.Profil) *string { return &p.Court.Name }).hinted().free(),
			text("court.street", "text", func(p *mandant.Profil) *string { return &p.Court.Street }).free(),
			text("court.post_code", "text", func(p *mandant.Profil) *string { return &p.Court.PostCode }).wide("4").free(),
			text("court.city", "text", func(p *mandant.Profil) *string { return &p.Court.City }).free(),
		}},
	}}
}

func lookForm() profilForm {
	crest := text("theme.crest", "select", func(p *mandant.Profil) *string { return &p.Theme.Crest })
	crest.options = func(r *web.Request) []ui.Option {
		var options []ui.Option
		for _, c := range mandant.Crests() {
			options = append(options, ui.Option{Value: c, Text: r.T("verwaltung.crest_" + c)})
		}
		return options
	}
	return profilForm{path: "/verwaltung/stadt/aussehen", name: "aussehen", groups: []profilGroup{{fields: []profilField{
		whole("theme.hue", func(p *mandant.Profil) *int { return &p.Theme.Hue }),
		decimal("theme.chroma", func(p *mandant.Profil) *float64 { return &p.Theme.Chroma }),
		whole("theme.accent_hue", func(p *mandant.Profil) *int { return &p.Theme.AccentHue }),
		decimal("theme.radius", func(p *mandant.Profil) *float64 { return &p.Theme.Radius }),
		crest,
	}}}}
}

func legalForm() profilForm {
	return profilForm{path: "/verwaltung/stadt/rechtstexte", name: "rechtstexte", groups: []profilGroup{{fields: []profilField{
		text("impressum", "textarea", func(p *mandant.Profil) *string { return &p.Impressum }).hinted().free(),
		text("datenschutz", "textarea", func(p *mandant.Profil) *string { return &p.Datenschutz }).hinted().free(),
		text("accessibility", "textarea", func(p *mandant.Profil) *string { return &p.Accessibility }).hinted().free(),
	}}}}
}

func switchForm() profilForm {
	return profilForm{path: "/verwaltung/stadt/schalter", name: "schalter", groups: []profilGroup{{fields: []profilField{
		tick("switches.second_factor_optional", func(p *mandant.Profil) *bool { return &p.Switches.SecondFactorOptional }),
		tick("switches.workload_per_person", func(p *mandant.Profil) *bool { return &p.Switches.WorkloadPerPerson }),
	}}}}
}
