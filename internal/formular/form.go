package formular

import (
	"fmt"
	"maps"
	"strings"
	"sync"

	"rathaus/internal/rule"
)

// Form is a definition with its rules compiled. Immutable; safe for concurrent use.
type Form struct {
	Definition
	conditions map[string]*rule.Rule // by place and kind: "hund.chip#shownIf"
	fee        *rule.Rule
}

// Compile checks a definition and its expressions. The error names the element and what is wrong with it.
func Compile(d Definition) (*Form, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	f := &Form{Definition: d, conditions: map[string]*rule.Rule{}}
	c := compiler{form: f, envs: map[string]*rule.Env{}, top: map[string]rule.Type{}, shapes: map[string]rule.Shape{}}
	for _, a := range d.Abschnitte {
		declare(c.top, c.shapes, "", a.Elements)
	}
	for _, a := range d.Abschnitte {
		c.condition(a.Key+"#abschnitt", a.ShownIf, nil, nil)
		c.checks(a.Key+"#abschnitt", a.Checks, nil, nil)
		c.elements("", a.Elements, nil)
	}
	c.checks("#form", d.Checks, nil, nil)
	if d.Gebuehr != nil && c.err == nil {
		env, err := c.env(nil, nil)
		if err == nil {
			f.fee, err = env.Amount(d.Gebuehr.Cents)
		}
		c.fail("gebuehr", err)
	}
	return f, c.err
}

// compiler collects the rules of a form; the first error stops it.
type compiler struct {
	form   *Form
	top    map[string]rule.Type
	shapes map[string]rule.Shape // of the repeats at the top
	envs   map[string]*rule.Env
	err    error
}

func (c *compiler) fail(place string, err error) {
	if c.err == nil && err != nil {
		c.err = fmt.Errorf("formular %s: %s: %w", c.form.Key, place, err)
	}
}

// env declares what an expression at a place may name: all of the form, hier for its group, wert for its value.
func (c *compiler) env(group []Element, value *rule.Type) (*rule.Env, error) {
	vars, shapes := maps.Clone(c.top), maps.Clone(c.shapes)
	declare(vars, shapes, "hier.", group)
	if value != nil {
		vars["wert"] = *value
	}
	key := fmt.Sprint(len(group) > 0, value != nil)
	if len(group) > 0 {
		key += fmt.Sprintf("%p", &group[0])
	}
	if value != nil {
		key += fmt.Sprint(*value)
	}
	if env, ok := c.envs[key]; ok {
		return env, nil
	}
	env, err := rule.New(vars, shapes)
	c.envs[key] = env
	return env, err
}

func (c *compiler) condition(place, source string, group []Element, value *rule.Type) {
	if source == "" || c.err != nil {
		return
	}
	env, err := c.env(group, value)
	if err == nil {
		c.form.conditions[place], err = env.Condition(source)
	}
	c.fail(place, err)
}

func (c *compiler) checks(place string, checks []Check, group []Element, value *rule.Type) {
	for i, check := range checks {
		c.condition(fmt.Sprintf("%s#check%d", place, i), check.That, group, value)
	}
}

func (c *compiler) elements(prefix string, elements []Element, group []Element) {
	for _, e := range elements {
		place := prefix + e.Key
		c.condition(place+"#shownIf", e.ShownIf, group, nil)
		c.condition(place+"#requiredIf", e.RequiredIf, group, nil)
		c.condition(place+"#forbiddenIf", e.ForbiddenIf, group, nil)
		t := typeOf(e)
		if e.Kind == Group {
			c.checks(place, e.Checks, e.Elements, nil)
			c.elements(place+".", e.Elements, e.Elements)
			continue
		}
		c.checks(place, e.Checks, group, &t)
		if e.Value != "" && c.err == nil {
			env, err := c.env(group, nil)
			if err == nil {
				c.form.conditions[place+"#value"], err = env.Value(e.Value)
			}
			c.fail(place, err)
		}
	}
}

