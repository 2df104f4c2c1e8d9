package app

import (
	"context"
	"fmt"

	"rathaus/internal/clock"
	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

// Where applications on test forms are decided and filed.
const (
	demoTestUnit = "ordnungsamt"
	demoTestPlan = "" // by the subject of the form
)

// publishForms publishes the FIM forms given on the command line as test forms of both towns. One broken file refuses all.
func (d *demo) publishForms(ctx context.Context, p *program) error {
	schemas, refused := readSchemas(d.forms)
	if len(refused) > 0 {
		return refused
	}
	for _, t := range demoTowns() {
		if len(schemas) == 0 {
			return nil
		}
		err := p.db.Write(ctx, townScope(t.Key), func(tx *storage.Tx) error {
			for _, s := range schemas {
				if _, err := formular.PublishTest(tx, s.Schema, demoTestUnit, demoTestPlan); err != nil {
					return fmt.Errorf("%s: %w", s.file, p.explain(err))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// foreignExample are answers to a form that is not shipped.
func (p *program) foreignExample(tx *storage.Tx, slug string) (formular.Answers, error) {
	form, err := p.office.Forms.ForLeistung(tx, slug)
	if err != nil {
		return nil, err
	}
	return formular.Example(form, clock.DateOf(tx.Now())), nil
}
