package audit

import (
	"fmt"
	"strconv"

	"rathaus/internal/storage"
)

// pageSize is how many entries Timeline returns at once.
const pageSize = 25

// Timeline returns the entries of one thing, newest first, 25 at a time. cursor is "" for the first
// page and then what the call before returned; the returned cursor is "" when there is no more. A
// cursor that cannot be read shows the first page.
func Timeline(tx *storage.Tx, noun, id, cursor string) ([]Entry, string, error) {
	before, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil {
		before = 1<<63 - 1
	}
	rows, err := storage.List(tx, scanRow, `select `+columns+` from audit_entry
		where noun = $1 and object_id = $2 and seq < $3 order by seq desc limit $4`, noun, id, before, pageSize+1)
	if err != nil {
		return nil, "", fmt.Errorf("timeline of %s %s: %w", noun, id, err)
	}
	next := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = strconv.FormatInt(rows[pageSize-1].seq, 36)
	}
	out, err := entries(rows)
	return out, next, err
}

// Log returns what happened in the store, newest first, for the auditors' page. Cursor as in Timeline.
func Log(tx *storage.Tx, cursor string) ([]Entry, string, error) {
	before, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil {
		before = 1<<63 - 1
	}
	rows, err := storage.List(tx, scanRow, `select `+columns+` from audit_entry where seq < $1 order by seq desc limit $2`, before, pageSize+1)
	if err != nil {
		return nil, "", fmt.Errorf("audit log: %w", err)
	}
	next := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = strconv.FormatInt(rows[pageSize-1].seq, 36)
	}
	out, err := entries(rows)
	return out, next, err
}

func entries(rows []row) ([]Entry, error) {
	out := make([]Entry, 0, len(rows))
	for _, r := range rows {
		e, err := r.entry()
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
