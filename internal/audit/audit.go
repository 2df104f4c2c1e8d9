// Package audit keeps what happened, in the transaction in which it happened, as a chain of hashes.
//
// Each entry's hash covers the one before, so a changed, removed or inserted entry is found ([Verify]).
// Who can write the database can also compute a new chain: the head ([ReadHead]) is therefore to be kept
// outside, daily. Old and new values enter only as keyed digests: a short personal value cannot be
// guessed back once the key is deleted ([DeleteKey]), and the chain still holds. Data can be emptied
// for a lawful deletion ([Forget]); its digest stays in the chain.
package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// Entry is one act on one thing. Record fills the fields below Data.
type Entry struct {
	Noun string            // table-like name of the thing: "vorgang"
	ID   string            // its id
	Act  string            // past tense: "taken_over"
	Old  any               // value before, digested as JSON; nil: none
	New  any               // value after
	Note string            // short text or catalogue key, free of personal data: it cannot be deleted
	Data map[string]string // what the timeline shows besides; can be emptied by Forget

	Seq        int64
	At         time.Time
	Actor      string
	OnBehalfOf string
	Forgotten  bool // Data was emptied
}

// Record appends e to the chain in tx, with the actor and the instant of tx.
func Record(tx *storage.Tx, e Entry) error {
	if err := record(tx, e); err != nil {
		return fmt.Errorf("audit %s %s %s: %w", e.Noun, e.ID, e.Act, err)
	}
	return nil
}

func record(tx *storage.Tx, e Entry) error {
	if e.Noun == "" || e.Act == "" {
		return errors.New("noun and act are required")
	}
	k, err := currentKey(tx)
	if err != nil {
		return err
	}
	head, err := ReadHead(tx)
	if err != nil {
		return err
	}
	r := row{
		seq: head.Seq + 1, at: storage.Millis(tx.Now()), actor: tx.Scope().Actor, onBehalfOf: tx.Scope().OnBehalfOf,
		noun: e.Noun, objectID: e.ID, act: e.Act, note: e.Note, keyID: k.id,
	}
	if len(e.Data) > 0 {
		b, err := json.Marshal(e.Data) // map keys are sorted
		if err != nil {
			return err
		}
		r.data = string(b)
		r.dataDigest = k.digest(b)
	}
	if r.oldDigest, err = k.value(e.Old); err != nil {
		return err
	}
	if r.newDigest, err = k.value(e.New); err != nil {
		return err
	}
	r.hash = r.chain(head.Hash)
	return r.insert(tx)
}

// row is an entry as stored.
type row struct {
	seq, at                          int64
	actor, onBehalfOf                string
	noun, objectID, act, note, data  string
	keyID                            string
	oldDigest, newDigest, dataDigest string
	hash                             string
}

const columns = `seq, at, actor, on_behalf_of, noun, object_id, act, note, data, key_id, old_digest, new_digest, data_digest, hash`

func scanRow(s storage.Scanner) (row, error) {
	var r row
	err := s.Scan(&r.seq, &r.at, &r.actor, &r.onBehalfOf, &r.noun, &r.objectID, &r.act, &r.note, &r.data,
		&r.keyID, &r.oldDigest, &r.newDigest, &r.dataDigest, &r.hash)
	return r, err
}

func (r row) insert(tx *storage.Tx) error {
	_, err := tx.Exec(`insert into audit_entry (`+columns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		r.seq, r.at, r.actor, r.onBehalfOf, r.noun, r.objectID, r.act, r.note, r.data,
		r.keyID, r.oldDigest, r.newDigest, r.dataDigest, r.hash)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update audit_head set seq = $1, hash = $2 where id = 1`, r.seq, r.hash)
	return err
}

// chain is the hash over everything but data, which its digest stands for.
func (r row) chain(prev string) string {
	h := sha256.New()
	number(h, r.seq)
	number(h, r.at)
	for _, s := range []string{prev, r.actor, r.onBehalfOf, r.noun, r.objectID, r.act, r.note, r.keyID, r.oldDigest, r.newDigest, r.dataDigest} {
		number(h, int64(len(s)))
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func number(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}

func (r row) entry() (Entry, error) {
	e := Entry{
		Noun: r.noun, ID: r.objectID, Act: r.act, Note: r.note, Seq: r.seq, At: storage.Time(r.at),
		Actor: r.actor, OnBehalfOf: r.onBehalfOf, Forgotten: r.data == "" && r.dataDigest != "",
	}
	if r.data != "" {
		if err := json.Unmarshal([]byte(r.data), &e.Data); err != nil {
			return Entry{}, fmt.Errorf("audit entry %d: %w", r.seq, err)
		}
	}
	return e, nil
}

// Head is the end of the chain. Kept outside the database it proves what was there.
type Head struct {
	Seq  int64
	Hash string
}

// ReadHead returns the end of the chain; the zero Head for an empty one.
func ReadHead(tx *storage.Tx) (Head, error) {
	return storage.Get(tx, func(s storage.Scanner) (Head, error) {
		var h Head
		err := s.Scan(&h.Seq, &h.Hash)
		return h, err
	}, `select seq, hash from audit_head where id = 1`)
}

// key is a digest key.
type key struct {
	id     string
	secret []byte
}

func (k key) digest(b []byte) string {
	m := hmac.New(sha256.New, k.secret)
	m.Write(b)
	return hex.EncodeToString(m.Sum(nil))
}

func (k key) value(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	return k.digest(b), nil
}

func scanKey(s storage.Scanner) (key, error) {
	var k key
	var secret string
	if err := s.Scan(&k.id, &secret); err != nil {
		return key{}, err
	}
	var err error
	k.secret, err = hex.DecodeString(secret)
	return k, err
}

// currentKey returns the newest key, making the first one when there is none.
func currentKey(tx *storage.Tx) (key, error) {
	k, err := storage.Get(tx, scanKey, `select id, secret from audit_key order by created_at desc, id desc limit 1`)
	if errors.Is(err, problem.NotFound) {
		return newKey(tx)
	}
	return k, err
}

func newKey(tx *storage.Tx) (key, error) {
	k := key{id: tx.NewID()}
	secret := tx.IDs().Secret(32)
	if _, err := tx.Exec(`insert into audit_key (id, secret, created_at) values ($1, $2, $3)`, k.id, secret, storage.Millis(tx.Now())); err != nil {
		return key{}, err
	}
	var err error
	k.secret, err = hex.DecodeString(secret)
	return k, err
}
