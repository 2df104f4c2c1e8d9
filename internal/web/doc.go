// Package web is the server of all pages: host name to Mandant, sessions, access, limits, headers, rendering and the
// one place that turns an error into an answer. The pages themselves live in the packages below, one per audience.
//
// # A page in three steps
//
// internal/web/portal/vorgang_zurueckziehen.go, beside vorgang_zurueckziehen.html:
//
//	// withdrawPage asks before an application is withdrawn.
//	type withdrawPage struct {
//		ui.Page
//		Vorgangsnummer string
//		Leistung       string
//	}
//
//	func showWithdraw(w http.ResponseWriter, r *web.Request) error {
//		page := &withdrawPage{Page: ui.Page{Title: r.T("portal.withdraw_title")}}
//		err := r.Read(func(tx *storage.Tx) error {
//			a, err := antrag.ForCitizen(tx, r.Login.Antraege[0])
//			if err != nil {
//				return err // not found and forbidden become 404, all by themselves
//			}
//			page.Vorgangsnummer, page.Leistung = a.Vorgangsnummer, a.LeistungName // assign, never append: fn may run twice
//			return nil
//		})
//		if err != nil {
//			return err
//		}
//		return r.Page(w, "portal/vorgang_zurueckziehen", page)
//	}
//
//	func withdraw(w http.ResponseWriter, r *web.Request) error {
//		err := r.Write(func(tx *storage.Tx) error {
//			return antrag.Withdraw(tx, r.Login.Antraege[0], r.PostFormValue("grund"))
//		})
//		if fields, ok := web.Fields(err); ok { // form problems: 422, same page, what was typed is kept
//			return r.Problem(w, "portal/vorgang_zurueckziehen", &withdrawPage{Page: ui.Page{Title: r.T("portal.withdraw_title")}}, fields)
//		}
//		if err != nil {
//			return err
//		}
//		r.Notice(w, "success", "portal.withdrawn")
//		return r.Redirect(w, "/vorgang/stand")
//	}
//
// The template; t, th, n are bound to the page's language, field keeps what was typed:
//
//	{{template "top" .Page}}{{template "head" .Page}}
//	<h1>{{t "portal.withdraw_title"}}</h1>
//	<p class="lead">{{t "portal.withdraw_lead" .Leistung}}</p>
//	<form class="form block" method="post" novalidate>
//	{{template "errors" .Page}}
//	{{template "textarea" (field .Page "grund" (t "portal.withdraw_reason") "optional" true)}}
//	<div class="button-row">{{template "submit" (t "portal.withdraw_submit")}}</div>
//	</form>
//	{{template "foot"}}{{template "bottom" .Page}}
//
// routes.go, the table of contents of the audience:
//
//	//go:embed *.html
//	var templates embed.FS
//
//	// Section is everything citizens see.
//	func Section() web.Section {
//		return web.Section{
//			Name: "portal", Files: templates,
//			Pages: web.Pages{"vorgang_zurueckziehen": &withdrawPage{Leistung: "Hundesteuer"}},
//			Routes: func(m *web.Mux) {
//				m.Handle("GET /vorgang/zurueckziehen", web.Citizen, showWithdraw)
//				m.Handle("POST /vorgang/zurueckziehen", web.Citizen, withdraw)
//				m.Handle("GET /leistungen/{slug}", web.Public, showLeistung).Example("/leistungen/hundesteuer-anmelden")
//				m.Handle("GET /amt/vorgang/{id}", web.Staff, showVorgang).ExampleFrom(firstVorgang) // func(tx) ([]string, error)
//			},
//		}
//	}
//
// What needs configuration (keys, stores, other modules' services) is a parameter of Section and captured by the
// handlers: func Section(blobs blob.Store) web.Section { h := handlers{blobs}; … m.Handle("…", web.Public, h.upload) }.
//
// The test of the audience runs webtest.CheckSection(t, Section()): each page struct is checked against its template,
// each template executed in every language, each catalogue key looked up. webtest.New builds the whole server on a real
// store; its Get and Post go through the real mux and answer with a document to ask by CSS selector.
package web
