package storage

import (
	"context"
	"database/sql"
	"errors"
)

// maxStatements bounds a connection's prepared statements; filters composed at run time must not fill memory.
const maxStatements = 400

// preparedConn is one SQLite connection with its prepared statements. One goroutine at a time.
type preparedConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newPreparedConn(c *sql.Conn) *preparedConn {
	return &preparedConn{conn: c, stmts: map[string]*sql.Stmt{}}
}

func (c *preparedConn) engine() Engine { return SQLite }

func (c *preparedConn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		c.forget()
	}
	s, err := c.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = s
	return s, nil
}

func (c *preparedConn) forget() {
	for _, s := range c.stmts {
		_ = s.Close() // finalizing reports the statement's last error again, which was handled
	}
	clear(c.stmts)
}

func (c *preparedConn) exec(ctx context.Context, query string, args []any) (int64, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c *preparedConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// run sends a statement of the transaction itself, which no caller may cancel.
func (c *preparedConn) run(query string) error {
	_, err := c.exec(context.Background(), query, nil)
	return err
}

func (c *preparedConn) close() error {
	c.forget()
	err := c.conn.Close()
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}
