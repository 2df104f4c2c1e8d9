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

// admin runs fn on a connection of the administrating login, one at a time in the whole installation.
func (b *pgBackend) admin(ctx context.Context, fn func(*sql.Conn) error) error {
	pc, err := pgConfig(b.cfg.AdminURL)
	if err != nil {
		return err
	}
	delete(pc.RuntimeParams, "idle_in_transaction_session_timeout")
	db := stdlib.OpenDB(*pc)
	defer db.Close()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return classify(err)
	}
	defer conn.Close() // frees the lock
	if _, err := conn.ExecContext(ctx, `select pg_advisory_lock(hashtextextended($1, 1))`, b.cfg.Prefix); err != nil {
		return classify(err)
	}
	return fn(conn)
}

// create makes role and schema and migrates; each step may have been done before.
func (b *pgBackend) create(ctx context.Context, key string) error {
	if key != Central {
		if err := os.MkdirAll(filepath.Join(b.cfg.Dir, "mandant", key), 0o700); err != nil { // its files
			return err
		}
	}
	done, err := b.complete(ctx, key)
	if err != nil || done {
		return err
	}
	err = b.admin(ctx, func(conn *sql.Conn) error {
		if err := b.createSchema(ctx, conn, key); err != nil {
			return err
		}
		return b.migrateLocked(ctx, conn, key)
	})
	if err != nil {
		return fmt.Errorf("schema %s: %w", b.schema(key), classify(err))
	}
	return nil
}

// complete reports whether the store exists with today's schema, so that a start needs no admin login.
func (b *pgBackend) complete(ctx context.Context, key string) (bool, error) {
	s := b.store(key)
	var exists bool
	err := b.serve.QueryRowContext(ctx, `select exists (select from pg_namespace n join pg_roles r on r.rolname = n.nspname
		where n.nspname = $1 and pg_has_role(r.oid, 'member'))`, s.role).Scan(&exists)
	if err != nil || !exists {
		return false, classify(err)
	}
	pending, err := s.pending(ctx, key)
	return err == nil && !pending, err
}

func (b *pgBackend) createSchema(ctx context.Context, conn *sql.Conn, key string) error {
	name := pgx.Identifier{b.schema(key)}.Sanitize()
	login := pgx.Identifier{b.login}.Sanitize()
	var database string
	var hasRole, temp bool
	err := conn.QueryRowContext(ctx, `select current_database(), exists (select from pg_roles where rolname = $1),
		has_database_privilege('public', current_database(), 'temporary')`, b.schema(key)).Scan(&database, &hasRole, &temp)
	if err != nil {
		return err
	}
	var statements []string
	if temp { // a temporary table would shadow the town's own
		statements = append(statements, `revoke temporary on database `+pgx.Identifier{database}.Sanitize()+` from public`)
	}
	if !hasRole {
		statements = append(statements, `create role `+name+` nologin noinherit nosuperuser nocreatedb nocreaterole`)
	}
	statements = append(statements,
		`grant `+name+` to current_user`,
		`grant `+name+` to `+login,
		`create schema if not exists `+name+` authorization `+name)
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// migrate brings one town's schema to this program's state under the installation's admin lock.
func (b *pgBackend) migrate(ctx context.Context, key string) error {
	return b.admin(ctx, func(conn *sql.Conn) error { return b.migrateLocked(ctx, conn, key) })
}

// migrateLocked works as the town's role, which owns what is created.
func (b *pgBackend) migrateLocked(ctx context.Context, conn *sql.Conn, key string) error {
	if t := b.cfg.Templates; t != nil {
		return b.runScript(ctx, conn, t, key)
	}
	db, err := b.asTown(key)
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, db, PostgreSQL, key), db.Close())
}

// runScript makes a new schema in one round trip.
func (b *pgBackend) runScript(ctx context.Context, conn *sql.Conn, t *Templates, key string) error {
	script, err := t.postgres(key)
	if err != nil {
		return err
	}
	name := pgx.Identifier{b.schema(key)}.Sanitize()
	_, err = conn.ExecContext(ctx, `begin; set local role `+name+`; set local search_path to `+name+`; `+script+`; commit`)
	return err
}

func (b *pgBackend) drop(ctx context.Context, key string) error {
	if err := b.dropSchema(ctx, key); err != nil || key == Central {
		return err
	}
	return os.RemoveAll(filepath.Join(b.cfg.Dir, "mandant", key))
}

// dropSchema removes schema and role; what is not there is no error.
func (b *pgBackend) dropSchema(ctx context.Context, key string) error {
	name := pgx.Identifier{b.schema(key)}.Sanitize()
	return b.admin(ctx, func(conn *sql.Conn) error {
		for _, s := range []string{`drop schema if exists ` + name + ` cascade`, `drop role if exists ` + name} {
			if _, err := conn.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}
