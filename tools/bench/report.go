package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report prints one line a figure.
type report struct{ out io.Writer }

func (r *report) line(format string, args ...any) { fmt.Fprintf(r.out, format+"\n", args...) }

// pair is one round: the program and its baseline, in things a second.
type pair struct{ program, baseline float64 }

// ratio prints what the program reached of a baseline: the median of the rounds' ratios, and all of them.
func (r *report) ratio(what, baseline string, aim float64, rounds []pair) {
	ratios, program, base := make([]float64, len(rounds)), make([]float64, len(rounds)), make([]float64, len(rounds))
	all := make([]string, len(rounds))
	for i, p := range rounds {
		ratios[i], program[i], base[i] = p.program/p.baseline, p.program, p.baseline
		all[i] = fmt.Sprintf("%.3f", ratios[i])
	}
	r.line("%-44s %8.0f/s   ratio %.3f (%s)%s\n%-44s %8.0f/s   %s", what, median(program), median(ratios), strings.Join(all, " "),
		verdict(aim, median(ratios) >= aim, "≥ %.2f"), "  baseline", median(base), baseline)
}

func verdict(aim float64, reached bool, format string) string {
	if aim == 0 {
		return ""
	}
	word := "reached"
	if !reached {
		word = "MISSED"
	}
	return fmt.Sprintf("  aim "+format+": %s", aim, word)
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// times prints percentiles of durations against an aim for the 95th.
func (r *report) times(what string, aim time.Duration, list []time.Duration) {
	slices.Sort(list)
	at := func(p int) float64 { return list[min(len(list)-1, len(list)*p/100)].Seconds() * 1000 }
	r.line("%-44s p50 %.1f ms  p95 %.1f ms  max %.1f ms  (%d requests)%s", what, at(50), at(95), at(100), len(list),
		verdict(aim.Seconds()*1000, at(95) <= aim.Seconds()*1000, "p95 ≤ %.0f ms"))
}

// machine names what the figures were taken on.
func machine() string {
	system := runtime.GOOS
	if text, err := os.ReadFile("/etc/os-release"); err == nil {
		for _, l := range strings.Split(string(text), "\n") {
			if name, ok := strings.CutPrefix(l, "PRETTY_NAME="); ok {
				system = strings.Trim(name, `"`)
			}
		}
	}
	return fmt.Sprintf("%s, %d processors, %s, %s", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version(), system)
}
