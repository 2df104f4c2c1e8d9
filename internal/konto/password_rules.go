package konto

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"rathaus/internal/problem"
)

// Password lengths in characters. No composition rules and no expiry (OWASP ASVS 6.2): they make
// passwords worse. Long ones are welcome; the upper bound only keeps requests small.
const (
	MinPassword = 12
	MaxPassword = 256
)

// normalPassword is the form that is hashed: the same umlaut typed on different keyboards must match.
func normalPassword(s string) string { return norm.NFC.String(s) }

// CheckPassword returns the problems of a new password under the given field path. own are words that
// must not make it up: login, name, town.
func CheckPassword(path, password string, own ...string) problem.Fields {
	var p problem.Fields
	password = normalPassword(password)
	switch n := len([]rune(password)); {
	case n < MinPassword:
		p.Add(path, "konto.password_short", MinPassword, n)
	case n > MaxPassword:
		p.Add(path, "konto.password_long", MaxPassword)
	case fewDifferent(password), isSequence(password), isCommon(password):
		p.Add(path, "konto.password_common")
	case madeOf(password, own):
		p.Add(path, "konto.password_own")
	}
	return p
}

// fewDifferent refuses "aaaaaaaaaaaa" and "abababababab".
func fewDifferent(s string) bool {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen) < 5
}

// isSequence refuses runs along the alphabet, the digits or a keyboard row, forwards, backwards, repeated.
func isSequence(s string) bool {
	s = strings.ToLower(s)
	if letters := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); len(letters) > len(s)/2 {
		s = letters // "qwertzuiopü1" is the row with a digit behind it
	}
	for _, row := range []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertzuiopüasdfghjklöäyxcvbnm", "qwertyuiopasdfghjklzxcvbnm"} {
		if strings.Contains(row+row, s) || strings.Contains(reversed(row+row), s) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

// skeleton undoes what people do to a word to make it a password: case, digits and signs around it,
// the usual substitutions inside. "P@55w0rt-2026!" becomes "passwort".
func skeleton(s string) string {
	s = strings.ToLower(s)
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	s = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i",
		"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}

// isCommon reports whether the password is one or several words of the list, dressed up. A long
// passphrase of such words is fine: four or more words are accepted.
func isCommon(s string) bool {
	bare := skeleton(s)
	if bare == "" {
		return true // digits and signs only: dates, phone numbers
	}
	return composed(bare, 3)
}

// composed reports whether s is a chain of at most n common words.
func composed(s string, n int) bool {
	if s == "" {
		return true
	}
	if n == 0 {
		return false
	}
	for _, w := range strings.Fields(commonWords) {
		if rest, ok := strings.CutPrefix(s, w); ok && composed(rest, n-1) {
			return true
		}
	}
	return false
}

func madeOf(password string, own []string) bool {
	bare := skeleton(password)
	for _, text := range own {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			w := skeleton(word)
			if len(w) < 4 {
				continue
			}
			// What remains besides the own word must still be a password by itself.
			if rest := strings.Replace(bare, w, "", 1); rest != bare && len(rest) < 8 {
				return true
			}
		}
	}
	return false
}

// commonWords are the words German office passwords are made of, in the form skeleton gives.
// Own list, kept short: length does the rest.
const commonWords = `
passwort password kennwort passwd pass wort geheim secret geheimnis sicher sicherheit safe
admin administrator root user benutzer gast guest test tester demo beispiel muster login anmelden anmeldung
start starten willkommen welcome hallo hello servus moin guten tag morgen abend bitte danke
rathaus stadt gemeinde verwaltung buergermeister buergerbuero buerger amt ordnungsamt steueramt bauamt standesamt
buero office arbeit arbeitsplatz chef chefin kollege kollegin computer laptop internet server windows microsoft google
sommer winter herbst fruehling fruehjahr januar februar maerz april mai juni juli august september oktober november dezember
montag dienstag mittwoch donnerstag freitag samstag sonntag urlaub ferien feierabend
ich du er sie es wir ihr mein meine dein liebe dich mich love iloveyou you schatz schatzi engel baby maus hase baer
hund katze pferd tiger loewe adler drache dragon monkey master shadow sunshine princess prinzessin football fussball
bayern muenchen berlin hamburg koeln dortmund schalke deutschland germany borussia werder
qwertz qwertzuiop qwert qwerty qwertyuiop asdf asdfgh asdfghjkl yxcvbnm yxcv zxcvbnm abc abcd abcdef abcdefg
der die das und ein eine mit von fuer im am neu neues alt change changeme aendern letmein superman batman starwars
hallohallo familie kinder mama papa oma opa sonne mond stern blume rose garten haus auto fahrrad motorrad
kaffee pizza schokolade bier wein computer handy telefon musik
`