// declare adds the variables of elements under a prefix, and what the entries of repeats hold.
func declare(vars map[string]rule.Type, shapes map[string]rule.Shape, prefix string, elements []Element) {
	for _, e := range elements {
		name := prefix + e.Key
		switch {
		case e.Kind == Note:
		case e.Kind == Group && e.Occurs.Repeated():
			inside := rule.Shape{Fields: map[string]rule.Type{}, Lists: map[string]rule.Shape{}}
			declare(inside.Fields, inside.Lists, "", e.Elements)
			for list := range inside.Lists {
				delete(inside.Fields, list)
			}
			vars[name], shapes[name] = rule.Entries, inside
		case e.Kind == Group:
			declare(vars, shapes, name+".", e.Elements)
		case e.Kind == Address && !e.Occurs.Repeated():
			for _, part := range AddressParts() {
				vars[name+"."+part] = rule.Text
			}
		default:
			vars[name] = typeOf(e)
			if e.Kind == File && e.Upload != nil && e.Upload.Later {
				vars[name+LaterSuffix] = rule.Bool
			}
		}
	}
}

// typeOf is the type of an element's value in expressions.
func typeOf(e Element) rule.Type {
	if e.Kind == MultiChoice || e.Occurs.Repeated() {
		return rule.Texts
	}
	switch e.Kind {
	case Integer:
		return rule.Integer
	case Decimal:
		return rule.Decimal
	case Money:
		return rule.Money
	case Date:
		return rule.Day
	case Bool:
		return rule.Bool
	}
	return rule.Text
}

// AddressParts are the keys of an address, in the order they are asked.
func AddressParts() []string {
	return []string{"strasse", "hausnummer", "zusatz", "plz", "ort", "land"}
}

// check refuses a definition that could not be shown or answered.
func (d Definition) check() error {
	if d.Key == "" || d.Version == "" || d.Title == "" || len(d.Abschnitte) == 0 {
		return fmt.Errorf("formular %q: key, version, title and one Abschnitt are needed", d.Key)
	}
	pages, names := map[string]bool{}, map[string]bool{}
	for _, a := range d.Abschnitte {
		if a.Key == "" || pages[a.Key] || reservedPage(a.Key) {
			return fmt.Errorf("formular %s: abschnitt %q: key is empty, reserved or used twice", d.Key, a.Key)
		}
		pages[a.Key] = true
		if err := checkElements(d.Key, "", a.Elements, names, 0); err != nil {
			return err
		}
	}
	return nil
}

// reservedPage names what other pages of a form are called.
func reservedPage(key string) bool {
	switch key {
	case "pruefen", "weiter", "gesendet", "datei", "start", "verwerfen", "merken":
		return true
	}
	return false
}

const maxDepth = 12

func checkElements(form, prefix string, elements []Element, names map[string]bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("formular %s: %s: nested too deeply", form, prefix)
	}
	for _, e := range elements {
		place := prefix + e.Key
		switch {
		case !validKey(e.Key):
			return fmt.Errorf("formular %s: %q is no key", form, place)
		case names[e.Key]:
			return fmt.Errorf("formular %s: %s stands twice", form, place)
		case !knownKind(e.Kind):
			return fmt.Errorf("formular %s: %s: unknown kind %q", form, place, e.Kind)
		case e.Kind == MultiChoice && len(e.Options) == 0:
			return fmt.Errorf("formular %s: %s: no options", form, place)
		}
		names[e.Key] = true
		if e.Kind == Group {
			if err := checkElements(form, place+".", e.Elements, map[string]bool{}, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func knownKind(k Kind) bool {
	switch k {
	case Group, Text, Textarea, Integer, Decimal, Money, Date, Time, DateTime, Bool, Choice, MultiChoice, File, Address, IBAN, Email, Phone, Note:
		return true
	}
	return false
}

func validKey(key string) bool {
	if key == "" || strings.HasSuffix(key, LaterSuffix) {
		return false
	}
	for i, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '_')) {
			return false
		}
	}
	switch key {
	case "heute", "hier", "wert", "true", "false", "null", "in":
		return false
	case "weiter", "spaeter", "hinzufuegen", "entfernen", "loeschen", "absenden": // buttons of the page
		return false
	}
	return true
}

// Forms compiles definitions once and keeps them. One per installation; safe for concurrent use.
type Forms struct {
	mu    sync.Mutex
	known map[string]*Form // by digest of the definition
}

// NewForms returns an empty cache.
func NewForms() *Forms { return &Forms{known: map[string]*Form{}} }

const maxForms = 512

// compiled returns the form of a stored definition.
func (f *Forms) compiled(digest string, load func() (Definition, error)) (*Form, error) {
	f.mu.Lock()
	form, ok := f.known[digest]
	f.mu.Unlock()
	if ok {
		return form, nil
	}
	d, err := load()
	if err != nil {
		return nil, err
	}
	if form, err = Compile(d); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= maxForms {
		clear(f.known)
	}
	f.known[digest] = form
	return form, nil
}
