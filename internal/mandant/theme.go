package mandant

import "rathaus/internal/problem"

// Theme is what a town may choose of its look. Lightness is ours, so that contrast cannot break
// whatever a town enters here.
type Theme struct {
	Hue       int     `json:"hue"`        // 0–359, of links, buttons, tints
	Chroma    float64 `json:"chroma"`     // 0–MaxChroma
	AccentHue int     `json:"accent_hue"` // 0–359, of the stripe and the drawing
	Radius    float64 `json:"radius"`     // rem, 0–MaxRadius
	Crest     string  `json:"crest"`      // one of Crests
}

// MaxChroma is the strongest colour for which AA contrast was measured over all hues.
const MaxChroma = 0.14

// MaxRadius is the roundest corner in rem.
const MaxRadius = 0.75

// DefaultTheme is a quiet blue.
func DefaultTheme() Theme {
	return Theme{Hue: 262, Chroma: 0.12, AccentHue: 80, Radius: 0.25, Crest: "schild"}
}

// Crests names the drawings a town without an own crest may choose from; internal/web/ui draws them.
func Crests() []string { return []string{"schild", "bruecke", "leuchtturm"} }

func (t Theme) check() problem.Fields {
	var p problem.Fields
	if t.Hue < 0 || t.Hue > 359 {
		p.Add("theme.hue", "problem.range", 0, 359)
	}
	if t.AccentHue < 0 || t.AccentHue > 359 {
		p.Add("theme.accent_hue", "problem.range", 0, 359)
	}
	// Written so that NaN is refused too.
	if !(t.Chroma >= 0 && t.Chroma <= MaxChroma) {
		p.Add("theme.chroma", "problem.range", "0", "0,14")
	}
	if !(t.Radius >= 0 && t.Radius <= MaxRadius) {
		p.Add("theme.radius", "problem.range", "0", "0,75")
	}
	for _, c := range Crests() {
		if t.Crest == c {
			return p
		}
	}
	p.Add("theme.crest", "problem.choice")
	return p
}
