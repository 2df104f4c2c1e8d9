package akte

import (
	"errors"

	"rathaus/internal/blob"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// planAnregung is the position of the Aktenplan for complaints and suggestions.
const planAnregung = "10.40"

// Anregung is a suggestion or complaint: what somebody tells the town without applying for anything.
type Anregung struct {
	Betreff string
	// Bezug names what it is about ("barrierefreiheit"), BezugName the same for people.
	Bezug, BezugName string
	Beteiligter      string // name, or empty for none given
	// Text is the wording as a durable plain-text file.
	Text     blob.Ref
	FileName string
}

// TakeAnregung opens a Vorgang with the text as its first Dokument, in the year's Sammelakte of suggestions. The unit is
// that of the Aktenplan, or the whole administration where the town has no such unit.
func TakeAnregung(tx *storage.Tx, a Anregung) (Vorgang, error) {
	p, err := PositionByNummer(tx, planAnregung)
	if err != nil {
		return Vorgang{}, err
	}
	unit, err := mandant.EinheitByKey(tx, p.EinheitKey)
	if errors.Is(err, problem.NotFound) {
		unit, err = mandant.EinheitByKey(tx, mandant.RootKey)
	}
	if err != nil {
		return Vorgang{}, err
	}
	file, err := FileUnder(tx, Filing{Plan: planAnregung, Sammelakte: true, EinheitID: unit.ID})
	if err != nil {
		return Vorgang{}, err
	}
	v, err := OpenVorgang(tx, NewVorgang{AkteID: file.ID, EinheitID: unit.ID, Betreff: a.Betreff, Art: "anregung",
		Bezug: a.Bezug, BezugName: a.BezugName, Beteiligter: a.Beteiligter})
	if err != nil {
		return Vorgang{}, err
	}
	_, err = AddDokument(tx, NewDokument{VorgangID: v.ID, Titel: a.Betreff, Art: Eingang, Blob: a.Text, FileName: a.FileName, MediaType: "text/plain"})
	return v, err
}
