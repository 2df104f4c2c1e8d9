package app

import (
	"regexp"
	"slices"
	"strings"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/konto"
	"rathaus/internal/leistung"
	"rathaus/internal/mail"
	"rathaus/internal/storage"
)

// demoAct is an act in a course, so many workdays after the one before.
type demoAct struct {
	name     string
	from, to int
	do       func(*demoSeed, *demoCase) error
}

// demoCourse is how a case goes. The last act lies from to to workdays before the last workday.
type demoCourse struct {
	name     string
	from, to int
	account  bool
	steps    []demoAct
	late     bool // may be over its Frist
}

// acts are the steps; a Bescheid that needs four eyes is co-signed before it leaves.
func (c demoCourse) acts(fourEyes bool) []demoAct {
	var out []demoAct
	for i, a := range c.steps {
		if a.name == "release" && fourEyes && !slices.ContainsFunc(c.steps[:i], func(b demoAct) bool { return b.name == "signed" }) {
			out = append(out, actSign(0, 0), actSigned(1, 2))
		}
		out = append(out, a)
	}
	return out
}

func actTake(from, to int) demoAct { return demoAct{"take", from, to, (*demoSeed).take} }
func actAsk(from, to int) demoAct  { return demoAct{"ask", from, to, (*demoSeed).ask} }
func actReply(from, to int) demoAct {
	return demoAct{"reply", from, to, (*demoSeed).reply}
}
func actMessage(from, to int) demoAct  { return demoAct{"message", from, to, (*demoSeed).message} }
func actQuestion(from, to int) demoAct { return demoAct{"question", from, to, (*demoSeed).question} }
func actNote(from, to int) demoAct     { return demoAct{"note", from, to, (*demoSeed).note} }
func actOpinion(from, to int) demoAct  { return demoAct{"opinion", from, to, (*demoSeed).opinion} }
func actOpinionGiven(from, to int) demoAct {
	return demoAct{"opinion given", from, to, (*demoSeed).opinionGiven}
}
func actDecide(e antrag.Entscheidung, from, to int) demoAct {
	return demoAct{"decide", from, to, func(s *demoSeed, c *demoCase) error { return s.decide(c, e) }}
}
func actSign(from, to int) demoAct     { return demoAct{"sign", from, to, (*demoSeed).sign} }
func actSigned(from, to int) demoAct   { return demoAct{"signed", from, to, (*demoSeed).signed} }
func actRelease(from, to int) demoAct  { return demoAct{"release", from, to, (*demoSeed).release} }
func actRecall(from, to int) demoAct   { return demoAct{"recall", from, to, (*demoSeed).recall} }
func actFetch(from, to int) demoAct    { return demoAct{"fetch", from, to, (*demoSeed).fetch} }
func actClose(from, to int) demoAct    { return demoAct{"close", from, to, (*demoSeed).closeCase} }
func actWithdraw(from, to int) demoAct { return demoAct{"withdraw", from, to, (*demoSeed).withdraw} }
func actRemind(from, to int) demoAct   { return demoAct{"remind", from, to, (*demoSeed).remind} }

