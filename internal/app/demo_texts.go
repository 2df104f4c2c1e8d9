package app

// What people of the demo write. Own wording, nothing personal.
var (
	demoNotes = []string{
		"Angaben geprüft, vollständig.",
		"Telefonisch Rückfrage gestellt, Rückruf am Nachmittag zugesagt.",
		"Lageplan mit dem Bestand abgeglichen, passt.",
		"Ortstermin gemacht, Fotos liegen in der Ablage.",
		"Bitte vor der Entscheidung noch einmal auf die Gebühr schauen.",
		"Frühere Akte herangezogen, keine Besonderheiten.",
	}
	demoAsks = []string{
		"Vielen Dank für Ihren Antrag. Uns fehlt noch der Nachweis. Bitte laden Sie ihn hier hoch oder bringen Sie ihn vorbei.",
		"Bitte schicken Sie uns einen Lageplan, auf dem die genaue Stelle eingezeichnet ist. Eine Skizze von Hand genügt.",
		"Auf dem Foto ist die Stelle nicht zu erkennen. Bitte laden Sie ein weiteres Foto hoch.",
		"Bitte reichen Sie die Vollmacht der Eigentümerin oder des Eigentümers nach.",
	}
	demoReplies = []string{
		"Guten Tag, anbei die fehlende Unterlage. Entschuldigen Sie bitte, das hatte ich übersehen.",
		"Hier ist der Nachweis. Reicht das so?",
		"Wie gewünscht schicke ich das Dokument nach. Vielen Dank für den Hinweis.",
	}
	demoQuestions = []string{
		"Guten Tag, wann kann ich ungefähr mit einer Antwort rechnen?",
		"Meine Telefonnummer hat sich geändert. Muss ich dafür etwas tun?",
		"Kann ich die Gebühr auch in bar bezahlen?",
		"Ich bin in der nächsten Woche nicht erreichbar. Ist das ein Problem?",
	}
	demoMessages = []string{
		"Guten Tag, Ihr Antrag ist in Arbeit. Wir melden uns in den nächsten Tagen.",
		"Vielen Dank für Ihre Nachricht. Sie müssen nichts weiter tun, wir haben es notiert.",
		"Ja, das ist möglich. Die Öffnungszeiten der Stadtkasse finden Sie auf unserer Seite.",
	}
	demoOrders = []string{
		"Bitte um Stellungnahme: Bestehen aus Ihrer Sicht Bedenken?",
		"Bitte prüfen, ob die Fläche in dem Zeitraum frei ist.",
		"Bitte um kurze fachliche Einschätzung.",
	}
	demoOpinions = []string{
		"Keine Bedenken.",
		"Keine Bedenken, wenn eine Restbreite von 1,50 Metern frei bleibt.",
		"Die Fläche ist frei. Bitte den Bauhof einen Tag vorher verständigen.",
	}
	demoWithdrawals = []string{
		"Ich brauche die Genehmigung nicht mehr.",
		"Wir verschieben das Vorhaben auf das nächste Jahr.",
		"",
	}
	demoReminders = []string{
		"Unterlagen eingegangen?",
		"Rückruf beim Antragsteller",
		"Stand mit dem Bauhof klären",
		"Frist prüfen",
	}
	demoRefusal = "Wir haben Sie um Unterlagen gebeten, die bis heute nicht vorliegen. Ohne sie können wir nicht prüfen, ob die Voraussetzungen erfüllt sind."
	demoGranted = "im Umfang der Unterlagen, die Sie eingereicht haben."
	// demoWords make passwords that are easy to type.
	demoWords = []string{"ahorn", "bachlauf", "birke", "blume", "bogen", "brise", "deich", "eimer", "fenster", "ferne", "feder", "garten", "giebel",
		"hafer", "hagel", "hebel", "insel", "jacke", "kachel", "kanne", "kiesel", "klee", "koffer", "kogge", "laterne", "lerche", "linse", "moor",
		"mulde", "nebel", "nelke", "ofen", "orgel", "pappel", "pinsel", "quelle", "rasen", "regen", "reifen", "sattel", "schiene", "segel", "sieb",
		"sockel", "spaten", "stern", "tanne", "teich", "ufer", "ulme", "vase", "wacholder", "weide", "welle", "wiege", "winkel", "wolke", "zaun", "ziegel", "zweig"}
)
