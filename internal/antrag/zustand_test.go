package antrag_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rathaus/internal/antrag"
	"rathaus/internal/problem"
)

// TestWhatIsAllowed is the state machine read from the other side: which acts each standing allows.
func TestWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for stand, want := range map[antrag.Stand][]antrag.Act{
		{State: antrag.Eingereicht}:                {antrag.ActBegin, antrag.ActWithdraw, antrag.ActMessage, antrag.ActCorrect},
		{State: antrag.InBearbeitung}:              {antrag.ActBegin, antrag.ActAsk, antrag.ActDecide, antrag.ActWithdraw, antrag.ActMessage, antrag.ActCorrect},
		{State: antrag.InBearbeitung, Asked: true}: {antrag.ActBegin, antrag.ActAnswer, antrag.ActSettle, antrag.ActWithdraw, antrag.ActMessage, antrag.ActCorrect},
		{State: antrag.Entschieden}:                {antrag.ActReopen, antrag.ActMessage, antrag.ActCorrect},
		{State: antrag.Zurueckgezogen}:             {antrag.ActMessage},
	} {
		var got []antrag.Act
		for _, a := range antrag.Acts() {
			if stand.Allows(a) {
				got = append(got, a)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v:\n%s", stand, diff)
		}
	}
}

func TestStateMachineProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := antrag.Stand{State: antrag.Eingereicht}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			act := rapid.SampledFrom(antrag.Acts()).Draw(t, "act")
			next, err := s.After(act)
			if err != nil {
				var e *problem.Explained
				if next != s || !errors.Is(err, problem.Conflict) || !errors.As(err, &e) || e.Key == "" {
					t.Fatalf("%+v after a refused %s: %+v, %v", s, act, next, err)
				}
				continue
			}
			switch {
			case s.State == antrag.Zurueckgezogen && next != s:
				t.Fatalf("%s moved a withdrawn case", act)
			case next.Asked && next.State != antrag.InBearbeitung:
				t.Fatalf("an open Nachforderung in %+v", next)
			case next.State == antrag.Entschieden && s.State != antrag.Entschieden:
				if act != antrag.ActDecide || s != (antrag.Stand{State: antrag.InBearbeitung}) {
					t.Fatalf("%s decided from %+v", act, s)
				}
			case next.State == antrag.Eingereicht && s.State != antrag.Eingereicht:
				t.Fatalf("%s went back to the start", act)
			}
			s = next
		}
	})
}
