package web

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// shutdownTime is how long running requests may take to end after the signal.
const shutdownTime = 20 * time.Second

// Serve answers on the listener until ctx ends, then lets running requests finish. certificates may be nil: plain HTTP,
// behind a proxy.
func Serve(ctx context.Context, l net.Listener, h http.Handler, certificates *tls.Config) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
		// Bodies and answers have progress deadlines of their own, see exchange.
		ErrorLog: log.New(io.Discard, "", 0), // it would name the addresses of callers
	}
	if certificates != nil {
		srv.TLSConfig = certificates.Clone()
		srv.TLSConfig.MinVersion = tls.VersionTLS12
	}
	done := make(chan error, 1)
	go func() {
		if certificates != nil {
			done <- srv.ServeTLS(l, "", "")
			return
		}
		done <- srv.Serve(l)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return errors.Join(err, srv.Close())
	}
	return nil
}
