package search

// Split takes a compound apart, for tests: its stems, and whether they cover all of it.
func Split(word string) (parts []string, whole bool) {
	w, ok := newWord(base, word)
	if !ok {
		return nil, false
	}
	if len(w.parts) > 0 {
		return w.parts, true
	}
	return w.loose, false
}
