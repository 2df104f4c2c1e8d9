package mandant_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/mandant"
	"rathaus/internal/mandant/mandanttest"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func central(s *storagetest.Store) *storagetest.Store { return s.In(storage.Central) }

// paths are the sorted field paths of a form problem.
func paths(t *testing.T, err error) []string {
	t.Helper()
	var f problem.Fields
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("%v is no form problem", err)
	}
	var out []string
	for _, p := range f {
		out = append(out, p.Path)
	}
	return out
}

func TestAddIsRepeatable(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	m, p := mandanttest.Town(storagetest.Wiesenbrueck)
	ctx := context.Background()
	for range 2 {
		if err := mandant.Add(ctx, s.DB, m, p); err != nil {
			t.Fatal(err)
		}
	}
	central(s).Read(t, func(tx *storage.Tx) error {
		got, err := mandant.ByHost(tx, "LOCALHOST:8080")
		if err != nil {
			return err
		}
		m.State = mandant.Bereit
		if diff := cmp.Diff(m, got); diff != "" {
			t.Error(diff)
		}
		if _, err := mandant.ByHost(tx, "fremd.example"); !errors.Is(err, problem.NotFound) {
			t.Errorf("unknown host: %v", err)
		}
		all, err := mandant.All(tx)
		if len(all) != 1 || !slices.Equal(all[0].Hosts, m.Hosts) {
			t.Errorf("All = %+v", all)
		}
		return err
	})
	s.Read(t, func(tx *storage.Tx) error {
		got, err := mandant.GetProfil(tx)
		if err != nil {
			return err
		}
		if got.Name != "Wiesenbrück" || got.Land != "BW" || got.Version != 1 || len(got.LetterheadMissing()) != 0 {
			t.Errorf("profile %+v", got)
		}
		units, err := mandant.Einheiten(tx)
		if len(units) != 13 || units[0].Key != mandant.RootKey || !units[0].Active {
			t.Errorf("%d units, first %+v", len(units), units[0])
		}
		return err
	})
}

