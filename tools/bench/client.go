package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// client is one keep-alive connection. It does as little as it can: its work is part of every figure.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// do sends a whole request and returns status and body; keep asks for the body's content.
func (c *client) do(request []byte, keep bool) (status int, body []byte, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, nil, fmt.Errorf("status line %q: %w", line, err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length := -1
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, nil, err
			}
		}
	}
	if length < 0 {
		return status, nil, errors.New("answer without Content-Length")
	}
	if !keep {
		_, err = c.in.Discard(length)
		return status, nil, err
	}
	body = make([]byte, length)
	_, err = io.ReadFull(c.in, body)
	return status, body, err
}

// get is a GET request as bytes.
func get(addr, path, cookie string) []byte {
	request := "GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept-Language: de\r\n"
	if cookie != "" {
		request += "Cookie: " + cookie + "\r\n"
	}
	return []byte(request + "\r\n")
}

// fetch gets a page once.
func fetch(addr, path, cookie string) ([]byte, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	status, body, err := c.do(get(addr, path, cookie), true)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, status)
	}
	return body, err
}

// throughput is how many times a second clients connections get path within span.
func throughput(ctx context.Context, addr, path, cookie string, clients int, span time.Duration) (float64, error) {
	var done atomic.Int64
	began := time.Now()
	end := began.Add(span)
	err := together(clients, func(int) error {
		c, err := dial(addr)
		if err != nil {
			return err
		}
		defer c.conn.Close()
		request := get(addr, path, cookie)
		for time.Now().Before(end) && ctx.Err() == nil {
			status, _, err := c.do(request, false)
			if err != nil {
				return err
			}
			if status != http.StatusOK {
				return fmt.Errorf("%s: status %d", path, status)
			}
			done.Add(1)
		}
		return ctx.Err()
	})
	return float64(done.Load()) / time.Since(began).Seconds(), err
}

// together runs fn in n goroutines and joins their errors.
func together(n int, fn func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
