package storage_test

import (
	"context"
	"testing"

	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

// BenchmarkWrite is one durable row: a lone caller, and 16 sharing commits.
func BenchmarkWrite(b *testing.B) {
	for name, callers := range map[string]int{"1 caller": 1, "16 callers": 16} {
		b.Run(name, func(b *testing.B) {
			s := storagetest.New(b, func(c *storage.Config) { c.NoSync = false })
			s.Write(b, func(*storage.Tx) error { return nil })
			write := func() {
				s.Write(b, func(tx *storage.Tx) error { return insert(tx, tx.NewID()) })
			}
			b.ResetTimer()
			if callers == 1 {
				for b.Loop() {
					write()
				}
				return
			}
			b.SetParallelism(callers / 2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					write()
				}
			})
		})
	}
}

func BenchmarkRead(b *testing.B) {
	s := storagetest.New(b)
	s.Write(b, func(tx *storage.Tx) error { return insert(tx, "a") })
	for b.Loop() {
		err := s.DB.Read(context.Background(), s.Scope, func(tx *storage.Tx) error {
			_, err := storage.Get(tx, storage.Value[int64], `select number from store_meta where name = $1`, "a")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
