package antrag

import "rathaus/internal/problem"

// State is where an Antrag stands. Entwurf (draft) comes before and lives in package formular.
type State string

// The states of an Antrag.
const (
	Eingereicht    State = "eingereicht"    // arrived, nobody has taken it yet
	InBearbeitung  State = "bearbeitung"    // a clerk works on it; a Nachforderung may be open
	Entschieden    State = "entschieden"    // a Bescheid is released
	Zurueckgezogen State = "zurueckgezogen" // withdrawn by the applicant
)

// States lists all states in the order of a case's life.
func States() []State { return []State{Eingereicht, InBearbeitung, Entschieden, Zurueckgezogen} }

// Act is something that happens to an Antrag and may change its state.
type Act string

// The acts.
const (
	ActBegin    Act = "begin"    // a clerk takes it over
	ActAsk      Act = "ask"      // Nachforderung: the clerk asks for something missing
	ActAnswer   Act = "answer"   // the applicant answers it
	ActSettle   Act = "settle"   // the clerk ends it without an answer
	ActDecide   Act = "decide"   // a Bescheid is released
	ActReopen   Act = "reopen"   // a released Bescheid is recalled or corrected
	ActWithdraw Act = "withdraw" // the applicant withdraws
	ActMessage  Act = "message"  // either side writes
	ActCorrect  Act = "correct"  // name, address or mail of the applicant is put right
)

// Acts lists all acts.
func Acts() []Act {
	return []Act{ActBegin, ActAsk, ActAnswer, ActSettle, ActDecide, ActReopen, ActWithdraw, ActMessage, ActCorrect}
}

// Stand is the state with its flag: a Nachforderung is no state but stops the clock of a case in Bearbeitung.
type Stand struct {
	State State
	Asked bool // a Nachforderung is open
}

// transition is a line of the state machine: what may happen where, and what follows.
type transition struct {
	from Stand
	act  Act
	to   Stand
}

var transitions = [...]transition{
	{Stand{State: Eingereicht}, ActBegin, Stand{State: InBearbeitung}},
	{Stand{State: Eingereicht}, ActWithdraw, Stand{State: Zurueckgezogen}},
	{Stand{State: Eingereicht}, ActMessage, Stand{State: Eingereicht}},
	{Stand{State: Eingereicht}, ActCorrect, Stand{State: Eingereicht}},

	{Stand{State: InBearbeitung}, ActBegin, Stand{State: InBearbeitung}}, // a colleague takes over
	{Stand{State: InBearbeitung}, ActAsk, Stand{State: InBearbeitung, Asked: true}},
	{Stand{State: InBearbeitung}, ActDecide, Stand{State: Entschieden}},
	{Stand{State: InBearbeitung}, ActWithdraw, Stand{State: Zurueckgezogen}},
	{Stand{State: InBearbeitung}, ActMessage, Stand{State: InBearbeitung}},
	{Stand{State: InBearbeitung}, ActCorrect, Stand{State: InBearbeitung}},

	{Stand{State: InBearbeitung, Asked: true}, ActBegin, Stand{State: InBearbeitung, Asked: true}},
	{Stand{State: InBearbeitung, Asked: true}, ActAnswer, Stand{State: InBearbeitung}},
	{Stand{State: InBearbeitung, Asked: true}, ActSettle, Stand{State: InBearbeitung}},
	{Stand{State: InBearbeitung, Asked: true}, ActWithdraw, Stand{State: Zurueckgezogen}},
	{Stand{State: InBearbeitung, Asked: true}, ActMessage, Stand{State: InBearbeitung, Asked: true}},
	{Stand{State: InBearbeitung, Asked: true}, ActCorrect, Stand{State: InBearbeitung, Asked: true}},

	{Stand{State: Entschieden}, ActReopen, Stand{State: InBearbeitung}},
	{Stand{State: Entschieden}, ActMessage, Stand{State: Entschieden}},
	{Stand{State: Entschieden}, ActCorrect, Stand{State: Entschieden}},
	// A question after withdrawal is still answered; nothing else happens to the case.
	{Stand{State: Zurueckgezogen}, ActMessage, Stand{State: Zurueckgezogen}},
}

// After returns what follows the act, or a Conflict with the reason the user reads.
func (s Stand) After(a Act) (Stand, error) {
	for _, t := range transitions {
		if t.from == s && t.act == a {
			return t.to, nil
		}
	}
	switch {
	case s.State == Zurueckgezogen:
		return s, problem.Conflicting("antrag.zurueckgezogen")
	case s.State == Entschieden:
		return s, problem.Conflicting("antrag.entschieden")
	case s.State == Eingereicht:
		return s, problem.Conflicting("antrag.nicht_uebernommen")
	case s.Asked:
		return s, problem.Conflicting("antrag.nachforderung_offen")
	default:
		return s, problem.Conflicting("antrag.nicht_moeglich")
	}
}

// Allows reports whether the act may happen now; pages offer only what is allowed.
func (s Stand) Allows(a Act) bool {
	_, err := s.After(a)
	return err == nil
}

// Final reports whether the case rests: decided or withdrawn.
func (s Stand) Final() bool { return s.State == Entschieden || s.State == Zurueckgezogen }
