package amt

import (
	"net/http"

	"rathaus/internal/akte"
	"rathaus/internal/blob"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// openDokument sends the newest version of a document; PDF and pictures open in the browser.
func (h handlers) openDokument(w http.ResponseWriter, r *web.Request) error {
	var d akte.Dokument
	err := r.Read(func(tx *storage.Tx) (err error) { d, err = akte.GetDokument(tx, r.PathValue("id")); return err })
	if err != nil {
		return err
	}
	file, err := h.office.Blobs.Open(r.Context(), r.Town.Key, d.BlobID)
	if err != nil {
		return err
	}
	defer file.Close()
	return r.SendFile(w, web.File{Name: d.FileName, MediaType: d.MediaType, Size: d.Bytes, Content: file, Inline: true})
}

// uploadPage files a document by hand: what came by post, or an internal note.
type uploadPage struct {
	vorgangHead
	Kinds []ui.Option
	Limit int64
}

const maxDokument = 25 << 20 // bytes

func (p *uploadPage) read(tx *storage.Tx, r *web.Request) error {
	if _, err := p.readHead(tx, r, r.PathValue("id"), ""); err != nil {
		return err
	}
	p.Title, p.Crumbs, p.Limit = r.T("amt.add_document"), nil, maxDokument
	p.Back = &ui.Link{Text: r.T("amt.back_to_vorgang"), Href: "/amt/vorgang/" + p.V.ID}
	p.Kinds = []ui.Option{{Value: akte.Eingang, Text: r.T("amt.doc_eingang")}, {Value: akte.Intern, Text: r.T("amt.doc_intern")}, {Value: akte.Ausgang, Text: r.T("amt.doc_ausgang")}}
	return nil
}

func showUpload(w http.ResponseWriter, r *web.Request) error {
	return show(w, r, "amt/dokument", &uploadPage{})
}

func (h handlers) upload(w http.ResponseWriter, r *web.Request) error {
	n, problems, err := h.receive(r)
	if err != nil {
		return err
	}
	if len(problems) == 0 {
		n.VorgangID = r.PathValue("id")
		err = r.Write(func(tx *storage.Tx) error { _, err := akte.AddDokument(tx, n); return err })
		if fields, ok := web.Fields(err); ok {
			problems, err = fields, nil
		}
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return refuse(w, r, "amt/dokument", &uploadPage{}, problems)
	}
	r.Notice(w, "success", "amt.document_added")
	return r.Redirect(w, "/amt/vorgang/"+r.PathValue("id"))
}

// receive makes the uploaded file durable before anything refers to it. Its type is taken from the content.
func (h handlers) receive(r *web.Request) (akte.NewDokument, problem.Fields, error) {
	var n akte.NewDokument
	var p problem.Fields
	file, header, err := r.FormFile("datei")
	if err != nil {
		p.Add("datei", "problem.required")
		return n, p, nil
	}
	defer file.Close()
	mediaType, ok, err := blob.Sniff(file, header.Filename)
	if err != nil {
		return n, p, err
	}
	if !ok {
		p.Add("datei", "amt.file_type")
		return n, p, nil
	}
	n = akte.NewDokument{Titel: r.PostFormValue("titel"), Art: r.PostFormValue("art"), Buerger: r.PostFormValue("buerger") == "ja",
		FileName: header.Filename, MediaType: mediaType}
	if n.Titel == "" {
		n.Titel = header.Filename
	}
	if n.Art != akte.Eingang && n.Art != akte.Ausgang && n.Art != akte.Intern {
		p.Add("art", "problem.choice")
		return n, p, nil
	}
	n.Blob, err = h.office.Blobs.Put(r.Context(), r.Town.Key, file)
	return n, p, err
}
