package search_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rathaus/internal/search"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

const benchDocs = 100_000

// BenchmarkQuery searches 100,000 documents; p95-ms is over all runs of a query.
//
//	go test -run '^$' -bench Query -benchtime 40x ./internal/search
func BenchmarkQuery(b *testing.B) {
	s := storagetest.New(b)
	began := time.Now()
	synthesise(b, s, benchDocs)
	b.Logf("%d documents put in %.0f s", benchDocs, time.Since(began).Seconds())
	everything, little := []string{"a", "b", "c", "d", "selten"}, []string{"selten"}
	for _, c := range []struct {
		name, text string
		labels     []string
	}{
		{"frequent", "Steuer", everything}, {"frequent two", "Hund anmelden", everything}, {"frequent few may see", "Steuer", little},
		{"compound", "Hundesteuerbescheid", everything}, {"name and word", "Mueller Hund", everything}, {"beginning", "ste", everything},
		{"short beginning", "st", everything}, {"number", "22.57-2024/00777", everything}, {"beginning of a number", "22.30", everything},
		{"typing error", "Hundestuer", everything}, {"typing error, name", "Schnieder Baum", everything}, {"nothing", "Quastenflosser", everything},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			var took []time.Duration
			n := 0
			for b.Loop() {
				start := time.Now()
				s.Read(b, func(tx *storage.Tx) error {
					p, err := search.Query(tx, search.Request{Text: c.text, Labels: c.labels, Kinds: []string{"vorgang"}})
					n = len(p.Hits)
					return err
				})
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(n), "hits")
		})
	}
}

// synthesise fills a store with n documents of invented German: compounds, names, numbers.
func synthesise(b *testing.B, s *storagetest.Store, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	bases := strings.Fields("hund steuer bescheid gebühr antrag bau genehmigung wohnung geld abfall straße schule kind eltern beitrag gewerbe anmeldung abmeldung pass ausweis schein kraft fahrzeug urkunde park platz nutzung wasser anschluss kanal grund stück friedhof grab müll termin amt rat plan satzung umwelt schutz baum fällung erlaubnis markt stand feuer wehr")
	names := strings.Fields("Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange")
	pick := func(list []string) string { return list[int(float64(len(list))*r.Float64()*r.Float64())] }
	compound := func() string {
		w := pick(bases)
		for range r.IntN(3) {
			w += pick(bases)
		}
		return w
	}
	for at := 0; at < n; at += 1000 {
		err := s.DB.Write(context.Background(), s.Scope, func(tx *storage.Tx) error {
			for i := at; i < min(at+1000, n); i++ {
				label := string("abcd"[r.IntN(4)])
				if i%997 == 0 {
					label = "selten"
				}
				err := search.Index(tx, search.Doc{Kind: "vorgang", ID: fmt.Sprint(i), Title: "Hund anmelden: " + compound() + " " + pick(names),
					Text:    strings.Join([]string{pick(names), compound(), compound(), pick(names) + "straße", fmt.Sprint(r.IntN(200)), compound()}, " "),
					Numbers: []string{fmt.Sprintf("22.%d-2024/%05d", i%90, i), fmt.Sprintf("WB-%08X", r.Uint32())}, Units: []string{label}})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
