package amt

import (
	"maps"
	"time"

	"rathaus/internal/akte"
	"rathaus/internal/antrag"
	"rathaus/internal/web"
	"rathaus/internal/web/ui"
)

// examples fill each page once, so that tests can check every template against its struct.
func examples() web.Pages {
	at := time.Date(2026, 11, 20, 8, 40, 0, 0, time.UTC)
	d := due{Day: "2026-11-17", Late: 3, Left: -1}
	rows := []inboxRow{
		{ID: "1", Betreff: "Infostand auf dem Marktplatz", Zeichen: "32.61.30-2026/00411", Leistung: "Sondernutzung", Beteiligter: "NaturFreunde Wiesenbrück", Eingang: "2026-11-03", Due: d, Status: "bearbeitung", Bearbeiter: "J. Petersen"},
		{ID: "2", Betreff: "Bewohnerparken Zone B", Zeichen: "32.65-2026/01120", Beteiligter: "Lena Vogt", Eingang: "2026-11-19", Due: due{Day: "2026-11-25", Left: 3}, Status: "neu", CanTake: true},
		{ID: "3", Betreff: "Halteverbot", Zeichen: "32.61.20-2026/00001", Due: due{Left: -1}, Status: "wartet"},
		{ID: "4", Betreff: "Kran", Zeichen: "32.61.10-2026/00417", Due: due{Day: "2026-11-20", Now: true}, Status: "mitzeichnung"},
		{ID: "5", Betreff: "Plakate", Zeichen: "32.61.40-2026/00077", Due: due{Day: "2026-12-24", Left: -1}, Status: "erledigt"},
	}
	options := []ui.Option{{Value: "", Text: "Alle"}, {Value: "a", Text: "A"}}
	head := vorgangHead{V: akte.Vorgang{ID: "1", AkteID: "a", Zeichen: "32.61.10-2026/00417", Betreff: "Straßensperrung Lindenstraße 12", Beteiligter: "Hochbau Nordtor GmbH",
		BezugName: "Straßensperrung", Status: akte.Bearbeitung, Offen: true}, Unit: "Ordnungsamt", Clerk: "J. Petersen", Due: d, Mine: true,
		May: may{Edit: true, Forward: true, Assign: true, Close: true, Reopen: true}, Tabs: []viewLink{{Text: "Übersicht", Href: "#", Current: true, Count: "1"}},
		Antrag:  &antragHead{ID: "x", Nummer: "WB-3HPN-44TC", Can: antragMay{true, true, true, true, true, true}, Address: []string{"Werftweg 3"}, Mail: "bau@nordtor.example", Kanal: "Online beantragt"},
		Primary: &ui.Link{Text: "Entscheiden", Href: "#"}}
	docs := []docRow{{ID: "d", Titel: "Lageplan", Type: "PNG", At: at, Bytes: 312000, Buerger: true, Inline: true, Current: true}, {ID: "e", Titel: "Antrag", Type: "PDF", At: at, Bytes: 61000}}
	steps := []stepRow{{ID: "s", Art: "Mitzeichnung", Who: "K. Brandt", Verfuegung: "bitte", Status: akte.StepOpen, At: at, Due: d, CanAnswer: true, CanWithdraw: true, Signature: true},
		{ID: "t", Art: "Stellungnahme", Who: "Bauhof", Vermerk: "keine Bedenken", Status: akte.StepDone, At: at}}
	history := []historyRow{{At: at, Who: "J. Petersen", What: "Übernommen", Now: true}, {At: at, Who: "Portal", What: "Antrag eingegangen", Text: "Text"}}
	letters := []letterRow{{ID: "l", Betreff: "Bescheid", Empfaenger: "Mira Tannhof", Einheit: "Steueramt", Nummer: "WB-7K4M-92QX", VorgangID: "1", Art: "Bescheid", QueuedAt: at, PrintedAt: at, Bekanntgabe: "2026-11-24", Undo: true},
		{ID: "m", Betreff: "Nachricht", Art: "Nachricht", QueuedAt: at}}
	draft := &bescheidPage{vorgangHead: head, B: antrag.Bescheid{ID: "b", State: antrag.Entwurf, Weg: antrag.WegBrief}, Betrag: "25,00", Faellig: "24.12.2026", Wege: options, Signers: options,
		Step: &steps[0], Missing: "Es fehlt der Briefkopf.", CanRecall: true, Bausteine: []antrag.Textblock{{Titel: "Auflage", Text: "Text"}}, State: "Entwurf", Outcome: "Bewilligt"}
	pages := web.Pages{
		"eingang": &inboxPage{Views: head.Tabs, View: "einheit", Einheiten: options, Leistungen: options, Statuses: options, Fristen: options, People: options, Count: "5 Vorgänge",
			Rows: rows, Next: "?seite=x", Prev: "?seite=y", Load: []loadRow{{Name: "Ordnungsamt", Open: 47, Nobody: 9, Late: 3, Width: 100, LateWidth: 6, OpenText: "47"}}},
		"vorgang": &vorgangPage{vorgangHead: head, Dokumente: docs, Preview: &docs[0], History: history, Schritte: steps, Notizen: []noteRow{{Who: "J. Petersen", Text: "Notiz", At: at}},
			Wiedervorlagen: []akte.Wiedervorlage{{ID: "w", Am: "2026-12-07", Grund: "Abnahme"}}, Blockers: []string{"Es ist noch ein Schritt offen."}},
		"verlauf":     &historyPage{vorgangHead: head, History: history, Next: "?seite=x"},
		"handgriff":   &actPage{vorgangHead: head, Act: "wiedervorlage", Fields: []ui.Field{{ID: "f-am", Name: "am", Label: "Tag", Type: "text"}}, Texts: []ui.Field{{ID: "f-g", Name: "g", Label: "Grund"}}, Selects: []ui.Field{{ID: "f-s", Name: "s", Label: "Amt", Options: options}}},
		"schritt":     &stepPage{vorgangHead: head, Step: steps[0], Ordered: "J. Petersen", Refuse: true, Options: options, Letter: "/amt/bescheid/b/vorschau"},
		"nachrichten": &messagesPage{vorgangHead: head, Messages: []messageRow{{Who: "Mira Tannhof", Text: "Hier ist er.\nGruß", At: at, Files: docs}, {Who: "Steueramt", Text: "Es fehlt etwas.", At: at, Mine: true, Asked: true, Until: "2026-12-04", Open: true}}},
		"entscheiden": &decidePage{vorgangHead: head, Options: options},
		"bescheid":    draft,
		"dokument":    &uploadPage{vorgangHead: head, Kinds: options, Limit: maxDokument},
		"post":        &postPage{Waiting: letters, Posted: letters, Today: "20.11.2026", Day: "2026-11-20"},
		"akte":        &aktePage{A: akte.Akte{Aktenzeichen: "22.30-2026", Betreff: "Hundesteuer 2026", Offen: true, PositionTitel: "Hundesteuer"}, Unit: "Steueramt", Rows: rows, Next: "?seite=x"},
		"akten":       &aktenPage{Positions: []planRow{{Nummer: "22", Titel: "Steuern"}, {Nummer: "22.30", Titel: "Hundesteuer", Akten: true, Current: true}}, Position: "22.30", Akten: []akte.Akte{{ID: "a", Betreff: "Hundesteuer 2026", Aktenzeichen: "22.30-2026"}}, Next: "?seite=x"},
		"suche":       &searchPage{Query: "Hund", Rows: rows, Next: "?ab=25", Prev: "?ab=0", Cut: true},
		"angaben":     exampleAnswers(head),
	}
	maps.Copy(pages, newPages())
	return pages
}

// partials have their argument here.
func partials() map[string]any {
	p := examples()
	return map[string]any{"_quick": "Hund", "_angaben": exampleGroups()[0], "_due": due{Day: "2026-11-25", Left: 3}, "_state": "neu", "_history": []historyRow{{Who: "J. Petersen", What: "Übernommen"}},
		"_vorgangskopf": p["verlauf"], "_antragsschritte": p["verlauf"]}
}
