package app

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// usageError is a wrong call of the command: exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// helpText was asked for: it goes to the output, exit code 0.
type helpText string

func (h helpText) Error() string { return string(h) }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// parse reads flags that may stand anywhere among the arguments and returns the arguments.
// A flag may be repeated where its Value allows it; "--" ends the flags.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	fs.SetOutput(io.Discard)
	var rest []string
	for len(args) > 0 {
		if args[0] == "--" {
			return append(rest, args[1:]...), nil
		}
		if !strings.HasPrefix(args[0], "-") || args[0] == "-" {
			rest, args = append(rest, args[0]), args[1:]
			continue
		}
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, helpText(flagHelp(fs))
			}
			return nil, usagef("%s: %s", fs.Name(), germanFlagError(err))
		}
		args = fs.Args()
	}
	return rest, nil
}

func germanFlagError(err error) string {
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "flag provided but not defined: "):
		return "unbekannte Angabe " + strings.TrimPrefix(text, "flag provided but not defined: ")
	case strings.HasPrefix(text, "flag needs an argument: "):
		return "zu " + strings.TrimPrefix(text, "flag needs an argument: ") + " fehlt der Wert"
	}
	return text
}

// flagHelp lists the flags of a command, one a line.
func flagHelp(fs *flag.FlagSet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rathaus %s\n", fs.Name())
	fs.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(&b, "  -%-18s %s", f.Name, f.Usage)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(&b, " (sonst %s)", f.DefValue)
		}
		b.WriteByte('\n')
	})
	return strings.TrimRight(b.String(), "\n")
}

// many is a flag that may be repeated.
type many []string

func (m *many) String() string     { return strings.Join(*m, ",") }
func (m *many) Set(v string) error { *m = append(*m, v); return nil }
