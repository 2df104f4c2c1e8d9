package formular

import (
	"encoding/json"
	"strconv"
	"strings"
)

// AnswersSchema is the JSON Schema (2020-12) of the answers to a form, for portals that submit by the API. It
// holds what a schema can: shapes, kinds, choices, lengths. Conditions are checked when answers arrive.
func (f *Form) AnswersSchema() ([]byte, error) {
	var all []Element
	for _, a := range f.Abschnitte {
		for _, e := range a.Elements {
			if e.ShownIf == "" {
				e.ShownIf = a.ShownIf // a page that may be hidden demands nothing
			}
			all = append(all, e)
		}
	}
	schema := object(all)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = f.Title
	schema["description"] = "Antworten zum Formular " + f.Key + ", Fassung " + f.Version
	return json.MarshalIndent(schema, "", "  ")
}

func object(elements []Element) map[string]any {
	properties := map[string]any{}
	required := []string{}
	for _, e := range elements {
		if e.Kind == Note || e.Hidden || e.Locked {
			continue
		}
		properties[e.Key] = occurring(e)
		later := e.Kind == File && e.Upload != nil && e.Upload.Later
		if later {
			properties[e.Key+LaterSuffix] = map[string]any{"type": "boolean", "title": "Der Nachweis wird nachgereicht"}
		}
		if !e.Occurs.Optional() && e.ShownIf == "" && e.RequiredIf == "" && !later {
			required = append(required, e.Key)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func occurring(e Element) map[string]any {
	one := kindSchema(e)
	title := e.Label
	if !e.Occurs.Repeated() && e.Kind != MultiChoice {
		one["title"] = title
		return one
	}
	list := map[string]any{"type": "array", "items": one, "title": title}
	o := e.Occurs.Norm()
	if e.Occurs.Repeated() {
		if o.Max != Unbounded {
			list["maxItems"] = o.Max
		}
	}
	if o.Min > 0 && e.ShownIf == "" {
		list["minItems"] = o.Min
	}
	return list
}

func kindSchema(e Element) map[string]any {
	text := map[string]any{"type": "string"}
	switch e.Kind {
	case Group:
		return object(e.Elements)
	case Address:
		properties := map[string]any{}
		for _, p := range AddressParts() {
			properties[p] = map[string]any{"type": "string"}
		}
		return map[string]any{"type": "object", "properties": properties, "required": []string{"strasse", "hausnummer", "plz", "ort"}, "additionalProperties": false}
	case Bool:
		return map[string]any{"type": "boolean"}
	case Integer:
		n := map[string]any{"type": "integer"}
		limits(n, e)
		return n
	case Choice, MultiChoice:
		if len(e.Options) > 0 {
			values := make([]string, len(e.Options))
			for i, o := range e.Options {
				values[i] = o.Value
			}
			text["enum"] = values
		}
	case Date:
		text["format"] = "date"
	case Email:
		text["format"] = "email"
	case Money:
		text["pattern"] = `^[0-9]+(\.[0-9]{1,2})?$`
		text["description"] = "Betrag in Euro mit Punkt: 12.50"
	case Decimal:
		text["pattern"] = `^-?[0-9]+(\.[0-9]+)?$`
	case Time:
		text["pattern"] = `^([01][0-9]|2[0-3]):[0-5][0-9]$`
	case File:
		text["description"] = "Name eines mitgesendeten Teils datei"
	}
	if e.MaxLength > 0 {
		text["maxLength"] = e.MaxLength
	}
	if e.MinLength > 0 {
		text["minLength"] = e.MinLength
	}
	if e.Pattern != "" && text["pattern"] == nil {
		text["pattern"] = "^(?:" + e.Pattern + ")$"
	}
	if e.Hint != "" && text["description"] == nil {
		text["description"] = strings.TrimSpace(e.Hint)
	}
	return text
}

func limits(schema map[string]any, e Element) {
	if n, err := strconv.ParseFloat(e.Min, 64); err == nil {
		schema["minimum"] = n
	}
	if n, err := strconv.ParseFloat(e.Max, 64); err == nil {
		schema["maximum"] = n
	}
}
