package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// classify marks errors of the machine as ErrUnavailable and refused rows as ErrDuplicate.
func classify(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrUnavailable), errors.Is(err, ErrDuplicate):
		return err
	case isDuplicate(err):
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	case isFull(err), isIO(err), isAway(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func pgCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func isDuplicate(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return true
	}
	return pgCode(err) == "23505"
}

// isFull: the disk is full. The statement did not happen; the file is sound.
func isFull(err error) bool {
	return sqliteCode(err)&0xff == sqlite3.SQLITE_FULL || pgCode(err) == "53100" ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isIO: the disk failed or the file is damaged. What the kernel holds may differ from what is on disk.
func isIO(err error) bool {
	switch sqliteCode(err) & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
		return true
	}
	return errors.Is(err, errIO) || errors.Is(err, syscall.EIO)
}

// errIO is what tests inject at the I/O seam.
var errIO = errors.New("input/output error")

// isAway: the database does not answer or is busy beyond patience.
func isAway(err error) bool {
	if sqliteCode(err)&0xff == sqlite3.SQLITE_BUSY || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	if code := pgCode(err); code != "" {
		// 08 connection, 53 resources, 57P shutdown, 58 system, XX corruption; 25006: a standby.
		for _, class := range []string{"08", "53", "57P", "58", "XX", "25006"} {
			if strings.HasPrefix(code, class) {
				return true
			}
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.Is(err, context.Canceled) {
		return false
	}
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || isClosedConn(err)
}

// isClosedConn recognises pgx's untyped error for a connection that died in the middle of a statement.
func isClosedConn(err error) bool {
	s := err.Error()
	return strings.Contains(s, "conn closed") || strings.Contains(s, "unexpected EOF") || strings.Contains(s, "connection reset")
}

// isRetryable: PostgreSQL asks for the whole transaction again.
func isRetryable(err error) bool {
	switch pgCode(err) {
	case "40001", "40P01", "0A000":
		return true
	}
	return false
}
