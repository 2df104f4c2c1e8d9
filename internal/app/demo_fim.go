package app

import (
	"context"

	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

// publishForms publishes the FIM forms given on the command line as test forms of the first town.
func (d *demo) publishForms(ctx context.Context, p *program) error {
	if len(d.forms) == 0 {
		return nil
	}
	return usagef("-fim: noch nicht verfügbar")
}

// foreignExample are answers to a form that is not shipped.
func (p *program) foreignExample(tx *storage.Tx, slug string) (formular.Answers, error) {
	return formular.Answers{}, nil
}
