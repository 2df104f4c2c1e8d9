// Package rule evaluates conditions and amounts written in CEL (cel.dev) over declared variables.
//
// A result has three values: Met, NotMet and Open. Open means that a variable the expression needs has no value
// yet; it is never an error. Days are ISO texts and compare as such; money is integer cents. Besides CEL's own
// there are the functions prozent, runden, tage, jahre, monat, jahr, plus_tage, plus_monate, plus_werktage, werktage and
// beantwortet, and the variable heute.
package rule

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"rathaus/internal/clock"
)

// Type is the type of a variable.
type Type int

// The types. Entries is a list of objects, as repeated groups give.
const (
	Text Type = iota
	Integer
	Decimal
	Money // integer cents
	Day   // ISO text
	Bool
	Texts // list of texts
	Entries
)

// Shape lists what the entries of a variable of type Entries hold, by name; a dot goes into an object. Entries of a field that
// is a list of entries itself are in Lists.
type Shape struct {
	Fields map[string]Type
	Lists  map[string]Shape
}

func (t Type) cel() *cel.Type {
	switch t {
	case Integer, Money:
		return cel.IntType
	case Decimal:
		return cel.DoubleType
	case Bool:
		return cel.BoolType
	case Texts:
		return cel.ListType(cel.StringType)
	case Entries:
		return cel.ListType(cel.MapType(cel.StringType, cel.DynType))
	default:
		return cel.StringType
	}
}

// State is the outcome of a condition.
type State int

// The outcomes.
const (
	Open State = iota
	Met
	NotMet
)

// ErrCost: the expression could take too long.
var ErrCost = errors.New("rule: too expensive")

// Limits of one expression, in CEL's cost units (about one per step).
const (
	maxEstimatedCost = 500_000
	maxRunCost       = 500_000
	maxSource        = 4_000 // characters
	listSize         = 100   // entries assumed when estimating; no repeat of a form takes more
	textSize         = 200   // characters
)

// Env declares the variables expressions may use. Immutable after New; safe for concurrent use.
type Env struct {
	env  *cel.Env
	vars map[string]Type
}

// New declares variables; a dot in a name is written as such in expressions ("hund.name"). shapes are the entries of the
// variables of type Entries; an expression that names a field they do not have is refused. Without a shape any name goes.
func New(vars map[string]Type, shapes map[string]Shape) (*Env, error) {
	provider, err := newShapes(shapes)
	if err != nil {
		return nil, err
	}
	opts := append(functions(), cel.CustomTypeProvider(provider), cel.CustomTypeAdapter(provider), cel.Variable("heute", cel.StringType), ext.Strings(), ext.Math(), cel.OptionalTypes(),
		cel.CrossTypeNumericComparisons(true)) // flaeche > 20, not only 20.0
	for _, name := range slices.Sorted(keys(vars)) {
		t := vars[name].cel()
		if _, shaped := shapes[name]; shaped && vars[name] == Entries {
			t = cel.ListType(types.NewObjectType(entryType(name)))
		}
		opts = append(opts, cel.Variable(name, t))
	}
	env, err := cel.NewCustomEnv(append([]cel.EnvOption{cel.StdLib()}, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return &Env{env: env, vars: vars}, nil
}

func keys(m map[string]Type) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Rule is a compiled expression. Safe for concurrent use.
type Rule struct {
	env     *Env
	source  string
	program cel.Program
	tree    *cel.Ast
	names   []string // variables it may need
}

// Condition compiles an expression that must be true or false.
func (e *Env) Condition(source string) (*Rule, error) { return e.compile(source, cel.BoolType) }

// Amount compiles an expression that gives integer cents.
func (e *Env) Amount(source string) (*Rule, error) { return e.compile(source, cel.IntType) }

// Value compiles an expression of any type.
func (e *Env) Value(source string) (*Rule, error) { return e.compile(source, cel.DynType) }

func (e *Env) compile(source string, want *cel.Type) (*Rule, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("rule: longer than %d characters: %w", maxSource, ErrCost)
	}
	tree, issues := e.env.Compile(source)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("rule %q: %w", source, err)
	}
	if got := tree.OutputType(); want != cel.DynType && !got.IsExactType(want) && !got.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("rule %q: gives %s, not %s", source, got, want)
	}
	cost, err := e.env.EstimateCost(tree, sizes{})
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w", source, err)
	}
	if cost.Max > maxEstimatedCost {
		return nil, fmt.Errorf("rule %q: %w", source, ErrCost)
	}
	program, err := e.env.Program(tree, cel.EvalOptions(cel.OptPartialEval|cel.OptOptimize), cel.CostLimit(maxRunCost))
	if err != nil {
		return nil, fmt.Errorf("rule %q: %w", source, err)
	}
	return &Rule{env: e, source: source, program: program, tree: tree, names: e.named(tree)}, nil
}

// named lists the declared variables the expression refers to.
func (e *Env) named(tree *cel.Ast) []string {
	seen := map[string]bool{}
	for _, ref := range tree.NativeRep().ReferenceMap() {
		if _, ok := e.vars[ref.Name]; ok {
			seen[ref.Name] = true
		}
	}
	out := make([]string, 0, len(seen))
	for n := range seen {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Names lists the variables the rule refers to.
func (r *Rule) Names() []string { return slices.Clone(r.names) }

// String is the source.
func (r *Rule) String() string { return r.source }

// Values are the known variables by declared name: string, int64, float64, bool, []string, []map[string]any.
// A variable without an entry has no value.
type Values map[string]any

// activation binds values; missing are the variables the expression needs that have none.
func (r *Rule) activation(today clock.Date, values Values) (act cel.PartialActivation, missing []string, err error) {
	vars := map[string]any{"heute": string(today)}
	var unknown []*cel.AttributePatternType
	for _, n := range r.names {
		if v, ok := values[n]; ok {
			vars[n] = v
			continue
		}
		unknown = append(unknown, cel.AttributePattern(n))
		missing = append(missing, n)
	}
	act, err = cel.PartialVars(vars, unknown...)
	if err != nil {
		return nil, nil, fmt.Errorf("rule %q: %w", r.source, err)
	}
	return act, missing, nil
}

// eval runs the program; missing are the variables without a value when the result is open.
func (r *Rule) eval(today clock.Date, values Values) (result any, missing []string, err error) {
	activation, missing, err := r.activation(today, values)
	if err != nil {
		return nil, nil, err
	}
	out, _, err := r.program.Eval(activation)
	if out != nil && types.IsUnknown(out) {
		return nil, missing, nil
	}
	if err != nil {
		// A missing entry of a repeated group, a division by an answer of zero: the answer is not there yet.
		return nil, missing, nil //nolint:nilerr // Open is the third value, never an error
	}
	return out.Value(), nil, nil
}

// Eval tells whether the condition is met for the values.
func (r *Rule) Eval(today clock.Date, values Values) State {
	v, _, err := r.eval(today, values)
	b, ok := v.(bool)
	switch {
	case err != nil || !ok:
		return Open
	case b:
		return Met
	}
	return NotMet
}

// Cents gives the amount; when it is Open, missing names the variables without a value.
func (r *Rule) Cents(today clock.Date, values Values) (cents int64, missing []string, ok bool) {
	v, missing, err := r.eval(today, values)
	n, isInt := v.(int64)
	if err != nil || !isInt {
		return 0, missing, false
	}
	return n, nil, true
}

// Result gives the value of an expression of any type; ok is false when it is Open.
func (r *Rule) Result(today clock.Date, values Values) (value any, ok bool) {
	v, _, err := r.eval(today, values)
	return v, err == nil && v != nil
}
