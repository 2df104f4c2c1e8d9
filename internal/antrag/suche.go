package antrag

import (
	"strings"

	"rathaus/internal/search"
	"rathaus/internal/storage"
)

// SearchKind is the kind under which the case of an application is found.
const SearchKind = "vorgang"

// index puts the case into the search, in the transaction of its change.
func (a *Antrag) index(tx *storage.Tx) error {
	return search.Index(tx, search.Doc{Kind: SearchKind, ID: a.VorgangID, Title: a.Vorgang.Betreff,
		Text:    strings.Join([]string{a.LeistungName, a.Applicant.Display(), a.Applicant.Name, a.Applicant.Street, a.Applicant.City}, "\n"),
		Numbers: []string{a.Vorgangsnummer, a.Aktenzeichen, a.Vorgang.Zeichen}, Units: []string{a.Vorgang.EinheitID}})
}

// Reindex puts all cases into the search anew and returns how many; for the command that rebuilds the index.
func Reindex(tx *storage.Tx) (int, error) {
	ids, err := storage.List(tx, storage.Value[string], `select id from antrag order by submitted_at, id`)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		a, err := load(tx, "id", id)
		if err != nil {
			return 0, err
		}
		if err := a.index(tx); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
