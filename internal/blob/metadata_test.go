package blob_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"rathaus/internal/blob"
)

func photo(t testing.TB) (asJPEG, asPNG []byte) {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 9, 7))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 3)
	}
	var j, p bytes.Buffer
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	return j.Bytes(), p.Bytes()
}

func segment(marker byte, content string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(content)+2)), content...)
}

// exif is a little-endian Exif segment with orientation 6 and a place.
func exif() []byte {
	tiff := "II*\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00" + "\x00\x00\x00\x00" + "GPS 48.123 9.456"
	return segment(0xe1, "Exif\x00\x00"+tiff)
}

func insert(data []byte, at int, parts ...[]byte) []byte {
	out := append([]byte{}, data[:at]...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return append(out, data[at:]...)
}

func TestStripJPEG(t *testing.T) {
	t.Parallel()
	plain, _ := photo(t)
	dirty := insert(plain, 2, exif(), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>Tannhof</x:xmpmeta>"),
		segment(0xed, "Photoshop 3.0\x00Tannhof"), segment(0xfe, "Kamera von Tannhof"), segment(0xe2, "ICC_PROFILE\x00farbe"))
	clean := blob.StripMetadata("image/jpeg", dirty)
	for _, secret := range []string{"GPS", "Tannhof", "xmpmeta", "Photoshop"} {
		if bytes.Contains(clean, []byte(secret)) {
			t.Errorf("%q is still there", secret)
		}
	}
	if !bytes.Contains(clean, []byte("ICC_PROFILE")) {
		t.Error("the colour profile is gone")
	}
	if !bytes.Contains(clean, []byte("\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
		t.Error("the picture no longer says how it is turned")
	}
	if _, err := jpeg.Decode(bytes.NewReader(clean)); err != nil {
		t.Error(err)
	}
	if again := blob.StripMetadata("image/jpeg", clean); !bytes.Equal(again, clean) {
		t.Error("a clean picture changes")
	}
	if got := blob.StripMetadata("image/jpeg", plain); !bytes.Equal(got, plain) {
		t.Error("a picture without metadata changes")
	}
}

func TestStripPNG(t *testing.T) {
	t.Parallel()
	_, plain := photo(t)
	chunk := func(kind, content string) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
		b = append(b, kind+content...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+content)))
	}
	dirty := append(insert(plain, 33, chunk("tEXt", "Author\x00Tannhof"), chunk("eXIf", "II*\x00GPS"), chunk("gAMA", "\x00\x00\xb1\x8f")), "hinterher"...)
	clean := blob.StripMetadata("image/png", dirty)
	if bytes.Contains(clean, []byte("Tannhof")) || bytes.Contains(clean, []byte("GPS")) || bytes.Contains(clean, []byte("hinterher")) || !bytes.Contains(clean, []byte("gAMA")) {
		t.Errorf("chunks left: %q", clean)
	}
	if _, err := png.Decode(bytes.NewReader(clean)); err != nil {
		t.Error(err)
	}
}

func FuzzStripMetadata(f *testing.F) {
	j, p := photo(f)
	f.Add(true, insert(j, 2, exif()))
	f.Add(false, p)
	f.Fuzz(func(t *testing.T, asJPEG bool, data []byte) {
		kind := map[bool]string{true: "image/jpeg", false: "image/png"}[asJPEG]
		once := blob.StripMetadata(kind, data)
		if again := blob.StripMetadata(kind, once); !bytes.Equal(once, again) {
			t.Errorf("a second pass changes the file")
		}
	})
}
