package app

import (
	"bufio"
	"flag"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"sort"
	"strings"
)

// Config holds the settings of one machine. Everything of a town lives in its store.
// Each value comes from the flag, else RATHAUS_NAME, else the file, else its default.
type Config struct {
	Addr             string // host:port to listen on
	Data             string // folder of SQLite files, blobs, keys
	DatabaseURL      string // postgres://… of the serving login; empty: SQLite in Data
	DatabaseAdminURL string // postgres://… that may create schemas and roles
	BaseURL          string // https://… as residents see it; empty: from the request's host
	KeyFile          string // installation key; empty: Data/schluessel
	SMTP             string // host:port of the mail relay; empty: mails become files in Data/mail
	SMTPUser         string
	SMTPPasswordFile string
	MailFrom         string
	TLSCert, TLSKey  string
	TrustedProxies   string // comma-separated prefixes whose X-Forwarded-* is believed

	prefix string // of schemas and roles on PostgreSQL; tests only
}

// setting ties a name to its place in Config.
type setting struct {
	name, usage string
	at          *string
	fallback    string
}

func (c *Config) settings() []setting {
	return []setting{
		{"addr", "Adresse, auf der der Dienst hört", &c.Addr, "127.0.0.1:8080"},
		{"data", "Ordner für Datenbanken, Dateien und Schlüssel", &c.Data, "data"},
		{"database-url", "PostgreSQL-Anmeldung des Dienstes; leer: SQLite im Datenordner", &c.DatabaseURL, ""},
		{"database-admin-url", "PostgreSQL-Anmeldung, die Schemata und Rollen anlegen darf", &c.DatabaseAdminURL, ""},
		{"base-url", "öffentliche Adresse, zum Beispiel https://rathaus.example", &c.BaseURL, ""},
		{"key-file", "Datei mit dem Schlüssel der Installation; leer: schluessel im Datenordner", &c.KeyFile, ""},
		{"smtp", "Mailserver als name:port; leer: Mails werden Dateien im Datenordner", &c.SMTP, ""},
		{"smtp-user", "Anmeldename am Mailserver", &c.SMTPUser, ""},
		{"smtp-password-file", "Datei mit dem Kennwort für den Mailserver", &c.SMTPPasswordFile, ""},
		{"mail-from", "Absenderadresse; leer: die Adresse der Stadt", &c.MailFrom, ""},
		{"tls-cert", "Zertifikat (PEM); leer: ohne TLS, hinter einem Proxy", &c.TLSCert, ""},
		{"tls-key", "privater Schlüssel zum Zertifikat (PEM)", &c.TLSKey, ""},
		{"trusted-proxies", "Netze, deren X-Forwarded-Angaben gelten, mit Komma getrennt", &c.TrustedProxies, ""},
	}
}

// register adds the settings as flags; load fills what no flag has set.
func (c *Config) register(fs *flag.FlagSet) {
	fs.String("config", "", "Datei mit Einstellungen, eine je Zeile: name = wert")
	for _, s := range c.settings() {
		fs.StringVar(s.at, s.name, "", s.usage)
	}
}

// load completes the settings from environment and file, then checks them.
// Unknown names in the file or after RATHAUS_ are refused by name.
func (c *Config) load(fs *flag.FlagSet, environ []string) error {
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	env := envSettings(environ)
	path := fs.Lookup("config").Value.String()
	if path == "" {
		path = env["config"]
	}
	delete(env, "config")
	file := map[string]string{}
	if path != "" {
		var err error
		if file, err = fileSettings(path); err != nil {
			return err
		}
	}
	for _, s := range c.settings() {
		switch {
		case given[s.name]:
		case env[s.name] != "":
			*s.at = env[s.name]
		case file[s.name] != "":
			*s.at = file[s.name]
		default:
			*s.at = s.fallback
		}
		delete(env, s.name)
		delete(file, s.name)
	}
	for _, name := range sortedKeys(env) {
		return usagef("unbekannte Einstellung in der Umgebung: RATHAUS_%s", strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
	}
	for _, name := range sortedKeys(file) {
		return usagef("%s: unbekannte Einstellung %q", path, name)
	}
	return c.check()
}

func (c *Config) check() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usagef("tls-cert und tls-key gehören zusammen; es fehlt eines von beiden")
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return usagef("base-url: %q ist keine vollständige Adresse wie https://rathaus.example", c.BaseURL)
		}
		c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	return nil
}

// proxies parses TrustedProxies.
func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, p := range strings.FieldsFunc(c.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			addr, addrErr := netip.ParseAddr(p)
			if addrErr != nil {
				return nil, usagef("trusted-proxies: %q ist kein Netz wie 10.0.0.0/8", p)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		out = append(out, prefix)
	}
	return out, nil
}

// envSettings reads RATHAUS_DATABASE_URL as "database-url". RATHAUS_TESTDATEN belongs to the tests.
func envSettings(environ []string) map[string]string {
	out := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		rest, ok := strings.CutPrefix(name, "RATHAUS_")
		if !ok || rest == "TESTDATEN" || value == "" {
			continue
		}
		out[strings.ToLower(strings.ReplaceAll(rest, "_", "-"))] = value
	}
	return out
}

// fileSettings reads lines "name = value"; # begins a comment.
func fileSettings(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("Einstellungen: %v", err)
	}
	defer f.Close()
	out := map[string]string{}
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		text := strings.TrimSpace(sc.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usagef("%s:%d: erwartet wird name = wert", path, line)
		}
		name = strings.TrimSpace(name)
		if _, twice := out[name]; twice {
			return nil, usagef("%s:%d: %s steht zweimal da", path, line, name)
		}
		out[name] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
