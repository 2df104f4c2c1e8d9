package formular

import _ "embed" // the schema

//go:embed definition.schema.json
var definitionSchema string

// DefinitionSchema is the JSON Schema (2020-12) of a Definition, for who writes or exchanges forms. It holds shapes and names;
// what expressions say is checked by Compile.
func DefinitionSchema() []byte { return []byte(definitionSchema) }
