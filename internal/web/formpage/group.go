package formpage

import (
	"strings"

	"rathaus/internal/formular"
	"rathaus/internal/web/ui"
)

// Group is the answers of one page of a form, to be read.
type Group struct {
	ID, Title string
	Change    string // address of the page, or empty
	Parts     []Part
}

// Part is the answers of one group of fields; Title is empty for those of the page itself.
type Part struct {
	Title string
	Rows  []Row
}

// Row is one answer.
type Row struct {
	Name, Value, Help string
	Day               string // ISO, where the value is a day
	Later, Missing    bool
	Files             []ui.Link
}

// Groups arranges sections for reading. change is put before the key of a page to make its address, unless empty; files
// gives the uploads of a field.
func Groups(sections []formular.Section, change string, files func(path string) []ui.Link) []Group {
	out := make([]Group, len(sections))
	for i, s := range sections {
		g := Group{ID: "a-" + s.Key, Title: s.Title, Parts: parts(s, files)}
		if change != "" {
			g.Change = change + s.Key
		}
		out[i] = g
	}
	return out
}

func parts(s formular.Section, files func(string) []ui.Link) []Part {
	titles := map[string]string{}
	var out []Part
	current := "-" // no group yet
	for _, row := range s.Rows {
		if row.Heading {
			titles[row.Path] = row.Label
			continue
		}
		owner := row.Path
		for owner != "" && titles[owner] == "" {
			owner = owner[:max(strings.LastIndexByte(owner, '.'), 0)]
		}
		if owner != current {
			out = append(out, Part{Title: titles[owner]})
			current = owner
		}
		r := Row{Name: row.Label, Value: row.Value, Day: row.Day, Help: row.Help, Later: row.Later, Missing: row.Missing}
		if row.File {
			r.Files = files(row.Path)
		}
		out[len(out)-1].Rows = append(out[len(out)-1].Rows, r)
	}
	if len(out) > 0 && len(titles) == 1 { // the page's own title says the same
		out[0].Title = ""
	}
	return out
}
