package antrag

import (
	"rathaus/internal/blob"
	"rathaus/internal/formular"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf"
	"rathaus/internal/seal"
)

// Office is what the module needs beside the store: the key codes are derived from, where files go, and the
// fonts letters are set in. One per installation; safe for concurrent use.
type Office struct {
	Keys  *seal.Keys
	Blobs *blob.Store
	Fonts *pdf.Fonts
	Forms *formular.Forms
}

// Code is the Abholcode of an Antrag, for the confirmation page and the letter that replaces a lost one.
func (o *Office) Code(town string, a Antrag) string {
	return Abholcode(o.Keys, town, a.Vorgangsnummer, a.codeVersion)
}

func validMail(s string) bool { return mandant.ValidMail(s) }
