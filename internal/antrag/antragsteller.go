package antrag

import (
	"strconv"
	"strings"

	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

// applicantOf builds the applicant from the fields a form names for it.
func applicantOf(def formular.Definition, answers formular.Answers) Applicant {
	r := def.Roles
	a := Applicant{
		Organisation: answerText(answers, r.Organisation),
		Mail:         answerText(answers, r.Mail),
		Phone:        answerText(answers, r.Phone),
		BirthDate:    rawText(answers, r.BirthDate),
	}
	var name []string
	for _, path := range r.Name {
		if part := answerText(answers, path); part != "" {
			name = append(name, part)
		}
	}
	a.Name = strings.Join(name, " ")
	if r.Address != "" {
		a.readAddress(def, answers, r.Address)
	}
	return a
}

func rawText(answers formular.Answers, path string) string {
	s, _ := answers.At(path).(string)
	return s
}

// readAddress takes an address element, or a group whose fields say by their label what they are, as imported forms
// have it.
func (a *Applicant) readAddress(def formular.Definition, answers formular.Answers, path string) {
	parts, ok := answers.At(path).(map[string]any)
	if !ok {
		return
	}
	text := func(key string) string { s, _ := parts[key].(string); return strings.TrimSpace(s) }
	if _, own := parts["strasse"]; own {
		a.Street = strings.TrimSpace(text("strasse") + " " + text("hausnummer"))
		a.Addition, a.PostCode, a.City, a.Country = text("zusatz"), text("plz"), text("ort"), text("land")
		return
	}
	group := elementAt(def, path)
	if group == nil {
		return
	}
	var street, number string
	for _, e := range group.Elements {
		value := answerText(answers, path+"."+e.Key)
		if value == "" {
			continue
		}
		switch label := storage.Fold(e.Label); {
		case strings.Contains(label, "postleitzahl") || label == "plz":
			a.PostCode = value
		case strings.Contains(label, "hausnummer"):
			number = strings.TrimSpace(number + " " + value)
		case strings.Contains(label, "strasse"):
			street = value
		case strings.Contains(label, "zusatz") || strings.Contains(label, "adresszusatz"):
			a.Addition = value
		case label == "ort" || strings.HasSuffix(label, "wohnort") || strings.HasPrefix(label, "ort"):
			a.City = value
		case strings.Contains(label, "staat") || label == "land":
			a.Country = value
		}
	}
	a.Street = strings.TrimSpace(street + " " + number)
}

// elementAt finds an element by its path; nil when the form has none.
func elementAt(def formular.Definition, path string) *formular.Element {
	var all []formular.Element
	for _, s := range def.Abschnitte {
		all = append(all, s.Elements...)
	}
	var found *formular.Element
	for _, key := range strings.Split(path, ".") {
		found = nil
		for i := range all {
			if all[i].Key == key {
				found = &all[i]
				break
			}
		}
		if found == nil {
			return nil
		}
		all = found.Elements
	}
	return found
}

// subjectOf is the Betreff of the Vorgang: the form's, with answers filled in, or the name of the service.
func subjectOf(def formular.Definition, answers formular.Answers, service string) string {
	subject := strings.TrimRight(strings.TrimSpace(subjectText(def.Roles.Subject, answers)), ":–- ")
	if subject == "" {
		subject = service
	}
	return cut(subject, maxLine)
}

// subjectText fills {path} with answers.
func subjectText(text string, answers formular.Answers) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(text, '{')
		if from < 0 {
			break
		}
		to := strings.IndexByte(text[from:], '}')
		if to < 0 {
			break
		}
		b.WriteString(text[:from] + answerText(answers, text[from+1:from+to]))
		text = text[from+to+1:]
	}
	return b.String() + text
}

// fileAnswer is an answer that names a file.
type fileAnswer struct {
	path, name string
	element    formular.Element
}

// fileAnswers are the answers of file fields, in the order of the form.
func fileAnswers(def formular.Definition, answers formular.Answers) []fileAnswer {
	var out []fileAnswer
	var walk func(elements []formular.Element, values map[string]any, prefix string)
	walk = func(elements []formular.Element, values map[string]any, prefix string) {
		for _, e := range elements {
			for i, v := range asList(values[e.Key]) {
				at := prefix + e.Key
				if e.Occurs.Repeated() {
					at += "." + strconv.Itoa(i)
				}
				switch v := v.(type) {
				case string:
					if e.Kind == formular.File && v != "" {
						out = append(out, fileAnswer{at, v, e})
					}
				case map[string]any:
					walk(e.Elements, v, at+".")
				}
			}
		}
	}
	for _, s := range def.Abschnitte {
		walk(s.Elements, answers, "")
	}
	return out
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}
