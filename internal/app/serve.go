package app

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"rathaus/internal/web"
)

// runServe is "rathaus serve": the service until it is told to stop.
func runServe(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	prog, err := open(ctx, cfg, openOptions{log: slog.New(slog.NewJSONHandler(p.Stderr, nil))})
	if err != nil {
		return err
	}
	return errors.Join(prog.serve(ctx, func(addr string) error {
		fmt.Fprintf(p.Stdout, "Rathaus %s hört auf %s\n", Version, addr)
		return nil
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

// flagsOnly is settings for a command that takes flags and nothing else: what it would overlook is refused.
func flagsOnly(p Process, fs *flag.FlagSet) (Config, error) {
	cfg, rest, err := settings(p, fs)
	if err == nil && len(rest) > 0 {
		err = usagef("%s: unerwartete Angabe %q", fs.Name(), rest[0])
	}
	return cfg, err
}

// serve listens until ctx ends, then lets running requests finish. ready is called once the port takes
// connections; its error ends the service.
func (p *program) serve(ctx context.Context, ready func(addr string) error) error {
	site, err := p.server(strings.HasPrefix(p.cfg.BaseURL, "https://") || p.cfg.TLSCert != "")
	if err != nil {
		return err
	}
	var certificates *tls.Config
	if p.cfg.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(p.cfg.TLSCert, p.cfg.TLSKey)
		if err != nil {
			return fmt.Errorf("tls-cert, tls-key: %w", err)
		}
		certificates = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.Listen("tcp", p.cfg.Addr)
	if err != nil {
		return fmt.Errorf("Adresse %s: %w", p.cfg.Addr, err)
	}
	p.runner.Start()
	go p.migrate(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := p.takeOrders(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	done := make(chan error, 1)
	go func() { done <- web.Serve(ctx, listener, site, certificates) }()
	if err := ready(listener.Addr().String()); err != nil {
		cancel()
		return errors.Join(err, <-done)
	}
	return <-done
}

// migrate brings towns that nobody has called yet to the state of this program, beside the running service. One that
// fails shows its own 503; the others run.
func (p *program) migrate(ctx context.Context) {
	err := p.db.MigrateAll(ctx, func(key string, err error) {
		if err != nil {
			p.log.Error("migration failed", "mandant", key, "err", err)
		}
	})
	if err != nil && ctx.Err() == nil {
		p.log.Error("migration", "err", err)
	}
}