// openCourses end where work is still to be done.
func openCourses() []demoCourse {
	granted := actDecide(antrag.Bewilligt, 1, 4)
	return []demoCourse{
		{"neu", 0, 3, false, nil, false},
		{"nachgefordert", 1, 6, false, []demoAct{actTake(1, 3), actAsk(0, 1)}, false},
		{"mitzeichnung", 0, 3, false, []demoAct{actTake(1, 2), granted, actSign(0, 0)}, false},
		{"druck", 0, 0, false, []demoAct{actTake(1, 3), granted, actRelease(0, 1)}, false},
		{"entwurf", 0, 4, false, []demoAct{actTake(1, 3), granted}, false},
		{"in arbeit", 1, 9, false, []demoAct{actTake(1, 3), actNote(0, 2)}, false},
		{"zurueckgezogen", 1, 12, false, []demoAct{actTake(1, 2), actWithdraw(1, 2)}, true},
		{"beantwortet", 0, 3, false, []demoAct{actTake(1, 2), actAsk(0, 1), actReply(2, 5)}, false},
		{"stellungnahme", 0, 5, false, []demoAct{actTake(1, 2), actOpinion(1, 2)}, false},
		{"bereitgestellt", 0, 2, true, []demoAct{actTake(1, 2), granted, actRelease(0, 1)}, false},
		{"neu", 0, 5, false, nil, false},
		{"nachricht", 0, 4, false, []demoAct{actTake(1, 2), actQuestion(1, 2), actMessage(0, 1)}, false},
		{"wiedervorlage", 2, 10, false, []demoAct{actTake(1, 3), actRemind(0, 2)}, false},
		{"in arbeit", 1, 12, false, []demoAct{actTake(1, 4)}, false},
		{"gezeichnet", 0, 1, false, []demoAct{actTake(1, 2), granted, actSign(0, 0), actSigned(0, 1)}, false},
		{"liegt", 16, 34, false, nil, true},
		{"druck", 0, 0, false, []demoAct{actTake(1, 2), actNote(0, 1), granted, actRelease(0, 1)}, false},
		{"versandt", 2, 9, false, []demoAct{actTake(1, 2), granted, actRelease(0, 1)}, false},
		{"neu", 0, 2, false, nil, false},
		{"stellungnahme da", 1, 4, false, []demoAct{actTake(1, 2), actOpinion(1, 2), actOpinionGiven(2, 4)}, false},
		{"dauert", 14, 30, false, []demoAct{actTake(2, 4), actNote(1, 5)}, true},
		{"abgelehnt", 0, 6, false, []demoAct{actTake(1, 2), actDecide(antrag.Abgelehnt, 2, 4), actRelease(0, 1)}, false},
		{"nachgefordert", 12, 24, false, []demoAct{actTake(1, 2), actAsk(0, 1)}, true},
	}
}

// Workdays ago a finished case ended: up to some two years before the first of its acts.
const (
	demoDoneFrom = 8
	demoDoneTo   = 430
)

// doneCourses end with the Bescheid, most of them z.d.A.; a course stands there as often as it happens.
func doneCourses() []demoCourse {
	granted := actDecide(antrag.Bewilligt, 1, 5)
	var out []demoCourse
	add := func(times int, name string, account bool, steps ...demoAct) {
		for range times {
			out = append(out, demoCourse{name: name, from: demoDoneFrom, to: demoDoneTo, account: account, steps: steps, late: true})
		}
	}
	add(22, "erledigt", false, actTake(0, 4), granted, actRelease(0, 1), actClose(24, 34))
	add(6, "nachgefordert und erledigt", false, actTake(0, 3), actAsk(0, 1), actReply(2, 9), granted, actRelease(0, 2), actClose(24, 34))
	add(3, "mit Fragen", false, actTake(0, 3), actQuestion(1, 2), actMessage(0, 1), granted, actRelease(0, 1), actClose(24, 34))
	add(3, "mit Stellungnahme", false, actTake(0, 3), actOpinion(0, 1), actOpinionGiven(2, 5), granted, actRelease(0, 2), actClose(24, 34))
	add(4, "abgelehnt", false, actTake(0, 3), actNote(1, 2), actDecide(antrag.Abgelehnt, 1, 5), actRelease(0, 2), actClose(26, 36))
	add(3, "teilweise", false, actTake(0, 3), actDecide(antrag.Teilweise, 2, 5), actSign(0, 0), actSigned(1, 2), actRelease(0, 1), actClose(26, 36))
	add(4, "abgerufen", true, actTake(0, 3), granted, actRelease(0, 1), actFetch(1, 4), actClose(24, 34))
	add(1, "nicht abgerufen", true, actTake(0, 3), granted, actRelease(0, 1), actClose(40, 50))
	add(3, "zurueckgezogen", false, actTake(0, 2), actWithdraw(0, 2), actClose(1, 3))
	add(2, "berichtigt", false, actTake(0, 3), granted, actRelease(0, 1), actRecall(0, 0), actRelease(0, 0), actClose(24, 34))
	return out
}

