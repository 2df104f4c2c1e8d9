// Package app wires the program together: settings, stores, modules, pages and commands.
// It is the only package that imports all others.
package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Process is what a command gets from the operating system.
type Process struct {
	Args    []string // without the program's name
	Environ []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer

	name    string   // of the command, set by Main
	running *program // the service that runs the command for somebody else; nil: the command opens its own
}

// Exit codes of every command.
const (
	exitDone    = 0
	exitRefused = 1 // refused input, or a finding
	exitUsage   = 2 // wrong call
)

// command is one subcommand; its name may be two words ("formular import").
type command struct {
	name  string
	short string
	run   func(ctx context.Context, p Process, fs *flag.FlagSet) error
}

func commands() []command {
	return []command{
		{"serve", "startet den Dienst", runServe},
		{"demo", "startet die erfundene Stadt Wiesenbrück zum Ausprobieren", runDemo},
		{"init", "macht aus einem leeren Ordner eine arbeitende Stadt", runInit},
		{"mandant add", "legt eine Stadt an", runMandantAdd},
		{"mandant list", "zeigt die Städte dieser Installation", runMandantList},
		{"user add", "legt ein Konto für Mitarbeitende an", runUserAdd},
		{"user reset", "gibt einen Einmalcode für ein neues Kennwort aus", runUserReset},
		{"formular import", "liest FIM-Datenfelder (XDatenfelder 2.0 und 3.0) ein", runFormularImport},
		{"export", "gibt alles einer Stadt als JSON-Zeilen aus", runExport},
		{"backup", "sichert Städte, Dateien und Schlüsselangaben", runBackup},
		{"restore", "stellt eine Sicherung in einem leeren Ordner wieder her", runRestore},
		{"verify", "prüft Protokollkette und Dateien", runVerify},
		{"migrate", "bringt alle Städte auf den Stand dieses Programms", runMigrate},
		{"doctor", "erklärt die Einstellungen und prüft die Umgebung", runDoctor},
		{"suche neu", "baut den Suchindex neu auf", runSucheNeu},
		{"routes", "zeigt alle Adressen mit Zugang", runRoutes},
		{"version", "zeigt die Version", runVersion},
	}
}

// Main runs the command named by the arguments and returns the exit code.
func Main(ctx context.Context, p Process) int {
	cmd, args, err := pick(p.Args)
	if err == nil {
		p.Args, p.name = args, cmd.name
		err = cmd.run(ctx, p, flag.NewFlagSet(cmd.name, flag.ContinueOnError))
	}
	var usage usageError
	var help helpText
	switch {
	case err == nil, errors.Is(err, errForwarded):
		return exitDone
	case errors.As(err, &help):
		fmt.Fprintln(p.Stdout, help)
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(p.Stderr, usage.text)
		return exitUsage
	default:
		fmt.Fprintln(p.Stderr, err)
		return exitRefused
	}
}

func pick(args []string) (command, []string, error) {
	if len(args) == 0 {
		return command{}, nil, usagef("%s", overview())
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return command{}, nil, helpText(overview())
	}
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], nil
		}
	}
	return command{}, nil, usagef("unbekannter Befehl %q\n\n%s", strings.Join(args, " "), overview())
}

func overview() string {
	list := commands()
	var b strings.Builder
	b.WriteString("Aufruf: rathaus BEFEHL [Angaben]\n\n")
	for _, c := range list {
		fmt.Fprintf(&b, "  %-16s %s\n", c.name, c.short)
	}
	b.WriteString("\nAngaben eines Befehls: rathaus BEFEHL -help")
	return b.String()
}
