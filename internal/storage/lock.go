package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// LockedError: another process uses the folder for writing.
type LockedError struct {
	Dir    string
	Holder string // what the holder wrote: "rathaus serve (pid 4711)"
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("folder %s is in use by %s", e.Dir, e.Holder)
}

// folderLock keeps a SQLite folder for one writing process. The kernel frees it when the process dies,
// so a file left over from a crash means nothing.
type folderLock struct{ f *os.File }

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, "rathaus.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		holder, _ := os.ReadFile(path)
		text := strings.TrimSpace(string(holder))
		if text == "" {
			text = "another process"
		}
		return nil, &LockedError{Dir: dir, Holder: text}
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	if _, err := f.WriteAt([]byte(processName()+"\n"), 0); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return &folderLock{f}, nil
}

// processName is program, subcommand and pid; further arguments may hold secrets.
func processName() string {
	name := filepath.Base(os.Args[0])
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		name += " " + os.Args[1]
	}
	return fmt.Sprintf("%s (pid %d)", name, os.Getpid())
}

func (l *folderLock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
