package mandant

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// RegisterEntry is one municipality of the official register (Gemeindeverzeichnis).
type RegisterEntry struct {
	AGS        string // Amtlicher Gemeindeschluessel, 8 digits
	ARS        string // Regionalschluessel, 12 digits
	Name       string // as the register writes it: "Wiesenbrück, Stadt"
	Kind       string // "Stadt", "Kreisangehörige Gemeinde"
	Land       string // suffix of ISO 3166-2:DE, from the AGS
	Kreis      string
	Population int64
	PostCode   string // seat of the administration
}

// ShortName is the name without its title: "Wiesenbrück" of "Wiesenbrück, Stadt".
func (e RegisterEntry) ShortName() string {
	name, _, _ := strings.Cut(e.Name, ",")
	return strings.TrimSpace(name)
}

// Official is the name with its title in front: "Stadt Wiesenbrück"; without a title "Gemeinde …".
// A Markt is a Markt even where the register's name does not repeat it.
func (e RegisterEntry) Official() string {
	_, title, ok := strings.Cut(e.Name, ",")
	switch title = strings.TrimSpace(title); {
	case ok && title != "":
		return title + " " + e.ShortName()
	case e.Kind == "Markt":
		return "Markt " + e.ShortName()
	case strings.Contains(strings.ToLower(e.Kind), "stadt"):
		return "Stadt " + e.ShortName()
	}
	return "Gemeinde " + e.ShortName()
}

// Columns the register file must have; others are ignored, their order does not matter.
const (
	colAGS        = "ags"
	colARS        = "ars"
	colName       = "name"
	colKind       = "typ_text"
	colKreis      = "kreis"
	colPopulation = "bevoelkerung"
	colPostCode   = "plz_verwaltung"
)

// ReadRegister reads the register file: UTF-8, semicolons, one header line naming the columns.
// The first wrong line ends the reading with an error "FILE:LINE: COLUMN: reason"; file is the name to show.
func ReadRegister(r io.Reader, file string) ([]RegisterEntry, error) {
	c := csv.NewReader(&skipBOM{r: r})
	c.Comma = ';'
	c.ReuseRecord = true
	head, err := c.Read()
	if err != nil {
		return nil, registerError(file, 1, "Kopfzeile", err)
	}
	at, err := columns(head, file)
	if err != nil {
		return nil, err
	}
	var out []RegisterEntry
	seen := map[string]int{}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, registerError(file, 0, "Zeile", err) // a csv.ParseError knows its line
		}
		line, _ := c.FieldPos(0)
		e, column, err := entry(row, at)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", file, line, column, err)
		}
		if first, twice := seen[e.AGS]; twice {
			return nil, fmt.Errorf("%s:%d: %s: %s steht schon in Zeile %d", file, line, colAGS, e.AGS, first)
		}
		seen[e.AGS] = line
		out = append(out, e)
	}
}

func registerError(file string, line int, element string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		line = p.Line
		switch {
		case errors.Is(p.Err, csv.ErrFieldCount):
			return fmt.Errorf("%s:%d: %s: andere Spaltenzahl als die Kopfzeile", file, line, element)
		case errors.Is(p.Err, csv.ErrQuote), errors.Is(p.Err, csv.ErrBareQuote):
			return fmt.Errorf("%s:%d: %s: Anführungszeichen an falscher Stelle", file, line, element)
		}
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s:%d: %s: die Datei ist leer", file, line, element)
	}
	return fmt.Errorf("%s:%d: %s: %w", file, line, element, err)
}

func columns(head []string, file string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range head {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{colAGS, colName, colPopulation} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("%s:1: %s: diese Spalte fehlt", file, name)
		}
	}
	return at, nil
}

func entry(row []string, at map[string]int) (RegisterEntry, string, error) {
	get := func(column string) string {
		if i, ok := at[column]; ok {
			return strings.Clone(strings.TrimSpace(row[i])) // the reader reuses the row
		}
		return ""
	}
	e := RegisterEntry{AGS: get(colAGS), ARS: get(colARS), Name: get(colName), Kind: get(colKind),
		Kreis: get(colKreis), PostCode: get(colPostCode)}
	if !isAGS(e.AGS) {
		return e, colAGS, fmt.Errorf("%q hat nicht acht Ziffern mit gültigem Land", e.AGS)
	}
	e.Land = LandOfAGS(e.AGS)
	if e.Name == "" {
		return e, colName, errors.New("der Name fehlt")
	}
	n, err := strconv.ParseInt(get(colPopulation), 10, 64)
	if err != nil || n < 0 {
		return e, colPopulation, fmt.Errorf("%q ist keine Einwohnerzahl", get(colPopulation))
	}
	e.Population = n
	return e, "", nil
}

// LandOfAGS is the Land of an Amtlicher Gemeindeschluessel by its first two digits, or "".
func LandOfAGS(ags string) string {
	laender := [...]string{"SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH"}
	if len(ags) < 2 {
		return ""
	}
	n, err := strconv.Atoi(ags[:2])
	if err != nil || n < 1 || n > len(laender) {
		return ""
	}
	return laender[n-1]
}

func isAGS(s string) bool {
	if len(s) != 8 || LandOfAGS(s) == "" {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// skipBOM drops the byte order mark that spreadsheet programs write before the first column's name.
type skipBOM struct {
	r     io.Reader
	begun bool
}

func (s *skipBOM) Read(p []byte) (int, error) {
	if s.begun || len(p) < 3 {
		return s.r.Read(p)
	}
	s.begun = true
	n, err := io.ReadFull(s.r, p[:3])
	if n == 3 && string(p[:3]) == "\ufeff" {
		return s.r.Read(p)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
