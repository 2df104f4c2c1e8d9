// Package formular holds forms: their versioned definitions, the answers given to them, drafts that
// can be resumed, and the link from a Leistung to its form.
//
// JSON keys of a definition are the Go names in lower camel case: German for nouns of the domain
// (abschnitte, gebuehr), English for everything else.
package formular

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Format is the version of the definition format this program writes.
const Format = 1

// Definition is the complete description of one form in one version. Once published it never changes.
type Definition struct {
	// Format is the version of this format, at present 1.
	Format int `json:"format"`
	// Key names the form across its versions: "hundesteuer-anmelden" or the FIM id "S07000000226".
	Key string `json:"key"`
	// Version is free text, "1.0.0" by convention.
	Version string `json:"version"`
	Title   string `json:"title"`
	// Intro is plain text for the start page; an empty line separates paragraphs.
	Intro string `json:"intro,omitempty"`
	// Needs lists what to have at hand before starting.
	Needs []string `json:"needs,omitempty"`
	// Minutes is how long filling in takes, as stated on the start page.
	Minutes int `json:"minutes,omitempty"`
	// Submit is the label of the binding button: verb and object, "Hund verbindlich anmelden".
	Submit string `json:"submit,omitempty"`
	// Declarations are confirmed one by one on the check page; empty: the general one.
	Declarations []string `json:"declarations,omitempty"`
	// Privacy adds purpose and retention of this form to the general notice after Art. 13 DSGVO.
	Privacy *Privacy `json:"privacy,omitempty"`
	// Source says where the form comes from; nil for the town's own.
	Source *Source `json:"source,omitempty"`
	// Abschnitte are the pages, one topic each.
	Abschnitte []Abschnitt `json:"abschnitte"`
	// Checks look at several fields of different Abschnitte.
	Checks []Check `json:"checks,omitempty"`
	// FreetextRules are rules nobody has turned into expressions yet: shown to the clerk, never dropped.
	FreetextRules []FreetextRule `json:"freetextRules,omitempty"`
	// Gebuehr is the fee to expect, shown on the check page.
	Gebuehr *Gebuehr `json:"gebuehr,omitempty"`
	// Roles names the fields the Vorgang is built from.
	Roles Roles `json:"roles"`
}

// Privacy is what a form adds to the notice after Art. 13 DSGVO.
type Privacy struct {
	Purpose   string   `json:"purpose,omitempty"`
	Basis     []string `json:"basis,omitempty"`
	Retention string   `json:"retention,omitempty"`
	Receivers string   `json:"receivers,omitempty"`
}

// Source is the origin of a form or of one of its elements.
type Source struct {
	// Standard: "fim" for an imported schema, empty for own wording.
	Standard string `json:"standard,omitempty"`
	// Format is the wire format, "XDatenfelder 3.0".
	Format  string `json:"format,omitempty"`
	ID      string `json:"id,omitempty"`
	Version string `json:"version,omitempty"`
	// Name and the next three keep what the source says about itself, word for word.
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Definition  string   `json:"definition,omitempty"`
	References  []string `json:"references,omitempty"`
	// Class is the schemaelementart (HAR, RNG, ABS), Status the freigabestatus code.
	Class  string `json:"class,omitempty"`
	Status string `json:"status,omitempty"`
	// StatusDate, StatusBy, ValidFrom, ValidTo as given.
	StatusDate string `json:"statusDate,omitempty"`
	StatusBy   string `json:"statusBy,omitempty"`
	ValidFrom  string `json:"validFrom,omitempty"`
	ValidTo    string `json:"validTo,omitempty"`
	// Test marks a form published to try the import: every page says so.
	Test bool `json:"test,omitempty"`
}

// Abschnitt is one page of a form: one topic.
type Abschnitt struct {
	// Key is the last part of the page's URL. It does not appear in the answers.
	Key string `json:"key"`
	// Title is the h1 ("Ihr Hund"); Short the entry in the task list ("Hund"), Title when empty.
	Title string `json:"title"`
	Short string `json:"short,omitempty"`
	Intro string `json:"intro,omitempty"`
	// Help is the text behind "Warum fragen wir das?".
	Help string `json:"help,omitempty"`
	// ShownIf hides the whole page unless it is erfuellt; empty: always shown.
	ShownIf  string    `json:"shownIf,omitempty"`
	Elements []Element `json:"elements"`
	Checks   []Check   `json:"checks,omitempty"`
}

// Kind is what an element holds.
type Kind string

// The kinds, with what the answers hold for each.
const (
	Group       Kind = "group"       // object by key; array of objects when repeated
	Text        Kind = "text"        // string, one line
	Textarea    Kind = "textarea"    // string, several lines
	Integer     Kind = "integer"     // JSON number without fraction
	Decimal     Kind = "decimal"     // string "12.5"
	Money       Kind = "money"       // string "96.00", euros
	Date        Kind = "date"        // string "2026-11-03"
	Time        Kind = "time"        // string "14:05"
	DateTime    Kind = "datetime"    // string "2026-11-03T14:05", town's time
	Bool        Kind = "bool"        // true or false
	Choice      Kind = "choice"      // string, one of Options' values
	MultiChoice Kind = "multichoice" // array of strings
	File        Kind = "file"        // string, name of an uploaded file
	Address     Kind = "address"     // object strasse, hausnummer, zusatz, plz, ort, land
	IBAN        Kind = "iban"        // string without blanks, upper case
	Email       Kind = "email"       // string
	Phone       Kind = "phone"       // string, digits with leading + or 0
	Note        Kind = "note"        // nothing; Label is the heading, Hint the text
)

