package akte

import (
	"fmt"

	"rathaus/internal/blob"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
)

// Ways a Dokument came to be.
const (
	Eingang = "eingang"
	Ausgang = "ausgang"
	Intern  = "intern"
)

// Dokument is a document of a Vorgang with its newest version.
type Dokument struct {
	ID         string
	VorgangID  string
	Nummer     int64
	Titel      string
	Art        string // Eingang, Ausgang, Intern
	Buerger    bool   // visible to the applicant
	AngelegtAt int64  // unix ms
	// of the newest version
	VersionNummer int64
	BlobID        string
	SHA256        string
	Bytes         int64
	FileName      string
	MediaType     string
}

const columnsDokument = `d.id, d.vorgang_id, d.nummer, d.titel, d.art, d.buerger, d.angelegt_at,
	w.nummer, w.blob_id, w.sha256, w.bytes, w.file_name, w.media_type`

const fromDokument = ` from dokument d join dokument_version w on w.dokument_id = d.id and w.nummer = d.version `

func scanDokument(s storage.Scanner) (Dokument, error) {
	var d Dokument
	var citizen int64
	err := s.Scan(&d.ID, &d.VorgangID, &d.Nummer, &d.Titel, &d.Art, &citizen, &d.AngelegtAt,
		&d.VersionNummer, &d.BlobID, &d.SHA256, &d.Bytes, &d.FileName, &d.MediaType)
	d.Buerger = citizen == 1
	return d, err
}

// NewDokument is a document to file. The blob is durable already.
type NewDokument struct {
	VorgangID string
	Titel     string
	Art       string
	Buerger   bool
	Blob      blob.Ref
	FileName  string
	MediaType string
}

// AddDokument files a document with its first version. Staff need konto.EditVorgang on an open Vorgang;
// residents and portals file through the modules above.
func AddDokument(tx *storage.Tx, n NewDokument) (Dokument, error) {
	v, err := load(tx, n.VorgangID)
	if err != nil {
		return Dokument{}, err
	}
	if err := requireIntake(tx, v); err != nil {
		return Dokument{}, err
	}
	number, err := storage.Get(tx, storage.Value[int64], `select coalesce(max(nummer), 0) + 1 from dokument where vorgang_id = $1`, v.ID)
	if err != nil {
		return Dokument{}, err
	}
	d := Dokument{ID: tx.NewID(), VorgangID: v.ID, Nummer: number, Titel: n.Titel, Art: n.Art, Buerger: n.Buerger,
		AngelegtAt: storage.Millis(tx.Now()), VersionNummer: 1, BlobID: n.Blob.ID, SHA256: n.Blob.SHA256, Bytes: n.Blob.Size,
		FileName: n.FileName, MediaType: n.MediaType}
	_, err = tx.Exec(`insert into dokument (id, vorgang_id, nummer, titel, art, buerger, angelegt_at, angelegt_von, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 1)`,
		d.ID, d.VorgangID, d.Nummer, d.Titel, d.Art, flag(d.Buerger), d.AngelegtAt, tx.Scope().Actor)
	if err != nil {
		return Dokument{}, fmt.Errorf("add dokument to %s: %w", v.Zeichen, err)
	}
	if err := insertVersion(tx, d, ""); err != nil {
		return Dokument{}, err
	}
	return d, record(tx, v.ID, "document_added", nil, d.SHA256, d.Titel)
}

// requireIntake: whoever may take things in may file a document (the post office too).
func requireIntake(tx *storage.Tx, v Vorgang) error {
	return hide(konto.Require(tx, konto.IntakeVorgang, v.EinheitID))
}

