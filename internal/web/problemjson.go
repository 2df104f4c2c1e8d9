package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"rathaus/internal/i18n"
)

// problemDetails is RFC 9457. Type is "urn:rathaus:problem:" and the last part of the catalogue key.
type problemDetails struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Incident string         `json:"incident,omitempty"`
	Errors   []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Path   string `json:"path"`
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

const problemType = "urn:rathaus:problem:"

func (e *exchange) failJSON(a *Error, err error) {
	t := func(key string, args ...any) string { return e.srv.texts.T(i18n.De, key, args...) }
	p := problemDetails{Type: problemType + typeName(a.Key), Title: t(headingKey(a.Status)), Status: a.Status,
		Detail: t(a.Key, a.Args...), Incident: e.req.ID}
	if fields, ok := Fields(err); ok {
		for _, f := range fields {
			p.Errors = append(p.Errors, problemField{Path: f.Path, Type: problemType + typeName(f.Key), Detail: t(f.Key, f.Args...)})
		}
	}
	if a.Status == http.StatusUnauthorized {
		e.Header().Set("WWW-Authenticate", `Bearer realm="rathaus"`)
	}
	body, marshalErr := json.Marshal(p)
	if marshalErr != nil {
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	if writeErr := writeBody(e, a.Status, "application/problem+json", append(body, '\n')); writeErr != nil {
		e.err = writeErr
	}
}

func typeName(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }
