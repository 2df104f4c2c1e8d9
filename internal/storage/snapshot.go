package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rathaus/internal/problem"
)

// Names of the files a snapshot consists of: one of the two.
const (
	snapshotDB   = "store.db"    // a SQLite file
	snapshotRows = "store.jsonl" // rows of any engine
)

// ErrExists: a store is already there and is not overwritten.
var ErrExists = fmt.Errorf("storage: store exists: %w", problem.Conflict)

// SnapshotInfo says what a snapshot holds.
type SnapshotInfo struct {
	File       string           // name below the folder
	Migrations []int64          // schema it was taken from
	Tables     map[string]int64 // rows by table
}

// Snapshot writes a consistent copy of the store into dir while others write, and makes it durable. dir
// must exist and hold no snapshot. Blobs are not part of it (package backup adds them).
//
// SQLite gives its own file, compacted. PostgreSQL gives rows as JSON lines; with rows set SQLite does
// so too, which is how a town moves from one engine to the other. Full-text indexes are not among the
// rows: build them anew after such a restore.
func (db *DB) Snapshot(ctx context.Context, mandant, dir string, rows bool) (SnapshotInfo, error) {
	info := SnapshotInfo{File: snapshotRows}
	if db.Engine() == SQLite && !rows {
		info.File = snapshotDB
	}
	for _, name := range []string{snapshotDB, snapshotRows} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return SnapshotInfo{}, fmt.Errorf("snapshot of %s: %s: %w", storeName(mandant), filepath.Join(dir, name), ErrExists)
		}
	}
	path := filepath.Join(dir, info.File)
	write := db.snapshotRows
	if info.File == snapshotDB {
		write = db.snapshotDB
	}
	err := write(ctx, mandant, path, &info)
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return SnapshotInfo{}, errors.Join(fmt.Errorf("snapshot of %s: %w", storeName(mandant), classify(err)), removeIfExists(path))
	}
	return info, nil
}

// snapshotDB lets SQLite copy its file and reads the copy for what it holds.
func (db *DB) snapshotDB(ctx context.Context, mandant, path string, info *SnapshotInfo) error {
	_, release, err := db.stores.acquire(ctx, mandant) // not closed or dropped meanwhile
	if err != nil {
		return err
	}
	defer release()
	b := db.engine.(*sqliteBackend)
	if err := b.copyInto(ctx, mandant, path); err != nil {
		return err
	}
	return b.readCopy(ctx, path, func(q querier) error {
		tx := db.newTx(ctx, Scope{Mandant: mandant}, q, false)
		return describe(tx, info)
	})
}

// CountRows returns the number of rows of each ordinary table.
func CountRows(tx *Tx) (map[string]int64, error) {
	tables, err := tablesOf(tx)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, t := range tables {
		if out[t.name], err = Get(tx, Value[int64], `select count(*) from `+t.name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func describe(tx *Tx, info *SnapshotInfo) error {
	var err error
	if info.Tables, err = CountRows(tx); err != nil {
		return err
	}
	info.Migrations, err = List(tx, Value[int64], `select version_id from goose_db_version where version_id > 0 order by version_id`)
	return err
}

// table is an ordinary table with its columns.
type table struct {
	name    string
	columns []string
}

// tablesOf lists the ordinary tables. Those made for one engine only are indexes: each engine's own, and
// built anew from the others.
func tablesOf(tx *Tx) ([]table, error) {
	columns, err := tx.columns()
	if err != nil {
		return nil, err
	}
	files, err := migrations(tx.Engine(), tx.Scope().Mandant)
	if err != nil {
		return nil, err
	}
	indexes := files.oneEngineTables()
	var out []table
	for _, c := range columns {
		if indexes[c.Table] {
			continue
		}
		if len(out) == 0 || out[len(out)-1].name != c.Table {
			out = append(out, table{name: c.Table})
		}
		t := &out[len(out)-1]
		t.columns = append(t.columns, c.Name)
	}
	return out, nil
}

// RestoreSnapshot makes the town's store from the snapshot in dir; ErrExists when it has one already. A
// snapshot of an older program is brought to this one's schema, one of a newer program is refused.
// Either the whole store is there afterwards or none.
func (db *DB) RestoreSnapshot(ctx context.Context, mandant, dir string) error {
	if !ValidKey(mandant) {
		return fmt.Errorf("restore %q: %w", mandant, ErrNoStore)
	}
	if db.cfg.ReadOnly {
		return ErrReadOnly
	}
	return restore(ctx, db.engine, mandant, dir)
}

// Restore makes the stores of an empty installation: from maps keys, Central among them, to folders of
// snapshots. The installation must not be open.
func Restore(ctx context.Context, cfg Config, from map[string]string) error {
	cfg = cfg.withDefaults()
	b, err := openBackend(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.close() // only the lock is held
	towns, err := b.keys(ctx)
	if err != nil {
		return err
	}
	if len(towns) > 0 {
		return fmt.Errorf("restore: the installation has towns, first %s: %w", towns[0], ErrExists)
	}
	if err := b.drop(ctx, Central); err != nil { // an empty one, as every start makes it
		return fmt.Errorf("restore: %w", err)
	}
	for key, dir := range from {
		if key != Central && !ValidKey(key) {
			return fmt.Errorf("restore %q: %w", key, ErrNoStore)
		}
		if err := restore(ctx, b, key, dir); err != nil {
			return err
		}
	}
	return nil
}

func restore(ctx context.Context, b backend, key, dir string) error {
	exists, err := b.exists(ctx, key)
	if err == nil && exists {
		err = ErrExists
	}
	if err == nil {
		err = restoreFrom(ctx, b, key, dir)
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", storeName(key), classify(err))
	}
	return nil
}

func restoreFrom(ctx context.Context, b backend, key, dir string) error {
	file := filepath.Join(dir, snapshotDB)
	if _, err := os.Stat(file); err == nil {
		return b.restoreFile(ctx, key, file)
	}
	rows, err := openRows(filepath.Join(dir, snapshotRows))
	if err != nil {
		return err
	}
	defer rows.close()
	known, err := migrations(b.name(), key)
	if err != nil {
		return err
	}
	for _, v := range rows.header.Migrations {
		if !known.has(v) && !rows.header.ignores(v) {
			return fmt.Errorf("%w: it has migration %d", ErrNewerSchema, v)
		}
	}
	return b.restoreRows(ctx, key, rows)
}

func removeIfExists(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
