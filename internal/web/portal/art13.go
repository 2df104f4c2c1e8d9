package portal

// privacyNotice is what Art. 13 DSGVO asks for at a form. Empty parts fall back to the general text. Template "portal/_art13".
type privacyNotice struct {
	Controller string // official name and unit
	Officer    string // how to reach the data protection officer, on one line
	Purpose    string
	Basis      []string
	Receivers  string
	Retention  string
}
