package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/web/ui"
)

// Error is an answer with a status of its own and a text for the user; for what the table in classify does not cover.
type Error struct {
	Status int
	Key    string // catalogue key
	Args   []any
	// RetryAfter tells the caller when to try again; 0 leaves it open.
	RetryAfter time.Duration
	// Cause is logged, never shown.
	Cause error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("status %d: %v", e.Status, e.Cause)
	}
	return fmt.Sprintf("status %d: %s", e.Status, e.Key)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// BadRequest is the answer to something no browser sends: a broken body, a missing part.
func BadRequest(cause error) error {
	return &Error{Status: http.StatusBadRequest, Key: "problem.bad_request", Cause: cause}
}

// Throttled is the answer to too many tries.
func Throttled(after time.Duration) error {
	return &Error{Status: http.StatusTooManyRequests, Key: "problem.throttled", Args: []any{minutes(after)}, RetryAfter: after}
}

func minutes(d time.Duration) int { return max(1, int((d+time.Minute-1)/time.Minute)) }

// statusGone marks a caller who hung up; nobody reads the answer.
const statusGone = 499

// retryAfter is what a 503 asks for.
const retryAfter = 10 * time.Second

// classify is the one table from error to answer.
func classify(err error) *Error {
	var own *Error
	var fields problem.Fields
	var explained *problem.Explained
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &tooLarge):
		return &Error{Status: http.StatusRequestEntityTooLarge, Key: "problem.too_large", Args: []any{tooLarge.Limit >> 20}}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Status: http.StatusRequestTimeout, Key: "problem.too_slow"}
	case errors.As(err, &fields):
		return &Error{Status: http.StatusUnprocessableEntity, Key: "problem.fields"}
	case errors.Is(err, problem.NotFound), errors.Is(err, problem.Forbidden):
		return &Error{Status: http.StatusNotFound, Key: "problem.not_found"}
	case errors.Is(err, problem.Conflict):
		if errors.As(err, &explained) {
			return &Error{Status: http.StatusConflict, Key: explained.Key, Args: explained.Args}
		}
		return &Error{Status: http.StatusConflict, Key: "problem.conflict"}
	case errors.Is(err, storage.ErrUnavailable), errors.Is(err, storage.ErrNewerSchema), errors.Is(err, context.DeadlineExceeded):
		return &Error{Status: http.StatusServiceUnavailable, Key: "problem.unavailable", RetryAfter: retryAfter}
	case errors.Is(err, context.Canceled):
		return &Error{Status: statusGone}
	default:
		return &Error{Status: http.StatusInternalServerError, Key: "problem.internal"}
	}
}

//go:embed fehler.html
var errorTemplates embed.FS

// errorPage explains what happened and what to do.
type errorPage struct {
	ui.Page
	Heading  string
	Text     string
	Details  []ui.Problem
	Incident string // set when staff can find more in the log
	Status   int
}

// apiPrefix begins all addresses for other systems: there also a wrong method or address is answered by problem+json.
const apiPrefix = "/api/"

// fail answers a handler's error. It must be called before anything was written; afterwards it only logs.
func (e *exchange) fail(err error) {
	a := classify(err)
	e.err = err
	if a.Status == statusGone || e.status != 0 {
		if e.status == 0 {
			e.status = statusGone
		}
		return
	}
	e.resetHeaders()
	if a.RetryAfter > 0 {
		e.Header().Set("Retry-After", strconv.Itoa(int((a.RetryAfter+time.Second-1)/time.Second)))
	}
	e.drain()
	if e.req.Route != nil && e.req.Route.Access == API || strings.HasPrefix(e.req.URL.Path, apiPrefix) {
		e.failJSON(a, err)
		return
	}
	page := &errorPage{
		Page:    ui.Page{Title: e.req.T(headingKey(a.Status))},
		Heading: e.req.T(headingKey(a.Status)), Text: e.req.T(a.Key, a.Args...), Status: a.Status,
	}
	if fields, ok := Fields(err); ok {
		page.Details = e.req.Problems(fields)
	}
	if a.Status >= http.StatusInternalServerError {
		page.Incident = e.req.ID
	}
	if err := e.req.render(e, a.Status, "fehler/fehler", page); err != nil {
		e.err = errors.Join(e.err, err)
		http.Error(e, "Interner Fehler. Vorfall "+e.req.ID, http.StatusInternalServerError)
	}
}

// headingKey is the h1 for a status.
func headingKey(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return "problem.heading_not_found"
	case http.StatusConflict:
		return "problem.heading_conflict"
	case http.StatusRequestEntityTooLarge:
		return "problem.heading_too_large"
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "problem.heading_input"
	case http.StatusForbidden, http.StatusUnauthorized:
		return "problem.heading_forbidden"
	case http.StatusMethodNotAllowed:
		return "problem.heading_method"
	case http.StatusTooManyRequests:
		return "problem.heading_throttled"
	case http.StatusRequestTimeout:
		return "problem.heading_too_slow"
	case http.StatusServiceUnavailable:
		return "problem.heading_unavailable"
	}
	return "problem.heading_internal"
}
