package blob

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// StripMetadata removes from a photo what its camera wrote about place, time and device: Exif, XMP, IPTC and comments of a
// JPEG, the text and time chunks of a PNG. The picture itself is not touched; how it is to be turned stays. Other types,
// and files that are not built as they should be, come back unchanged.
func StripMetadata(mediaType string, data []byte) []byte {
	var out []byte
	var ok bool
	switch mediaType {
	case "image/jpeg":
		out, ok = stripJPEG(data)
	case "image/png":
		out, ok = stripPNG(data)
	}
	if !ok {
		return data
	}
	return out
}

// Markers of a JPEG (ISO/IEC 10918-1, table B.1).
const (
	markerSOI   = 0xd8
	markerSOS   = 0xda
	markerAPP1  = 0xe1 // Exif, XMP
	markerAPP13 = 0xed // IPTC
	markerCOM   = 0xfe
)

// stripJPEG copies the segments before the image data but those that hold metadata.
func stripJPEG(data []byte) ([]byte, bool) {
	if len(data) < 4 || data[0] != 0xff || data[1] != markerSOI {
		return nil, false
	}
	var kept []byte
	turn := uint16(1)
	for at := 2; ; {
		if at+4 > len(data) || data[at] != 0xff {
			return nil, false
		}
		marker := data[at+1]
		if marker == 0xff { // fill byte
			at++
			continue
		}
		if marker == markerSOS { // from here on it is picture
			return slices.Concat(data[:2], orientation(turn), kept, data[at:]), true
		}
		size := int(binary.BigEndian.Uint16(data[at+2:]))
		if size < 2 || at+2+size > len(data) {
			return nil, false
		}
		segment := data[at : at+2+size]
		switch marker {
		case markerAPP1:
			if t := turnOf(segment[4:]); t > 1 {
				turn = t
			}
		case markerAPP13, markerCOM:
		default:
			kept = append(kept, segment...)
		}
		at += 2 + size
	}
}

const tagOrientation = 0x0112

// turnOf reads the orientation out of an Exif segment; 1 (upright) when it says nothing.
func turnOf(exif []byte) uint16 {
	tiff, found := bytes.CutPrefix(exif, []byte("Exif\x00\x00"))
	if !found || len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	dir := int(order.Uint32(tiff[4:]))
	if dir < 8 || dir+2 > len(tiff) {
		return 1
	}
	for i := range int(order.Uint16(tiff[dir:])) {
		entry := dir + 2 + 12*i
		if entry+12 > len(tiff) {
			return 1
		}
		if order.Uint16(tiff[entry:]) == tagOrientation {
			if turn := order.Uint16(tiff[entry+8:]); turn <= 8 {
				return turn
			}
		}
	}
	return 1
}

// orientation is an Exif segment that says how to turn the picture and nothing else; none for an upright one.
func orientation(turn uint16) []byte {
	if turn <= 1 {
		return nil
	}
	tiff := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, tagOrientation)
	tiff = append(tiff, 0, 3, 0, 0, 0, 1) // one SHORT
	tiff = binary.BigEndian.AppendUint16(tiff, turn)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0) // padding, no further directory
	out := []byte{0xff, markerAPP1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(tiff)+2))
	return append(out, tiff...)
}

const pngSignature = "\x89PNG\r\n\x1a\n"

// stripPNG copies the chunks but those that hold metadata.
func stripPNG(data []byte) ([]byte, bool) {
	if !bytes.HasPrefix(data, []byte(pngSignature)) {
		return nil, false
	}
	out := append(make([]byte, 0, len(data)), data[:len(pngSignature)]...)
	for at := len(pngSignature); at < len(data); {
		if at+12 > len(data) {
			return nil, false
		}
		size := int64(binary.BigEndian.Uint32(data[at:]))
		if size > int64(len(data)-at-12) {
			return nil, false
		}
		next := at + 12 + int(size)
		switch kind := string(data[at+4 : at+8]); kind {
		case "eXIf", "tEXt", "zTXt", "iTXt", "tIME":
		case "IEND":
			return append(out, data[at:next]...), true // what follows the end is nobody's picture
		default:
			out = append(out, data[at:next]...)
		}
		at = next
	}
	return nil, false
}
