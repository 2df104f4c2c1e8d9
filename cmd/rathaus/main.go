// Command rathaus is the digital town hall: one program for portal, clerks' desk and administration.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"rathaus/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(app.Main(ctx, app.Process{Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}
