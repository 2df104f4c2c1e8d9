package antrag

import (
	"crypto/subtle"
	"strconv"
	"strings"

	"rathaus/internal/id"
	"rathaus/internal/seal"
)

// Lengths of what a citizen holds in hand, in Crockford characters of five bits.
const (
	numberLength   = 8  // 40 bits behind the town's prefix
	abholcodeBytes = 17 // of the MAC, cut to abholcodeLength
	abholcodeLen   = 26 // 130 bits
)

// NewNumber makes a Vorgangsnummer from a town's prefix and random characters: "WB-7K4M-92QX".
func NewNumber(prefix string, ids id.Source) string {
	return prefix + "-" + id.Grouped(ids.Number(numberLength), 4)
}

// Prefix derives a town's prefix from its key: the first letter and the one its last syllable begins
// with ("wiesenbrueck" → "WB", "sturmkoog" → "SK").
func Prefix(key string) string {
	name := strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(key))
	if name == "" {
		return "RH"
	}
	last := lastSyllable(name)
	if last == 0 { // one syllable: "ulm" → "UL"
		last = min(1, len(name)-1)
	}
	return strings.ToUpper(name[:1] + name[last:last+1])
}

// onsets are the clusters a German syllable may begin with, longest first where one ends in another.
var onsets = [...]string{"schl", "schm", "schn", "schr", "schw", "sch", "spr", "str", "sp", "st", "bl", "br", "dr", "fl", "fr",
	"gl", "gr", "kl", "kn", "kr", "pf", "pl", "pr", "tr", "th", "ph", "ch"}

func lastSyllable(name string) int {
	const vowels = "aeiouy"
	end := strings.LastIndexAny(name, vowels)
	if end < 0 {
		return 0
	}
	for end > 0 && strings.IndexByte(vowels, name[end-1]) >= 0 {
		end--
	}
	start := end // of the consonants before the last vowel
	for start > 0 && strings.IndexByte(vowels, name[start-1]) < 0 {
		start--
	}
	if start == 0 || start == end {
		return start
	}
	cluster := name[start:end]
	for _, o := range onsets {
		if strings.HasSuffix(cluster, o) {
			return end - len(o)
		}
	}
	return end - 1
}

// Abholcode derives the secret that opens a Vorgang for its applicant. It is stored nowhere: whoever has the
// database but not the installation's key cannot compute it. version counts how often a lost code was replaced, from 1.
func Abholcode(keys *seal.Keys, town, number string, version int64) string {
	parts := [][]byte{[]byte(id.Normal(number))}
	if version > 1 {
		parts = append(parts, []byte(strconv.FormatInt(version, 10)))
	}
	mac := keys.MAC("abholcode", town, parts...)
	return id.Grouped(id.Encode(mac[:abholcodeBytes])[:abholcodeLen], 4)
}

// SameCode compares what a person typed with the right code: case, blanks, hyphens and the letters O, I, L
// are forgiven. It takes the same time for every wrong code.
func SameCode(typed, want string) bool {
	return subtle.ConstantTimeCompare([]byte(id.Normal(typed)), []byte(id.Normal(want))) == 1
}
