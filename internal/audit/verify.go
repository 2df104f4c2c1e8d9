package audit

import (
	"crypto/hmac"
	"errors"
	"fmt"

	"rathaus/internal/storage"
)

// Report is what Verify found.
type Report struct {
	Entries int64
	Head    Head
	Broken  *Broken // nil: the chain holds
	Keyless int64   // entries whose digests nobody can check any more, their key being deleted
}

// Broken is the first entry that is not as it was written.
type Broken struct {
	Seq    int64
	Reason string
}

func (b Broken) Error() string { return fmt.Sprintf("audit entry %d: %s", b.Seq, b.Reason) }

// errBroken ends the walk.
var errBroken = errors.New("chain broken")

// Verify walks the chain from its beginning and names the first broken entry. anchors are heads kept
// outside the database; each must lie on the chain.
func Verify(tx *storage.Tx, anchors ...Head) (Report, error) {
	keys, err := allKeys(tx)
	if err != nil {
		return Report{}, fmt.Errorf("verify audit: %w", err)
	}
	head, err := ReadHead(tx)
	if err != nil {
		return Report{}, fmt.Errorf("verify audit: %w", err)
	}
	w := walk{keys: keys, anchors: map[int64]string{}}
	for _, a := range anchors {
		w.anchors[a.Seq] = a.Hash
	}
	err = storage.Each(tx, func(s storage.Scanner) error {
		r, err := scanRow(s)
		if err != nil {
			return err
		}
		return w.step(r)
	}, `select `+columns+` from audit_entry order by seq`)
	if err != nil && !errors.Is(err, errBroken) {
		return Report{}, fmt.Errorf("verify audit: %w", err)
	}
	if w.report.Broken == nil {
		w.end(head)
	}
	return w.report, nil
}

type walk struct {
	keys    map[string]key
	anchors map[int64]string
	report  Report
}

func (w *walk) step(r row) error {
	prev := w.report.Head
	switch k, known := w.keys[r.keyID]; {
	case r.seq != prev.Seq+1:
		return w.broken(prev.Seq+1, "missing")
	case r.hash != r.chain(prev.Hash):
		return w.broken(r.seq, "changed")
	case !known:
		w.report.Keyless++
	case r.data != "" && !hmac.Equal([]byte(k.digest([]byte(r.data))), []byte(r.dataDigest)):
		return w.broken(r.seq, "data changed")
	}
	if hash, ok := w.anchors[r.seq]; ok && hash != r.hash {
		return w.broken(r.seq, "differs from the head kept outside")
	}
	delete(w.anchors, r.seq)
	w.report.Entries++
	w.report.Head = Head{Seq: r.seq, Hash: r.hash}
	return nil
}

// end checks that nothing was cut off behind the last entry.
func (w *walk) end(head Head) {
	last := w.report.Head
	if head != last {
		_ = w.broken(last.Seq+1, fmt.Sprintf("missing, the chain once ended at %d", head.Seq))
		return
	}
	for seq := range w.anchors {
		if seq > last.Seq {
			_ = w.broken(last.Seq+1, fmt.Sprintf("missing, a head kept outside names %d", seq))
			return
		}
	}
}

func (w *walk) broken(seq int64, reason string) error {
	w.report.Broken = &Broken{Seq: seq, Reason: reason}
	return errBroken
}

func allKeys(tx *storage.Tx) (map[string]key, error) {
	list, err := storage.List(tx, scanKey, `select id, secret from audit_key order by id`)
	out := map[string]key{}
	for _, k := range list {
		out[k.id] = k
	}
	return out, err
}

// RotateKey makes a new digest key; older ones stay for Verify until deleted.
func RotateKey(tx *storage.Tx) error {
	if _, err := newKey(tx); err != nil {
		return fmt.Errorf("rotate audit key: %w", err)
	}
	return nil
}

// DeleteKey deletes a digest key: what was digested with it can never be compared again.
func DeleteKey(tx *storage.Tx, id string) error {
	if _, err := tx.Exec(`delete from audit_key where id = $1`, id); err != nil {
		return fmt.Errorf("delete audit key: %w", err)
	}
	return Record(tx, Entry{Noun: "audit_key", ID: id, Act: "deleted"})
}

// Forget empties Data of all entries of one thing, for a lawful deletion. The chain still holds.
func Forget(tx *storage.Tx, noun, id string) error {
	if _, err := tx.Exec(`update audit_entry set data = '' where noun = $1 and object_id = $2`, noun, id); err != nil {
		return fmt.Errorf("forget %s %s: %w", noun, id, err)
	}
	return nil
}
