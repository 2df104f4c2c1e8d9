package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"rathaus/internal/antrag"
	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/konto"
	"rathaus/internal/storage"
)

// demoSeed fills the demo towns: every case is a course of acts with days between them, all acts of all towns are done in the
// order of their time by the real functions of the modules, under a clock that moves along.
type demoSeed struct {
	ctx   context.Context
	prog  *program
	clock *clock.Fake
	rng   *rand.Rand
	now   time.Time
	ref   clock.Date // the last full day before now; nothing happens after it but what is said so
	halls []*demoHall
	steps []demoStep
}

// demoStep is something that happens at a time.
type demoStep struct {
	at   time.Time
	what string
	do   func() error
}

// demoCase is one application on its way.
type demoCase struct {
	hall       *demoHall
	key        string
	slug       string
	kind       string
	who        resident
	kanal      antrag.Kanal
	clerk      string // employee's id
	account    bool   // resident signs in and consents to retrieval
	born       clock.Date
	antragID   string
	vorgangID  string
	bescheidID string
	buergerID  string
}

// seedDemo makes both towns with so many cases in the first.
func seedDemo(ctx context.Context, p *program, moving *clock.Fake, now time.Time, cases int) error {
	s := &demoSeed{ctx: ctx, prog: p, clock: moving, rng: rand.New(rand.NewPCG(2026, 1120)), now: now, ref: clock.DateOf(now).AddDays(-1)}
	for _, t := range demoTowns() {
		h, err := t.found(ctx, p)
		if err != nil {
			return err
		}
		s.halls = append(s.halls, h)
		n := cases
		if len(s.halls) > 1 {
			n = (cases + 4) / 5
		}
		s.plan(h, n)
	}
	if err := s.run(); err != nil {
		return err
	}
	moving.Set(now)
	return s.drain()
}

