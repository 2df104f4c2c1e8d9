package app

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/pdf"
)

// put sets a value of nested answers when its group is there.
func put(a map[string]any, path string, v any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		a[head] = v
		return
	}
	if group, ok := a[head].(map[string]any); ok {
		put(group, rest, v)
	}
}

// has reports whether the answers hold a value.
func has(a formular.Answers, path string) bool { return a.At(path) != nil }

// example are the shipped answers to a form, moved into the town and to days that are right today.
func (t demoTown) example(slug string, shipped formular.Answers, today clock.Date) formular.Answers {
	a := shipped.Clone()
	put(a, "anschrift.ort", t.Name)
	put(a, "anschrift.plz", t.PLZ)
	switch slug {
	case "hundesteuer-anmelden":
		put(a, "hund.geboren", today.AddMonths(-20).String())
		put(a, "hund.seit", today.AddDays(-12).String())
	case "hundesteuer-abmelden":
		put(a, "abmeldung.ende", today.AddDays(-9).String())
	case "strassensperrung":
		put(a, "zeitraum.von", today.AddDays(45).String())
		put(a, "zeitraum.bis", today.AddDays(49).String())
	case "sondernutzung":
		put(a, "zeitraum.von", today.AddDays(60).String())
		put(a, "zeitraum.bis", today.AddDays(180).String())
	case "hallenanmietung":
		put(a, "ersatz", today.AddDays(118).String())
		for i, v := range listOf(a["termine"]) {
			put(v, "datum", today.AddDays(110+i).String())
		}
	}
	return a
}

