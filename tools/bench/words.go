package main

import "math/rand/v2"

// Invented names put together from syllables, so that 100,000 documents hold rare and frequent words.
type syllables [3][]string

func word(r *rand.Rand, s syllables) string {
	text := ""
	for _, part := range s {
		if len(part) > 0 {
			text += part[r.IntN(len(part))]
		}
	}
	return text
}

var (
	first = syllables{{"Mi", "Jo", "Sa", "Le", "In", "Ta", "Os", "Nu", "Hen", "Al", "Mat", "Ron", "Car", "Bru", "Fal"}, {"ra", "ri", "le", "na", "ko", "ta"}, {"", "n", "s", "k"}}
	last  = syllables{{"Tann", "Broder", "Feld", "Mühl", "Kalt", "Grün", "Morgen", "Ebers", "Holl", "Linden", "Schmal", "Wester", "Ober", "Alt", "Stein", "Birken", "Moor", "Nieder", "Hasel", "Roth"},
		{"", "en", "er"}, {"hof", "sen", "haus", "bach", "berg", "thal", "mann", "stein", "dorf", "kamp", "brink", "wald", "moser", "huber", "lang", "tietjen"}}
	names   = syllables{{"Fen", "Ba", "Lu", "Kal", "Em", "Roc", "Na", "Sam", "Mi", "Frie", "Pau", "An"}, {"ja", "lu", "na", "le", "ma", "ky", "la"}, {"", "", "x", "ro"}}
	streets = syllables{{"Linden", "Rosen", "Markt", "Mühl", "Brücken", "Schul", "Garten", "Berg", "Wiesen", "Kirch", "Bach", "Sonnen"}, {"straße", "gasse", "weg", "platz", "allee"}, nil}
)
