package seal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rathaus/internal/seal"
)

func keys(t *testing.T) *seal.Keys {
	t.Helper()
	k, err := seal.New("k1", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealOpensOnlyForPurposeAndTown(t *testing.T) {
	t.Parallel()
	k := keys(t)
	sealed, err := k.Seal("totp", "wiesenbrueck", []byte("geheim"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(sealed, "geheim") || !strings.HasPrefix(sealed, "k1.") {
		t.Fatalf("sealed value %q", sealed)
	}
	plain, err := k.Open("totp", "wiesenbrueck", sealed)
	if err != nil || string(plain) != "geheim" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	for name, try := range map[string][3]string{
		"other purpose": {"mail", "wiesenbrueck", sealed},
		"other town":    {"totp", "sturmkoog", sealed},
		"changed":       {"totp", "wiesenbrueck", sealed[:len(sealed)-2] + "AA"},
		"short":         {"totp", "wiesenbrueck", "k1.AAAA"},
		"no key id":     {"totp", "wiesenbrueck", "AAAA"},
		"no base64":     {"totp", "wiesenbrueck", "k1.ä"},
	} {
		if _, err := k.Open(try[0], try[1], try[2]); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("%s: %v, want ErrBroken", name, err)
		}
	}
	if _, err := k.Open("totp", "wiesenbrueck", "k9"+sealed[2:]); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("unknown key: %v", err)
	}
}

func TestSealTwiceDiffers(t *testing.T) {
	t.Parallel()
	k := keys(t)
	a, _ := k.Seal("totp", "w", []byte("x"))
	b, _ := k.Seal("totp", "w", []byte("x"))
	if a == b {
		t.Error("same nonce used twice")
	}
}

func TestMACSeparates(t *testing.T) {
	t.Parallel()
	k := keys(t)
	base := k.MAC("abholcode", "wiesenbrueck", []byte("ab"), []byte("c"))
	if !bytes.Equal(base, k.MAC("abholcode", "wiesenbrueck", []byte("ab"), []byte("c"))) {
		t.Error("MAC is not stable")
	}
	for name, other := range map[string][]byte{
		"purpose": k.MAC("konto", "wiesenbrueck", []byte("ab"), []byte("c")),
		"town":    k.MAC("abholcode", "sturmkoog", []byte("ab"), []byte("c")),
		"parts":   k.MAC("abholcode", "wiesenbrueck", []byte("a"), []byte("bc")),
	} {
		if bytes.Equal(base, other) {
			t.Errorf("%s does not change the code", name)
		}
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "neu", "schluessel")
	if _, err := seal.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("Load of no file: %v", err)
	}
	made, err := seal.LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	sealed, err := made.Seal("p", "t", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.LoadOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open("p", "t", sealed); err != nil || string(plain) != "x" {
		t.Fatalf("reopened ring: %q, %v", plain, err)
	}
	if _, err := seal.Create(path); err == nil {
		t.Error("Create replaced a key file")
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Load(path); err == nil || !strings.Contains(err.Error(), "0640") {
		t.Errorf("a file others may read: %v", err)
	}
}

func TestKeyFileRefusals(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("ab", 32)
	for name, c := range map[string]struct{ text, want string }{
		"empty":   {"# nichts\n", "keinen Schlüssel"},
		"one":     {"k1\n", ":1:"},
		"no hex":  {"# x\nk1 zz\n", ":2:"},
		"short":   {"k1 abcd\n", ":1:"},
		"doubled": {"k1 " + good + "\nk1 " + good + "\n", ":2:"},
	} {
		path := filepath.Join(t.TempDir(), "schluessel")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestRotationKeepsCodesAndOldValues(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "schluessel")
	first, second := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	write := func(text string) *seal.Keys {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := seal.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	before := write("k1 " + first + "\n")
	old, _ := before.Seal("p", "t", []byte("x"))
	after := write("k1 " + first + "\nk2 " + second + "\n")
	if plain, err := after.Open("p", "t", old); err != nil || string(plain) != "x" {
		t.Errorf("old value: %q, %v", plain, err)
	}
	fresh, _ := after.Seal("p", "t", []byte("x"))
	if !strings.HasPrefix(fresh, "k2.") {
		t.Errorf("sealed with %q, want the newest key", fresh[:3])
	}
	if !bytes.Equal(before.MAC("p", "t", []byte("d")), after.MAC("p", "t", []byte("d"))) {
		t.Error("adding a key changed the codes")
	}
}
