package ui

import (
	"time"

	"rathaus/internal/clock"
)

// Each type here is the argument of the component template named in its comment.

// Pager moves through a list by cursor. Empty addresses leave their link out. Template "pager".
type Pager struct {
	Previous, Next string // addresses
	Text           string // "25 von mehr als 1.000"
}

// Fact is one name and value. Value is a string or template.HTML (from day, money …). Templates "facts" (a bar of
// four to six that decide) and "pairs" (a plain list in a panel) take []Fact.
type Fact struct {
	Name  string
	Value any
	Note  string
	Class string // "soon", "late", "num"
}

// States of events and steps.
const (
	Done = "done" // filled
	Now  = "now"  // ring
	Open = "open" // hollow, still to come
)

// Event is an entry of a history or Geschaeftsgang. Template "timeline" takes []Event.
type Event struct {
	State string // Done, Now or Open
	Time  time.Time
	Day   clock.Date // used when Time is zero
	When  string     // used when both are empty: "danach"
	Who   string     // "T. Okafor für J. Petersen"
	Title string
	Lines []string
	Link  *Link
}

// FileItem is a document with type, date and size. Templates "files" and "files-small" take []FileItem.
type FileItem struct {
	Link
	Type    string // "PDF", three or four letters
	Note    string // "3.11.2026, 2 Seiten, 84 kB"
	Current bool
}

// Message is one message of a thread. Template "thread" takes []Message.
type Message struct {
	From  string
	Mine  bool // the reader's own, on the right
	At    time.Time
	Lines []string
	Files []FileItem
}

// Tabs are areas of one thing ("tabs") or saved lists ("views"), each an address of its own.
type Tabs struct {
	Label string // names the navigation for screen readers
	Items []NavItem
}

// Step is one section of a form. Template "steps" takes Steps.
type Step struct {
	Number int
	Link   Link // without Href while it cannot be opened
	State  string
	Note   string // "erledigt"
}

// Steps is the way through a form: a list beside it on wide pages, an accordion above it on narrow ones.
type Steps struct {
	Label string // names the navigation
	Title string
	Now   string // "Schritt 3 von 6: Hund"
	List  []Step
}

// Badge is the one headline status of a page. Kind is "success", "info", "warning" or "danger". Template "badge".
type Badge struct{ Kind, Text string }

// State is a status in a table: a glyph and a word. Kind is "new", "work", "wait" or "done". Template "state".
type State struct{ Kind, Text string }

// Answers is one group of the check page. Template "answers".
type Answers struct {
	ID     string
	Title  string
	Change string // address of the form page, or empty
	Rows   []Fact
}

// Bar is a share drawn as a bar; Late is the part of it in the warning colour. Both in percent. Template "bar".
type Bar struct{ Percent, Late int }
