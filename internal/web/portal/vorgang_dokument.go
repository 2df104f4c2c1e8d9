package portal

import (
	"net/http"
	"strconv"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/leistung"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// sendDokument downloads a document of the case that is open to the applicant.
func (h handlers) sendDokument(w http.ResponseWriter, r *web.Request) error {
	number, err := strconv.ParseInt(r.PathValue("nr"), 10, 64)
	if err != nil {
		return problem.NotFound
	}
	var d akte.Dokument
	err = r.Read(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
		if err != nil {
			return err
		}
		d, err = antrag.CitizenDokument(tx, antragID, number)
		return err
	})
	if err != nil {
		return err
	}
	f, err := h.Office.Blobs.Open(r.Context(), r.Town.Key, d.BlobID)
	if err != nil {
		return err
	}
	defer f.Close()
	return r.SendFile(w, web.File{Name: d.FileName, MediaType: d.MediaType, Size: d.Bytes, Content: f})
}

// fetchBescheid retrieves a Bescheid provided for it, by POST: it starts periods, and a browser fetches links ahead.
func (h handlers) fetchBescheid(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
		if err != nil {
			return err
		}
		return antrag.FetchLast(tx, antragID, antrag.Anmeldung{BuergerID: r.Login.Account, Trust: leistung.Trust(r.Login.Level)})
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", "vorgang.fetched")
	return r.Redirect(w, "/vorgang/"+r.PathValue("nummer"))
}

// linkAccount ties a case opened with its code to the account that is signed in too.
func (h handlers) linkAccount(w http.ResponseWriter, r *web.Request) error {
	err := r.Write(func(tx *storage.Tx) error {
		antragID, err := antrag.Resolve(tx, r.PathValue("nummer"), proof(r))
		if err != nil {
			return err
		}
		return antrag.Link(tx, antragID, r.Login.Account)
	})
	if err != nil {
		return err
	}
	r.Notice(w, "success", "vorgang.linked")
	return r.Redirect(w, "/vorgang/"+r.PathValue("nummer"))
}
