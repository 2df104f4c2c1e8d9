package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

func (b *pgBackend) exists(ctx context.Context, key string) (bool, error) {
	var ok bool
	err := b.serve.QueryRowContext(ctx, `select exists (select from pg_namespace where nspname = $1)`, b.schema(key)).Scan(&ok)
	return ok, err
}

func (b *pgBackend) restoreFile(context.Context, string, string) error {
	return errors.New("storage: a SQLite file cannot become a PostgreSQL schema; take the snapshot as rows")
}

// restoreRows fills a new schema as the rows had it, then brings it to today's. On an error the schema
// goes again.
func (b *pgBackend) restoreRows(ctx context.Context, key string, rows *rowReader) error {
	if key != Central {
		if err := os.MkdirAll(filepath.Join(b.cfg.Dir, "mandant", key), 0o700); err != nil {
			return err
		}
	}
	err := b.admin(ctx, func(conn *sql.Conn) error {
		if err := b.createSchema(ctx, conn, key); err != nil {
			return err
		}
		db, err := b.asTown(key)
		if err != nil {
			return err
		}
		err = migrateTo(ctx, db, PostgreSQL, key, rows.header.Migrations)
		if err == nil {
			err = b.fill(ctx, db, rows)
		}
		if err == nil {
			err = migrate(ctx, db, PostgreSQL, key)
		}
		return errors.Join(err, db.Close())
	})
	if err != nil {
		return errors.Join(err, b.dropSchema(ctx, key))
	}
	return nil
}

// asTown opens the administrating login under the town's role, which owns what it makes.
func (b *pgBackend) asTown(key string) (*sql.DB, error) {
	pc, err := pgConfig(b.cfg.AdminURL)
	if err != nil {
		return nil, err
	}
	delete(pc.RuntimeParams, "idle_in_transaction_session_timeout")
	name := pgx.Identifier{b.schema(key)}.Sanitize()
	return stdlib.OpenDB(*pc, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `set role `+name+`; set search_path to `+name)
		return err
	})), nil
}

// fill copies the rows in one transaction. Foreign keys are taken away meanwhile, for rows come in the
// order of tables, and checked when they return.
func (b *pgBackend) fill(ctx context.Context, db *sql.DB, rows *rowReader) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		c := driver.(*stdlib.Conn).Conn()
		return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
			back, err := dropForeignKeys(ctx, tx)
			if err != nil {
				return err
			}
			for {
				t, err := rows.table()
				if err != nil {
					return err
				}
				if t == nil {
					break
				}
				if err := copyTable(ctx, tx, t, rows); err != nil {
					return fmt.Errorf("table %s: %w", t.Table, err)
				}
			}
			for _, s := range back {
				if _, err := tx.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func copyTable(ctx context.Context, tx pgx.Tx, t *tableLine, rows *rowReader) error {
	if err := checkNames(t); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from `+t.Table); err != nil {
		return err
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{t.Table}, t.Columns, &rowCopy{rows: rows, n: len(t.Columns)})
	return err
}

// rowCopy feeds the rows of one table to COPY.
type rowCopy struct {
	rows *rowReader
	n    int
	row  []any
	err  error
}

func (c *rowCopy) Next() bool {
	c.row, c.err = c.rows.row(c.n)
	return c.err == nil && c.row != nil
}

func (c *rowCopy) Values() ([]any, error) { return c.row, nil }
func (c *rowCopy) Err() error             { return c.err }

// dropForeignKeys removes the schema's foreign keys and returns the statements that bring them back.
func dropForeignKeys(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `select quote_ident(t.relname), quote_ident(c.conname), pg_get_constraintdef(c.oid)
		from pg_constraint c join pg_class t on t.oid = c.conrelid
		where c.contype = 'f' and c.connamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, err
	}
	var drop, back []string
	var table, name, def string
	_, err = pgx.ForEachRow(rows, []any{&table, &name, &def}, func() error {
		drop = append(drop, `alter table `+table+` drop constraint `+name)
		back = append(back, `alter table `+table+` add constraint `+name+` `+def)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range drop {
		if _, err := tx.Exec(ctx, s); err != nil {
			return nil, err
		}
	}
	return back, nil
}
