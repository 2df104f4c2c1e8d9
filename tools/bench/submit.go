package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"time"
)

const (
	attachment    = 200_000 // bytes
	submitClients = 16
	aimSubmit     = 0.5
)

// submissions files applications by the API in turn with loops that only write and fsync files.
func (s settings) submissions(ctx context.Context, r *report, t *town) error {
	p, err := t.serve(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Join(t.dir, "files"))
	var one, same []pair
	var used time.Duration
	// A key used before would only be answered with the receipt it had then: keys are new in each run.
	run := time.Now().UnixNano()
	err = s.submitSome(ctx, p, t, fmt.Sprintf("%d-warm", run), submitClients*4)
	for round := range s.rounds {
		if err != nil {
			break
		}
		var took, bare, files time.Duration
		if bare, err = s.fsyncLoop(t, attachment); err != nil {
			break
		}
		began, before := time.Now(), p.processor()
		if err = s.submitSome(ctx, p, t, fmt.Sprintf("%d-%d", run, round), s.batch); err != nil {
			break
		}
		took = time.Since(began)
		used += p.processor() - before
		// A submission stores three files: attachment, PDF of the application, answers.
		files, err = s.fsyncLoop(t, attachment, 27_000, 1_500)
		n := float64(s.batch)
		one = append(one, pair{n / took.Seconds(), n / bare.Seconds()})
		same = append(same, pair{n / took.Seconds(), n / files.Seconds()})
	}
	if err := errors.Join(err, p.stop()); err != nil {
		return err
	}
	what := fmt.Sprintf("submissions with %d kB, %s", attachment/1000, t.name)
	r.ratio(what, fmt.Sprintf("%d clients write and fsync one file of %d kB each", submitClients, attachment/1000), aimSubmit, one)
	r.ratio(what, fmt.Sprintf("%d clients write and fsync all three files of a submission (%d, 27, 1.5 kB)", submitClients, attachment/1000), 0, same)
	if used > 0 {
		r.line("%-44s %.1f ms a submission", "  processor time of the server", used.Seconds()*1000/float64(len(one)*s.batch))
	}
	return nil
}

// fsyncLoop is the baseline: the same clients write and fsync as many new files of the given sizes.
func (s settings) fsyncLoop(t *town, sizes ...int) (time.Duration, error) {
	dir, err := os.MkdirTemp(t.dir, "files")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	content := noise(attachment)
	began := time.Now()
	err = together(submitClients, func(client int) error {
		for i := client; i < s.batch; i += submitClients {
			for k, size := range sizes {
				if err := writeDurably(filepath.Join(dir, fmt.Sprintf("%d-%d", i, k)), content[:size]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return time.Since(began), err
}

func writeDurably(path string, content []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// noise is content no file system compresses, beginning as a PDF.
func noise(n int) []byte {
	out := make([]byte, n)
	src := rand.NewChaCha8([32]byte{1})
	_, _ = src.Read(out) // never fails
	copy(out, "%PDF-1.7\n")
	return out
}

// submitSome files n applications with submitClients connections; each must be answered 201.
func (s settings) submitSome(ctx context.Context, p *process, t *town, keys string, n int) error {
	body, contentType, err := submission()
	if err != nil {
		return err
	}
	return together(submitClients, func(client int) error {
		c, err := dial(p.addr)
		if err != nil {
			return err
		}
		defer c.conn.Close()
		for i := client; i < n && ctx.Err() == nil; i += submitClients {
			head := fmt.Sprintf("POST /api/v1/antraege HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s-%d\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
				p.addr, t.APIKey, keys, i, contentType, len(body))
			status, answer, err := c.do(append([]byte(head), body...), true)
			if err != nil {
				return err
			}
			if status != http.StatusCreated {
				return fmt.Errorf("status %d: %s", status, answer)
			}
		}
		return ctx.Err()
	})
}

// submission is the body all applications share: a dog registered with one proof.
func submission() (body []byte, contentType string, err error) {
	answers := map[string]any{
		"person":    map[string]any{"vorname": "Mira", "nachname": "Tannhof", "mail": "mira.tannhof@post.example", "telefon": "03023125214", "geburtsdatum": "1988-04-17"},
		"anschrift": map[string]any{"strasse": "Lindenstraße", "hausnummer": "12", "plz": "00000", "ort": "Wiesenbrück"},
		"hund": map[string]any{"name": "Fenja", "rasse": "Labrador-Mischling", "chip": "276098106412388", "geboren": "2024-06-01",
			"seit": "2026-11-03", "gefaehrlich": "nein", "zweithund": false},
		"ermaessigung": map[string]any{"art": "tierheim"},
		"nachweis":     []any{"nachweis.pdf"},
		"zahlung":      map[string]any{"art": "lastschrift"},
		"lastschrift":  map[string]any{"iban": "DE02120300000000202051", "mandat": true},
	}
	text, err := json.Marshal(answers)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	file := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="datei"; filename="nachweis.pdf"`}, "Content-Type": {"application/pdf"}}
	part, err := w.CreatePart(file)
	if err != nil {
		return nil, "", err
	}
	_, err = part.Write(noise(attachment))
	err = errors.Join(err, w.WriteField("leistung", "hundesteuer-anmelden"), w.WriteField("antworten", string(text)), w.Close())
	return b.Bytes(), w.FormDataContentType(), err
}
