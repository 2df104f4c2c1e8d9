package formular

import (
	"strings"
	"time"

	"rathaus/internal/clock"
	"rathaus/internal/mail"
	"rathaus/internal/mandant"
	"rathaus/internal/storage"
)

// remindBefore is how long before its end the applicant hears of a draft.
const remindBefore = 3 * 24 * time.Hour

// RemindDrafts tells, once, by mail that a draft will soon be deleted, where the draft holds a mail address. The mail
// names neither the service nor anything answered. It returns how many were told.
func (f *Forms) RemindDrafts(tx *storage.Tx) (int, error) {
	due, err := storage.List(tx, storage.Value[string], `select id from entwurf where expires_at > $1 and expires_at <= $2 and reminded = 0 order by expires_at, id limit 200`,
		storage.Millis(tx.Now()), storage.Millis(tx.Now().Add(remindBefore)))
	if err != nil || len(due) == 0 {
		return 0, err
	}
	profil, err := mandant.GetProfil(tx)
	if err != nil {
		return 0, err
	}
	told := 0
	for _, id := range due {
		e, err := f.Draft(tx, id)
		if err != nil {
			return told, err
		}
		if _, err := tx.Exec(`update entwurf set reminded = 1 where id = $1`, id); err != nil {
			return told, err
		}
		to, _ := e.Answers.At(e.Form.Roles.Mail).(string)
		if !mandant.ValidMail(to) || strings.HasPrefix(e.BuergerID, "staff:") { // what a clerk enters is not the applicant's draft
			continue
		}
		day := clock.DateOf(e.ExpiresAt).Long()
		text := strings.Join([]string{"Guten Tag,",
			"Sie haben bei uns ein Formular begonnen und noch nicht abgesendet. Am " + day + " löschen wir Ihre Angaben und hochgeladene Dateien.",
			"Weitermachen können Sie mit dem Code, den wir Ihnen gezeigt haben:\n" + strings.TrimRight(profil.BaseURL, "/") + "/antrag/weiter",
			"Wenn Sie das Formular nicht mehr brauchen, müssen Sie nichts tun.",
			"Freundliche Grüße\n" + profil.Official}, "\n\n")
		if err := mail.Enqueue(tx, mail.Message{To: to, Subject: "Ihr begonnenes Formular", Text: text + "\n", EventID: "entwurf:erinnerung:" + id}); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}
