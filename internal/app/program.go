package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/blob"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/i18n"
	"rathaus/internal/id"
	"rathaus/internal/job"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/pdf"
	"rathaus/internal/problem"
	"rathaus/internal/seal"
	"rathaus/internal/storage"
	"rathaus/internal/storage/backup"
	"rathaus/internal/web"
	"rathaus/internal/web/amt"
	"rathaus/internal/web/api"
	"rathaus/internal/web/portal"
	"rathaus/internal/web/ui"
	"rathaus/internal/web/verwaltung"
)

// Version is set by the build (-ldflags -X); the demo and developers see "entwicklung".
const Version = "0.1.0"

// program is everything that runs behind the pages, wired once. Commands open it, use it, close it.
type program struct {
	cfg    Config
	clock  clock.Clock
	log    *slog.Logger
	db     *storage.DB
	keys   *seal.Keys
	blobs  *blob.Store
	office *antrag.Office
	gate   *konto.Gate
	finder *leistung.Finder
	runner *job.Runner
	towns  *townCache
	texts  *i18n.Catalogue
	demo   bool
}

// openOptions are what commands choose.
type openOptions struct {
	clock    clock.Clock
	log      *slog.Logger
	readOnly bool
	demo     bool
}

// open wires the program on the stores of cfg. The key file is made when there is none, except for reading.
func open(ctx context.Context, cfg Config, o openOptions) (*program, error) {
	if o.clock == nil {
		o.clock = clock.System{}
	}
	if o.log == nil {
		o.log = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	}
	if !o.readOnly {
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return nil, fmt.Errorf("Datenordner: %w", err)
		}
	}
	db, err := storage.Open(ctx, storage.Config{Dir: cfg.Data, DatabaseURL: cfg.DatabaseURL, AdminURL: cfg.DatabaseAdminURL, Prefix: cfg.prefix,
		Clock: o.clock, Log: o.log, ReadOnly: o.readOnly})
	if err != nil {
		return nil, openError(err)
	}
	p := &program{cfg: cfg, clock: o.clock, log: o.log, db: db, demo: o.demo}
	if err := p.wire(ctx, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

// errInUse: another process has the data folder.
var errInUse = errors.New("data folder in use")

// inUse is errInUse with the sentence the administrator reads.
type inUse struct{ text string }

func (e inUse) Error() string        { return e.text }
func (e inUse) Is(target error) bool { return target == errInUse }

// openError explains the one error every administrator meets.
func openError(err error) error {
	var locked *storage.LockedError
	if errors.As(err, &locked) {
		return inUse{fmt.Sprintf("der Datenordner %s ist in Gebrauch (%s); dieser Befehl braucht ihn für sich allein", locked.Dir, locked.Holder)}
	}
	return err
}

func (p *program) wire(ctx context.Context, o openOptions) error {
	var err error
	if p.texts, err = i18n.Load(); err != nil {
		return fmt.Errorf("catalogues: %w", err)
	}
	if p.keys, err = p.loadKeys(o.readOnly); err != nil {
		return err
	}
	fonts, err := loadFonts()
	if err != nil {
		return err
	}
	p.blobs = blob.New(p.db.Dir(), p.clock, id.Source{}) // below mandant/KEY, where backup and restore look
	p.office = &antrag.Office{Keys: p.keys, Blobs: p.blobs, Fonts: fonts, Forms: formular.NewForms()}
	if p.gate, err = konto.NewGate(ctx, p.keys, p.clock, konto.NewHasher(konto.Cost{}, runtime.NumCPU())); err != nil {
		return err
	}
	p.finder = leistung.NewFinder()
	p.towns = newTownCache(p.db)
	p.runner = job.NewRunner(p.db)
	sender := &mail.Sender{Server: p.cfg.SMTP, User: p.cfg.SMTPUser, Dir: filepath.Join(p.cfg.Data, "mail"), From: p.sender}
	if p.cfg.SMTPPasswordFile != "" {
		secret, err := os.ReadFile(p.cfg.SMTPPasswordFile)
		if err != nil {
			return fmt.Errorf("smtp-password-file: %w", err)
		}
		sender.Password = strings.TrimSpace(string(secret))
	}
	p.runner.Register(mail.Kind, sender.Handle)
	antrag.Register(p.runner)
	backup.Register(p.runner, p.db, p.blobs)
	p.registerHousekeeping()
	return nil
}

func (p *program) keyFile() string {
	if p.cfg.KeyFile != "" {
		return p.cfg.KeyFile
	}
	return filepath.Join(p.cfg.Data, "schluessel")
}

func (p *program) loadKeys(readOnly bool) (*seal.Keys, error) {
	if readOnly {
		return seal.Load(p.keyFile())
	}
	return seal.LoadOrCreate(p.keyFile())
}

// sender is who mails come from: the town, at its own address unless the machine sets one.
func (p *program) sender(tx *storage.Tx) (name, address string, err error) {
	profil, err := mandant.GetProfil(tx)
	if err != nil {
		return "", "", err
	}
	address = profil.Mail
	if p.cfg.MailFrom != "" {
		address = p.cfg.MailFrom
	}
	switch {
	case address != "":
	case p.cfg.SMTP == "": // files for reading only
		address = "rathaus@" + tx.Scope().Mandant + ".invalid"
	default: // tried again: the address may be entered any minute
		return "", "", errors.New("no sender address: neither mail-from nor the town's own is set")
	}
	return profil.Official, address, nil
}

// loadFonts reads the fonts letters are set in; without "make assets" there are none.
func loadFonts() (*pdf.Fonts, error) {
	regular, bold, err := ui.Fonts()
	if err != nil {
		return nil, err
	}
	return pdf.ParseFonts(regular, bold)
}

// close stops the jobs, then the stores.
func (p *program) close() error {
	p.runner.Stop()
	return p.db.Close()
}

// server builds the site of all towns.
func (p *program) server(secure bool) (*web.Server, error) {
	proxies, err := p.cfg.proxies()
	if err != nil {
		return nil, err
	}
	return web.NewServer(web.Config{
		DB: p.db, Clock: p.clock, Keys: p.keys, Log: p.log, TownByHost: p.towns.byHost, Login: p.login,
		Ready: func(ctx context.Context) error { return p.db.Ping(ctx) }, TrustedProxies: proxies, Secure: secure, Version: Version,
	}, p.sections()...)
}

// sections are all parts of the site.
func (p *program) sections() []web.Section {
	return []web.Section{
		portal.Section(portal.Config{Services: p.finder, Office: p.office, Gate: p.gate, Blobs: p.blobs}), amt.Section(p.office),
		verwaltung.Section(verwaltung.Config{Gate: p.gate, Mails: p.demo}), api.Section(api.Config{Office: p.office}),
	}
}

// login loads the session that belongs to the route: staff on desk pages, residents elsewhere.
func (p *program) login(r *web.Request) (web.Login, error) {
	if r.Route != nil && (r.Route.Access == web.Staff || r.Route.Access == web.Admin || r.Route.Section == "amt" || r.Route.Section == "verwaltung") {
		return verwaltung.Login(r)
	}
	if r.Route != nil && r.Route.Access == web.API {
		return api.Login(r)
	}
	return portal.Login(r)
}

// townCache answers which town a host name belongs to from memory; a changed profile drops its entry.
type townCache struct {
	db *storage.DB
	mu sync.Mutex
	// byHostName holds answers for at most a minute, so that a changed host name needs no restart.
	hosts map[string]cachedTown
}

type cachedTown struct {
	town  ui.Town
	err   error
	until time.Time
}

const townCacheTime = time.Minute

func newTownCache(db *storage.DB) *townCache {
	c := &townCache{db: db, hosts: map[string]cachedTown{}}
	db.Listen(func(s storage.Signal) {
		if s.Topic == mandant.ProfilTopic {
			c.forget()
		}
	})
	return c
}

func (c *townCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.hosts)
}

