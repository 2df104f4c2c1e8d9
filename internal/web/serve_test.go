package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/seal"
	"rathaus/internal/storage/storagetest"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
	"rathaus/internal/web/webtest"
)

// listen runs a server on a real socket; the returned function ends it and says how that went.
func listen(t *testing.T, patience time.Duration, h web.Handler) (string, func() error) {
	t.Helper()
	keys, err := seal.New("test", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.NewServer(web.Config{DB: storagetest.New(t).DB, Clock: clock.System{}, Keys: keys, Log: slog.New(slog.DiscardHandler),
		Patience:   patience,
		TownByHost: func(context.Context, string) (ui.Town, error) { return webtest.Town(), nil }}, probe(h))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- web.Serve(ctx, l, server, nil) }()
	stop := func() error { cancel(); return <-done }
	t.Cleanup(func() { cancel() })
	return l.Addr().String(), stop
}

// Callers who dribble their request are cut after one patience, also when no handler reads it.
func TestSlowCallerIsCut(t *testing.T) {
	t.Parallel()
	addr, _ := listen(t, 300*time.Millisecond, func(w http.ResponseWriter, r *web.Request) error {
		_, err := io.Copy(io.Discard, r.Body)
		return err
	})
	for _, path := range []string{"/gross/x", "/gibt-es-nicht"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n", path)
		began := time.Now()
		stopped := make(chan struct{})
		go func() {
			for {
				select {
				case <-stopped:
					return
				case <-time.After(20 * time.Millisecond):
					_, _ = conn.Write([]byte("x")) // the other side hangs up at some point
				}
			}
		}()
		_ = conn.SetReadDeadline(began.Add(5 * time.Second))
		_, err = io.ReadAll(conn)
		close(stopped)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: cut after %v, %v", path, took, err)
		}
	}
}

// An honest slow upload, which brings more than a piece each patience, is not cut.
func TestSlowUploadArrives(t *testing.T) {
	t.Parallel()
	addr, _ := listen(t, 400*time.Millisecond, func(w http.ResponseWriter, r *web.Request) error {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return err
		}
		return r.JSON(w, 200, n)
	})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const pieces, size = 8, 20 << 10
	fmt.Fprintf(conn, "POST /gross/x HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", pieces*size)
	for range pieces {
		time.Sleep(100 * time.Millisecond)
		if _, err := io.WriteString(conn, strings.Repeat("x", size)); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != 200 {
		t.Errorf("%v %v", res, err)
	}
}

// The signal to stop lets a running request finish.
func TestShutdownFinishesRequests(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	leave := make(chan struct{})
	addr, stop := listen(t, time.Second, func(w http.ResponseWriter, r *web.Request) error {
		close(entered)
		<-leave
		return r.JSON(w, 200, "fertig")
	})
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + addr + "/offen/x")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		answer <- fmt.Sprint(string(body), err)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	time.AfterFunc(50*time.Millisecond, func() { close(leave) })
	if got := <-answer; !strings.Contains(got, "fertig") {
		t.Errorf("answer %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
