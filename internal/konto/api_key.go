package konto

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"rathaus/internal/audit"
	"rathaus/internal/problem"
	"rathaus/internal/storage"
)

// APIKey lets another portal file applications in this town. Only its hash is stored.
type APIKey struct {
	ID        string
	Name      string // which portal
	Hint      string // first characters, to tell keys apart
	CreatedAt time.Time
	RevokedAt time.Time // zero while it works
}

// keyPrefix makes a leaked key recognisable to people and scanners.
const keyPrefix = "rathaus_"

const columnsAPIKey = `id, name, hint, created_at, coalesce(revoked_at, 0)`

func scanAPIKey(s storage.Scanner) (APIKey, error) {
	var k APIKey
	var created, revoked int64
	err := s.Scan(&k.ID, &k.Name, &k.Hint, &created, &revoked)
	k.CreatedAt = storage.Time(created)
	if revoked != 0 {
		k.RevokedAt = storage.Time(revoked)
	}
	return k, err
}

// CreateAPIKey makes a key and returns it once in clear. Needs ManageKeys.
func CreateAPIKey(tx *storage.Tx, name string) (string, APIKey, error) {
	if err := Require(tx, ManageKeys, ""); err != nil {
		return "", APIKey{}, err
	}
	name = strings.Join(strings.Fields(name), " ")
	switch n := len([]rune(name)); {
	case n == 0:
		return "", APIKey{}, problem.Fields{{Path: "name", Key: "problem.required"}}
	case n > maxName:
		return "", APIKey{}, problem.Fields{{Path: "name", Key: "problem.too_long", Args: []any{maxName}}}
	}
	secret, err := newSecret(tx.IDs())
	if err != nil {
		return "", APIKey{}, err
	}
	full := keyPrefix + strings.ToLower(secret)
	k := APIKey{ID: tx.NewID(), Name: name, Hint: full[:len(keyPrefix)+4], CreatedAt: tx.Now()}
	_, err = tx.Exec(`insert into api_key (id, name, name_folded, key_hash, hint, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
		k.ID, k.Name, storage.Fold(k.Name), hashSecret(full), k.Hint, tx.Scope().Actor, storage.Millis(k.CreatedAt))
	if err != nil {
		return "", k, fmt.Errorf("create api key: %w", err)
	}
	return full, k, audit.Record(tx, audit.Entry{Noun: "api_key", ID: k.ID, Act: "created", Data: map[string]string{"name": k.Name}})
}

// APIKeys lists the keys, revoked ones last. Needs ManageKeys.
func APIKeys(tx *storage.Tx) ([]APIKey, error) {
	if err := Require(tx, ManageKeys, ""); err != nil {
		return nil, err
	}
	return storage.List(tx, scanAPIKey, `select `+columnsAPIKey+` from api_key
		order by case when revoked_at is null then 0 else 1 end, name_folded, id`)
}

// RevokeAPIKey ends a key at once. Needs ManageKeys.
func RevokeAPIKey(tx *storage.Tx, id string) error {
	if err := Require(tx, ManageKeys, ""); err != nil {
		return err
	}
	n, err := tx.Exec(`update api_key set revoked_at = $2 where id = $1 and revoked_at is null`, id, storage.Millis(tx.Now()))
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("api key %s: %w", id, problem.NotFound)
	}
	return audit.Record(tx, audit.Entry{Noun: "api_key", ID: id, Act: "revoked"})
}

// ByAPIKey returns the key of an Authorization header's value ("Bearer …"); problem.Forbidden when it is none that works.
func ByAPIKey(tx *storage.Tx, authorization string) (APIKey, error) {
	scheme, key, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return APIKey{}, fmt.Errorf("authorization scheme: %w", problem.Forbidden)
	}
	k, err := storage.Get(tx, scanAPIKey, `select `+columnsAPIKey+` from api_key where key_hash = $1 and revoked_at is null`,
		hashSecret(strings.TrimSpace(key)))
	if errors.Is(err, problem.NotFound) {
		err = fmt.Errorf("api key: %w", problem.Forbidden)
	}
	return k, err
}
