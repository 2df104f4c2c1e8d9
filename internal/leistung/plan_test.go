package leistung_test

import (
	"testing"

	"rathaus/internal/akte"
)

// TestFilingRulesFitTheAktenplan: an application for any service finds its place in the shipped plan.
func TestFilingRulesFitTheAktenplan(t *testing.T) {
	t.Parallel()
	plan, err := akte.ShippedPlan()
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]bool{}
	for _, p := range plan {
		open[p.Nummer] = p.AktenErlaubt
	}
	for _, l := range catalogue(t, "BW") {
		if !open[l.Filing.Plan] {
			t.Errorf("%s: position %q takes no Akten", l.Slug, l.Filing.Plan)
		}
	}
}
