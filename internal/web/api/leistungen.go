package api

import (
	"net/http"

	"rathaus/internal/formular"
	"rathaus/internal/i18n"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

func online(tx *storage.Tx) ([]string, error) { return formular.Online(tx) }

// service is a service that can be applied for.
type service struct {
	Slug     string `json:"slug"`
	Titel    string `json:"titel"`
	Kurztext string `json:"kurztext"`
	LeiKa    string `json:"leika,omitempty"`
	URL      string `json:"url"`
	Formular string `json:"formular"` // address of the JSON Schema of its answers
}

func (h handlers) listLeistungen(w http.ResponseWriter, r *web.Request) error {
	var all []leistung.Leistung
	err := r.Read(func(tx *storage.Tx) (err error) { all, err = onlineServices(tx); return err })
	if err != nil {
		return err
	}
	out := struct {
		Leistungen []service `json:"leistungen"`
	}{make([]service, 0, len(all))}
	base := origin(r)
	for _, l := range all {
		text, _ := l.In(i18n.De)
		text = text.At(r.Town.Name, r.Town.Official)
		out.Leistungen = append(out.Leistungen, service{Slug: l.Slug, Titel: text.Title, Kurztext: text.Lead, LeiKa: l.LeiKa,
			URL: base + "/leistungen/" + l.Slug, Formular: base + "/api/v1/leistungen/" + l.Slug + "/formular"})
	}
	return r.JSON(w, http.StatusOK, out)
}

// showFormular returns the JSON Schema of the answers to a service's form.
func (h handlers) showFormular(w http.ResponseWriter, r *web.Request) error {
	var schema []byte
	err := r.Read(func(tx *storage.Tx) error {
		l, err := leistung.Get(tx, r.PathValue("slug"))
		if err != nil {
			return err
		}
		if l.Hidden {
			return problem.NotFound
		}
		form, err := h.Office.Forms.ForLeistung(tx, l.Slug)
		if err != nil {
			return err
		}
		schema, err = form.AnswersSchema()
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/schema+json")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(schema)
	return err
}

// origin is the address under which the caller reached the town.
func origin(r *web.Request) string {
	if r.Secure {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
