package storage

import (
	"fmt"
	"slices"
	"strings"
)

// Dump reads all rows of the store, table by table in alphabetical order, rows by the first column kept: what an
// export needs that must not know each table. keep chooses columns; row gets the names and values of one row.
func Dump(tx *Tx, keep func(Column) bool, row func(table string, columns []string, values []any) error) error {
	all, err := Columns(tx, "")
	if err != nil {
		return err
	}
	tables := map[string][]string{}
	var order []string
	for _, c := range all {
		if !keep(c) {
			continue
		}
		if tables[c.Table] == nil {
			order = append(order, c.Table)
		}
		tables[c.Table] = append(tables[c.Table], c.Name)
	}
	slices.Sort(order)
	for _, t := range order {
		names := tables[t]
		err := Each(tx, func(s Scanner) error {
			values, dest := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				dest[i] = &values[i]
			}
			if err := s.Scan(dest...); err != nil {
				return err
			}
			return row(t, names, values)
		}, `select `+strings.Join(names, ", ")+` from `+t+` order by `+names[0])
		if err != nil {
			return fmt.Errorf("dump %s: %w", t, err)
		}
	}
	return nil
}
