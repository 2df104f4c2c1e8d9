package portal

import (
	"rathaus/internal/formular"
	"rathaus/internal/storage"
)

// onlineSlugs are the services with a published form.
func onlineSlugs(tx *storage.Tx) (map[string]bool, error) {
	slugs, err := formular.Online(tx)
	online := make(map[string]bool, len(slugs))
	for _, slug := range slugs {
		online[slug] = true
	}
	return online, err
}
