package antrag_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rathaus/internal/antrag"
	"rathaus/internal/id"
	"rathaus/internal/seal"
)

func testKeys(t *testing.T) *seal.Keys {
	t.Helper()
	k, err := seal.New("k1", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"wiesenbrueck": "WB", "sturmkoog": "SK", "ulm": "UL", "heidelberg": "HB", "neustadt": "NS", "bad-muensterstein": "BS", "au": "AU", "x": "XX", "": "RH",
	} {
		if got := antrag.Prefix(key); got != want {
			t.Errorf("%q: %s, want %s", key, got, want)
		}
	}
}

func TestNumberAndCode(t *testing.T) {
	t.Parallel()
	keys := testKeys(t)
	number := antrag.NewNumber("WB", id.Source{})
	if !regexp.MustCompile(`^WB-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(number) {
		t.Errorf("number %s", number)
	}
	code := antrag.Abholcode(keys, "wiesenbrueck", number, 1)
	if len(id.Normal(code)) != 26 || code != antrag.Abholcode(keys, "wiesenbrueck", strings.ToLower(number), 1) {
		t.Errorf("code %s", code)
	}
	for _, other := range []string{
		antrag.Abholcode(keys, "sturmkoog", number, 1),
		antrag.Abholcode(keys, "wiesenbrueck", number, 2),
		antrag.Abholcode(keys, "wiesenbrueck", antrag.NewNumber("WB", id.Source{}), 1),
	} {
		if antrag.SameCode(other, code) {
			t.Error("two cases or towns share a code")
		}
	}
}

func TestSameCodeForgives(t *testing.T) {
	t.Parallel()
	code := antrag.Abholcode(testKeys(t), "wiesenbrueck", "WB-7K4M-92QX", 1)
	rapid.Check(t, func(t *rapid.T) {
		var typed strings.Builder
		for _, r := range code {
			switch style := rapid.IntRange(0, 5).Draw(t, "style"); {
			case r == '-' && style < 2:
			case r == '-' && style < 4:
				typed.WriteByte(' ')
			case r == '0' && style < 3:
				typed.WriteByte('o')
			case r == '1' && style < 3:
				typed.WriteString([]string{"I", "l", "i"}[style])
			case style < 2:
				typed.WriteString(strings.ToLower(string(r)))
			default:
				typed.WriteRune(r)
			}
		}
		if !antrag.SameCode(typed.String(), code) {
			t.Fatalf("%q is not taken for %s", typed.String(), code)
		}
		wrong := []byte(id.Normal(code))
		i := rapid.IntRange(0, len(wrong)-1).Draw(t, "i")
		wrong[i] = map[bool]byte{true: 'Z', false: 'Y'}[wrong[i] != 'Z']
		if antrag.SameCode(string(wrong), code) || antrag.SameCode(code[:len(code)-1], code) || antrag.SameCode("", code) {
			t.Fatal("a wrong code passed")
		}
	})
}

func TestDigest(t *testing.T) {
	t.Parallel()
	canon := func(s string) []byte {
		b, err := antrag.Canonical([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a := canon(`{"hund":{"name":"Fenja & Co","alter":3},"zahl":1.50}`)
	if b := canon("{ \"zahl\":1.50,\n \"hund\":{\"alter\":3,\"name\":\"Fenja \\u0026 Co\"}}"); !bytes.Equal(a, b) {
		t.Errorf("%s and %s", a, b)
	}
	for _, bad := range []string{``, `{`, `{} {}`, `{"a":1}x`} {
		if _, err := antrag.Canonical([]byte(bad)); err == nil {
			t.Errorf("%q passed as JSON", bad)
		}
	}
	d := antrag.Digest("hundesteuer-anmelden", a, []string{"aa", "bb"})
	for _, other := range []string{
		antrag.Digest("hundesteuer-anmelden", a, []string{"bb", "aa"}),
		antrag.Digest("hundesteuer-anmelden", a, nil),
		antrag.Digest("hundesteuer-abmelden", a, []string{"aa", "bb"}),
		antrag.Digest("hundesteuer-anmelden", canon(`{}`), []string{"aa", "bb"}),
	} {
		if other == d {
			t.Error("two submissions share a digest")
		}
	}
}
