package i18n_test

import (
	"html/template"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/i18n"
)

func load(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGermanIsTheSource(t *testing.T) {
	t.Parallel()
	c := load(t)
	german := c.Keys(i18n.De)
	if len(german) == 0 {
		t.Fatal("no German texts")
	}
	for _, lang := range i18n.Langs() {
		for _, key := range c.Keys(lang) {
			if !slices.Contains(german, key) {
				t.Errorf("%s: %s has no German source", lang, key)
			}
		}
	}
}

func TestPortalAreasAreComplete(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, key := range c.Keys(i18n.De) {
		area, _, _ := strings.Cut(key, ".")
		if !slices.Contains(i18n.PortalAreas(), area) {
			continue
		}
		for _, lang := range i18n.Langs() {
			if _, got, _ := c.Lookup(lang, key); got != lang {
				t.Errorf("%s: no text for %s", lang, key)
			}
		}
	}
}

var (
	placeholder = regexp.MustCompile(`\{[^}]*\}`)
	markup      = regexp.MustCompile(`<[^>]*>|&[a-z]+;`)
	allowed     = regexp.MustCompile(`^(</?(a|strong|em|br|abbr|span|code)( (href|lang|hreflang|title|class)="[^"<>]*")*>|&(nbsp|shy|amp|lt|gt);)$`)
)

func TestTextsAreWellMade(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, lang := range i18n.Langs() {
		for _, key := range c.Keys(lang) {
			text, _, _ := c.Lookup(lang, key)
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s %s: empty, or white space at the ends", lang, key)
			}
			german, _, _ := c.Lookup(i18n.De, key)
			if got, want := holes(text), holes(german); !slices.Equal(got, want) {
				t.Errorf("%s %s: place holders %v, in German %v", lang, key, got, want)
			}
			for _, tag := range markup.FindAllString(text, -1) {
				if !strings.HasSuffix(key, "_html") {
					t.Errorf("%s %s: markup %s in a plain text", lang, key, tag)
				} else if !allowed.MatchString(tag) {
					t.Errorf("%s %s: markup %s is not allowed", lang, key, tag)
				}
			}
		}
	}
}

func holes(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCountsHaveBothForms(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, key := range c.Keys(i18n.De) {
		if stem, ok := strings.CutSuffix(key, "_one"); ok {
			if _, _, ok := c.Lookup(i18n.De, stem+"_other"); !ok {
				t.Errorf("%s without %s_other", key, stem)
			}
		}
	}
}

func TestT(t *testing.T) {
	t.Parallel()
	c := load(t)
	if got := c.T(i18n.De, "problem.range", 0, int64(12345)); got != "Bitte geben Sie einen Wert von 0 bis 12.345 ein." {
		t.Error(got)
	}
	if got := c.T(i18n.En, "gibt.es_nicht"); got != "⟨gibt.es_nicht⟩" {
		t.Error(got)
	}
	if got := c.T(i18n.De, "problem.range", "{1}", "{0}"); got != "Bitte geben Sie einen Wert von {1} bis {0} ein." {
		t.Errorf("an argument is filled in again: %s", got)
	}
	if got := c.N(i18n.De, "ui.errors", 1); !strings.HasPrefix(got, "Eine Angabe") {
		t.Error(got)
	}
	if got := c.N(i18n.De, "ui.errors", 1000); !strings.HasPrefix(got, "1.000 Angaben") {
		t.Error(got)
	}
	if got := c.HTML(i18n.De, "problem.range", "<b>", 1); got != "⟨problem.range⟩" {
		t.Errorf("a plain text is taken as markup: %s", got)
	}
}

func TestHTMLEscapesArguments(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, key := range c.Keys(i18n.De) {
		if !strings.HasSuffix(key, "_html") {
			continue
		}
		got := c.HTML(i18n.De, key, "<script>", "<script>", "<script>", template.HTML("<i>x</i>"))
		if strings.Contains(string(got), "<script>") {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 3, 13, 5, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"money", i18n.Money(i18n.De, 123456), "1.234,56\u00a0€"},
		{"money, cents", i18n.Money(i18n.De, 5), "0,05\u00a0€"},
		{"money, negative", i18n.Money(i18n.De, -1250), "−12,50\u00a0€"},
		{"money, most negative", i18n.Money(i18n.De, math.MinInt64), "−92.233.720.368.547.758,08\u00a0€"},
		{"money, English", i18n.Money(i18n.En, 123456), "€1,234.56"},
		{"number", i18n.Number(i18n.De, 1234567), "1.234.567"},
		{"number, negative", i18n.Number(i18n.De, -999), "−999"},
		{"number, English", i18n.Number(i18n.En, 1000), "1,000"},
		{"decimal", i18n.Decimal(i18n.De, 1234.5, 1), "1.234,5"},
		{"decimal, small negative", i18n.Decimal(i18n.De, -0.5, 1), "−0,5"},
		{"percent", i18n.Percent(i18n.De, 48), "48\u00a0%"},
		{"size", i18n.Size(i18n.De, 999), "999\u00a0Byte"},
		{"size, kB", i18n.Size(i18n.De, 311_600), "312\u00a0kB"},
		{"size, up to the next unit", i18n.Size(i18n.De, 999_700), "1,0\u00a0MB"},
		{"size, MB", i18n.Size(i18n.De, 1_449_999), "1,4\u00a0MB"},
		{"day", i18n.Day(i18n.De, "2026-11-03"), "3.11.2026"},
		{"day, none", i18n.Day(i18n.En, ""), ""},
		{"day, English", i18n.Day(i18n.En, "2026-11-03"), "3 Nov 2026"},
		{"long day", i18n.DayLong(i18n.De, "2026-11-03"), "3.\u00a0November 2026"},
		{"time in winter", i18n.TimeOfDay(i18n.De, at), "14:05\u00a0Uhr"},
		{"time in summer", i18n.TimeOfDay(i18n.De, time.Date(2026, 7, 3, 13, 5, 0, 0, time.UTC)), "15:05\u00a0Uhr"},
		{"day and time", i18n.DayTime(i18n.De, at), "3.11.2026, 14:05\u00a0Uhr"},
		{"day and time, none", i18n.DayTime(i18n.De, time.Time{}), ""},
		{"argument", i18n.Format(i18n.De, clock.Date("2026-11-03")), "3.11.2026"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestParseLang(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs() {
		if got, ok := i18n.ParseLang(string(l)); !ok || got != l {
			t.Errorf("%s: %v %v", l, got, ok)
		}
	}
	if got, ok := i18n.ParseLang("fr"); ok || got != i18n.De {
		t.Errorf("fr: %v %v", got, ok)
	}
}
