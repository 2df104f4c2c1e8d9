// Package ui is the look of every page: the layout, the components as templates, the style sheet, the town's
// theme and the third-party assets. It knows no handler and no store.
//
// A page struct embeds [Page]; the server fills it before the template runs. Component templates ("top", "bottom",
// "errors", "input", "pager" …) take a small struct of their own, never the whole page; see the *.html files here.
package ui

import (
	"html/template"
	"net/url"
	"strings"
	"time"
)

// Page is what the layout shows around every page. Handlers set Title and, where they apply, Crumbs, Back and
// Related; the server fills the rest.
type Page struct {
	// Title is the page's name without the town's; the browser tab shows both.
	Title string
	// Crumbs lead from the start page to the parent of this page.
	Crumbs []Link
	// Back is the link above h1 on pages of a sequence.
	Back *Link

	// Lang is the value of <html lang>.
	Lang string
	Town Town
	// Desk is true on pages of staff: denser type, wider page.
	Desk bool
	// Part says where one is, below the town's name: "Digitales Rathaus", "Arbeitsplatz".
	Part string
	Home string
	Nav  []NavItem
	// Tools are the links to other languages.
	Tools []NavItem
	// Account is the signed-in person, nil without one.
	Account *Account
	// Notice is shown once, after an act.
	Notice *Notice
	// Problems are those of a form that was not accepted; Values what was typed.
	Problems []Problem
	Values   url.Values
	// Style is the address prefix of the style sheets, Icon and Theme those of the town.
	Style, Theme, Icon string
	Version            string
	Now                time.Time
}

// Base lets the server reach the embedded Page of any page struct.
func (p *Page) Base() *Page { return p }

// Based is a pointer to a page struct.
type Based interface{ Base() *Page }

// Problem returns the message for the field of this path, or "".
func (p Page) Problem(path string) string {
	for _, f := range p.Problems {
		if f.Path == path {
			return f.Text
		}
	}
	return ""
}

// Town is one Mandant as pages show it.
type Town struct {
	Key      string // of the Mandant; empty on pages without a town (unknown host)
	Name     string // "Wiesenbrück"
	Official string // "Stadt Wiesenbrück"
	AGS      string
	Land     string // suffix of ISO 3166-2:DE: "BW"
	// Demo is true for invented towns; every page says so.
	Demo    bool
	Address []string // lines
	Phone   string
	Mail    string
	Hours   []string
	Theme   Theme
	// Closed is a catalogue key telling why the town answers 503 now, or empty.
	Closed string
}

// PhoneHref is the tel: address of the phone number: digits only, with the country code.
func (t Town) PhoneHref() template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, t.Phone)
	if rest, ok := strings.CutPrefix(digits, "0"); ok {
		digits = "+49" + rest
	}
	return template.URL("tel:" + digits) // digits and + only, see above
}

// Link is a named address.
type Link struct {
	Text, Href string
	// Lang is set when Text is not in the page's language.
	Lang string
}

// NavItem is an entry of a navigation list. Current is "page" for the page itself, "true" for its section, or empty.
type NavItem struct {
	Link
	Current string
	// Count stands small beside the text; empty for none.
	Count string
}

// Account is who is signed in, as the header shows it.
type Account struct {
	// Name with unit: "Jana Petersen, Ordnungsamt"; a deputy's says for whom.
	Name string
	Href string // page of the own account, or empty
	// SignOut takes a POST.
	SignOut string
}

// Notice is one sentence after an act, shown once. Kind is "success", "info", "warning" or "danger".
type Notice struct{ Kind, Text string }

// Problem is a form problem in the user's language.
type Problem struct {
	Path string // as in problem.Field
	Text string
}

// ID is the id of the field the problem belongs to.
func (p Problem) ID() string { return FieldID(p.Path) }

// FieldID makes the HTML id of a form field from its path: "hund.chip" → "f-hund-chip".
func FieldID(path string) string {
	if path == "" {
		return ""
	}
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(path)
}
