package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"rathaus/internal/akte"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mandant"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// townFlags describe a new town on the command line.
type townFlags struct {
	key, ags, name, land, register string
	population                     int64
	hosts                          many
	admin, adminName, adminMail    string
	mail, theme                    string
}

func (t *townFlags) declare(fs *flag.FlagSet) {
	fs.StringVar(&t.key, "schluessel", "", "kurzer Name aus Kleinbuchstaben, zum Beispiel wiesenbrueck")
	fs.StringVar(&t.ags, "ags", "", "Amtlicher Gemeindeschlüssel, 8 Ziffern")
	fs.StringVar(&t.name, "name", "", "Name der Stadt")
	fs.StringVar(&t.land, "land", "", "Land, zum Beispiel BW oder NW; ergibt sich aus dem Gemeindeschlüssel")
	fs.Int64Var(&t.population, "einwohner", 0, "Einwohnerzahl")
	fs.StringVar(&t.register, "gemeinden", "", "CSV-Datei des Gemeindeverzeichnisses; Name, Land und Einwohner kommen daraus")
	fs.Var(&t.hosts, "host", "Hostname, unter dem die Stadt antwortet; mehrfach möglich")
	fs.StringVar(&t.admin, "admin", "", "Benutzername der ersten Administratorin oder des ersten Administrators")
	fs.StringVar(&t.adminName, "admin-name", "", "Vor- und Nachname dazu")
	fs.StringVar(&t.adminMail, "admin-mail", "", "E-Mail-Adresse dazu")
	fs.StringVar(&t.mail, "mail", "", "E-Mail-Adresse der Stadt")
	fs.StringVar(&t.theme, "thema", "", "Farbe: Farbton,Sättigung,Akzent,Rundung, zum Beispiel 200,.075,82,.375")
}

// town completes what the register knows.
func (t *townFlags) town() (mandant.Mandant, mandant.Profil, error) {
	m := mandant.Mandant{Key: t.key, AGS: t.ags, Name: t.name, Land: t.land, Population: t.population, Hosts: t.hosts}
	p := mandant.Profil{Mail: t.mail}
	if t.register != "" {
		e, err := t.lookUp()
		if err != nil {
			return m, p, err
		}
		if m.Name == "" {
			m.Name = e.ShortName()
		}
		if m.Population == 0 {
			m.Population = e.Population
		}
		p.Official, p.PostCode = e.Official(), e.PostCode
	}
	if m.Land == "" {
		m.Land = mandant.LandOfAGS(m.AGS)
	}
	if m.Key == "" {
		m.Key = asciiName(m.Name)
	}
	if t.theme != "" {
		var th mandant.Theme
		parts := strings.Split(t.theme, ",")
		if len(parts) != 4 {
			return m, p, usagef("-thema: erwartet werden vier Werte, zum Beispiel 200,.075,82,.375")
		}
		if _, err := fmt.Sscan(strings.Join(parts, " "), &th.Hue, &th.Chroma, &th.AccentHue, &th.Radius); err != nil {
			return m, p, usagef("-thema: %q sind keine vier Zahlen", t.theme)
		}
		th.Crest = mandant.DefaultTheme().Crest
		p.Theme = th
	}
	if m.Name == "" || m.AGS == "" {
		return m, p, usagef("es fehlt -name oder -ags (oder -ags mit -gemeinden)")
	}
	return m, p, nil
}

func (t *townFlags) lookUp() (mandant.RegisterEntry, error) {
	f, err := os.Open(t.register)
	if err != nil {
		return mandant.RegisterEntry{}, fmt.Errorf("-gemeinden: %w", err)
	}
	defer f.Close()
	all, err := mandant.ReadRegister(f, t.register)
	if err != nil {
		return mandant.RegisterEntry{}, err
	}
	for _, e := range all {
		if e.AGS == t.ags {
			return e, nil
		}
	}
	return mandant.RegisterEntry{}, fmt.Errorf("%s: kein Eintrag mit dem Gemeindeschlüssel %q", t.register, t.ags)
}

// publicBase is the address mails and letters name: base-url when it is one of the town's hosts, else its first host.
func publicBase(cfg Config, hosts []string) string {
	if u, err := url.Parse(cfg.BaseURL); err == nil && cfg.BaseURL != "" && (len(hosts) == 0 || slices.Contains(hosts, u.Hostname())) {
		return cfg.BaseURL
	}
	if len(hosts) == 0 {
		return ""
	}
	host, scheme := hosts[0], "https://"
	if ip := net.ParseIP(host); host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback() {
		scheme = "http://"
		if _, port, err := net.SplitHostPort(cfg.Addr); err == nil {
			host = net.JoinHostPort(host, port)
		}
	}
	return scheme + host
}

// asciiName makes a key or mail name of a German name: "Wiesenbrück" → "wiesenbrueck".
func asciiName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == ' ', r == '-':
			return '-'
		}
		return -1
	}, storage.Fold(s))
}