// Element is a field, a group of elements, or a note.
type Element struct {
	// Key is the element's name in the answers and in expressions: an ASCII letter, then letters,
	// digits and _; unique in its group, or among all Abschnitte at the top. Not a word of CEL and not
	// ending in _nachreichen.
	Key  string `json:"key"`
	Kind Kind   `json:"kind"`
	// Label asks, Output names the answer on the check page and in the PDF (Label when empty).
	Label  string `json:"label"`
	Output string `json:"output,omitempty"`
	// Hint stands between label and field, Help behind "Warum fragen wir das?", Law is its basis.
	Hint string   `json:"hint,omitempty"`
	Help string   `json:"help,omitempty"`
	Law  []string `json:"law,omitempty"`
	// HelpOutput is help for the one who reads the answer, the clerk.
	HelpOutput string `json:"helpOutput,omitempty"`
	// Occurs says how often; the zero value is exactly once, 0:1 is "freiwillig". For files and
	// multichoice it counts files and choices.
	Occurs Occurs `json:"occurs,omitzero"`

	// ShownIf, RequiredIf, ForbiddenIf act when erfuellt. A field with RequiredIf is optional otherwise.
	// Names in expressions are paths from the top; hier is the innermost group this element stands in.
	ShownIf     string  `json:"shownIf,omitempty"`
	RequiredIf  string  `json:"requiredIf,omitempty"`
	ForbiddenIf string  `json:"forbiddenIf,omitempty"`
	Checks      []Check `json:"checks,omitempty"`

	// Elements of a group.
	Elements []Element `json:"elements,omitempty"`
	// ItemLabel names one entry of a repeated group or field: "Hund".
	ItemLabel string `json:"itemLabel,omitempty"`

	// Options of choice and multichoice. Codelist is where they come from; without Options a choice
	// with a Codelist is asked as free text.
	Options  []Option  `json:"options,omitempty"`
	Codelist *Codelist `json:"codelist,omitempty"`
	// Display: "radio", "select" for choice ("" decides by count); "checkbox", "radio" for bool.
	Display string `json:"display,omitempty"`

	// Length of text in characters.
	MinLength int `json:"minLength,omitempty"`
	MaxLength int `json:"maxLength,omitempty"`
	// Min and Max bound numbers ("0.5"), money ("10.00") and dates ("2020-01-01", "heute",
	// "heute+14t", "heute-18j": t days, m months, j years).
	Min string `json:"min,omitempty"`
	Max string `json:"max,omitempty"`
	// Digits asks for exactly so many digits; blanks are forgiven.
	Digits int `json:"digits,omitempty"`
	// Pattern is an RE2 expression the whole value matches, PatternMessage says what to do if not.
	Pattern        string `json:"pattern,omitempty"`
	PatternMessage string `json:"patternMessage,omitempty"`
	// Upload holds the rules of a file field.
	Upload *Upload `json:"upload,omitempty"`
	// Unit stands behind the field: "m²".
	Unit string `json:"unit,omitempty"`
	// Width is the number of characters to expect, 0: full width.
	Width int `json:"width,omitempty"`

	// Autocomplete is the HTML token ("given-name").
	Autocomplete string `json:"autocomplete,omitempty"`
	// Prefill names the datum of the account to begin with ("konto.name", "konto.mail").
	Prefill string `json:"prefill,omitempty"`
	// Default is the answer to begin with, as it stands in the answers.
	Default any `json:"default,omitempty"`
	// Hidden elements are never shown, Locked ones not changeable; both take Value, or Default.
	Hidden bool `json:"hidden,omitempty"`
	Locked bool `json:"locked,omitempty"`
	// Value is an expression computing the answer of a hidden or locked field.
	Value string `json:"value,omitempty"`
	// Mask shows only the ends on the citizen's check page.
	Mask bool `json:"mask,omitempty"`

	Source *Source `json:"source,omitempty"`
}

// Option is one answer of a choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
	// Help is the source's explanation of the value.
	Help string `json:"help,omitempty"`
}

// Codelist is a reference to a published code list.
type Codelist struct {
	// URI is the canonical URI, without version: "urn:xoev-de:…:codeliste:staat".
	URI string `json:"uri"`
	// VersionURI names one version; Version, Key and Name column if the source states them.
	VersionURI string `json:"versionUri,omitempty"`
	Version    string `json:"version,omitempty"`
	KeyColumn  string `json:"keyColumn,omitempty"`
	NameColumn string `json:"nameColumn,omitempty"`
	HelpColumn string `json:"helpColumn,omitempty"`
	ID         string `json:"id,omitempty"`
}

