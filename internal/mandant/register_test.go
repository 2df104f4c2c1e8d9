package mandant_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/mandant"
)

const register = "\ufeffname;ags;typ_text;bevoelkerung;kreis\r\n" +
	"Wiesenbrück, Stadt;08999001;Stadt;18240;Nirgendkreis\r\n" +
	"\"Sturmkoog; am Deich\";05999002;Kreisangehörige Gemeinde;7310;Nirgendkreis\r\n"

func TestReadRegister(t *testing.T) {
	t.Parallel()
	got, err := mandant.ReadRegister(strings.NewReader(register), "r.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := []mandant.RegisterEntry{
		{AGS: "08999001", Name: "Wiesenbrück, Stadt", Kind: "Stadt", Land: "BW", Kreis: "Nirgendkreis", Population: 18240},
		{AGS: "05999002", Name: "Sturmkoog; am Deich", Kind: "Kreisangehörige Gemeinde", Land: "NW", Kreis: "Nirgendkreis", Population: 7310},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadRegisterRefusesNamingLineAndColumn(t *testing.T) {
	t.Parallel()
	head := "ags;name;bevoelkerung\n"
	for name, c := range map[string]struct{ text, want string }{
		"empty":          {"", "r.csv:1: Kopfzeile"},
		"column missing": {"ags;name\n", "r.csv:1: bevoelkerung: diese Spalte fehlt"},
		"short ags":      {head + "0899900;W;1\n", "r.csv:2: ags"},
		"land 17":        {head + "17999001;W;1\n", "r.csv:2: ags"},
		"letters":        {head + "0899900x;W;1\n", "r.csv:2: ags"},
		"no name":        {head + "08999001; ;1\n", "r.csv:2: name"},
		"population":     {head + "08999001;W;1\n08999002;V;viele\n", "r.csv:3: bevoelkerung"},
		"negative":       {head + "08999001;W;-1\n", "r.csv:2: bevoelkerung"},
		"doubled":        {head + "08999001;W;1\n08999001;V;1\n", "r.csv:3: ags: 08999001 steht schon in Zeile 2"},
		"field count":    {head + "08999001;W\n", "r.csv:2: Zeile: andere Spaltenzahl"},
		"quote":          {head + "08999001;W\"x\";1\n", "r.csv:2: Zeile: Anführungszeichen"},
	} {
		if _, err := mandant.ReadRegister(strings.NewReader(c.text), "r.csv"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestRegisterNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kind, short, official string }{
		{"Wiesenbrück, Stadt", "Stadt", "Wiesenbrück", "Stadt Wiesenbrück"},
		{"Sturmkoog, Hansestadt", "Stadt", "Sturmkoog", "Hansestadt Sturmkoog"},
		{"Sturmkoog", "Kreisangehörige Gemeinde", "Sturmkoog", "Gemeinde Sturmkoog"},
		{"Sturmkoog", "Markt", "Sturmkoog", "Markt Sturmkoog"},
		{"Sturmkoog", "Große Kreisstadt", "Sturmkoog", "Stadt Sturmkoog"},
	} {
		e := mandant.RegisterEntry{Name: c.name, Kind: c.kind}
		if e.ShortName() != c.short || e.Official() != c.official {
			t.Errorf("%q: %q, %q", c.name, e.ShortName(), e.Official())
		}
	}
}

// The whole official register, where the test data are present.
func TestReadRegisterReal(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("RATHAUS_TESTDATEN")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "gemeinden", "gemeinden_de_*.csv"))
	if len(files) == 0 {
		t.Skip("Testdaten fehlen: kein Gemeindeverzeichnis unter " + dir)
	}
	f, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := mandant.ReadRegister(f, "gemeinden.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 10775 {
		t.Errorf("%d municipalities, want 10,775", len(got))
	}
	laender := map[string]int{}
	for _, e := range got {
		laender[e.Land]++
		if e.ARS == "" || e.Kreis == "" || e.Official() == "" {
			t.Fatalf("incomplete entry %+v", e)
		}
	}
	if len(laender) != 16 {
		t.Errorf("%d Laender: %v", len(laender), laender)
	}
}

func FuzzReadRegister(f *testing.F) {
	f.Add(register)
	f.Add("ags;name;bevoelkerung\n08999001;\"a\nb\";1\n")
	f.Add("\ufeff")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := mandant.ReadRegister(strings.NewReader(text), "f")
		if err != nil && got != nil {
			t.Error("an error and entries: nothing may be taken half")
		}
		for _, e := range got {
			if len(e.AGS) != 8 || e.Name == "" || e.Land == "" {
				t.Errorf("accepted %+v", e)
			}
		}
	})
}
