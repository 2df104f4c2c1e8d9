// Package lint holds the tests that keep the shape of the program: imports go down only, no state outside values,
// time only from clock, short functions, templates without inline style or script, one glossary. They read the source
// files themselves, so that the test cache notices every change.
package lint
