package antrag

import (
	"strings"

	"rathaus/internal/akte"
	"rathaus/internal/audit"
	"rathaus/internal/clock"
	"rathaus/internal/storage"
)

// Timeline is the history of the case for staff, newest first, 25 at a time: what the E-Akte and this module
// recorded about its Vorgang.
func Timeline(tx *storage.Tx, antragID, cursor string) ([]audit.Entry, string, error) {
	a, err := Get(tx, antragID)
	if err != nil {
		return nil, "", err
	}
	return audit.Timeline(tx, "vorgang", a.VorgangID, cursor)
}

// publicAct says how the applicant reads an act of the history; "" for what is the office's own business.
func publicAct(act string) string {
	switch act {
	case "taken_over", "assigned":
		return "begun"
	case "forwarded":
		return "forwarded"
	}
	name, ok := strings.CutPrefix(act, "antrag.")
	if !ok {
		return ""
	}
	switch name {
	case "submitted", "asked", "answered", "decided", "posted", "provided", "fetched", "lapsed", "withdrawn", "recalled", "reopened":
		return name
	}
	return ""
}

// maxHistory bounds what the status page shows; the oldest entry is always among them because a case begins with it.
const maxHistory = 200

// citizenHistory is the history for the applicant, newest first: no names, no internal steps.
func citizenHistory(tx *storage.Tx, a Antrag) ([]Ereignis, error) {
	var out []Ereignis
	cursor := ""
	for range maxHistory / 25 {
		page, next, err := audit.Timeline(tx, "vorgang", a.VorgangID, cursor)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			if act := publicAct(e.Act); act != "" {
				day, _ := clock.ParseDate(e.Data["tag"]) // no day: none is shown
				out = append(out, Ereignis{At: e.At, Act: act, Day: day})
			}
		}
		if cursor = next; next == "" {
			break
		}
	}
	return onceBegun(out), nil
}

// onceBegun keeps only the first taking over: who else had the case is the office's own business.
func onceBegun(all []Ereignis) []Ereignis {
	last := -1
	for i, e := range all {
		if e.Act == "begun" {
			last = i // newest first: the last one is the earliest
		}
	}
	out := all[:0]
	for i, e := range all {
		if e.Act != "begun" || i == last {
			out = append(out, e)
		}
	}
	return out
}

// dokumenteByID is the documents of a Vorgang by id.
func dokumenteByID(tx *storage.Tx, vorgangID string) (map[string]akte.Dokument, error) {
	all, err := akte.Dokumente(tx, vorgangID, false)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]akte.Dokument, len(all))
	for _, d := range all {
		byID[d.ID] = d
	}
	return byID, nil
}