// addTown makes a working town: store, profile, units, Aktenplan, services, forms. It may be run again.
func (p *program) addTown(ctx context.Context, m mandant.Mandant, profil mandant.Profil) error {
	if err := mandant.Add(ctx, p.db, m, profil); err != nil {
		return p.explain(err)
	}
	return p.db.Write(ctx, storage.Scope{Mandant: m.Key, Actor: mandant.System}, func(tx *storage.Tx) error {
		if err := akte.SeedAktenplan(tx); err != nil {
			return err
		}
		if _, err := leistung.Seed(tx, m.Land); err != nil {
			return err
		}
		return formular.Seed(tx)
	})
}

// explain turns form problems into German lines for the command line.
func (p *program) explain(err error) error {
	var why *refusal
	if errors.As(err, &why) {
		return why
	}
	var fields problem.Fields
	if !errors.As(err, &fields) {
		return err
	}
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = f.Path + ": " + p.texts.T("de", f.Key, f.Args...)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// firstAdmin makes the first administrator and prints the code to set the password with.
func (p *program) firstAdmin(ctx context.Context, out Process, m mandant.Mandant, t townFlags) error {
	name := t.adminName
	if name == "" {
		name = t.admin
	}
	var code string
	err := p.db.Write(ctx, storage.Scope{Mandant: m.Key, Actor: mandant.System}, func(tx *storage.Tx) (err error) {
		_, code, err = konto.FirstAdministrator(tx, konto.Mitarbeiter{Login: t.admin, Name: name, Mail: t.adminMail})
		return err
	})
	if errors.Is(err, problem.Conflict) {
		fmt.Fprintf(out.Stdout, "%s hat schon eine Administratorin oder einen Administrator.\n", m.Name)
		return nil
	}
	if err != nil {
		return p.explain(err)
	}
	fmt.Fprintf(out.Stdout, "Benutzername: %s\nEinmalcode:   %s\nKennwort setzen: /amt/kennwort/neu (der Code gilt einmal und für kurze Zeit)\n", t.admin, code)
	return nil
}

// runMandantAdd is "rathaus mandant add".
func runMandantAdd(ctx context.Context, p Process, fs *flag.FlagSet) error {
	var t townFlags
	t.declare(fs)
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	m, profil, err := t.town()
	if err != nil {
		return err
	}
	profil.BaseURL = publicBase(cfg, m.Hosts)
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		if err := prog.addTown(ctx, m, profil); err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "%s (%s) ist bereit.\n", m.Name, m.Key)
		if t.admin == "" {
			return nil
		}
		return prog.firstAdmin(ctx, p, m, t)
	})
}

// runInit is "rathaus init": an empty folder becomes a working town with its first administrator.
func runInit(ctx context.Context, p Process, fs *flag.FlagSet) error {
	var t townFlags
	t.declare(fs)
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	if t.admin == "" {
		t.admin = "admin"
	}
	if len(t.hosts) == 0 {
		t.hosts = many{"localhost", "127.0.0.1"}
		if u, err := url.Parse(cfg.BaseURL); err == nil && cfg.BaseURL != "" && !slices.Contains(t.hosts, u.Hostname()) {
			t.hosts = append(many{u.Hostname()}, t.hosts...)
		}
	}
	m, profil, err := t.town()
	if err != nil {
		return err
	}
	profil.BaseURL = publicBase(cfg, m.Hosts)
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		if err := prog.addTown(ctx, m, profil); err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "%s (%s) ist eingerichtet, Ordner %s.\n", m.Name, m.Key, cfg.Data)
		if err := prog.firstAdmin(ctx, p, m, t); err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "Starten: rathaus serve -data %s\nDanach: Briefkopf unter /verwaltung/stadt ausfüllen; ohne ihn geht kein Brief hinaus.\n", cfg.Data)
		return nil
	})
}

// runMandantList is "rathaus mandant list".
func runMandantList(ctx context.Context, p Process, fs *flag.FlagSet) error {
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	return with(ctx, cfg, p, openOptions{readOnly: true}, func(prog *program) error {
		all, err := prog.mandanten(ctx)
		for _, m := range all {
			fmt.Fprintf(p.Stdout, "%-20s %-9s %-3s %-9s %s  %s\n", m.Key, m.AGS, m.Land, m.State, m.Name, strings.Join(m.Hosts, " "))
		}
		return err
	})
}

// with opens the program for one command, or hands the command to the service that has the folder.
func with(ctx context.Context, cfg Config, p Process, o openOptions, do func(*program) error) error {
	if o.log == nil {
		o.log = quietLog(p.Stderr)
	}
	if p.running != nil {
		return do(p.running)
	}
	prog, err := open(ctx, cfg, o)
	if errors.Is(err, errInUse) && runsInService(p.name) {
		if ok, forwarded := forward(ctx, cfg, p); ok {
			return forwarded
		}
	}
	if err != nil {
		return err
	}
	return errors.Join(do(prog), prog.close())
}