// submit sends the application the way it came.
func (s *demoSeed) submit(c *demoCase) error {
	h := c.hall
	answers := h.town.answers(s.rng, c.slug, h.examples[c.slug], c.who, c.born)
	sub := antrag.Submission{Source: "entwurf", Key: c.key, Slug: c.slug, Answers: answers, Kanal: c.kanal}
	scope := storage.Scope{Mandant: h.town.Key, Actor: konto.CitizenActor}
	switch c.kanal {
	case antrag.KanalPortal:
		scope.Actor, sub.Source = h.portal, h.portal
	case antrag.KanalOnline:
		if s.rng.IntN(2) == 0 {
			files, err := s.proofs(answers, c.slug)
			if err != nil {
				return err
			}
			sub.Files = files
		}
	default:
		scope.Actor, sub.Source = konto.StaffActor(c.clerk), "amt"
		sub.ReceivedOn = h.calendar.AddWorkdays(c.born, -s.rng.IntN(2))
	}
	if c.account {
		if err := s.account(c); err != nil {
			return err
		}
		sub.BuergerID, sub.ConsentAbruf = c.buergerID, true
	}
	var plan *antrag.Plan
	if err := s.prog.db.Read(s.ctx, scope, func(tx *storage.Tx) (err error) { plan, err = s.prog.office.Plan(tx, sub); return err }); err != nil {
		return err
	}
	prepared, err := s.prog.office.Prepare(s.ctx, plan)
	if err != nil {
		return err
	}
	if err := s.prog.db.Write(s.ctx, scope, func(tx *storage.Tx) error {
		r, err := s.prog.office.Submit(tx, prepared)
		c.antragID = r.AntragID
		return err
	}); err != nil {
		return err
	}
	return s.prog.db.Read(s.ctx, townScope(h.town.Key), func(tx *storage.Tx) error {
		a, err := antrag.Get(tx, c.antragID)
		c.vorgangID = a.VorgangID
		return err
	})
}

// account signs the resident in by the link of a mail, as everybody does.
func (s *demoSeed) account(c *demoCase) error {
	return s.write(c.hall, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		if err := konto.RequestLink(tx, c.who.Mail); err != nil {
			return err
		}
		mails, err := mail.List(tx, "")
		if err != nil {
			return err
		}
		for _, m := range mails {
			_, rest, ok := strings.Cut(m.Text, "/konto/anmelden/")
			if !ok || m.To != c.who.Mail {
				continue
			}
			code, _, _ := strings.Cut(rest, "\n")
			_, session, err := konto.ConfirmLink(tx, konto.LinkCode(code), "Firefox unter Windows")
			c.buergerID = session.Subject
			return err
		}
		return errNoLink
	})
}

func (s *demoSeed) take(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		if err := antrag.TakeOver(tx, c.antragID); err != nil || s.rng.IntN(5) > 0 {
			return err
		}
		return akte.AddNotiz(tx, c.vorgangID, pickOne(s.rng, demoNotes))
	})
}

func (s *demoSeed) ask(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		return antrag.Ask(tx, c.antragID, pickOne(s.rng, demoAsks), clock.DateOf(tx.Now()).AddDays(14), nil)
	})
}

func (s *demoSeed) reply(c *demoCase) error {
	file, err := s.proofPDF("nachweis.pdf", "Nachgereichte Unterlage")
	if s.rng.IntN(2) == 0 {
		file, err = proofPNG("foto.png", s.rng)
	}
	if err != nil {
		return err
	}
	files := []antrag.Datei{file}
	if err := s.durable(c, files...); err != nil {
		return err
	}
	return s.write(c.hall, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		return antrag.Reply(tx, c.antragID, pickOne(s.rng, demoReplies), files, true)
	})
}

func (s *demoSeed) question(c *demoCase) error {
	return s.write(c.hall, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		return antrag.Reply(tx, c.antragID, pickOne(s.rng, demoQuestions), nil, false)
	})
}

func (s *demoSeed) message(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		return antrag.SendMessage(tx, c.antragID, pickOne(s.rng, demoMessages), nil)
	})
}

func (s *demoSeed) note(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error { return akte.AddNotiz(tx, c.vorgangID, pickOne(s.rng, demoNotes)) })
}

// colleague is somebody of another unit who is asked for an opinion.
func (c *demoCase) colleague() string {
	for _, unit := range []string{"bauamt", "ordnungsamt"} {
		for _, m := range c.hall.clerks[unit] {
			if m != c.clerk {
				return m
			}
		}
	}
	return c.hall.anyLead
}

