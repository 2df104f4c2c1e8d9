package seal

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rathaus/internal/id"
)

// LoadOrCreate reads the key file, or makes one with a fresh key when there is none.
func LoadOrCreate(path string) (*Keys, error) {
	keys, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	keys, err = Create(path)
	if errors.Is(err, fs.ErrExist) {
		return Load(path) // another process was first
	}
	return keys, err
}

// Load reads the key file. A file that others may read is refused: its keys count as known.
func Load(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("Schlüsseldatei: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("Schlüsseldatei %s: Rechte %04o, erlaubt ist nur 0600; bitte „chmod 600 %s“ ausführen", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("Schlüsseldatei: %w", err)
	}
	return parse(path, text)
}

// parse reads lines "ID HEX"; # begins a comment.
func parse(path string, text []byte) (*Keys, error) {
	var ring *Keys
	sc := bufio.NewScanner(bytes.NewReader(text))
	for line := 1; sc.Scan(); line++ {
		fields := strings.Fields(sc.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("%s:%d: erwartet werden Kennung und Schlüssel", path, line)
		}
		secret, err := hex.DecodeString(fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: der Schlüssel %s ist keine Hexadezimalzahl", path, line, fields[0])
		}
		one, err := New(fields[0], secret)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: der Schlüssel %s hat nicht 32 Bytes oder keine Kennung", path, line, fields[0])
		}
		if ring == nil {
			ring = one
			continue
		}
		for _, known := range ring.ring {
			if known.id == fields[0] {
				return nil, fmt.Errorf("%s:%d: die Kennung %s steht zweimal da", path, line, fields[0])
			}
		}
		ring.ring = append(ring.ring, one.ring[0])
	}
	if ring == nil {
		return nil, fmt.Errorf("%s: enthält keinen Schlüssel", path)
	}
	return ring, nil
}

// Create writes a new key file with one fresh key, readable by its owner only.
// An existing file is never overwritten: without its keys nothing sealed opens again.
func Create(path string) (*Keys, error) {
	var ids id.Source
	keyID := "k" + strings.ToLower(ids.Number(6))
	secret := ids.Secret(keySize)
	text := "# Schlüssel dieser Rathaus-Installation. Ohne diese Datei lassen sich Abholcodes und zweite Faktoren\n" +
		"# nicht mehr prüfen. Getrennt von der Datensicherung aufbewahren, nie weitergeben.\n" +
		keyID + " " + secret + "\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("Schlüsseldatei: %w", err)
	}
	if err := writeNew(path, text); err != nil {
		return nil, fmt.Errorf("Schlüsseldatei: %w", err)
	}
	return parse(path, []byte(text))
}

// writeNew makes the file durable under its name or not at all: a key that sealed something and is
// gone after a power cut would lock everybody out.
func writeNew(path, text string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".schluessel-*") // CreateTemp gives 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	// Link, unlike Rename, refuses to replace a file another process made meanwhile.
	if err := os.Link(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
