package antrag

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Canonical writes JSON so that equal answers have equal bytes: keys sorted, no blanks, numbers as they came.
func Canonical(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	if dec.More() {
		return nil, fmt.Errorf("canonical json: more than one value")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// Digest identifies the content of a submission: the service, its canonical answers and the SHA-256 sums of
// the files in their order. A repeated key with another digest is another submission.
func Digest(slug string, canonical []byte, files []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s%d:", len(slug), slug, len(canonical))
	h.Write(canonical)
	for _, sum := range files {
		fmt.Fprintf(h, "%d:%s", len(sum), sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}