func (s *demoSeed) opinion(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		_, err := akte.AddSchritt(tx, c.vorgangID, akte.Ask{Art: akte.Stellungnahme, MitarbeiterID: c.colleague(),
			Verfuegung: pickOne(s.rng, demoOrders), Frist: c.hall.calendar.AddWorkdays(clock.DateOf(tx.Now()), 5)})
		return err
	})
}

func (s *demoSeed) opinionGiven(c *demoCase) error {
	return s.write(c.hall, s.as(c.hall, c.colleague()), func(tx *storage.Tx) error {
		return s.answerStep(tx, c, akte.Stellungnahme, pickOne(s.rng, demoOpinions))
	})
}

func (s *demoSeed) answerStep(tx *storage.Tx, c *demoCase, art, remark string) error {
	steps, err := akte.Schritte(tx, c.vorgangID)
	if err != nil {
		return err
	}
	for _, x := range steps {
		if x.Art == art && x.Status == akte.StepOpen {
			return akte.AnswerSchritt(tx, x.ID, akte.StepDone, remark)
		}
	}
	return nil
}

var demoGap = regexp.MustCompile(`\{ergänzen: [^}]*\}`)

// decide drafts the Bescheid and fills the gaps of its template.
func (s *demoSeed) decide(c *demoCase, e antrag.Entscheidung) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		b, err := antrag.Decide(tx, c.antragID, e)
		if err != nil {
			return err
		}
		c.bescheidID = b.ID
		text := b.Text
		text.Tenor, text.Begruendung = demoGap.ReplaceAllString(text.Tenor, demoGranted), demoGap.ReplaceAllString(text.Begruendung, demoRefusal)
		if text == b.Text {
			return nil
		}
		_, err = antrag.SaveDraft(tx, b.ID, antrag.BescheidEdit{Text: text, Gebuehr: b.Gebuehr, Weg: b.Weg, Version: b.Version})
		return err
	})
}

func (s *demoSeed) sign(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		return antrag.AskMitzeichnung(tx, c.bescheidID, c.hall.lead(c.slug), "", c.hall.calendar.AddWorkdays(clock.DateOf(tx.Now()), 3))
	})
}

func (s *demoSeed) signed(c *demoCase) error {
	return s.write(c.hall, s.as(c.hall, c.hall.lead(c.slug)), func(tx *storage.Tx) error {
		return s.answerStep(tx, c, akte.Mitzeichnung, "")
	})
}

func (s *demoSeed) release(c *demoCase) error {
	scope := s.as(c.hall, c.clerk)
	scope.Mandant = c.hall.town.Key
	var f *antrag.Freigabe
	if err := s.prog.db.Read(s.ctx, scope, func(tx *storage.Tx) (err error) { f, err = antrag.PlanRelease(tx, c.bescheidID); return err }); err != nil {
		return err
	}
	if err := s.prog.office.PrepareRelease(s.ctx, f); err != nil {
		return err
	}
	return s.prog.db.Write(s.ctx, scope, func(tx *storage.Tx) error { _, err := antrag.Release(tx, f); return err })
}

func (s *demoSeed) recall(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		b, err := antrag.Recall(tx, c.bescheidID, "Im Schreiben stand eine falsche Hausnummer.")
		c.bescheidID = b.ID
		return err
	})
}

func (s *demoSeed) fetch(c *demoCase) error {
	return s.write(c.hall, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		return antrag.FetchLast(tx, c.antragID, antrag.Anmeldung{BuergerID: c.buergerID, Trust: leistung.TrustNormal})
	})
}

func (s *demoSeed) closeCase(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error { return akte.CloseVorgang(tx, c.vorgangID) })
}

func (s *demoSeed) withdraw(c *demoCase) error {
	return s.write(c.hall, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		return antrag.Withdraw(tx, c.antragID, pickOne(s.rng, demoWithdrawals))
	})
}

// remind brings the case up again today, or on one of the next days.
func (s *demoSeed) remind(c *demoCase) error {
	return s.byClerk(c, func(tx *storage.Tx) error {
		return akte.SetWiedervorlage(tx, c.vorgangID, clock.DateOf(s.now).AddDays(s.rng.IntN(2)*s.rng.IntN(6)), pickOne(s.rng, demoReminders))
	})
}
