package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
)

// Theme is what a town chooses of its look. Lightness is ours, so that no choice breaks the contrast.
type Theme struct {
	Hue       int     // 0–359
	Chroma    float64 // 0–0.14
	AccentHue int     // 0–359
	Radius    float64 // rem, 0–0.75
	Crest     string  // name of a drawing: schild, bruecke, leuchtturm
}

// Limits of a theme; stored values were checked when saved, these hold whatever was stored.
const (
	maxChroma = 0.14
	maxRadius = 0.75
)

// CSS is the town's style sheet: four custom properties, each within its limits.
func (t Theme) CSS() string {
	return fmt.Sprintf(":root{--town-hue:%d;--town-chroma:%.3f;--town-accent-hue:%d;--town-radius:%.3frem}\n",
		degrees(t.Hue), clamp(t.Chroma, maxChroma), degrees(t.AccentHue), clamp(t.Radius, maxRadius))
}

// Hash names the theme in its address, so that the answer never changes.
func (t Theme) Hash() string {
	sum := sha256.Sum256([]byte(t.CSS() + t.Icon()))
	return hex.EncodeToString(sum[:8])
}

// Icon is the site icon: the crest as a file of its own, in the town's colour.
func (t Theme) Icon() string {
	brand := fmt.Sprintf("oklch(.42 %.3f %d)", clamp(t.Chroma, maxChroma), degrees(t.Hue))
	accent := fmt.Sprintf("oklch(.74 .14 %d)", degrees(t.AccentHue))
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 46">` + t.drawing().icon(brand, accent) + `</svg>`
}

// CrestSVG is the crest in the header; its colours come from the style sheet.
func (t Theme) CrestSVG() template.HTML {
	return template.HTML(`<svg viewBox="0 0 40 46" aria-hidden="true">` + t.drawing().inline() + `</svg>`)
}

func (t Theme) drawing() crest {
	for _, c := range crests() {
		if c.name == t.Crest {
			return c
		}
	}
	return crests()[0]
}

// crest is an invented shield; towns without an own one choose among them.
type crest struct {
	name    string
	dot     [3]string // cx, cy, r of the accent
	strokes string
}

const shield = "M2 2h36v22c0 11-8 17-18 20C10 41 2 35 2 24z"

func crests() []crest {
	return []crest{
		{"schild", [3]string{"20", "13", "5"}, "M7 25h26M9 31h22M13 37h14"},
		{"bruecke", [3]string{"20", "12", "5"}, "M4 27c4 0 5-9 16-9s12 9 16 9M9 27v-3M15 27v-7M20 27v-8M25 27v-7M31 27v-3M6 33c4-3 6-3 9 0s6 3 9 0 6-3 9 0"},
		{"leuchtturm", [3]string{"20", "11", "4"}, "M17 16h6l2 15H15zM14 31h12M16 22h8M6 36c4-3 6-3 9 0s6 3 9 0 6-3 9 0M27 10l5-2M27 13l5 2M13 10l-5-2M13 13l-5 2"},
	}
}

func (c crest) inline() string {
	return `<path class="c-fill" d="` + shield + `"/><circle class="crest-accent" cx="` + c.dot[0] + `" cy="` + c.dot[1] + `" r="` + c.dot[2] +
		`"/><path class="crest-line" d="` + c.strokes + `"/>`
}

func (c crest) icon(brand, accent string) string {
	return `<path fill="` + brand + `" d="` + shield + `"/><circle fill="` + accent + `" cx="` + c.dot[0] + `" cy="` + c.dot[1] + `" r="` + c.dot[2] +
		`"/><path fill="none" stroke="#fff" stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round" d="` + c.strokes + `"/>`
}

func degrees(n int) int { return ((n % 360) + 360) % 360 }

// clamp also turns NaN into 0.
func clamp(f, limit float64) float64 {
	if !(f > 0) {
		return 0
	}
	return min(f, limit)
}