// An interrupted Add leaves angelegt behind; the next run completes it, also with corrected data.
func TestAddResumes(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	m, p := mandanttest.Town(storagetest.Wiesenbrueck)
	half := m
	half.Hosts, half.Name = []string{"alt.localhost"}, "Wiesenbruck"
	central(s).Write(t, func(tx *storage.Tx) error { return mandant.Register(tx, half) })
	central(s).Read(t, func(tx *storage.Tx) error {
		got, err := mandant.ByHost(tx, "alt.localhost")
		if got.State != mandant.Angelegt {
			t.Errorf("state %q", got.State)
		}
		return err
	})
	if err := mandant.Add(context.Background(), s.DB, m, p); err != nil {
		t.Fatal(err)
	}
	central(s).Read(t, func(tx *storage.Tx) error {
		got, err := mandant.Get(tx, m.Key)
		if got.State != mandant.Bereit || got.Name != "Wiesenbrück" || !slices.Equal(got.Hosts, m.Hosts) {
			t.Errorf("%+v", got)
		}
		return err
	})
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	ctx := context.Background()
	m, p := mandanttest.Town(storagetest.Wiesenbrueck)
	if err := mandant.Add(ctx, s.DB, m, p); err != nil {
		t.Fatal(err)
	}
	other := m
	other.Hosts = []string{"neu.localhost"}
	if err := mandant.Add(ctx, s.DB, other, p); !errors.Is(err, problem.Conflict) {
		t.Errorf("other hosts for a town in service: %v", err)
	}
	second, p2 := mandanttest.Town(storagetest.Sturmkoog)
	taken := second
	taken.Hosts = []string{"localhost"}
	if got := paths(t, mandant.Add(ctx, s.DB, taken, p2)); !slices.Equal(got, []string{"hosts"}) {
		t.Errorf("host of another town: %v", got)
	}
	taken = second
	taken.AGS, taken.Land = m.AGS, m.Land
	if got := paths(t, mandant.Add(ctx, s.DB, taken, p2)); !slices.Equal(got, []string{"ags"}) {
		t.Errorf("AGS of another town: %v", got)
	}
	bad := mandant.Mandant{Key: "Groß", AGS: "12", Land: "XX", Population: -1, Hosts: []string{"UPPER"}}
	if got := paths(t, mandant.Add(ctx, s.DB, bad, p)); !slices.Equal(got, []string{"key", "ags", "name", "land", "population", "hosts"}) {
		t.Errorf("bad town: %v", got)
	}
	wrongLand := second
	wrongLand.Land = "BW"
	if got := paths(t, mandant.Add(ctx, s.DB, wrongLand, p2)); !slices.Equal(got, []string{"land"}) {
		t.Errorf("Land not of the AGS: %v", got)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	m, p := mandanttest.Town(storagetest.Wiesenbrueck)
	central(s).Write(t, func(tx *storage.Tx) error { return mandant.Register(tx, m) })
	set := func(to mandant.State) error {
		return s.DB.Write(context.Background(), central(s).Scope, func(tx *storage.Tx) error { return mandant.SetState(tx, m.Key, to) })
	}
	if err := set(mandant.Wartung); !errors.Is(err, problem.Conflict) {
		t.Errorf("angelegt → wartung: %v", err)
	}
	if err := mandant.Add(context.Background(), s.DB, m, p); err != nil {
		t.Fatal(err)
	}
	for _, to := range []mandant.State{mandant.Wartung, mandant.Gesperrt, mandant.Gesperrt, mandant.Bereit, mandant.Gesperrt} {
		if err := set(to); err != nil {
			t.Errorf("→ %s: %v", to, err)
		}
	}
	if err := set(mandant.Angelegt); !errors.Is(err, problem.Conflict) {
		t.Errorf("→ angelegt: %v", err)
	}
	if err := mandant.Add(context.Background(), s.DB, m, p); err != nil {
		t.Fatal(err)
	}
	central(s).Read(t, func(tx *storage.Tx) error {
		got, err := mandant.Get(tx, m.Key)
		if got.State != mandant.Gesperrt {
			t.Errorf("running Add again opened a closed town: %s", got.State)
		}
		return err
	})
}

func TestProfil(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	mandanttest.Fill(t, s)
	set := func(change func(p *mandant.Profil)) error {
		return s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			p, err := mandant.GetProfil(tx)
			if err != nil {
				return err
			}
			change(&p)
			return mandant.SetProfil(tx, p)
		})
	}
	if err := set(func(p *mandant.Profil) { p.Bank.IBAN = " de02 1203 0000 0000 2020 51 "; p.Hours = "Mo\r\nDi" }); err != nil {
		t.Fatal(err)
	}
	s.Read(t, func(tx *storage.Tx) error {
		p, err := mandant.GetProfil(tx)
		if p.Bank.IBAN != "DE02120300000000202051" || p.Hours != "Mo\nDi" || p.Version != 2 {
			t.Errorf("stored %+v", p)
		}
		return err
	})
	for name, c := range map[string]struct {
		change func(p *mandant.Profil)
		want   []string
	}{
		"hue":       {func(p *mandant.Profil) { p.Theme.Hue = 360 }, []string{"theme.hue"}},
		"chroma":    {func(p *mandant.Profil) { p.Theme.Chroma = .141 }, []string{"theme.chroma"}},
		"nan":       {func(p *mandant.Profil) { p.Theme.Chroma = math.NaN() }, []string{"theme.chroma"}},
		"radius":    {func(p *mandant.Profil) { p.Theme.Radius = 1 }, []string{"theme.radius"}},
		"crest":     {func(p *mandant.Profil) { p.Theme.Crest = "../x" }, []string{"theme.crest"}},
		"iban":      {func(p *mandant.Profil) { p.Bank.IBAN = "DE03120300000000202051" }, []string{"bank.iban"}},
		"bic":       {func(p *mandant.Profil) { p.Bank.BIC = "BYLA" }, []string{"bank.bic"}},
		"mail":      {func(p *mandant.Profil) { p.Mail = "rathaus at wiese" }, []string{"mail"}},
		"url":       {func(p *mandant.Profil) { p.BaseURL = "javascript:alert(1)" }, []string{"base_url"}},
		"post code": {func(p *mandant.Profil) { p.PostCode = "1234" }, []string{"post_code"}},
		"name":      {func(p *mandant.Profil) { p.Name = " " }, []string{"name"}},
		"lines":     {func(p *mandant.Profil) { p.Street = "a\nb" }, []string{"street"}},
	} {
		if got := paths(t, set(c.change)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := set(func(p *mandant.Profil) { p.Land = "NW" }); !errors.Is(err, problem.Conflict) {
		t.Errorf("other Land: %v", err)
	}
	if err := set(func(p *mandant.Profil) { p.Version = 1 }); !errors.Is(err, problem.Conflict) {
		t.Errorf("outdated version: %v", err)
	}
}

func TestLetterheadMissing(t *testing.T) {
	t.Parallel()
	_, p := mandanttest.Town(storagetest.Wiesenbrueck)
	p.Bank.IBAN, p.Hours = "", ""
	var got []string
	for _, f := range p.LetterheadMissing() {
		got = append(got, f.Path)
	}
	if !slices.Equal(got, []string{"hours", "bank.iban"}) {
		t.Errorf("missing %v", got)
	}
}

func TestValidIBAN(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"DE02120300000000202051": true, "DE89370400440532013000": true, "AT611904300234573201": true, "NL91ABNA0417164300": true,
		"DE02120300000000202052": false, "DE0212030000000020205": false, "": false, "DE": false,
		"1202120300000000202051": false, "DEAA120300000000202051": false, "de02120300000000202051": false, "DE0212030000000020205ß": false,
	} {
		if mandant.ValidIBAN(s) != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
}

func TestEinheiten(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	mandanttest.Fill(t, s)
	bau, tief := mandanttest.Einheit(t, s, "bauamt"), mandanttest.Einheit(t, s, "tiefbauamt")
	s.Read(t, func(tx *storage.Tx) error {
		below, err := mandant.Below(tx, bau)
		if len(below) != 3 || !slices.Contains(below, tief) {
			t.Errorf("below Bauamt: %v", below)
		}
		all, _ := mandant.Einheiten(tx)
		i := slices.IndexFunc(all, func(e mandant.Einheit) bool { return e.ID == bau })
		if all[i+1].ParentID != bau || all[i+2].ParentID != bau {
			t.Error("children do not follow their parent")
		}
		return err
	})
	save := func(e mandant.Einheit) error {
		return s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := mandant.SaveEinheit(tx, e)
			return err
		})
	}
	if err := save(mandant.Einheit{Key: "bauhof", Name: "Bauhof", ParentID: tief, Active: true}); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		e    mandant.Einheit
		want string
	}{
		"key":         {mandant.Einheit{Key: "Bau Hof", Name: "x", ParentID: bau}, "key"},
		"taken":       {mandant.Einheit{Key: "bauhof", Name: "x", ParentID: bau}, "key"},
		"name":        {mandant.Einheit{Key: "neu", ParentID: bau}, "name"},
		"mail":        {mandant.Einheit{Key: "neu", Name: "x", Mail: "x", ParentID: bau}, "mail"},
		"no parent":   {mandant.Einheit{Key: "neu", Name: "x"}, "parent"},
		"bad parent":  {mandant.Einheit{Key: "neu", Name: "x", ParentID: "nein"}, "parent"},
		"own child":   {mandant.Einheit{ID: bau, Key: "bauamt", Name: "Bauamt", ParentID: tief}, "parent"},
		"own parent":  {mandant.Einheit{ID: bau, Key: "bauamt", Name: "Bauamt", ParentID: bau}, "parent"},
		"second root": {mandant.Einheit{Key: "neu", Name: "x", ParentID: ""}, "parent"},
	} {
		if got := paths(t, save(c.e)); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if err := save(mandant.Einheit{ID: bau, Key: "bauverwaltung", Name: "x", ParentID: mandanttest.Einheit(t, s, mandant.RootKey)}); !errors.Is(err, problem.Conflict) {
		t.Errorf("changed key: %v", err)
	}
}
