package pdf

import (
	"encoding/binary"
	"math"
)

// srgbProfile makes the output intent's colour profile: an ICC version 2 display profile of sRGB (IEC 61966-2-1),
// computed instead of shipped, because published profiles carry their own licences.
func srgbProfile() []byte {
	be := binary.BigEndian
	curve := iccElement("curv")
	const steps = 1024
	curve = be.AppendUint32(curve, steps)
	for i := range steps {
		v := float64(i) / (steps - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = be.AppendUint16(curve, uint16(math.Round(v*0xffff)))
	}
	// Colorants are adapted to D50 as the connection space demands; the white point is D65.
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", iccDescription("sRGB")},
		{"cprt", append(iccElement("text"), "no rights reserved\x00"...)},
		{"wtpt", iccXYZ(0.9505, 1, 1.0891)},
		{"rXYZ", iccXYZ(0.4361, 0.2225, 0.0139)},
		{"gXYZ", iccXYZ(0.3851, 0.7169, 0.0971)},
		{"bXYZ", iccXYZ(0.1431, 0.0606, 0.7141)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	directory := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	start := 128 + 4 + 12*len(tags)
	for _, tag := range tags {
		if tag.name != "gTRC" && tag.name != "bTRC" { // the three curves share one element
			data = append(pad4(data), tag.data...)
		}
		directory = append(directory, tag.name...)
		directory = be.AppendUint32(directory, uint32(start+len(data)-len(tag.data)))
		directory = be.AppendUint32(directory, uint32(len(tag.data)))
	}
	out := make([]byte, 128)
	be.PutUint32(out[8:], 0x02100000)
	copy(out[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2026, 1, 1} {
		be.PutUint16(out[24+2*i:], v)
	}
	copy(out[36:], "acsp")
	copy(out[68:], iccXYZ(0.9642, 1, 0.8249)[8:])
	out = pad4(append(append(out, directory...), data...))
	be.PutUint32(out, uint32(len(out)))
	return out
}

func iccElement(kind string) []byte { return append([]byte(kind), 0, 0, 0, 0) }

func iccXYZ(xyz ...float64) []byte {
	b := iccElement("XYZ ")
	for _, v := range xyz {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*0x10000))))
	}
	return b
}

// iccDescription is the ASCII text followed by empty Unicode and Macintosh variants of fixed size.
func iccDescription(text string) []byte {
	b := iccElement("desc")
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)+1))
	b = append(b, text...)
	return append(b, make([]byte, 1+4+4+2+1+67)...)
}
