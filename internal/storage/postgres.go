package storage

import (
	"context"
	"errors"
)

func openPostgres(context.Context, Config) (backend, error) {
	return nil, errors.New("storage: PostgreSQL is not wired yet")
}
