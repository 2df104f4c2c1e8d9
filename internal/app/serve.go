package app

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// runServe is "rathaus serve": the service until it is told to stop.
func runServe(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, rest, err := settings(p, fs)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("serve: unerwartete Angabe %q", rest[0])
	}
	log := slog.New(slog.NewJSONHandler(p.Stderr, nil))
	prog, err := open(ctx, cfg, openOptions{log: log})
	if err != nil {
		return err
	}
	return errors.Join(prog.serve(ctx, func(addr string) {
		fmt.Fprintf(p.Stdout, "Rathaus %s hört auf %s\n", Version, addr)
	}), prog.close())
}

// settings reads the machine's settings for a command and what stands besides them.
func settings(p Process, fs *flag.FlagSet) (Config, []string, error) {
	var cfg Config
	cfg.register(fs)
	rest, err := parse(fs, p.Args)
	if err != nil {
		return cfg, nil, err
	}
	return cfg, rest, cfg.load(fs, p.Environ)
}

const (
	headerTime   = 10 * time.Second
	idleTime     = 2 * time.Minute
	shutdownTime = 30 * time.Second
)

// serve listens until ctx ends, then lets running requests finish. ready is called once the port answers.
func (p *program) serve(ctx context.Context, ready func(addr string)) error {
	site, err := p.server(strings.HasPrefix(p.cfg.BaseURL, "https://") || p.cfg.TLSCert != "")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", p.cfg.Addr)
	if err != nil {
		return fmt.Errorf("Adresse %s: %w", p.cfg.Addr, err)
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	p.runner.Start()
	done := make(chan error, 1)
	go func() {
		if p.cfg.TLSCert != "" {
			done <- server.ServeTLS(listener, p.cfg.TLSCert, p.cfg.TLSKey)
		} else {
			done <- server.Serve(listener)
		}
	}()
	ready(listener.Addr().String())
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return fmt.Errorf("shutdown: %w", err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
