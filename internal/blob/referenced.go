package blob

import (
	"fmt"
	"slices"
	"strings"

	"rathaus/internal/storage"
)

// Referenced returns the ids of all files the town's rows refer to, with their SHA-256: the values of
// every column called blob_id or ending in _blob_id, the digest from the column sha256 beside it
// ("preview_blob_id" has "preview_sha256"). The digest is "" where no such column exists.
func Referenced(tx *storage.Tx) (map[string]string, error) {
	columns, err := storage.Columns(tx, "blob_id")
	if err != nil {
		return nil, fmt.Errorf("blob columns: %w", err)
	}
	digests, err := storage.Columns(tx, "sha256")
	if err != nil {
		return nil, fmt.Errorf("blob columns: %w", err)
	}
	out := map[string]string{}
	for _, c := range columns {
		digest := strings.TrimSuffix(c.Name, "blob_id") + "sha256"
		if !slices.Contains(digests, storage.Column{Table: c.Table, Name: digest}) {
			digest = "''"
		}
		err := storage.Each(tx, func(s storage.Scanner) error {
			var id, sum string
			if err := s.Scan(&id, &sum); err != nil {
				return err
			}
			if sum != "" || out[id] == "" {
				out[id] = sum
			}
			return nil
		}, `select `+c.Name+`, `+digest+` from `+c.Table+` where `+c.Name+` is not null and `+c.Name+` <> ''`)
		if err != nil {
			return nil, fmt.Errorf("blobs of %s.%s: %w", c.Table, c.Name, err)
		}
	}
	return out, nil
}
