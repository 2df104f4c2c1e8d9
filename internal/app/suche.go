package app

import (
	"context"
	"flag"
	"fmt"

	"rathaus/internal/antrag"
	"rathaus/internal/mandant"
	"rathaus/internal/search"
	"rathaus/internal/storage"
)

// runSucheNeu is "rathaus suche neu": builds the search index of one town or all from the records.
func runSucheNeu(ctx context.Context, p Process, fs *flag.FlagSet) error {
	only := fs.String("mandant", "", "Schlüssel der Stadt; leer: alle")
	cfg, err := flagsOnly(p, fs)
	if err != nil {
		return err
	}
	return with(ctx, cfg, p, openOptions{}, func(prog *program) error {
		towns, err := prog.mandanten(ctx)
		if err != nil {
			return err
		}
		if towns, err = chosen(towns, *only); err != nil {
			return err
		}
		for _, m := range towns {
			n := 0
			err := prog.db.Write(ctx, storage.Scope{Mandant: m.Key, Actor: mandant.System}, func(tx *storage.Tx) (err error) {
				if err := search.Clear(tx); err != nil {
					return err
				}
				n, err = antrag.Reindex(tx)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", m.Key, err)
			}
			fmt.Fprintf(p.Stdout, "%s: %d Vorgänge\n", m.Name, n)
		}
		return nil
	})
}
