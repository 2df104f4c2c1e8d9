package web

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"rathaus/internal/clock"
)

// progressBody bounds a request body in size and in time: the deadline moves on only when a whole piece has come.
// A caller who sends one byte a second is cut after one patience, an honest slow upload is not.
type progressBody struct {
	rest     io.ReadCloser
	extend   func(time.Time)
	patience time.Duration
	limit    int64
	read     int64
	begun    bool
	due      int64 // the deadline moves when read reaches it
}

func (b *progressBody) Read(p []byte) (int, error) {
	if !b.begun || b.read >= b.due {
		b.begun = true
		b.due = b.read + piece
		b.extend(deadline(b.patience))
	}
	if room := b.limit - b.read; int64(len(p)) > room+1 {
		p = p[:room+1]
	}
	n, err := b.rest.Read(p)
	b.read += int64(n)
	if b.read > b.limit {
		n -= int(b.read - b.limit)
		return max(n, 0), &http.MaxBytesError{Limit: b.limit}
	}
	if err == io.EOF {
		b.extend(time.Time{})
	}
	return n, err
}

func (b *progressBody) Close() error { return b.rest.Close() }

// deadline is for sockets, which know only the machine's clock.
func deadline(d time.Duration) time.Time { return clock.System{}.Now().Add(d) }

func queryEscape(s string) string { return url.QueryEscape(s) }
