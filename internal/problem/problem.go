// Package problem holds the errors a module may answer with and a front end must
// tell apart: not found, forbidden, conflict, and problems of single form fields.
// Everything else is an internal error with an incident number.
package problem

import (
	"errors"
	"strings"
)

// Sentinels; wrap them with what was attempted: fmt.Errorf("vorgang %s: %w", id, problem.NotFound).
var (
	// NotFound: the thing does not exist, or the caller may not know that it does.
	NotFound = errors.New("not found")
	// Forbidden: the caller is known and lacks the right. Front ends answer 404.
	Forbidden = errors.New("forbidden")
	// Conflict: the thing changed meanwhile or its state does not allow the act.
	Conflict = errors.New("conflict")
)

// Field is one problem of one input field, translated at the edge.
type Field struct {
	// Path addresses the field as the form does ("hund.chip", "anhang.0.datei"); empty: the form as a whole.
	Path string
	// Key is a catalogue key ("problem.required").
	Key string
	// Args fill the catalogue text's {0}, {1} …
	Args []any
}

// Fields are the problems of one submitted form. It is an error so that a module can return it.
type Fields []Field

// Error lists paths and keys; it never holds what the user typed.
func (f Fields) Error() string {
	parts := make([]string, len(f))
	for i, p := range f {
		parts[i] = p.Path + ": " + p.Key
	}
	return "form problems: " + strings.Join(parts, ", ")
}

// Err returns f as an error, or nil when there is no problem.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Add appends a problem.
func (f *Fields) Add(path, key string, args ...any) {
	*f = append(*f, Field{Path: path, Key: key, Args: args})
}

// Explained is an error with a catalogue text for the user beside its sentinel:
// "Der Vorgang ist schon entschieden." for a Conflict.
type Explained struct {
	Kind error // one of the sentinels
	Key  string
	Args []any
}

func (e *Explained) Error() string { return e.Kind.Error() + ": " + e.Key }

// Unwrap makes errors.Is(err, problem.Conflict) hold.
func (e *Explained) Unwrap() error { return e.Kind }

// Conflicting is a Conflict with the reason the user reads.
func Conflicting(key string, args ...any) error {
	return &Explained{Kind: Conflict, Key: key, Args: args}
}
