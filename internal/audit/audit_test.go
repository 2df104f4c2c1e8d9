package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rathaus/internal/audit"
	"rathaus/internal/storage"
	"rathaus/internal/storage/storagetest"
)

func record(t *testing.T, s *storagetest.Store, entries ...audit.Entry) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) error {
		for _, e := range entries {
			if err := audit.Record(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func verify(t *testing.T, s *storagetest.Store, anchors ...audit.Head) audit.Report {
	t.Helper()
	var r audit.Report
	s.Read(t, func(tx *storage.Tx) error {
		var err error
		r, err = audit.Verify(tx, anchors...)
		return err
	})
	return r
}

func exec(t *testing.T, s *storagetest.Store, query string, args ...any) {
	t.Helper()
	s.Write(t, func(tx *storage.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// chain is a store with five entries.
func chain(t *testing.T) *storagetest.Store {
	t.Helper()
	s := storagetest.New(t).As("staff:1")
	for i := range 5 {
		record(t, s, audit.Entry{
			Noun: "vorgang", ID: fmt.Sprint("v", i%2), Act: "forwarded",
			Old: map[string]string{"unit": "a"}, New: "b", Note: "note", Data: map[string]string{"to": fmt.Sprint("unit ", i)},
		})
	}
	return s
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.Scope.OnBehalfOf = "staff:2"
	record(t, s, audit.Entry{Noun: "vorgang", ID: "v1", Act: "closed"}, audit.Entry{Noun: "akte", ID: "v1", Act: "closed"})
	s.Read(t, func(tx *storage.Tx) error {
		list, next, err := audit.Timeline(tx, "vorgang", "v1", "")
		var got []string
		for _, e := range list {
			got = append(got, fmt.Sprint(e.Seq, " ", e.Act, " ", e.Actor, " ", e.OnBehalfOf, " ", e.Data["to"]))
		}
		want := []string{"6 closed staff:1 staff:2 ", "4 forwarded staff:1  unit 3", "2 forwarded staff:1  unit 1"}
		if diff := cmp.Diff(want, got); diff != "" || next != "" {
			t.Errorf("timeline, next %q (-want +got):\n%s", next, diff)
		}
		if len(list) > 0 && !list[0].At.Equal(s.Clock.Now()) {
			t.Errorf("at %v, want the transaction's instant", list[0].At)
		}
		return err
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := storagetest.New(t)
	var entries []audit.Entry
	for range 60 {
		entries = append(entries, audit.Entry{Noun: "vorgang", ID: "v", Act: "seen"})
	}
	record(t, s, entries...)
	for name, page := range map[string]func(tx *storage.Tx, cursor string) ([]audit.Entry, string, error){
		"timeline": func(tx *storage.Tx, c string) ([]audit.Entry, string, error) {
			return audit.Timeline(tx, "vorgang", "v", c)
		},
		"log": audit.Log,
	} {
		var seen []int64
		sizes := []int{}
		s.Read(t, func(tx *storage.Tx) error {
			cursor := "not a cursor"
			for cursor != "" {
				list, next, err := page(tx, cursor)
				if err != nil {
					return err
				}
				for _, e := range list {
					seen = append(seen, e.Seq)
				}
				sizes = append(sizes, len(list))
				cursor = next
			}
			return nil
		})
		if diff := cmp.Diff([]int{25, 25, 10}, sizes); diff != "" || seen[0] != 60 || seen[59] != 1 {
			t.Errorf("%s: from %d to %d, pages %v", name, seen[0], seen[len(seen)-1], sizes)
		}
	}
}

func TestVerifyHolds(t *testing.T) {
	t.Parallel()
	s := chain(t)
	r := verify(t, s)
	if r.Broken != nil || r.Entries != 5 || r.Head.Seq != 5 || r.Keyless != 0 {
		t.Errorf("report %+v", r)
	}
	if empty := verify(t, s.In(storagetest.Sturmkoog)); empty.Broken != nil || empty.Entries != 0 {
		t.Errorf("empty store: %+v", empty)
	}
}

func TestVerifyNamesTheFirstBrokenEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tamper string
		seq    int64
		reason string
	}{
		"changed act":      {`update audit_entry set act = 'viewed' where seq = 3`, 3, "changed"},
		"changed time":     {`update audit_entry set at = at + 1 where seq = 2`, 2, "changed"},
		"changed actor":    {`update audit_entry set actor = 'staff:9' where seq = 5`, 5, "changed"},
		"changed data":     {`update audit_entry set data = '{"to":"unit 9"}' where seq = 4`, 4, "data changed"},
		"removed":          {`delete from audit_entry where seq = 2`, 2, "missing"},
		"removed first":    {`delete from audit_entry where seq = 1`, 1, "missing"},
		"cut off at end":   {`delete from audit_entry where seq >= 4`, 4, "missing"},
		"moved fields":     {`update audit_entry set note = '', act = act || note where seq = 3`, 3, "changed"},
		"changed own hash": {`update audit_entry set hash = 'x' where seq = 5`, 5, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := chain(t)
			exec(t, s, c.tamper)
			r := verify(t, s)
			if r.Broken == nil || r.Broken.Seq != c.seq || !strings.HasPrefix(r.Broken.Reason, c.reason) {
				t.Errorf("got %+v, want entry %d %s", r.Broken, c.seq, c.reason)
			}
		})
	}
}

// TestAnchor: a chain computed anew from a point is found with a head kept outside.
func TestAnchor(t *testing.T) {
	t.Parallel()
	s := chain(t)
	kept := verify(t, s).Head
	if r := verify(t, s, kept); r.Broken != nil {
		t.Errorf("right anchor: %+v", r.Broken)
	}
	exec(t, s, `delete from audit_entry where seq >= 3`)
	s.Write(t, func(tx *storage.Tx) error {
		hash, err := storage.Get(tx, storage.Value[string], `select hash from audit_entry where seq = 2`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`update audit_head set seq = 2, hash = $1`, hash)
		return err
	})
	if r := verify(t, s); r.Broken != nil {
		t.Fatalf("the forged chain should hold by itself: %+v", r.Broken)
	}
	if r := verify(t, s, kept); r.Broken == nil || r.Broken.Seq != 3 {
		t.Errorf("shortened chain against its anchor: %+v", r.Broken)
	}
	for range 4 {
		record(t, s, audit.Entry{Noun: "vorgang", ID: "v", Act: "forged"})
	}
	if r := verify(t, s, kept); r.Broken == nil || r.Broken.Seq != 5 {
		t.Errorf("rewritten chain against its anchor: %+v", r.Broken)
	}
}

func TestForgetAndDeleteKeyKeepTheChain(t *testing.T) {
	t.Parallel()
	s := chain(t)
	var key string
	s.Write(t, func(tx *storage.Tx) error {
		var err error
		if key, err = storage.Get(tx, storage.Value[string], `select id from audit_key`); err != nil {
			return err
		}
		return audit.Forget(tx, "vorgang", "v1")
	})
	s.Read(t, func(tx *storage.Tx) error {
		list, _, err := audit.Timeline(tx, "vorgang", "v1", "")
		for _, e := range list {
			if !e.Forgotten || len(e.Data) != 0 {
				t.Errorf("entry %d still has data: %v", e.Seq, e.Data)
			}
		}
		return err
	})
	if r := verify(t, s); r.Broken != nil {
		t.Errorf("after Forget: %+v", r.Broken)
	}
	s.Clock.Advance(1000)
	s.Write(t, func(tx *storage.Tx) error {
		if err := audit.RotateKey(tx); err != nil {
			return err
		}
		return audit.DeleteKey(tx, key)
	})
	record(t, s, audit.Entry{Noun: "vorgang", ID: "v1", Act: "closed", New: "x"})
	if r := verify(t, s); r.Broken != nil || r.Keyless != 5 || r.Entries != 7 {
		t.Errorf("after DeleteKey: %+v", r)
	}
}

// TestDigestsAreKeyed: equal values look alike in one store only, and are not plain hashes.
func TestDigestsAreKeyed(t *testing.T) {
	t.Parallel()
	s := chain(t)
	other := s.In(storagetest.Sturmkoog)
	record(t, other, audit.Entry{Noun: "vorgang", ID: "v", Act: "forwarded", New: "b"})
	digest := func(in *storagetest.Store) (d string) {
		in.Read(t, func(tx *storage.Tx) error {
			var err error
			d, err = storage.Get(tx, storage.Value[string], `select new_digest from audit_entry where seq = 1`)
			return err
		})
		return d
	}
	if a, b := digest(s), digest(other); a == b || len(a) != 64 {
		t.Errorf("digests %s and %s", a, b)
	}
}
