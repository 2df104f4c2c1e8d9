package blob

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
)

// endings are those that go with a type people may hand in; none for any other type.
func endings(mediaType string) []string {
	switch mediaType {
	case "application/pdf":
		return []string{".pdf"}
	case "image/jpeg":
		return []string{".jpg", ".jpeg"}
	case "image/png":
		return []string{".png"}
	case "text/plain":
		return []string{".txt"}
	}
	return nil
}

// Sniff tells the media type of a file by its content and reports whether it is one of PDF, JPEG, PNG and plain
// text and agrees with the ending of its name. The file is read from the start and rewound.
func Sniff(f io.ReadSeeker, name string) (mediaType string, ok bool, err error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", false, fmt.Errorf("sniff: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", false, fmt.Errorf("sniff: %w", err)
	}
	mediaType, _, _ = strings.Cut(http.DetectContentType(head[:n]), ";")
	ending := strings.ToLower(filepath.Ext(name))
	for _, e := range endings(mediaType) {
		if e == ending {
			return mediaType, true, nil
		}
	}
	return mediaType, false, nil
}
