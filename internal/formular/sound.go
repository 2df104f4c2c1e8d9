package formular

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sound refuses what Compile cannot see: names that lead nowhere, rules nobody could fulfil. Save asks it, so that a slip
// shows when a form is stored and not when the first person fills it in. All findings come at once.
func (d Definition) Sound() error {
	r := review{form: &Form{Definition: d}}
	for _, a := range d.Abschnitte {
		r.elements("", a.Elements)
		r.paths(a.Key, a.Checks)
	}
	r.paths("checks", d.Checks)
	for _, p := range append(slices.Clone(d.Roles.Name), d.Roles.Organisation, d.Roles.Mail, d.Roles.Phone, d.Roles.Address, d.Roles.BirthDate, d.Roles.FileKey) {
		r.known("roles", p)
	}
	r.placeholders("roles.subject", d.Roles.Subject)
	r.placeholders("roles.fileSubject", d.Roles.FileSubject)
	if d.Gebuehr != nil {
		r.placeholders("gebuehr.text", strings.ReplaceAll(d.Gebuehr.Text, "{gebuehr}", ""))
		r.placeholders("gebuehr.freeText", strings.ReplaceAll(d.Gebuehr.FreeText, "{gebuehr}", ""))
	}
	if len(r.findings) == 0 {
		return nil
	}
	return fmt.Errorf("formular %s: %w", d.Key, errors.Join(r.findings...))
}

type review struct {
	form     *Form
	findings []error
}

func (r *review) find(place, text string, args ...any) {
	r.findings = append(r.findings, fmt.Errorf("%s: %s", place, fmt.Sprintf(text, args...)))
}

func (r *review) known(place, path string) {
	if path != "" && r.form.elementAt(path) == nil {
		r.find(place, "there is no element %q", path)
	}
}

// paths looks at where checks put their messages.
func (r *review) paths(place string, checks []Check) {
	for _, c := range checks {
		r.known(place, c.Path)
		if strings.TrimSpace(c.Message) == "" {
			r.find(place, "the check %q has no message", c.That)
		}
	}
}

func (r *review) placeholders(place, text string) {
	for _, m := range regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(text, -1) {
		if m[1] == "" {
			r.find(place, "empty placeholder {}")
		}
		r.known(place, m[1])
	}
}

func (r *review) elements(prefix string, elements []Element) {
	for _, e := range elements {
		place := prefix + e.Key
		r.paths(place, e.Checks)
		r.occurs(place, e)
		r.options(place, e)
		r.limits(place, e)
		if e.Kind == Group && len(e.Elements) == 0 {
			r.find(place, "a group without elements")
		}
		if e.Kind != Group && len(e.Elements) > 0 {
			r.find(place, "only a group has elements")
		}
		r.elements(place+".", e.Elements)
	}
}

func (r *review) occurs(place string, e Element) {
	o := e.Occurs.Norm()
	if o.Min < 0 || o.Max != Unbounded && (o.Max < 1 || o.Max < o.Min) || o.Min > maxEntries {
		r.find(place, "occurs %s is impossible", o)
	}
	if e.Kind == MultiChoice && o.Min > len(e.Options) {
		r.find(place, "%d choices are asked for, there are %d", o.Min, len(e.Options))
	}
}

func (r *review) options(place string, e Element) {
	seen := map[string]bool{}
	for _, o := range e.Options {
		if o.Value == "" || seen[o.Value] {
			r.find(place, "option %q is empty or stands twice", o.Value)
		}
		seen[o.Value] = true
	}
	if len(e.Options) > 0 && e.Kind != Choice && e.Kind != MultiChoice {
		r.find(place, "%s has no options", e.Kind)
	}
	if s, ok := e.Default.(string); ok && e.Kind == Choice && len(e.Options) > 0 && !seen[s] {
		r.find(place, "the default %q is none of the options", s)
	}
}

func (r *review) limits(place string, e Element) {
	for _, b := range []string{e.Min, e.Max} {
		if b != "" && !boundFits(e.Kind, b) {
			r.find(place, "%q bounds no %s", b, e.Kind)
		}
	}
	if e.MaxLength > 0 && e.MinLength > e.MaxLength {
		r.find(place, "minLength is above maxLength")
	}
	if _, err := regexp.Compile(e.Pattern); err != nil {
		r.find(place, "pattern: %v", err)
	}
	if e.Upload != nil && e.Kind != File {
		r.find(place, "only a file has rules for uploads")
	}
	if e.Upload != nil && e.Upload.MaxBytes > maxUpload {
		r.find(place, "files above %d MB cannot be taken", maxUpload>>20)
	}
	if e.Value != "" && !e.Hidden && !e.Locked {
		r.find(place, "only a hidden or locked field has a value")
	}
}

// maxUpload is what one post can hold.
const maxUpload = 60 << 20

func boundFits(k Kind, s string) bool {
	switch k {
	case Integer, Decimal, Money:
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	case Date, DateTime:
		if _, err := time.Parse(time.DateOnly, s); err == nil {
			return true
		}
		return matches(`heute([+-]\d{1,5}[tmj])?`, s)
	}
	return false
}
