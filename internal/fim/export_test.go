package fim

// ReadLimited is Read with a limit small enough for a test.
var ReadLimited = readLimited
