package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rathaus/internal/storage"
)

// On SQLite one process has the data folder. A writing command that finds it in use hands itself to the running
// service, over a socket in that folder which only its owner may open, and shows what comes back.

// socketName is the socket's name in the data folder.
const socketName = "rathaus.sock"

// order is a command to be run by the service; paths in it are absolute.
type order struct {
	Command string   `json:"command"`
	Args    []string `json:"args"`
}

// report is what became of it.
type report struct {
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	Exit   int    `json:"exit"`
}

// errForwarded: the service has run the command, and its output has been shown.
var errForwarded = errors.New("run by the service")

// runsInService lists the commands the service runs for others.
func runsInService(name string) bool {
	return slices.Contains([]string{"mandant add", "user add", "user reset", "formular import", "suche neu", "migrate"}, name)
}

const maxOrder = 1 << 20 // bytes

// takeOrders answers commands on the socket until ctx ends. Only SQLite needs it: on PostgreSQL commands run beside
// the service.
func (p *program) takeOrders(ctx context.Context) error {
	if p.db.Engine() != storage.SQLite {
		return nil
	}
	path := filepath.Join(p.cfg.Data, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a killed process; the folder is ours
		return err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, l.Close())
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.obey(ctx, w, r) })}
	go func() { _ = srv.Serve(l) }() // ends with Close below
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return nil
}

func (p *program) obey(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o); err != nil || !runsInService(o.Command) {
		http.Error(w, "no such command", http.StatusBadRequest)
		return
	}
	var out, errOut bytes.Buffer
	code := Main(ctx, Process{Args: append(strings.Fields(o.Command), o.Args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, running: p})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(report{Stdout: out.String(), Stderr: errOut.String(), Exit: code}) // who asked is gone: nobody to tell
}

// forward hands the command of p to the service that holds the folder. ok is false when there is none to ask.
func forward(ctx context.Context, cfg Config, p Process) (ok bool, err error) {
	path := filepath.Join(cfg.Data, socketName)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
	body, err := json.Marshal(order{Command: p.name, Args: absolute(p.Args)})
	if err != nil {
		return false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://rathaus/", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	res, err := client.Do(req)
	if err != nil {
		return false, nil //nolint:nilerr // no service listens: the caller tells who holds the folder
	}
	defer res.Body.Close()
	var rep report
	if err := json.NewDecoder(res.Body).Decode(&rep); err != nil || res.StatusCode != http.StatusOK {
		return false, nil //nolint:nilerr // another version of the service
	}
	if _, err := io.WriteString(p.Stdout, rep.Stdout); err != nil {
		return true, err
	}
	text := strings.TrimRight(rep.Stderr, "\n")
	switch rep.Exit {
	case exitDone:
		return true, errForwarded
	case exitUsage:
		return true, usageError{text}
	}
	return true, errors.New(text)
}

// absolute makes paths of existing files independent of where the command was called.
func absolute(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		name, path, flagged := strings.Cut(a, "=")
		if !flagged || !strings.HasPrefix(a, "-") {
			name, path = "", a
		}
		if _, err := os.Stat(path); err == nil && path != "" {
			if abs, err := filepath.Abs(path); err == nil {
				path = abs
			}
		}
		if name != "" {
			path = name + "=" + path
		}
		out[i] = path
	}
	return out
}
