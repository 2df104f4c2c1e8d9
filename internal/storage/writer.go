package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// maxBatch is how many waiting Writes share one commit.
const maxBatch = 64

var (
	// errLost: SQLite ended the whole transaction, with it the shares of other callers.
	errLost = errors.New("storage: batch lost")
	// errUnwound: the caller's function panicked or called Goexit; its goroutine is unwinding.
	errUnwound = errors.New("storage: function did not return")
	errStopped = errors.New("storage: store closed")
)

// writer is the one goroutine that writes a SQLite file. Whoever waits shares the next commit: each
// call runs in a savepoint of the batch's transaction and is acknowledged after its COMMIT.
//
// The functions run in their callers' goroutines, the writer hands them the connection in turn. So a
// panic, a Goexit (t.FailNow) or a stack trace belongs to the caller, and the writer cannot die of it.
type writer struct {
	conn   *preparedConn
	calls  chan *call
	stop   chan struct{}
	done   chan struct{}
	failed atomic.Bool // an I/O error happened: nothing more is written until the file is opened anew
	commit func() error
}

// States of a call: whoever moves it away from queued decides whether it runs.
const (
	queued int32 = iota
	withdrawn
	started
)

type call struct {
	ctx   context.Context
	state atomic.Int32
	turn  chan *preparedConn // the writer hands over the connection
	ran   chan outcome       // the caller gives it back
	done  chan error         // the final answer
}

// outcome is what the function returned.
type outcome struct{ err error }

func startWriter(conn *preparedConn, commit func() error) *writer {
	w := &writer{conn: conn, calls: make(chan *call, maxBatch), stop: make(chan struct{}), done: make(chan struct{})}
	w.commit = func() error {
		if err := commit(); err != nil { // the seam where tests fail an fsync
			return err
		}
		return w.conn.run("commit")
	}
	go w.run()
	return w
}

// close ends the writer; no call may be waiting (the stores table counts users).
func (w *writer) close() {
	close(w.stop)
	<-w.done
}

// write runs fn in its turn and returns the outcome of its batch.
func (w *writer) write(ctx context.Context, fn func(querier) error) error {
	if w.failed.Load() {
		return ErrUnavailable
	}
	c := &call{ctx: ctx, turn: make(chan *preparedConn), ran: make(chan outcome), done: make(chan error, 1)}
	cancelled := ctx.Done()
	select {
	case w.calls <- c:
	case <-cancelled:
		return ctx.Err()
	case <-w.done:
		return errStopped
	}
	for {
		select {
		case conn := <-c.turn:
			c.execute(conn, fn)
		case err := <-c.done:
			return err
		case <-cancelled:
			if c.state.CompareAndSwap(queued, withdrawn) {
				return ctx.Err()
			}
			cancelled = nil // its turn has come: wait for the outcome
		}
	}
}

// execute runs fn and gives the connection back however fn ends.
func (c *call) execute(conn *preparedConn, fn func(querier) error) {
	out := outcome{err: errUnwound}
	defer func() { c.ran <- out }()
	out.err = fn(conn)
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case first := <-w.calls:
			if w.failed.Load() {
				first.done <- ErrUnavailable
				continue
			}
			w.serve(first)
		case <-w.stop:
			return
		}
	}
}

// serve commits first and those who come while it works. A batch lost to another error than I/O is
// run again call by call, so that the guilty one fails alone.
func (w *writer) serve(first *call) {
	b := &batch{w: w, waiting: []*call{first}, collect: true}
	err := b.run()
	if err == nil {
		return
	}
	for _, c := range b.open() {
		if w.failed.Load() || !errors.Is(err, errLost) {
			c.done <- err
			continue
		}
		alone := &batch{w: w, waiting: []*call{c}}
		if err := alone.run(); err != nil {
			for _, c := range alone.open() {
				c.done <- err
			}
		}
	}
}

// batch is one transaction.
type batch struct {
	w       *writer
	waiting []*call // not run yet
	ok      []*call // run, to be acknowledged after COMMIT
	collect bool    // take those who come meanwhile
	size    int
}

// open lists the calls nobody has answered yet.
func (b *batch) open() []*call { return append(b.ok, b.waiting...) }

// run executes the calls and commits. On an error the transaction is rolled back and the open calls
// are not answered: errLost means each may run again, anything else is their answer.
func (b *batch) run() error {
	if err := b.w.begin(); err != nil {
		return err
	}
	for len(b.waiting) > 0 {
		c := b.waiting[0]
		if err := b.turn(c); err != nil {
			b.w.rollback()
			return err
		}
		b.waiting = b.waiting[1:]
		b.take()
	}
	if len(b.ok) == 0 {
		b.w.rollback()
		return nil
	}
	if err := b.w.commit(); err != nil {
		b.w.rollback()
		return b.w.commitError(err)
	}
	for _, c := range b.ok {
		c.done <- nil
	}
	return nil
}

// take adds one caller who came meanwhile.
func (b *batch) take() {
	if b.size++; !b.collect || len(b.waiting) > 0 || b.size >= maxBatch {
		return
	}
	select {
	case c := <-b.w.calls:
		b.waiting = append(b.waiting, c)
	default:
	}
}

// turn runs one call in a savepoint, answers it if it failed by itself and keeps it in ok otherwise.
func (b *batch) turn(c *call) error {
	if !c.state.CompareAndSwap(queued, started) && c.state.Load() == withdrawn {
		return nil
	}
	if err := b.w.conn.run("savepoint c"); err != nil {
		return b.w.statementError(err)
	}
	c.turn <- b.w.conn
	out := <-c.ran
	if isIO(out.err) {
		return b.w.statementError(out.err)
	}
	if out.err != nil {
		if err := b.w.conn.run("rollback to c"); err != nil {
			return b.lost(c, out.err)
		}
	}
	if err := b.w.conn.run("release c"); err != nil {
		return b.lost(c, out.err)
	}
	if out.err != nil {
		c.done <- out.err
		return nil
	}
	b.ok = append(b.ok, c)
	return nil
}

// lost: SQLite rolled everything back with c's statement (disk full, out of memory). If c was alone or
// its goroutine is unwinding it has its answer; the others run again.
func (b *batch) lost(c *call, cause error) error {
	if cause != nil && (len(b.ok) == 0 || errors.Is(cause, errUnwound)) {
		b.waiting = b.waiting[1:]
		c.done <- cause
	}
	return errors.Join(errLost, cause)
}

func (w *writer) begin() error {
	if err := w.conn.run("begin immediate"); err != nil {
		w.rollback() // in case an earlier transaction could not be ended
		if err := w.conn.run("begin immediate"); err != nil {
			return w.statementError(err)
		}
	}
	return nil
}

// rollback ends the transaction if SQLite has not done so itself.
func (w *writer) rollback() { _ = w.conn.run("rollback") }

// commitError decides about a failed COMMIT. After an I/O error nobody knows what reached the disk, and
// a second fsync may claim success for what the first one lost: the callers get ErrUnavailable, the
// batch is never run again, and the file is closed until opened anew.
func (w *writer) commitError(err error) error {
	if isIO(err) {
		w.failed.Store(true)
		return fmt.Errorf("commit: %w: %w", ErrUnavailable, err)
	}
	return fmt.Errorf("commit: %w: %w", errLost, classify(err))
}

func (w *writer) statementError(err error) error {
	if isIO(err) {
		w.failed.Store(true)
	}
	return classify(err)
}