func insertVersion(tx *storage.Tx, d Dokument, comment string) error {
	_, err := tx.Exec(`insert into dokument_version (id, dokument_id, nummer, blob_id, sha256, bytes, file_name, media_type, kommentar, angelegt_at, angelegt_von)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		tx.NewID(), d.ID, d.VersionNummer, d.BlobID, d.SHA256, d.Bytes, d.FileName, d.MediaType, comment, storage.Millis(tx.Now()), tx.Scope().Actor)
	return err
}

// AddVersion files a newer version of a document; older ones stay.
func AddVersion(tx *storage.Tx, dokumentID string, ref blob.Ref, fileName, mediaType, comment string) error {
	d, err := loadDokument(tx, dokumentID)
	if err != nil {
		return err
	}
	v, err := load(tx, d.VorgangID)
	if err != nil {
		return err
	}
	if err := requireWork(tx, v); err != nil {
		return err
	}
	before := d.SHA256
	d.VersionNummer++
	d.BlobID, d.SHA256, d.Bytes, d.FileName, d.MediaType = ref.ID, ref.SHA256, ref.Size, fileName, mediaType
	if err := insertVersion(tx, d, comment); err != nil {
		return err
	}
	if _, err := tx.Exec(`update dokument set version = $2 where id = $1`, d.ID, d.VersionNummer); err != nil {
		return err
	}
	return record(tx, d.VorgangID, "document_version", before, d.SHA256, d.Titel)
}

// ShowToApplicant makes a document visible to the applicant, or hides it again.
func ShowToApplicant(tx *storage.Tx, dokumentID string, visible bool) error {
	d, err := loadDokument(tx, dokumentID)
	if err != nil {
		return err
	}
	v, err := load(tx, d.VorgangID)
	if err != nil {
		return err
	}
	if err := requireWork(tx, v); err != nil {
		return err
	}
	if d.Buerger == visible {
		return nil
	}
	if _, err := tx.Exec(`update dokument set buerger = $2 where id = $1`, d.ID, flag(visible)); err != nil {
		return err
	}
	return record(tx, v.ID, "document_visibility", d.Buerger, visible, d.Titel)
}

func loadDokument(tx *storage.Tx, id string) (Dokument, error) {
	d, err := storage.Get(tx, scanDokument, `select `+columnsDokument+fromDokument+`where d.id = $1`, id)
	if err != nil {
		return d, fmt.Errorf("dokument %s: %w", id, err)
	}
	return d, nil
}

// GetDokument returns a document whose Vorgang whoever acts may read, else problem.NotFound. Who serves
// residents uses DokumentForApplicant.
func GetDokument(tx *storage.Tx, id string) (Dokument, error) {
	d, err := loadDokument(tx, id)
	if err != nil {
		return d, err
	}
	if _, err := GetVorgang(tx, d.VorgangID); err != nil {
		return Dokument{}, err
	}
	return d, nil
}

// DokumentForApplicant returns a document of this Vorgang that the applicant may see, else problem.NotFound.
// The caller has proven that it serves the applicant of the Vorgang.
func DokumentForApplicant(tx *storage.Tx, vorgangID, id string) (Dokument, error) {
	d, err := storage.Get(tx, scanDokument, `select `+columnsDokument+fromDokument+`where d.id = $1 and d.vorgang_id = $2 and d.buerger = 1`, id, vorgangID)
	if err != nil {
		return d, fmt.Errorf("dokument %s for the applicant: %w", id, err)
	}
	return d, nil
}

// Dokumente lists the documents of a Vorgang in order. The caller has checked the right to read it; with
// applicantOnly only those the applicant may see.
func Dokumente(tx *storage.Tx, vorgangID string, applicantOnly bool) ([]Dokument, error) {
	return storage.List(tx, scanDokument, `select `+columnsDokument+fromDokument+`where d.vorgang_id = $1 and d.buerger >= $2 order by d.nummer`,
		vorgangID, flag(applicantOnly))
}

// BlobIDs lists the ids of all files the records refer to, from after on, for the sweep and for verify.
func BlobIDs(tx *storage.Tx, after string, limit int) ([]string, error) {
	return storage.List(tx, storage.Value[string], `select blob_id from dokument_version where blob_id > $1 order by blob_id limit $2`, after, limit)
}
