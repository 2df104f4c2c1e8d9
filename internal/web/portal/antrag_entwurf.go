package portal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"rathaus/internal/formular"
	"rathaus/internal/id"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web"
)

// draftCookie says which drafts this browser has begun: ids by service, sealed for the town.
const draftCookie = "entwurf"

// maxDrafts bounds the cookie; a browser that began more forgets one and resumes it by code.
const maxDrafts = 12

func (h handlers) ownDrafts(r *web.Request) map[string]string {
	sealed, err := base64.RawURLEncoding.DecodeString(r.CookieValue(draftCookie))
	if err != nil || len(sealed) == 0 || h.Office == nil {
		return map[string]string{}
	}
	raw, err := h.Office.Keys.Open(draftCookie, r.Town.Key, string(sealed))
	drafts := map[string]string{}
	if err != nil || json.Unmarshal(raw, &drafts) != nil {
		return map[string]string{}
	}
	return drafts
}

// keepDraft notes the draft in the cookie.
func (h handlers) keepDraft(w http.ResponseWriter, r *web.Request, slug, draftID string) error {
	drafts := h.ownDrafts(r)
	for other := range drafts {
		if len(drafts) >= maxDrafts && other != slug {
			delete(drafts, other)
		}
	}
	drafts[slug] = draftID
	raw, err := json.Marshal(drafts)
	if err != nil {
		return err
	}
	sealed, err := h.Office.Keys.Seal(draftCookie, r.Town.Key, raw)
	if err != nil {
		return err
	}
	r.SetCookie(w, draftCookie, base64.RawURLEncoding.EncodeToString([]byte(sealed)), 0)
	return nil
}

// draft is the one of this browser, or of the account signed in; problem.NotFound when there is none.
func (h handlers) draft(tx *storage.Tx, r *web.Request, slug string) (formular.Entwurf, error) {
	e, err := h.Office.Forms.Draft(tx, h.ownDrafts(r)[slug])
	if err == nil && e.Slug == slug {
		return e, nil
	}
	if err != nil && !errors.Is(err, problem.NotFound) {
		return e, err
	}
	own, err := formular.OwnDraft(tx, slug, r.Login.Account)
	if err != nil {
		return e, err
	}
	if own == "" {
		return e, problem.NotFound
	}
	return h.Office.Forms.Draft(tx, own)
}

// draftOrBlank is the draft, or an empty one that is not stored yet, for the service's form.
func (h handlers) draftOrBlank(tx *storage.Tx, r *web.Request, slug string) (formular.Entwurf, error) {
	e, err := h.draft(tx, r, slug)
	if !errors.Is(err, problem.NotFound) {
		return e, err
	}
	form, err := h.Office.Forms.ForLeistung(tx, slug)
	return formular.Entwurf{Slug: slug, Form: form, Answers: formular.Answers{}}, err
}

const resumeCodeBytes = 16

// resumeCode opens the draft in another browser. It is computed, so that it can be shown again and nothing secret is stored.
func (h handlers) resumeCode(town, draftID string) string {
	return id.Encode(h.Office.Keys.MAC("entwurf.code", town, []byte(draftID))[:resumeCodeBytes])
}

// begin stores the blank draft.
func (h handlers) begin(tx *storage.Tx, r *web.Request, slug string) (formular.Entwurf, error) {
	return h.Office.Forms.Begin(tx, slug, r.Login.Account, func(draftID string) string { return h.resumeCode(r.Town.Key, draftID) })
}

// afterwards is where a draft goes on: the first page not done behind the one given, else the first of all, else the check.
func afterwards(r *web.Request, e formular.Entwurf, page string) string {
	base := "/antrag/" + e.Slug + "/"
	first, passed := "", false
	for _, a := range e.Form.Shown(today(r), e.Answers) {
		done := isDone(e, a.Key)
		switch {
		case a.Key == page:
			passed = true
		case !done && passed:
			return base + a.Key
		case !done && first == "":
			first = a.Key
		}
	}
	if first == "" && (page == "" || isDone(e, page)) {
		return base + "pruefen"
	}
	if first == "" {
		first = page
	}
	return base + first
}
