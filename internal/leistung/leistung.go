// Package leistung holds the catalogue of public services: what a resident may ask of the town, in
// plain words, with fee, time, law and competent unit, and how an application is to be filed.
//
// A Leistung is seeded from the embedded catalogue (own wording, one file per service in katalog/),
// belongs to the town from then on and can be edited by its Redaktion: Save keeps a draft, Publish
// makes it live. Which form belongs to a Leistung is known by package formular, not here.
//
// JSON keys are the Go names in lower camel case: German for nouns of the domain, English for
// everything else.
package leistung

import (
	"rathaus/internal/clock"
	"rathaus/internal/i18n"
)

// Leistung is a public service: one matter a resident or business can settle with the town.
type Leistung struct {
	// Slug names the service for good: in URLs, in form links, in exports.
	Slug string `json:"slug"`
	// Land is the key of the Land whose law the texts follow ("BW"); empty: general wording.
	Land string `json:"land,omitempty"`
	// LeiKa is the 14-digit key of the German catalogue of public services; empty where it has none.
	LeiKa string `json:"leika,omitempty"`
	// Lebenslagen are keys of the situations in life it is listed under, the most fitting first.
	Lebenslagen []string `json:"lebenslagen"`
	// Einheit is the key of the competent unit ("steueramt").
	Einheit string `json:"einheit"`
	// Synonyms are other words people search for, in German.
	Synonyms []string `json:"synonyms,omitempty"`
	// Related are slugs of other services that fit.
	Related []string `json:"related,omitempty"`
	// Frequent is the place in the list of the most used; 0: not in it.
	Frequent int `json:"frequent,omitempty"`
	// Way is how it is done as long as no form is published.
	Way Way `json:"way"`
	// Fachverfahren names the specialised program that does the work; empty: done here.
	Fachverfahren string `json:"fachverfahren,omitempty"`
	// Trust is the Vertrauensniveau (level of trust) the applicant must prove.
	Trust Trust `json:"trust"`
	// Schriftform says whether a law demands written form.
	Schriftform Schriftform `json:"schriftform,omitzero"`
	// Workdays is the time the town allows itself, in working days; 0: none stated.
	Workdays int `json:"workdays,omitempty"`
	// Rechtsgebiet is the area of law; with way of delivery and Land it decides Bekanntgabe and remedy.
	Rechtsgebiet Rechtsgebiet `json:"rechtsgebiet"`
	// FourEyes demands a Mitzeichnung (second signature) before the Bescheid leaves.
	FourEyes bool `json:"fourEyes,omitempty"`
	// Filing says where an application goes in the E-Akte.
	Filing Filing `json:"filing"`
	// Gebuehr is the fee as a figure.
	Gebuehr Gebuehr `json:"gebuehr"`
	// CheckedOn is the day somebody last looked at the texts.
	CheckedOn clock.Date `json:"checkedOn"`
	// Checked: the town has confirmed the texts on that day. Seeded texts never are.
	Checked bool `json:"checked,omitempty"`
	// Texts by language; German is always there.
	Texts map[i18n.Lang]Text `json:"texts,omitempty"`

	// Hidden: the town does not offer it; pages answer 404, running cases still find their rules.
	Hidden bool `json:"-"`
	// Edited: the town has its own version, a newer seed leaves it alone.
	Edited bool `json:"-"`
	// Version grows with every published change in the town; Save refuses an outdated one.
	Version int64 `json:"-"`
}

// Way is how a matter is settled when there is no form.
type Way string

const (
	WayCounter       Way = "counter"       // at the town hall, without appointment, or by letter
	WayAppointment   Way = "appointment"   // in person with an appointment
	WayFachverfahren Way = "fachverfahren" // the named Fachverfahren has its own way in
	WayElsewhere     Way = "elsewhere"     // another authority decides
	WayForm          Way = "form"          // meant to be online; the form may be unpublished for now
)

// Trust is a Vertrauensniveau (level of trust) in the applicant's identity, in rising order.
type Trust string

const (
	TrustNone         Trust = "none"         // no proof of identity
	TrustNormal       Trust = "normal"       // an account confirmed by mail
	TrustSubstantiell Trust = "substantiell" // e.g. tax certificate
	TrustHoch         Trust = "hoch"         // e.g. electronic identity card
)

// AtLeast reports whether t reaches the level demanded. An unknown level reaches nothing.
func (t Trust) AtLeast(demanded Trust) bool {
	have, ok := trustRank(t)
	need, okNeed := trustRank(demanded)
	return ok && okNeed && have >= need
}

func trustRank(t Trust) (int, bool) {
	for i, known := range []Trust{TrustNone, TrustNormal, TrustSubstantiell, TrustHoch} {
		if t == known {
			return i, true
		}
	}
	return 0, false
}

// Schriftform is a demand of written form, and what may replace the signature online.
type Schriftform struct {
	Required bool `json:"required,omitempty"`
	// ReplacedBy are the electronic substitutes in order of preference; empty with Required: paper only.
	ReplacedBy []Substitute `json:"replacedBy,omitempty"`
}

// Substitute replaces a signature on paper (§ 3a VwVfG, § 9a OZG and the Land's own acts).
type Substitute string

const (
	SubstituteEID     Substitute = "eid"     // form filled in while identified by electronic identity card
	SubstituteQES     Substitute = "qes"     // qualified electronic signature
	SubstituteAccount Substitute = "account" // sent from a user account at the level demanded
)

// Rechtsgebiet is an area of law.
type Rechtsgebiet string

const (
	RechtVerwaltung Rechtsgebiet = "verwaltung" // general administrative law (VwVfG of the Land)
	RechtAbgaben    Rechtsgebiet = "abgaben"    // local taxes, fees and contributions (KAG with AO)
	RechtSozial     Rechtsgebiet = "sozial"     // social law (SGB X)
)

// Filing is the rule by which an application finds its Akte.
type Filing struct {
	// Plan is the position in the Aktenplan (filing plan), "22.30".
	Plan string `json:"plan"`
	// Sammelakte: one Akte a year for all cases. Otherwise every key has an Akte of its own.
	Sammelakte bool `json:"sammelakte,omitempty"`
	// Key is the path of the answer that names the own Akte ("kassenzeichen"); a missing answer opens a new Akte.
	Key string `json:"key,omitempty"`
}

// Gebuehr is the fee of a service as a figure; the wording stands in Text.Fee.
type Gebuehr struct {
	// Cents is the amount proposed in the Bescheid; 0: none, or set case by case.
	Cents int64 `json:"cents,omitempty"`
	// Origin says who sets the fee.
	Origin Origin `json:"origin"`
	// Example: the amount is invented and waits for the town's own statute; the page says so.
	Example bool `json:"example,omitempty"`
}

// Origin is who sets a fee.
type Origin string

const (
	OriginNone    Origin = "none"    // free of charge
	OriginFederal Origin = "bund"    // federal law
	OriginLand    Origin = "land"    // law of the Land
	OriginTown    Origin = "satzung" // the town's own statute
)

// In returns the text in the language asked for, or the German one, and which of the two it is.
func (l Leistung) In(lang i18n.Lang) (Text, i18n.Lang) {
	if t, ok := l.Texts[lang]; ok {
		return t, lang
	}
	return l.Texts[i18n.De], i18n.De
}
