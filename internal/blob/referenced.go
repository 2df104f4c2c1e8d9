package blob

import (
	"fmt"

	"rathaus/internal/storage"
)

// Referenced returns the ids of all files the town's rows refer to: the values of every column called
// blob_id or ending in _blob_id.
func Referenced(tx *storage.Tx) (map[string]bool, error) {
	columns, err := storage.Columns(tx, "blob_id")
	if err != nil {
		return nil, fmt.Errorf("blob columns: %w", err)
	}
	out := map[string]bool{}
	for _, c := range columns {
		err := storage.Each(tx, func(s storage.Scanner) error {
			id, err := storage.Value[string](s)
			out[id] = true
			return err
		}, `select distinct `+c.Name+` from `+c.Table+` where `+c.Name+` is not null and `+c.Name+` <> ''`)
		if err != nil {
			return nil, fmt.Errorf("blobs of %s.%s: %w", c.Table, c.Name, err)
		}
	}
	return out, nil
}
