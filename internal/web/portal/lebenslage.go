package portal

import (
	"net/http"

	"rathaus/internal/leistung"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// lebenslagePage lists the services of one situation in life.
type lebenslagePage struct {
	ui.Page
	Key, Lead string
	Rows      []row
	Others    []lageCard
}

func (h handlers) showLebenslage(w http.ResponseWriter, r *web.Request) error {
	lage, err := leistung.LebenslageByKey(r.PathValue("key"))
	if err != nil {
		return err
	}
	name := "portal.lage_" + keyPart(lage.Key)
	page := &lebenslagePage{Page: ui.Page{Title: r.T(name), Crumbs: crumbs(r)}, Key: lage.Key, Lead: r.T(name + "_lead")}
	for _, c := range lageCards(r) {
		if c.Key != lage.Key {
			page.Others = append(page.Others, c)
		}
	}
	err = r.Read(func(tx *storage.Tx) error {
		items, err := leistung.ByLebenslage(tx, r.Lang, lage.Key)
		if err != nil {
			return err
		}
		online, err := onlineSlugs(tx)
		page.Rows = rows(r, items, online)
		return err
	})
	if err != nil {
		return err
	}
	return r.Page(w, "portal/lebenslage", page)
}

func exampleLebenslage() *lebenslagePage {
	return &lebenslagePage{Key: "tiere-garten", Lead: "Kurz.", Rows: exampleRows(),
		Others: []lageCard{{Key: "familie-kind", Href: "/lebenslagen/familie-kind", Name: "Familie und Kind"}}}
}
