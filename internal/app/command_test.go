package app

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
	"rathaus/internal/web/ui"
)

// call runs one command as the shell does.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(t.Context(), Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// newTown is a data folder as "rathaus init" leaves it.
func newTown(t *testing.T) string {
	t.Helper()
	if err := ui.HasAssets(); err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(t.TempDir(), "daten")
	if code, _, errs := call(t, "init", "-ags", "08999099", "--name=Musterbruck", "-data", dir); code != exitDone {
		t.Fatalf("init: %d %s", code, errs)
	}
	return dir
}

func TestCommandsRefuse(t *testing.T) {
	t.Parallel()
	dir := newTown(t)
	settings := filepath.Join(t.TempDir(), "rathaus.conf")
	if err := os.WriteFile(settings, []byte("data = "+dir+"\nfarbe = blau\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // in the message
	}{
		{"", exitUsage, "Aufruf: rathaus"},
		{"tanzen", exitUsage, `unbekannter Befehl "tanzen"`},
		{"doctor -farbe blau", exitUsage, "unbekannte Angabe -farbe"},
		{"doctor -data", exitUsage, "fehlt der Wert"},
		{"doctor -config " + settings, exitUsage, `unbekannte Einstellung "farbe"`},
		{"doctor -data " + dir + " mehr", exitUsage, `unerwartete Angabe "mehr"`},
		{"version mehr", exitUsage, `unerwartete Angabe "mehr"`},
		{"export -data " + dir, exitUsage, "-mandant"},
		{"export -data " + dir + " -mandant erfunden", exitRefused, `keine Stadt "erfunden"`},
		{"verify -data " + dir + " -mandant erfunden", exitRefused, `keine Stadt "erfunden"`},
		{"suche neu -data " + dir + " -mandant erfunden", exitRefused, `keine Stadt "erfunden"`},
		{"user reset -data " + dir + " -mandant erfunden -benutzer admin", exitRefused, `keine Stadt "erfunden"`},
		{"user add -data " + dir + " -mandant musterbruck -benutzer a.b -rolle koenig:steueramt", exitRefused, "rolle: Bitte"},
		{"user add -data " + dir + " -mandant musterbruck -benutzer a.b -rolle leitung:hofamt", exitRefused, `-rolle leitung:hofamt: das Amt "hofamt" gibt es nicht` + "\n"},
		{"user reset -data " + dir + " -mandant musterbruck -benutzer niemand", exitRefused, `In musterbruck gibt es kein Konto "niemand".` + "\n"},
		{"init -ags 99 -name X -data " + filepath.Join(t.TempDir(), "neu"), exitRefused, "Gemeindeschlüssel"},
	} {
		code, _, errs := call(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("rathaus %s: exit %d, want %d with %q in\n%s", c.args, code, c.code, c.want, errs)
		}
	}
}

func TestCommandsOnAHealthyFolder(t *testing.T) {
	t.Parallel()
	dir := newTown(t)
	for _, args := range []string{"doctor -data " + dir, "doctor --data=" + dir, "verify -data " + dir, "version", "help", "doctor -help", "migrate -data " + dir} {
		if code, out, errs := call(t, strings.Fields(args)...); code != exitDone || out == "" || errs != "" {
			t.Errorf("rathaus %s: exit %d, %q, %q", args, code, out, errs)
		}
	}
}

// TestFirstMail: mails of a town nobody has filled in yet have a sender and a link that leads somewhere.
func TestFirstMail(t *testing.T) {
	t.Parallel()
	dir := newTown(t)
	p, err := open(t.Context(), Config{Data: dir}, openOptions{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	err = p.db.Read(t.Context(), townScope("musterbruck"), func(tx *storage.Tx) error {
		profil, err := mandant.GetProfil(tx)
		if err != nil || profil.BaseURL != "http://localhost:8080" {
			t.Errorf("base %q, %v", profil.BaseURL, err)
		}
		_, address, err := p.sender(tx)
		if err != nil || !strings.Contains(address, "@") {
			t.Errorf("sender %q, %v", address, err)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		base, addr string
		hosts      []string
		want       string
	}{
		{"", "127.0.0.1:8080", []string{"rathaus.example"}, "https://rathaus.example"},
		{"https://rathaus.example", "127.0.0.1:8080", []string{"rathaus.example", "localhost"}, "https://rathaus.example"},
		{"https://rathaus.example", "127.0.0.1:8080", []string{"andere.example"}, "https://andere.example"},
		{"", "0.0.0.0:81", []string{"x.localhost"}, "http://x.localhost:81"},
		{"", "", nil, ""},
	} {
		if got := publicBase(Config{BaseURL: c.base, Addr: c.addr}, c.hosts); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// TestDataFilesArePrivate: nobody but the service's own account reads what it stores.
func TestDataFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := newTown(t)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestExportFormat: the art of a line is its noun and nothing else, an Antrag carries its numbers, and nothing opens a door.
func TestExportFormat(t *testing.T) {
	t.Parallel()
	d := newDemo(t, 12)
	ctx := t.Context()
	p, err := open(ctx, d.cfg, openOptions{log: d.log, demo: true})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	const code, link, sign = "E09CQ-X0P2N-B61VP-EEYBZ-65NVQ-C", "4f1c9a", "ZD5AGQAP7601GPPWKS9W3EYY78"
	err = p.db.Write(ctx, townScope("wiesenbrueck"), func(tx *storage.Tx) error {
		return mail.Enqueue(tx, mail.Message{To: "a@b.example", Subject: "Test", EventID: "antrag:zugang:" + link,
			Text: "Vorgangsnummer: WB-7K4M-92QX\nEinmalcode: " + code + "\nhttp://x/zugang/" + link + "\nhttp://x/konto/anmelden/" + sign + "\n"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := p.exportLines(ctx, "wiesenbrueck", &out); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{code, link, sign, "password_hash", "code_hash", "token_hash"} {
		if bytes.Contains(out.Bytes(), []byte(s)) {
			t.Errorf("the export holds %q", s)
		}
	}
	if !bytes.Contains(out.Bytes(), []byte("WB-7K4M-92QX")) {
		t.Error("the Vorgangsnummer of a mail is gone")
	}
	arts := map[string]int{}
	dec := json.NewDecoder(&out)
	for dec.More() {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			t.Fatal(err)
		}
		art, _ := line["art"].(string)
		arts[art]++
		if art != "antrag" {
			continue
		}
		for _, key := range []string{"vorgangsnummer", "idempotency_key", "aktenzeichen", "leistung", "antworten"} {
			if line[key] == nil || line[key] == "" {
				t.Errorf("antrag without %s: %v", key, line)
			}
		}
	}
	if arts["antrag"] == 0 || arts["antrag"] != arts["vorgang"] || arts["dokument"] == 0 || arts["entwurf"] == 0 {
		t.Errorf("lines by art: %v", arts)
	}
}
