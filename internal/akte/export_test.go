package akte

// Cursor is a position in the middle of a list, for tests.
func Cursor(frist, id string, back bool) string {
	return cursorOf{sort: frist, id: id, back: back}.encode()
}
