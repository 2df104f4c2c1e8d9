package api

import (
	"encoding/json"
	"testing"
)

// FuzzReadAnswers: what is accepted is one JSON object that survives being written and read again.
func FuzzReadAnswers(f *testing.F) {
	for _, s := range []string{`{}`, `{"hund":{"name":"Fenja","alter":3},"liste":[1,"a",null,true,{"x":[]}]}`, `{"a":1,"a":2}`, `[{}]`, `{"a":`, "null", `{"a":"b\u0000c"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := readAnswers(data)
		if err != nil {
			return
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readAnswers(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
