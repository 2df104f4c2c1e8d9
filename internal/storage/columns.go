package storage

import (
	"strings"
)

// Column is one column of a table of the store.
type Column struct{ Table, Name string }

// Columns lists the columns called suffix or ending in _suffix, by table; all with suffix "". Names come from migrations
// and need no quoting.
func Columns(tx *Tx, suffix string) ([]Column, error) {
	all, err := tx.columns()
	if err != nil {
		return nil, err
	}
	var out []Column
	for _, c := range all {
		if suffix == "" || c.Name == suffix || strings.HasSuffix(c.Name, "_"+suffix) {
			out = append(out, c)
		}
	}
	return out, nil
}

// columns lists all columns of ordinary tables, in the tables' order. Full-text indexes and what belongs
// to them are no ordinary tables.
func (tx *Tx) columns() ([]Column, error) {
	query := `select m.name, c.name from pragma_table_list m join pragma_table_info(m.name) c
		where m.schema = 'main' and m.type = 'table' and m.name not like 'sqlite_%' and m.name <> 'goose_db_version' order by m.name, c.cid`
	if tx.Engine() == PostgreSQL {
		query = `select c.table_name::text, c.column_name::text from information_schema.columns c
			where c.table_schema = current_schema() and c.table_name <> 'goose_db_version'
			and not exists (select from information_schema.columns i where i.table_schema = c.table_schema
				and i.table_name = c.table_name and i.data_type not in ('text', 'bigint'))
			order by c.table_name, c.ordinal_position`
	}
	return List(tx, func(s Scanner) (Column, error) {
		var c Column
		err := s.Scan(&c.Table, &c.Name)
		return c, err
	}, query)
}
