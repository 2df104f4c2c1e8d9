package storage

import (
	"context"
	"fmt"
)

// Check returns what an operator should change, one German sentence each; for doctor. Nothing on SQLite.
func (db *DB) Check(ctx context.Context) ([]string, error) {
	b, ok := db.engine.(*pgBackend)
	if !ok {
		return nil, nil
	}
	var c struct {
		super, inherit, createRole, createDB, temp bool
		collation, fsync, commit, encoding         string
	}
	err := b.serve.QueryRowContext(ctx, `select r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb,
			has_database_privilege('public', d.datname, 'temporary'), d.datcollate, pg_encoding_to_char(d.encoding),
			current_setting('fsync'), current_setting('synchronous_commit')
		from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`).
		Scan(&c.super, &c.inherit, &c.createRole, &c.createDB, &c.temp, &c.collation, &c.encoding, &c.fsync, &c.commit)
	if err != nil {
		return nil, fmt.Errorf("check database: %w", classify(err))
	}
	var out []string
	add := func(wrong bool, text string) {
		if wrong {
			out = append(out, text)
		}
	}
	add(c.super, "Die Anmeldung des Dienstes ist Superuser; sie soll NOSUPERUSER sein, damit die Trennung der Mandanten gilt.")
	add(c.inherit && !c.super, "Die Anmeldung des Dienstes soll NOINHERIT sein; sonst hat sie die Rechte aller Mandanten zugleich.")
	add((c.createRole || c.createDB) && !c.super, "Die Anmeldung des Dienstes soll NOCREATEROLE und NOCREATEDB sein; anlegen darf nur database-admin-url.")
	add(c.temp, "Temporäre Tabellen sind für alle erlaubt; REVOKE TEMPORARY ON DATABASE … FROM PUBLIC fehlt.")
	add(c.collation != "C" && c.collation != "C.UTF-8" && c.collation != "POSIX", "Die Datenbank sortiert nach "+c.collation+"; angelegt werden soll sie mit LC_COLLATE 'C', sortiert wird in Rathaus.")
	add(c.encoding != "UTF8", "Die Datenbank ist in "+c.encoding+" kodiert; nötig ist UTF8.")
	add(c.fsync != "on", "fsync ist abgeschaltet: Bestätigte Daten gehen bei Stromausfall verloren.")
	add(c.commit == "off", "synchronous_commit ist abgeschaltet: Bestätigte Daten gehen bei einem Absturz verloren.")
	return out, nil
}
