package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsBesideTheService: a writing command works while the service holds the folder, a refused one says why,
// and without the service the folder's holder is named.
func TestCommandsBesideTheService(t *testing.T) {
	t.Parallel()
	dir := newTown(t)
	run := func(args ...string) (code int, out, errOut string) {
		var o, e bytes.Buffer
		code = Main(context.Background(), Process{Args: append(args, "-data", dir), Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e})
		return code, o.String(), e.String()
	}
	ctx, stop := context.WithCancel(context.Background())
	p, err := open(ctx, Config{Data: dir, Addr: "127.0.0.1:0"}, openOptions{log: quietLog(os.Stderr)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.takeOrders(ctx); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, socketName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v", info, err)
	}
	code, out, e := run("user", "add", "-mandant", "musterbruck", "-benutzer", "jana", "-rolle", "sachbearbeitung:steueramt")
	if code != exitDone || !strings.Contains(out, "Einmalcode") {
		t.Errorf("user add beside the service: %d %q %q", code, out, e)
	}
	if code, out, e := run("user", "add", "-mandant", "musterbruck", "-benutzer", "jana"); code != exitRefused || e == "" || out != "" {
		t.Errorf("the same login again: %d %q %q", code, out, e)
	}
	if code, _, e := run("user", "add"); code != exitUsage || !strings.Contains(e, "-mandant") {
		t.Errorf("without a town: %d %q", code, e)
	}
	stop()
	if err := os.Remove(filepath.Join(dir, socketName)); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if code, _, e := run("user", "reset", "-mandant", "musterbruck", "-benutzer", "jana"); code != exitRefused || !strings.Contains(e, "in Gebrauch") {
		t.Errorf("folder in use, no socket: %d %q", code, e)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if code, out, e := run("user", "reset", "-mandant", "musterbruck", "-benutzer", "jana"); code != exitDone || !strings.Contains(out, "Einmalcode") {
		t.Errorf("alone: %d %q %q", code, out, e)
	}
}
