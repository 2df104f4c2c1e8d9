// Package antrag turns a submitted application into a Vorgang of the E-Akte and carries it to its Bescheid:
// submission, messages, Nachforderung, decision, delivery, Bekanntgabe and the remedy period.
//
// An Antrag is born together with its Vorgang in one transaction; what clerks do with any Vorgang (take over,
// forward, notes, steps of the Geschäftsgang) lives in package akte, what needs the applicant lives here.
package antrag