const maxCachedHosts = 4096 // a flood of invented host names must not grow memory

func (c *townCache) byHost(ctx context.Context, host string) (ui.Town, error) {
	now := c.db.Clock().Now()
	c.mu.Lock()
	hit, ok := c.hosts[host]
	c.mu.Unlock()
	if ok && now.Before(hit.until) {
		return hit.town, hit.err
	}
	town, err := c.read(ctx, host)
	if err != nil && !errors.Is(err, problem.NotFound) {
		return town, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.hosts) >= maxCachedHosts {
		clear(c.hosts)
	}
	c.hosts[host] = cachedTown{town: town, err: err, until: now.Add(townCacheTime)}
	return town, err
}

func (c *townCache) read(ctx context.Context, host string) (ui.Town, error) {
	var m mandant.Mandant
	err := c.db.Read(ctx, storage.Scope{Mandant: storage.Central, Actor: mandant.System}, func(tx *storage.Tx) (err error) {
		m, err = mandant.ByHost(tx, host)
		return err
	})
	if err != nil {
		return ui.Town{}, err
	}
	town := ui.Town{Key: m.Key, Name: m.Name, AGS: m.AGS, Land: m.Land}
	switch m.State {
	case mandant.Gesperrt:
		town.Closed = "problem.suspended"
	case mandant.Wartung, mandant.Angelegt:
		town.Closed = "problem.maintenance"
	}
	err = c.db.Read(ctx, storage.Scope{Mandant: m.Key, Actor: mandant.System}, func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		if err != nil {
			return err
		}
		town.Official, town.Phone, town.Mail, town.Demo = p.Official, p.Phone, p.Mail, p.Switches.Demo
		town.Address = []string{p.Street, strings.TrimSpace(p.PostCode + " " + p.City)}
		town.Hours = lines(p.Hours)
		town.Theme = ui.Theme{Hue: p.Theme.Hue, Chroma: p.Theme.Chroma, AccentHue: p.Theme.AccentHue, Radius: p.Theme.Radius, Crest: p.Theme.Crest}
		return nil
	})
	return town, err
}

func lines(text string) []string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// mandanten lists the towns of the installation.
func (p *program) mandanten(ctx context.Context) ([]mandant.Mandant, error) {
	var all []mandant.Mandant
	err := p.db.Read(ctx, storage.Scope{Mandant: storage.Central, Actor: mandant.System}, func(tx *storage.Tx) (err error) {
		all, err = mandant.All(tx)
		return err
	})
	return all, err
}

// chosen is the town named by -mandant, or all when none is named. A town that does not exist is refused by name.
func chosen(all []mandant.Mandant, key string) ([]mandant.Mandant, error) {
	if key == "" {
		return all, nil
	}
	for _, m := range all {
		if m.Key == key {
			return []mandant.Mandant{m}, nil
		}
	}
	return nil, fmt.Errorf("Es gibt keine Stadt %q, nur: %s", key, strings.Join(mandantKeys(all), ", "))
}

func mandantKeys(all []mandant.Mandant) []string {
	keys := make([]string, len(all))
	for i, m := range all {
		keys[i] = m.Key
	}
	return keys
}

// town reads the one town a command is for.
func (p *program) town(ctx context.Context, key string) (mandant.Mandant, error) {
	all, err := p.mandanten(ctx)
	if err == nil {
		all, err = chosen(all, key)
	}
	if err != nil {
		return mandant.Mandant{}, err
	}
	return all[0], nil
}
