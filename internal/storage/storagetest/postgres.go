package storagetest

import (
	"os"
	"testing"

	"rathaus/internal/storage"
)

// engine selects PostgreSQL when TEST_DATABASE_URL is set; a server that does not answer fails the test.
func engine(t testing.TB, cfg *storage.Config) {
	t.Helper()
	if url := os.Getenv("TEST_DATABASE_URL"); url != "" {
		cfg.DatabaseURL = url
	}
}
