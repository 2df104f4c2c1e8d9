// Package storage gives each town a database of its own and hands out transactions on it.
//
// A store is one SQLite file (DIR/mandant/KEY/store.db) or one PostgreSQL schema owned by one role
// (PREFIX_KEY). The central store (key [Central]) knows which towns exist and nothing personal. No
// transaction spans two stores and none exists without a [Scope].
//
//	err := db.Write(ctx, scope, func(tx *storage.Tx) error {
//		z, err := akte.NextZeichen(tx, akteID)
//		…
//	})
//
// # Rules of a transaction
//
// One Write runs at a time per store, on both engines, so "read the last number, write the next" is
// right without locks. Write returns nil only after the commit is on disk. The function
//
//   - may run more than once (lost batch, serialization failure): it assigns results, never appends,
//     and has no effect outside its Tx; what must follow the commit goes to [Tx.AfterCommit];
//   - uses tx.Context() for everything inside, never the outer context: with the outer one a Write
//     inside a Write could not be refused and would wait for itself;
//   - is short: parse, validate, make blobs durable and call others before it. More than 50 ms is
//     logged, more than 5 s is reported with all stacks while it still runs;
//   - sends no query while another query's rows are being scanned (refused on both engines);
//   - loses its transaction with the first failing statement, as on PostgreSQL: later statements
//     return that error, and so does Write, even if the function returns nil.
//
// A panic or runtime.Goexit in the function rolls its share back and goes on in the caller's goroutine.
// Cancellation is looked at until the function's turn comes, never afterwards.
//
// # SQL
//
// One text for both engines, $1 … $n, constant, beside its function, columns named, keywords in lower
// case; internal/lint refuses what is not portable. Types: ids text, instants bigint ([Millis], [Time]),
// dates ISO text, money bigint cents, flags bigint 0/1, JSON text. Text that is sorted or searched gets
// a column filled with [Fold]. A column that names a blob is called blob_id or ends in _blob_id: backup,
// verify and the sweep of orphaned files find it by that name.
//
// # Errors
//
// [ErrUnavailable]: disk full, I/O error, database away; nothing was acknowledged, the caller answers
// 503. After an I/O error in a Write the store is closed and opened anew before the next use; the failed
// batch is never run again. [ErrDuplicate]: a unique index refused a row. [ErrNoStore]: no such town.
//
// # Files
//
// migrations/platform belongs to every store, migrations/town and migrations/central to theirs. A file
// NNNNN_name.sqlite.sql or NNNNN_name.postgres.sql is read on that engine only.
package storage