// run does all steps in the order of their time.
func (s *demoSeed) run() error {
	slices.SortStableFunc(s.steps, func(a, b demoStep) int { return a.at.Compare(b.at) })
	for _, step := range s.steps {
		if !step.at.Before(s.now) {
			break
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
		s.clock.Set(step.at)
		if err := step.do(); err != nil {
			return fmt.Errorf("%s, %s: %w", step.at.Format(time.DateOnly), step.what, s.prog.explain(err))
		}
	}
	return nil
}

func (s *demoSeed) at(t time.Time, what string, do func() error) {
	s.steps = append(s.steps, demoStep{t, what, do})
}

// drain sends the mails and runs what else is due.
func (s *demoSeed) drain() error {
	for _, h := range s.halls {
		if _, err := s.prog.runner.Drain(s.ctx, h.town.Key); err != nil {
			return err
		}
	}
	return nil
}

// plan draws the cases of a town and everything around them.
func (s *demoSeed) plan(h *demoHall, cases int) {
	ref := h.calendar.AddWorkdays(s.ref.AddDays(1), -1) // the last workday
	slugs := make([]string, 0, len(h.unitOf))
	for slug := range h.unitOf {
		slugs = append(slugs, slug)
	}
	slices.Sort(slugs)
	posting := map[clock.Date]bool{}
	open, done := openCourses(), doneCourses()
	for i := range cases {
		course := done[s.rng.IntN(len(done))]
		if i%5 < 2 {
			course = open[(i/5*2+i%5)%len(open)]
		}
		s.planCase(h, course, i, ref, s.slugFor(h, course, slugs), posting)
	}
	s.planAround(h, ref, posting)
}

// slugFor draws a service: dog tax and parking are asked for most.
func (s *demoSeed) slugFor(h *demoHall, c demoCourse, slugs []string) string {
	for {
		slug := pickOne(s.rng, slugs)
		if s.rng.IntN(4) == 0 {
			slug = pickOne(s.rng, []string{"hundesteuer-anmelden", "bewohnerparkausweis"})
		}
		if _, online := h.unitOf[slug]; online && (!c.account || h.law[slug] == "verwaltung") {
			return slug
		}
	}
}

// planCase lays the acts of a course on days, the last one so many workdays before the last workday as the course says.
func (s *demoSeed) planCase(h *demoHall, course demoCourse, i int, ref clock.Date, slug string, posting map[clock.Date]bool) {
	c := &demoCase{hall: h, key: fmt.Sprintf("demo-%04d", i+1), slug: slug, kind: course.name, who: h.town.resident(s.rng), account: course.account,
		clerk: h.clerk(slug, s.rng.IntN(4)), kanal: antrag.KanalOnline}
	switch n := s.rng.IntN(100); {
	case course.account:
	case n < 6:
		c.kanal = antrag.KanalPapier
	case n < 9:
		c.kanal = antrag.KanalSchalter
	case n < 11:
		c.kanal = antrag.KanalTelefon
	case n < 17:
		c.kanal = antrag.KanalPortal
	}
	if !course.account && s.rng.IntN(100) < 10 {
		c.who.Mail = ""
	}
	acts := course.acts(h.fourEyes[slug])
	gaps, sum := make([]int, len(acts)), 0
	for k, a := range acts {
		if gaps[k] = a.from; a.to > a.from {
			gaps[k] += s.rng.IntN(a.to - a.from + 1)
		}
		sum += gaps[k]
	}
	slack := course.from
	if course.to > course.from {
		slack += s.rng.IntN(course.to - course.from + 1)
	}
	if limit := h.days[slug] - sum - 1; !course.late && limit >= 0 && slack > limit {
		slack = s.rng.IntN(limit + 1) // still in time
	}
	c.born = h.calendar.AddWorkdays(ref, -(sum + slack))
	day, minute := c.born, 7*60+s.rng.IntN(9*60)
	s.at(clockTime(day, minute), c.key+" "+course.name+" submit "+slug, func() error { return s.submit(c) })
	for k, a := range acts {
		if gaps[k] > 0 {
			day, minute = h.calendar.AddWorkdays(day, gaps[k]), 8*60+s.rng.IntN(5*60)
		} else {
			minute += 5 + s.rng.IntN(50)
		}
		s.at(clockTime(day, minute), c.key+" "+course.name+" "+a.name, func() error { return a.do(s, c) })
		posting[h.calendar.AddWorkdays(day, 1)] = true
	}
}

// planAround adds the post office, the mails, a deputy, and drafts nobody has sent yet.
func (s *demoSeed) planAround(h *demoHall, ref clock.Date, posting map[clock.Date]bool) {
	begin := clock.DateOf(s.clock.Now())
	for day := begin.AddDays(5); day.Before(ref); day = day.AddDays(5) {
		if day.DaysUntil(ref) > 60 {
			day = day.AddDays(25)
		}
		posting[h.calendar.AddWorkdays(day, 1)] = true
		s.at(clockTime(day, 3*60), "mails", s.drain)
	}
	for day := range posting {
		if day.Before(ref) {
			s.at(clockTime(day, 15*60+30), "post", func() error { return s.post(h, day) })
		}
	}
	s.at(clockTime(ref, 15*60+30), "print", func() error { return s.printSome(h) })
	if h.town.Key == "wiesenbrueck" {
		from := h.calendar.AddWorkdays(ref, -2)
		s.at(clockTime(from.AddDays(-6), 9*60), "deputy", func() error {
			h.absent, h.deputy, h.since = h.ids["Tobias Maurer"], h.ids["Deniz Yalcin"], from
			return s.write(h, storage.Scope{Actor: konto.StaffActor(h.absent)}, func(tx *storage.Tx) error {
				_, err := konto.AddVertretung(tx, konto.Vertretung{RepresentedID: h.absent, DeputyID: h.deputy, From: from, To: from.AddDays(16)})
				return err
			})
		})
	}
	for i, slug := range []string{"hundesteuer-anmelden", "sperrmuell", "strassensperrung"} {
		s.at(clockTime(ref, 17*60+20*i), "draft", func() error { return s.draft(h, slug) })
	}
}

// draft begins an application and leaves it there.
func (s *demoSeed) draft(h *demoHall, slug string) error {
	if h.unitOf[slug] == "" {
		return nil
	}
	return s.write(h, storage.Scope{Actor: konto.CitizenActor}, func(tx *storage.Tx) error {
		e, err := s.prog.office.Forms.Begin(tx, slug, "", func(string) string { return tx.IDs().Secret(16) }) // nobody needs the code
		if err != nil {
			return err
		}
		all := h.town.answers(s.rng, slug, h.examples[slug], h.town.resident(s.rng), clock.DateOf(tx.Now()))
		return formular.SaveAnswers(tx, &e, formular.Answers{"person": all["person"]}, "", false)
	})
}

// post hands the day's letters to the post.
func (s *demoSeed) post(h *demoHall, day clock.Date) error {
	return s.write(h, storage.Scope{Actor: konto.StaffActor(h.post)}, func(tx *storage.Tx) error {
		waiting, err := antrag.Postausgang(tx)
		if err != nil || len(waiting) == 0 {
			return err
		}
		ids := make([]string, len(waiting))
		for i, w := range waiting {
			ids[i] = w.ID
		}
		if err := antrag.MarkPrinted(tx, ids); err != nil {
			return err
		}
		return antrag.MarkPosted(tx, ids, day)
	})
}

// printSome prints half of what waits on the last day, so that the queue shows both.
func (s *demoSeed) printSome(h *demoHall) error {
	return s.write(h, storage.Scope{Actor: konto.StaffActor(h.post)}, func(tx *storage.Tx) error {
		waiting, err := antrag.Postausgang(tx)
		if err != nil {
			return err
		}
		var ids []string
		for _, w := range waiting[:len(waiting)/2] {
			ids = append(ids, w.ID)
		}
		return antrag.MarkPrinted(tx, ids)
	})
}

// write runs fn in the town's store.
func (s *demoSeed) write(h *demoHall, scope storage.Scope, fn func(*storage.Tx) error) error {
	scope.Mandant = h.town.Key
	return s.prog.db.Write(s.ctx, scope, fn)
}

// as is the scope of an employee, or of who represents them.
func (s *demoSeed) as(h *demoHall, employee string) storage.Scope {
	if employee == h.absent && h.absent != "" && !clock.DateOf(s.clock.Now()).Before(h.since) {
		return storage.Scope{Actor: konto.StaffActor(h.deputy), OnBehalfOf: konto.StaffActor(employee)}
	}
	return storage.Scope{Actor: konto.StaffActor(employee)}
}

// byClerk runs fn as the clerk of the case.
func (s *demoSeed) byClerk(c *demoCase, fn func(*storage.Tx) error) error {
	return s.write(c.hall, s.as(c.hall, c.clerk), fn)
}

var errNoLink = errors.New("no sign-in link in the mail")
