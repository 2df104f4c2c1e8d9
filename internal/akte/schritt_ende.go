package akte

import "rathaus/internal/storage"

// WithdrawSchritte takes all open steps of a Vorgang back without asking for rights: for the modules above, when the
// matter itself has ended (the applicant withdrew).
func WithdrawSchritte(tx *storage.Tx, vorgangID string) error {
	steps, err := Schritte(tx, vorgangID)
	if err != nil {
		return err
	}
	for _, x := range steps {
		if x.Status != StepOpen {
			continue
		}
		if err := finishSchritt(tx, x, StepWithdrawn, ""); err != nil {
			return err
		}
		if err := record(tx, vorgangID, "step_withdrawn", x.ID, nil, x.Art); err != nil {
			return err
		}
	}
	return nil
}