func listOf(v any) []map[string]any {
	all, _ := v.([]any)
	var out []map[string]any
	for _, x := range all {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// answers are what a resident fills in on a day.
func (t demoTown) answers(r *rand.Rand, slug string, shipped formular.Answers, who resident, day clock.Date) formular.Answers {
	a := t.example(slug, shipped, day)
	put(a, "person.vorname", who.Vorname)
	put(a, "person.nachname", who.Nachname)
	put(a, "person.telefon", strings.NewReplacer(" ", "", "-", "").Replace(who.Telefon))
	if who.Mail != "" {
		put(a, "person.mail", who.Mail)
	} else if person, ok := a["person"].(map[string]any); ok {
		delete(person, "mail")
	}
	if has(a, "person.geburtsdatum") {
		put(a, "person.geburtsdatum", who.Geburt)
	}
	if has(a, "person.organisation") {
		put(a, "person.organisation", pickOne(r, companies))
	}
	put(a, "anschrift.strasse", who.Strasse)
	put(a, "anschrift.hausnummer", who.Nummer)
	t.vary(r, a, slug, who)
	return a
}

// vary changes what the subject of the Vorgang is made of.
func (t demoTown) vary(r *rand.Rand, a formular.Answers, slug string, who resident) {
	street := pickOne(r, t.Streets)
	number := fmt.Sprintf("5.0107.%06d.%d", 100000+r.IntN(900000), r.IntN(10))
	switch slug {
	case "hundesteuer-anmelden":
		put(a, "hund.name", pickOne(r, dogNames))
		put(a, "hund.rasse", pickOne(r, breeds))
		put(a, "hund.chip", fmt.Sprintf("2760981%08d", r.IntN(100000000)))
	case "hundesteuer-abmelden":
		put(a, "hund.name", pickOne(r, dogNames))
		put(a, "hund.rasse", pickOne(r, breeds))
		put(a, "kassenzeichen", number)
		put(a, "halter.anschrift.ort", t.Name)
	case "bewohnerparkausweis":
		put(a, "zone", string(rune('A'+r.IntN(4))))
		put(a, "fahrzeug.kennzeichen", fmt.Sprintf("WB-%c%c %d", 'A'+r.IntN(26), 'A'+r.IntN(26), 10+r.IntN(980)))
		put(a, "nutzung.halter", pickOne(r, firstNames)+" "+who.Nachname)
	case "baumfaellung":
		put(a, "grundstueck.lage", pickOne(r, []string{"Garten hinter ", "Vorgarten ", "Innenhof ", "Grundstücksgrenze "})+street+" "+fmt.Sprint(1+r.IntN(40)))
		put(a, "vollmacht.eigentuemer", pickOne(r, firstNames)+" und "+who.name())
		for _, tree := range listOf(a["baeume"]) {
			put(tree, "art", pickOne(r, []string{"Linde", "Birke", "Fichte", "Walnuss", "Ahorn", "Kastanie", "Eiche"}))
			put(tree, "umfang", 82+r.IntN(140))
		}
	case "strassensperrung":
		put(a, "ort", street)
		put(a, "verantwortlich.name", pickOne(r, firstNames)+" "+pickOne(r, lastNames))
		for _, part := range listOf(a["bereiche"]) {
			put(part, "lage", fmt.Sprintf("Vor Hausnummer %d", 1+r.IntN(40)))
		}
	case "sondernutzung":
		put(a, "nutzung.ort", street+" "+fmt.Sprint(1+r.IntN(40))+", Gehweg vor dem Haus")
	case "hallenanmietung":
		put(a, "raum.titel", pickOne(r, []string{"Sommerkonzert", "Jahreshauptversammlung", "Theaterabend", "Flohmarkt", "Tanzkurs", "Seniorennachmittag", "Vereinsjubiläum"}))
		put(a, "raum.gaeste", 40+10*r.IntN(20))
		put(a, "verantwortlich.name", who.name())
	case "sepa-mandat":
		put(a, "kassenzeichen", number)
	}
}

// proofs replaces "comes later" by files, for the fields given, and returns the files.
func (s *demoSeed) proofs(a formular.Answers, slug string) ([]antrag.Datei, error) {
	single := map[string]string{"baumfaellung": "skizze", "strassensperrung": "lageplan", "sondernutzung": "skizze"}
	several := map[string]string{"hundesteuer-anmelden": "nachweis", "bewohnerparkausweis": "fahrzeugschein"}
	field, one := single[slug]
	if !one {
		var ok bool
		if field, ok = several[slug]; !ok {
			return nil, nil
		}
	}
	name := field + ".pdf"
	file, err := s.proofPDF(name, "Nachweis zum Antrag")
	if one && s.rng.IntN(2) == 0 {
		name = field + ".png"
		file, err = proofPNG(name, s.rng)
	}
	if err != nil {
		return nil, err
	}
	delete(a, field+formular.LaterSuffix)
	a[field] = name
	if !one {
		a[field] = []any{name}
	}
	return []antrag.Datei{file}, nil
}

// proofPDF is a page as a resident might send it.
func (s *demoSeed) proofPDF(name, title string) (antrag.Datei, error) {
	d := pdf.New(s.prog.office.Fonts, pdf.Meta{Title: title, Created: s.now})
	d.Heading(1, title)
	d.Paragraph(pdf.Text("Dieses Blatt steht in der Demo für einen Nachweis. Es enthält keine echten Angaben."))
	d.Pairs(pdf.Pair{Label: "Ausgestellt", Value: clock.DateOf(s.clock.Now()).Short()}, pdf.Pair{Label: "Nummer", Value: fmt.Sprint(1000 + s.rng.IntN(9000))})
	content, err := d.Bytes()
	return antrag.NewDatei(name, "application/pdf", content), err
}

// proofPNG is a small drawing: a sheet with a plan.
func proofPNG(name string, r *rand.Rand) (antrag.Datei, error) {
	m := image.NewRGBA(image.Rect(0, 0, 480, 320))
	for y := range 320 {
		for x := range 480 {
			m.Set(x, y, color.RGBA{uint8(235 - y/16), uint8(240 - x/32), 225, 255})
		}
	}
	left, top, ink := 40+r.IntN(120), 40+r.IntN(80), color.RGBA{40, 70, 90, 255}
	for i := range 200 {
		for w := range 3 {
			m.Set(left+i, top+w, ink)
			m.Set(left+i, top+150+w, ink)
			if i < 150 {
				m.Set(left+w, top+i, ink)
				m.Set(left+200+w, top+i, ink)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return antrag.Datei{}, fmt.Errorf("demo drawing: %w", err)
	}
	return antrag.NewDatei(name, "image/png", b.Bytes()), nil
}

// durable writes files that come with a message.
func (s *demoSeed) durable(c *demoCase, files ...antrag.Datei) error {
	for i := range files {
		ref, err := s.prog.blobs.Put(s.ctx, c.hall.town.Key, bytes.NewReader(files[i].Content))
		if err != nil {
			return err
		}
		files[i].Ref, files[i].Content = ref, nil
	}
	return nil
}

// clockTime is the instant of a wall-clock time on a day in Germany.
func clockTime(day clock.Date, minutes int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minutes, 0, 0, clock.Berlin())
}