// Upload is what a file field takes.
type Upload struct {
	// Types are MIME types, checked by content; empty: PDF, JPEG, PNG.
	Types []string `json:"types,omitempty"`
	// MaxBytes of one file; 0: 10 MB.
	MaxBytes int64 `json:"maxBytes,omitempty"`
	// Later: the proof may be handed in after sending ("Reiche ich nach"). The answers then hold
	// KEY_nachreichen true.
	Later bool `json:"later,omitempty"`
}

// LaterSuffix makes the key that says a proof comes later.
const LaterSuffix = "_nachreichen"

// Check is an expression that must not be nicht erfuellt.
type Check struct {
	// That must hold; wert is the value of the element the check stands at.
	That string `json:"that"`
	// Message says what to do.
	Message string `json:"message"`
	// Path is where the message is shown; empty: the element the check stands at.
	Path string `json:"path,omitempty"`
	// ID and Text of the rule it was made from.
	ID   string `json:"id,omitempty"`
	Text string `json:"text,omitempty"`
}

// FreetextRule is a rule in words.
type FreetextRule struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	// Path of the group the rule stands at, empty: the whole form.
	Path   string `json:"path,omitempty"`
	Text   string `json:"text"`
	Type   string `json:"type,omitempty"`
	Script string `json:"script,omitempty"`
	// Version, Creator, Description as given; Params and Targets are the element ids the source names.
	Version     string   `json:"version,omitempty"`
	Creator     string   `json:"creator,omitempty"`
	Description string   `json:"description,omitempty"`
	Params      []string `json:"params,omitempty"`
	Targets     []string `json:"targets,omitempty"`
}

// Gebuehr is the fee to expect.
type Gebuehr struct {
	// Cents is an expression for the amount; offen blocks submission with the name of the open field.
	Cents string `json:"cents"`
	// Text explains the sum; {gebuehr} and {path} are replaced by values.
	Text string `json:"text,omitempty"`
	// Label is what the amount is: "Voraussichtliche Steuer für 2026".
	Label string `json:"label,omitempty"`
	Law   string `json:"law,omitempty"`
	// FreeText is said instead when the amount is 0.
	FreeText string `json:"freeText,omitempty"`
}

// Roles names the fields the Vorgang is built from, as paths.
type Roles struct {
	// Name parts are joined by a blank: ["person.vorname","person.nachname"]. Organisation goes first if answered.
	Name         []string `json:"name,omitempty"`
	Organisation string   `json:"organisation,omitempty"`
	Mail         string   `json:"mail,omitempty"`
	Phone        string   `json:"phone,omitempty"`
	// Address is the path of an address element, or of a group holding FIM address fields.
	Address   string `json:"address,omitempty"`
	BirthDate string `json:"birthDate,omitempty"`
	// Subject is the Vorgang's Betreff: "Anmeldung eines Hundes: {hund.name}".
	Subject string `json:"subject,omitempty"`
	// FileKey is the field that selects the Akte (a Kassenzeichen); empty: the service's rule.
	FileKey string `json:"fileKey,omitempty"`
	// FileSubject is the Betreff of an Akte opened for it.
	FileSubject string `json:"fileSubject,omitempty"`
}

// Unbounded is Occurs.Max without limit.
const Unbounded = -1

// Occurs is how often an element occurs. The zero value means exactly once. Its text form is "0:1", "1:*".
type Occurs struct{ Min, Max int }

// Norm returns 1:1 for the zero value.
func (o Occurs) Norm() Occurs {
	if o == (Occurs{}) {
		return Occurs{Min: 1, Max: 1}
	}
	return o
}

// Optional: the element may be left out.
func (o Occurs) Optional() bool { return o.Norm().Min == 0 }

// Repeated: there may be more than one, so the answers hold an array.
func (o Occurs) Repeated() bool { n := o.Norm(); return n.Max == Unbounded || n.Max > 1 }

// Allows reports whether n occurrences are not too many.
func (o Occurs) Allows(n int) bool { m := o.Norm().Max; return m == Unbounded || n <= m }

func (o Occurs) String() string {
	n := o.Norm()
	if n.Max == Unbounded {
		return strconv.Itoa(n.Min) + ":*"
	}
	return strconv.Itoa(n.Min) + ":" + strconv.Itoa(n.Max)
}

// MarshalText writes "0:1".
func (o Occurs) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

var errOccurs = errors.New("occurs must be MIN:MAX, MAX a number or *")

// UnmarshalText reads "0:1", "2:5", "1:*".
func (o *Occurs) UnmarshalText(b []byte) error {
	low, high, ok := strings.Cut(string(b), ":")
	if !ok {
		return fmt.Errorf("%q: %w", b, errOccurs)
	}
	lo, err := strconv.Atoi(low)
	if err != nil || lo < 0 {
		return fmt.Errorf("%q: %w", b, errOccurs)
	}
	if high == "*" {
		*o = Occurs{Min: lo, Max: Unbounded}
		return nil
	}
	hi, err := strconv.Atoi(high)
	if err != nil || hi < lo || hi < 1 {
		return fmt.Errorf("%q: %w", b, errOccurs)
	}
	*o = Occurs{Min: lo, Max: hi}
	return nil
}
