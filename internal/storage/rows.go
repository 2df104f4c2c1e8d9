package storage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Rows are kept as JSON lines: a header, then for each table a line naming its columns and one array a
// row, and an end line with the number of rows, so that a file cut short is noticed.
const rowsFormat = "rathaus-store-1"

type rowsHeader struct {
	Format     string  `json:"format"`
	Mandant    string  `json:"mandant"`
	Engine     Engine  `json:"engine"`
	Migrations []int64 `json:"migrations"`
	// OneEngine are the migrations among them that exist on this engine only.
	OneEngine []int64 `json:"one_engine,omitempty"`
}

// ignores reports whether the other engine need not know migration v.
func (h rowsHeader) ignores(v int64) bool { return slices.Contains(h.OneEngine, v) }

type tableLine struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type endLine struct {
	End  bool  `json:"end"`
	Rows int64 `json:"rows"`
}

func (db *DB) snapshotRows(ctx context.Context, mandant, path string, info *SnapshotInfo) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = db.Read(ctx, Scope{Mandant: mandant, Actor: "system"}, func(tx *Tx) error { return writeRows(tx, w, info) })
	return errors.Join(err, w.Flush(), f.Sync(), f.Close())
}

func writeRows(tx *Tx, w io.Writer, info *SnapshotInfo) error {
	tables, err := tablesOf(tx)
	if err != nil {
		return err
	}
	info.Migrations, err = List(tx, Value[int64], `select version_id from goose_db_version where version_id > 0 order by version_id`)
	if err != nil {
		return err
	}
	info.Tables = map[string]int64{}
	known, err := migrations(tx.Engine(), tx.Scope().Mandant)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	header := rowsHeader{Format: rowsFormat, Mandant: tx.Scope().Mandant, Engine: tx.Engine(), Migrations: info.Migrations, OneEngine: known.oneEngine()}
	if err := enc.Encode(header); err != nil {
		return err
	}
	var total int64
	for _, t := range tables {
		n, err := writeTable(tx, enc, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		info.Tables[t.name] = n
		total += n
	}
	return enc.Encode(endLine{End: true, Rows: total})
}

func writeTable(tx *Tx, enc *json.Encoder, t table) (int64, error) {
	if err := enc.Encode(tableLine{Table: t.name, Columns: t.columns}); err != nil {
		return 0, err
	}
	var n int64
	values := make([]any, len(t.columns))
	into := make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	err := Each(tx, func(s Scanner) error {
		if err := s.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			switch v := v.(type) {
			case nil, string, int64:
			case []byte: // how a driver may hand out text
				values[i] = string(v)
			default:
				return fmt.Errorf("column %s holds a %T", t.columns[i], v)
			}
		}
		n++
		return enc.Encode(values)
	}, `select `+joined(t.columns)+` from `+t.name)
	return n, err
}

// joined lists names from the schema, which need no quoting.
func joined(names []string) string {
	var b bytes.Buffer
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n)
	}
	return b.String()
}

// rowReader reads the rows of a snapshot.
type rowReader struct {
	f      *os.File
	r      *bufio.Reader
	line   int
	rows   int64
	header rowsHeader
	next   *tableLine // the table whose line was read already
	ended  bool
}

func openRows(path string) (*rowReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &rowReader{f: f, r: bufio.NewReaderSize(f, 1<<20)}
	b, err := r.read()
	if err == nil {
		err = json.Unmarshal(b, &r.header)
	}
	if err == nil && r.header.Format != rowsFormat {
		err = fmt.Errorf("format %q, expected %q", r.header.Format, rowsFormat)
	}
	if err != nil {
		return nil, errors.Join(r.wrong(err), f.Close())
	}
	return r, nil
}

func (r *rowReader) close() error { return r.f.Close() }

func (r *rowReader) wrong(err error) error {
	return fmt.Errorf("%s:%d: %w", r.f.Name(), r.line, err)
}

func (r *rowReader) read() ([]byte, error) {
	r.line++
	b, err := r.r.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		err = errors.New("the file ends too early")
	}
	return b, err
}

// table returns the next table; nil after the last one.
func (r *rowReader) table() (*tableLine, error) {
	for r.next == nil && !r.ended {
		if _, err := r.row(0); err != nil {
			return nil, err
		}
	}
	t := r.next
	r.next = nil
	return t, nil
}

// row returns the next row of the current table, n values; nil when the table has ended.
func (r *rowReader) row(n int) ([]any, error) {
	if r.next != nil || r.ended {
		return nil, nil
	}
	b, err := r.read()
	if err != nil {
		return nil, r.wrong(err)
	}
	if len(b) > 0 && b[0] == '{' {
		if err := r.object(b); err != nil {
			return nil, r.wrong(err)
		}
		return nil, nil
	}
	values, err := decodeRow(b)
	if err == nil && len(values) != n {
		err = fmt.Errorf("%d values, expected %d", len(values), n)
	}
	if err != nil {
		return nil, r.wrong(err)
	}
	r.rows++
	return values, nil
}

func (r *rowReader) object(b []byte) error {
	var line struct {
		tableLine
		endLine
	}
	if err := json.Unmarshal(b, &line); err != nil {
		return err
	}
	if !line.End {
		r.next = &line.tableLine
		return nil
	}
	r.ended = true
	if line.endLine.Rows != r.rows {
		return fmt.Errorf("%d rows, the end line says %d", r.rows, line.endLine.Rows)
	}
	return nil
}

func decodeRow(b []byte) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	for i, v := range values {
		switch v := v.(type) {
		case nil, string:
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return nil, err
			}
			values[i] = n
		default:
			return nil, fmt.Errorf("value %d is neither text nor number", i+1)
		}
	}
	return values, nil
}
