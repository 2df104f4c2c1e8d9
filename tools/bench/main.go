// Command bench measures the program and prints ratios to named baselines, taken in turn in one run on one machine:
// absolute figures of different machines cannot be compared, ratios can.
//
// It drives the real program (bin/rathaus serve) as a process over loopback HTTP, on a data folder it fills first.
// Call it by "make bench"; docs/leistung.md explains the figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// settings of one run.
type settings struct {
	program   string // bin/rathaus
	dir       string // scratch folder, on the disk to be measured
	postgres  string // postgres://… of a server with fsync on; empty: SQLite only
	vorgaenge int    // in the inbox
	batch     int    // submissions a round
	rounds    int
	span      time.Duration // of a round that reads pages
	only      string        // comma-separated parts; empty: all
}

func (s settings) wants(part string) bool {
	return s.only == "" || strings.Contains(","+s.only+",", ","+part+",")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	var s settings
	fs.StringVar(&s.program, "program", "bin/rathaus", "the program to measure")
	fs.StringVar(&s.dir, "dir", "", "scratch folder on the disk to be measured; empty: a temporary one, removed at the end")
	fs.StringVar(&s.postgres, "postgres", os.Getenv("TEST_DATABASE_URL"), "PostgreSQL server for the second half; empty: none")
	fs.IntVar(&s.vorgaenge, "vorgaenge", 100_000, "Vorgaenge in the town")
	fs.IntVar(&s.batch, "submissions", 480, "submissions a round")
	fs.IntVar(&s.rounds, "rounds", 3, "rounds of each pair")
	fs.DurationVar(&s.span, "span", 3*time.Second, "length of a round that reads pages")
	fs.StringVar(&s.only, "only", "", "parts to run: submissions, pages, search, start")
	answer := fs.Int("bare", 0, "internal: serve this many bytes at -addr, the baseline of pages")
	addr := fs.String("addr", "", "internal")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *answer > 0 {
		return serveBare(*addr, *answer)
	}
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "rathaus-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		s.dir = dir
	}
	r := report{out: out}
	r.line("%s", machine())
	if err := s.engine(ctx, &r, engine{name: "SQLite", dir: filepath.Join(s.dir, "sqlite"), vorgaenge: s.vorgaenge}); err != nil {
		return fmt.Errorf("SQLite: %w", err)
	}
	if s.postgres == "" || !s.wants("submissions") {
		return nil
	}
	// On PostgreSQL only submissions are measured: what readers see differs by the engine's round trips alone.
	s.only = "submissions"
	if err := s.engine(ctx, &r, engine{name: "PostgreSQL", dir: filepath.Join(s.dir, "postgres"), url: s.postgres}); err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	return nil
}

// engine measures everything on one database system.
func (s settings) engine(ctx context.Context, r *report, e engine) error {
	began := time.Now()
	t, err := s.prepare(ctx, e)
	if err != nil {
		return err
	}
	r.line("%s: town with %d Vorgaenge, each in the search, made in %.0f s", e.name, e.vorgaenge, time.Since(began).Seconds())
	for _, part := range []struct {
		name string
		run  func(context.Context, *report, *town) error
	}{{"start", s.start}, {"pages", s.pages}, {"search", s.search}, {"submissions", s.submissions}} {
		if !s.wants(part.name) {
			continue
		}
		if err := part.run(ctx, r, t); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
