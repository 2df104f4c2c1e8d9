package leistung

import "strings"

// Text is everything the public page says about a Leistung in one language. The place holders {ort} and
// {gemeinde} stand for the name of the town ("Wiesenbrück") and its official name ("Stadt Wiesenbrück");
// At fills them in.
type Text struct {
	Title string `json:"title"`
	// Hint is the single word under which it is offered below the search field ("Umziehen").
	Hint string `json:"hint,omitempty"`
	// Lead is the one sentence that says what it is about.
	Lead string `json:"lead"`
	// Start is the label of the start button, verb and object; Effort says how long it takes.
	Start  string `json:"start,omitempty"`
	Effort string `json:"effort,omitempty"`
	// The four facts that decide.
	Fee      Fact `json:"fee"`
	Time     Fact `json:"time"`
	Deadline Fact `json:"deadline"`
	Result   Fact `json:"result"`
	// Needs is the checklist; NeedsNote what to do when something is missing.
	Needs     []string `json:"needs"`
	NeedsNote string   `json:"needsNote,omitempty"`
	// WhoTitle replaces the general heading above Who.
	WhoTitle string   `json:"whoTitle,omitempty"`
	Who      []string `json:"who"`
	Steps    []string `json:"steps"`
	// Costs details the fee; nil where the fact says it all.
	Costs *Costs `json:"costs,omitempty"`
	// Law names the legal basis, one provision an entry.
	Law []string `json:"law"`
	// Offline says why it cannot be done online, and what to do instead.
	Offline string `json:"offline,omitempty"`
	// Paper is the way without a computer.
	Paper string `json:"paper"`
	// Proofread: somebody who knows the language well has read the translation.
	Proofread bool `json:"proofread,omitempty"`
}

// Fact is a short value with a note in smaller type.
type Fact struct {
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
}

// Costs is the table of fees.
type Costs struct {
	Title   string `json:"title"`
	Caption string `json:"caption"`
	// Subject heads the first column, Amount the second.
	Subject string `json:"subject"`
	Amount  string `json:"amount"`
	Rows    []Cost `json:"rows"`
}

// Cost is one line of a table of fees.
type Cost struct {
	Name   string `json:"name"`
	Amount string `json:"amount"`
}

// At returns the text for a town, given its name and its official name. It shares nothing with the original.
func (t Text) At(name, official string) Text {
	fill := placeHolders(name, official).Replace
	all := func(list []string) []string {
		out := make([]string, len(list))
		for i, s := range list {
			out[i] = fill(s)
		}
		return out
	}
	fact := func(f Fact) Fact { return Fact{Value: fill(f.Value), Note: fill(f.Note)} }
	t.Title, t.Hint, t.Lead = fill(t.Title), fill(t.Hint), fill(t.Lead)
	t.Start, t.Effort = fill(t.Start), fill(t.Effort)
	t.Fee, t.Time, t.Deadline, t.Result = fact(t.Fee), fact(t.Time), fact(t.Deadline), fact(t.Result)
	t.Needs, t.NeedsNote = all(t.Needs), fill(t.NeedsNote)
	t.WhoTitle, t.Who, t.Steps = fill(t.WhoTitle), all(t.Who), all(t.Steps)
	t.Law, t.Offline, t.Paper = all(t.Law), fill(t.Offline), fill(t.Paper)
	if t.Costs != nil {
		c := *t.Costs
		c.Title, c.Caption, c.Subject, c.Amount = fill(c.Title), fill(c.Caption), fill(c.Subject), fill(c.Amount)
		c.Rows = make([]Cost, len(t.Costs.Rows))
		for i, r := range t.Costs.Rows {
			c.Rows[i] = Cost{Name: fill(r.Name), Amount: fill(r.Amount)}
		}
		t.Costs = &c
	}
	return t
}

func placeHolders(name, official string) *strings.Replacer {
	return strings.NewReplacer("{ort}", name, "{gemeinde}", official)
}

// words is what a search looks at besides title and synonyms.
func (t Text) words() string {
	parts := append([]string{t.Lead, t.Result.Value, t.Result.Note}, t.Needs...)
	return strings.Join(append(parts, t.Who...), "\n")
}
