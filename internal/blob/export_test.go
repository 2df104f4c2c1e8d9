package blob

import "os"

// FailSync makes fsync answer with what f returns.
func FailSync(s *Store, f func(*os.File) error) { s.sync = f }
