// Package seal keeps the installation's secret keys and what is derived from them: sealed values
// (AES-256-GCM) that may lie in a town's store, and message authentication codes. The keys lie in one
// file outside every store, so that a copied database or backup alone opens nothing.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrUnknownKey: the value was sealed with a key this installation does not hold.
var ErrUnknownKey = errors.New("seal: unknown key")

// ErrBroken: the value was changed, or sealed for another purpose or town.
var ErrBroken = errors.New("seal: value does not open")

const keySize = 32

type key struct {
	id     string
	secret []byte
}

// Keys is a ring of keys. Values are sealed with the newest and opened with any of them; codes (MAC)
// always come from the first, so that adding a key does not change what citizens hold in their hands.
// Safe for concurrent use.
type Keys struct {
	ring []key
	rand io.Reader
}

// New returns a ring of one key; secret must have 32 bytes. For tests and the first start.
func New(id string, secret []byte) (*Keys, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("seal: key %s has %d bytes instead of %d", id, len(secret), keySize)
	}
	if id == "" || strings.ContainsAny(id, ". \t\n") {
		return nil, fmt.Errorf("seal: %q is no key id", id)
	}
	return &Keys{ring: []key{{id, secret}}, rand: rand.Reader}, nil
}

// IDs names the keys, oldest first; backup lists them.
func (k *Keys) IDs() []string {
	ids := make([]string, len(k.ring))
	for i, e := range k.ring {
		ids[i] = e.id
	}
	return ids
}

// MAC returns 32 bytes that only this installation can compute. purpose separates uses ("abholcode"),
// town separates municipalities: the same data never yields the same code twice over.
func (k *Keys) MAC(purpose, town string, data ...[]byte) []byte {
	m := hmac.New(sha256.New, derive(k.ring[0], "mac", purpose, town))
	for _, d := range data {
		// The length before each part keeps ("ab","c") and ("a","bc") apart.
		fmt.Fprintf(m, "%d:", len(d))
		m.Write(d)
	}
	return m.Sum(nil)
}

// Seal encrypts plain for one purpose of one town. The result is printable text.
func (k *Keys) Seal(purpose, town string, plain []byte) (string, error) {
	newest := k.ring[len(k.ring)-1]
	aead, err := gcm(newest, purpose, town)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(k.rand, nonce); err != nil {
		return "", fmt.Errorf("seal: random source: %w", err)
	}
	box := aead.Seal(nonce, nonce, plain, nil)
	return newest.id + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// Open decrypts what Seal made for the same purpose and town.
func (k *Keys) Open(purpose, town, sealed string) ([]byte, error) {
	id, text, ok := strings.Cut(sealed, ".")
	if !ok {
		return nil, ErrBroken
	}
	box, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrBroken
	}
	for _, e := range k.ring {
		if e.id != id {
			continue
		}
		aead, err := gcm(e, purpose, town)
		if err != nil {
			return nil, err
		}
		if len(box) < aead.NonceSize() {
			return nil, ErrBroken
		}
		plain, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], nil)
		if err != nil {
			return nil, ErrBroken
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownKey, id)
}

// gcm uses a key of its own per purpose and town, so a value moved elsewhere does not open.
func gcm(e key, purpose, town string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(derive(e, "seal", purpose, town))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return cipher.NewGCM(block)
}

func derive(e key, use, purpose, town string) []byte {
	info := "rathaus/" + use + "\x00" + purpose + "\x00" + town
	sub, err := hkdf.Key(sha256.New, e.secret, nil, info, keySize)
	if err != nil {
		panic("seal: " + err.Error()) // only for lengths no caller can ask for
	}
	return sub
}
