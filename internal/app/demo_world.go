package app

import (
	"fmt"
	"math/rand/v2"
)

// The demo's world is invented: towns, streets, people, companies. Names were put together by chance.

// resident is an invented person of a demo town.
type resident struct {
	Vorname, Nachname string
	Strasse, Nummer   string
	Mail, Telefon     string
	Geburt            string // ISO date
}

func (r resident) name() string { return r.Vorname + " " + r.Nachname }

// demoTown is the invented town a demo store is filled with.
type demoTown struct {
	Key, Name, Title  string
	AGS, Land         string
	Host              string
	PLZ               string
	Population        int
	Streets           []string
	Hue, Chroma       string
	AccentHue, Radius string
}

func demoTowns() []demoTown {
	return []demoTown{
		{
			Key: "wiesenbrueck", Name: "Wiesenbrück", Title: "Stadt Wiesenbrück", AGS: "08999001", Land: "BW",
			PLZ: "00000", Population: 24310, Hue: "200", Chroma: ".075", AccentHue: "82", Radius: ".375",
			Streets: []string{"Lindenstraße", "Rosengasse", "Am Wehr", "Marktplatz", "Mühlweg", "Brückenstraße", "Schulstraße", "Gartenweg", "Bergstraße", "Wiesenweg", "Kirchgasse", "Steinäcker", "Bachgasse", "Sonnenhalde", "Im Winkel"},
		},
		{
			Key: "sturmkoog", Name: "Sturmkoog", Title: "Gemeinde Sturmkoog", AGS: "05999001", Land: "NW", Host: "sturmkoog.localhost",
			PLZ: "00000", Population: 8120, Hue: "262", Chroma: ".13", AccentHue: "38", Radius: "0",
			Streets: []string{"Deichstraße", "Hafenweg", "Möwenring", "Kapitänsgasse", "Dorfstraße", "Am Siel", "Windmühlenweg", "Strandallee"},
		},
	}
}

var (
	firstNames = []string{"Mira", "Jonte", "Ayla", "Samir", "Lena", "Ingo", "Mareike", "Tarek", "Svea", "Oskar", "Nuria", "Henrik", "Alba", "Matthis", "Leyla", "Falk", "Ronja", "Emil", "Dilara", "Veit", "Carlotta", "Janne", "Milan", "Rosa", "Thies", "Nele", "Bruno", "Fatma", "Kjell", "Ida"}
	lastNames  = []string{"Tannhof", "Brodersen", "Demirci", "Haddad", "Vogt", "Reimers", "Ohlsen", "Kessler", "Lindqvist", "Aigner", "Morgenthal", "Özkan", "Feldhaus", "Brückner", "Sandmann", "Wiesner", "Kaltenbach", "Rothfuß", "Jansen", "Petrovic", "Hollstein", "Behrendt", "Marquardt", "Seidel", "Nowak", "Grünwald", "Tietjen", "Ebersbach"}
	dogNames   = []string{"Fenja", "Balu", "Luna", "Kalle", "Emma", "Rocky", "Nala", "Sammy", "Milo", "Frieda", "Paula", "Anton"}
	breeds     = []string{"Labrador-Mischling", "Dackel", "Schäferhund", "Pudel", "Border Collie", "Mischling", "Terrier", "Beagle"}
	companies  = []string{"Hochbau Nordtor GmbH", "Dachwerk Seidel", "Gerüstbau Kaltenbach GmbH", "Elektro Feldhaus", "Tiefbau Marquardt KG", "Umzüge Tietjen", "Chor am Wehr e. V.", "Turnverein Wiesengrund e. V.", "Kulturkreis Alte Mühle e. V."}
)

// resident draws one; the same generator state gives the same person.
func (t demoTown) resident(r *rand.Rand) resident {
	p := resident{
		Vorname: pickOne(r, firstNames), Nachname: pickOne(r, lastNames),
		Strasse: pickOne(r, t.Streets), Nummer: fmt.Sprint(1 + r.IntN(48)),
		Telefon: fmt.Sprintf("030 23125-%03d", 200+r.IntN(700)), // from the range kept free for fiction
		Geburt:  fmt.Sprintf("%d-%02d-%02d", 1948+r.IntN(55), 1+r.IntN(12), 1+r.IntN(28)),
	}
	p.Mail = asciiName(p.Vorname) + "." + asciiName(p.Nachname) + "@post.example"
	return p
}

func pickOne[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
