package verwaltung

import (
	"net/http"

	"rathaus/internal/konto"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// keysPage lists the keys of other portals and makes new ones.
type keysPage struct {
	ui.Page
	Tabs ui.Tabs
	Rows []konto.APIKey
}

func showKeys(w http.ResponseWriter, r *web.Request) error { return keysForm(w, r, nil) }

func keysForm(w http.ResponseWriter, r *web.Request, fields problem.Fields) error {
	page := &keysPage{Page: ui.Page{Title: r.T("verwaltung.keys")}, Tabs: systemTabs(r)}
	err := r.Read(func(tx *storage.Tx) (err error) {
		page.Rows, err = konto.APIKeys(tx)
		return err
	})
	if err != nil {
		return err
	}
	if fields != nil {
		return r.Problem(w, "verwaltung/schluessel", page, fields)
	}
	return r.Page(w, "verwaltung/schluessel", page)
}

func createKey(w http.ResponseWriter, r *web.Request) error {
	var key string
	var k konto.APIKey
	err := r.Write(func(tx *storage.Tx) (err error) {
		key, k, err = konto.CreateAPIKey(tx, r.PostFormValue("name"))
		return err
	})
	if fields, ok := web.Fields(err); ok {
		return keysForm(w, r, fields)
	}
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/geheimnis", &secretPage{Page: ui.Page{Title: r.T("verwaltung.key_created")},
		Lead: r.T("verwaltung.key_created_lead"), Secret: key, Name: k.Name,
		Next: ui.Link{Text: r.T("verwaltung.to_keys"), Href: "/verwaltung/technik/schluessel"}})
}

// confirmPage asks before something that cannot be undone.
type confirmPage struct {
	ui.Page
	Text, Button, Action string
}

func askRevoke(w http.ResponseWriter, r *web.Request) error {
	k, err := keyOf(r)
	if err != nil {
		return err
	}
	return r.Page(w, "verwaltung/bestaetigen", &confirmPage{
		Page: ui.Page{Title: r.T("verwaltung.revoke_title", k.Name), Back: &ui.Link{Text: r.T("verwaltung.to_keys"), Href: "/verwaltung/technik/schluessel"}},
		Text: r.T("verwaltung.revoke_text"), Button: r.T("verwaltung.revoke_submit"), Action: r.URL.Path})
}

func keyOf(r *web.Request) (konto.APIKey, error) {
	var all []konto.APIKey
	err := r.Read(func(tx *storage.Tx) (err error) {
		all, err = konto.APIKeys(tx)
		return err
	})
	for _, k := range all {
		if k.ID == r.PathValue("id") && k.RevokedAt.IsZero() {
			return k, nil
		}
	}
	if err == nil {
		err = problem.NotFound
	}
	return konto.APIKey{}, err
}

func revokeKey(w http.ResponseWriter, r *web.Request) error {
	if err := r.Write(func(tx *storage.Tx) error { return konto.RevokeAPIKey(tx, r.PathValue("id")) }); err != nil {
		return err
	}
	r.Notice(w, "success", "verwaltung.key_revoked")
	return r.Redirect(w, "/verwaltung/technik/schluessel")
}

func firstKey(tx *storage.Tx) ([]string, error) {
	all, err := konto.APIKeys(tx)
	if err != nil || len(all) == 0 || !all[0].RevokedAt.IsZero() {
		return nil, err
	}
	return []string{"/verwaltung/technik/schluessel/" + all[0].ID + "/widerrufen"}, nil
}
