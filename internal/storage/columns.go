package storage

import (
	"strings"
)

// Column is one column of a table of the store.
type Column struct{ Table, Name string }

// Columns lists the columns called suffix or ending in _suffix, by table. Names come from migrations
// and need no quoting.
func Columns(tx *Tx, suffix string) ([]Column, error) {
	all, err := tx.columns()
	if err != nil {
		return nil, err
	}
	var out []Column
	for _, c := range all {
		if c.Name == suffix || strings.HasSuffix(c.Name, "_"+suffix) {
			out = append(out, c)
		}
	}
	return out, nil
}

// columns lists all columns of ordinary tables, in the tables' order.
func (tx *Tx) columns() ([]Column, error) {
	query := `select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' and m.sql not like 'create virtual%' order by m.name, c.cid`
	if tx.Engine() == PostgreSQL {
		query = `select table_name::text, column_name::text from information_schema.columns
			where table_schema = current_schema() order by table_name, ordinal_position`
	}
	return List(tx, func(s Scanner) (Column, error) {
		var c Column
		err := s.Scan(&c.Table, &c.Name)
		return c, err
	}, query)
}
