package rule

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"rathaus/internal/clock"
)

// Words names variables and their values in a reason. Either may be nil, or return "" for what they do not know.
type Words struct {
	// Label of a variable: "Alter".
	Label func(name string) string
	// Value in words, for coded texts: "firma" of the variable is "Firma".
	Value func(name string, value any) string
}

// Reason says in German, as a main clause, why the condition has its outcome for the values: "Alter (16) ist kleiner als 18",
// also for the condition alter >= 18 that is not met. Parts that did not decide are left out. An open condition names
// the variables without a value. Empty when there is nothing to name.
func (r *Rule) Reason(today clock.Date, values Values, w Words) string {
	_, missing, err := r.eval(today, values)
	if err != nil {
		return ""
	}
	// Exhaustive evaluation keeps the value of every node; it is slower, so this program is made only to explain.
	program, err := r.env.env.Program(r.tree, cel.EvalOptions(cel.OptPartialEval|cel.OptExhaustiveEval), cel.CostLimit(maxRunCost))
	if err != nil {
		return ""
	}
	activation, _, err := r.activation(today, values)
	if err != nil {
		return ""
	}
	out, details, err := program.Eval(activation)
	x := explainer{rule: r, words: w, state: details.State()}
	met, ok := out.(types.Bool)
	if err != nil || !ok {
		return x.open(missing)
	}
	return x.clause(r.tree.NativeRep().Expr(), bool(met))
}

type explainer struct {
	rule  *Rule
	words Words
	state interpreter.EvalState
}

func (x explainer) open(missing []string) string {
	parts := make([]string, len(missing))
	for i, name := range missing {
		parts[i] = x.label(name) + " ist noch offen"
	}
	return strings.Join(parts, " und ")
}

// clause describes an expression that came out as met.
func (x explainer) clause(e ast.Expr, met bool) string {
	if e.Kind() == ast.CallKind {
		call := e.AsCall()
		switch name, args := call.FunctionName(), call.Args(); name {
		case "_&&_":
			return x.both(args, met, false)
		case "_||_":
			return x.both(args, met, true)
		case "!_":
			return x.clause(args[0], !met)
		case "_?_:_":
			return x.choice(args, met)
		case "@in":
			return x.in(args, met)
		case "beantwortet":
			return x.operand(args[0], nil, false) + pick(met, " ist angegeben", " ist nicht angegeben")
		case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_":
			return x.comparison(name, args[0], args[1], met)
		}
	}
	if name := variable(e); name != "" {
		return x.label(name) + " ist „" + pick(met, "ja", "nein") + "“"
	}
	if name := x.firstName(e); name != "" {
		return "die Bedingung zu „" + x.label(name) + "“ ist " + pick(met, "erfüllt", "nicht erfüllt")
	}
	return ""
}

func pick(met bool, yes, no string) string {
	if met {
		return yes
	}
	return no
}

// both joins the operands that decided: all when they had to agree, else those with the deciding value.
func (x explainer) both(args []ast.Expr, met, deciding bool) string {
	var parts []string
	for _, a := range args {
		v, known := x.value(a).(types.Bool)
		if !known || met == deciding && bool(v) != deciding {
			continue
		}
		if s := x.clause(a, bool(v)); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " und ")
}

func (x explainer) choice(args []ast.Expr, met bool) string {
	cond, ok := x.value(args[0]).(types.Bool)
	if !ok {
		return ""
	}
	branch := args[1]
	if !cond {
		branch = args[2]
	}
	why, what := x.clause(args[0], bool(cond)), ""
	if branch.Kind() != ast.LiteralKind {
		what = x.clause(branch, met)
	}
	if why == "" || what == "" {
		return why + what
	}
	return why + " und " + what
}

func (x explainer) in(args []ast.Expr, met bool) string {
	if variable(args[1]) != "" { // 'post' in wege
		return x.operand(args[1], nil, false) + pick(met, " enthält ", " enthält nicht ") + x.operand(args[0], args[1], true)
	}
	if args[1].Kind() != ast.ListKind {
		return ""
	}
	var entries []string
	for _, e := range args[1].AsList().Elements() {
		entries = append(entries, x.operand(e, args[0], true))
	}
	return x.operand(args[0], nil, true) + pick(met, " ist eines von: ", " ist keines von: ") + strings.Join(entries, ", ")
}

// comparison words by operator; [1] for days.
var comparisons = [6][3]string{
	{"_==_", "ist", "ist"},
	{"_!=_", "ist nicht", "ist nicht"},
	{"_<_", "ist kleiner als", "ist früher als"},
	{"_<=_", "ist höchstens", "ist nicht später als"},
	{"_>_", "ist größer als", "ist später als"},
	{"_>=_", "ist mindestens", "ist nicht früher als"},
}

func words(op string, day bool) string {
	for _, c := range comparisons {
		if c[0] == op && day {
			return c[2]
		} else if c[0] == op {
			return c[1]
		}
	}
	return op
}

func opposite(op string) string {
	return map[string]string{"_==_": "_!=_", "_!=_": "_==_", "_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_"}[op]
}

func mirrored(op string) string {
	if m, ok := map[string]string{"_<_": "_>_", "_>_": "_<_", "_<=_": "_>=_", "_>=_": "_<=_"}[op]; ok {
		return m
	}
	return op
}

func (x explainer) comparison(op string, a, b ast.Expr, met bool) string {
	if a.Kind() == ast.LiteralKind && b.Kind() != ast.LiteralKind {
		a, b, op = b, a, mirrored(op)
	}
	if !met {
		op = opposite(op)
	}
	if b.Kind() == ast.LiteralKind {
		if yes, ok := b.AsLiteral().(types.Bool); ok && (op == "_==_" || op == "_!=_") {
			return x.clause(a, bool(yes) == (op == "_==_"))
		}
	}
	// An equal value need not be said twice.
	withValue := op != "_==_" || b.Kind() != ast.LiteralKind
	return x.operand(a, b, withValue) + " " + words(op, x.typeOf(a, b) == Day) + " " + x.operand(b, a, true)
}

// operand names one side: a variable with its value, a literal as the other side would say it, or what is computed.
func (x explainer) operand(e, other ast.Expr, withValue bool) string {
	if e.Kind() == ast.LiteralKind {
		text := x.text(e.AsLiteral(), e, other)
		if _, isText := e.AsLiteral().(types.String); isText && x.typeOf(e, other) != Day {
			return "„" + text + "“"
		}
		return text
	}
	name := x.named(e)
	v := x.value(e)
	if !withValue || v == nil || types.IsUnknownOrError(v) {
		return name
	}
	return name + " (" + x.text(v, e, other) + ")"
}

// named is what an expression is called.
func (x explainer) named(e ast.Expr) string {
	if name := variable(e); name != "" {
		return x.label(name)
	}
	if e.Kind() == ast.CallKind && len(e.AsCall().Args()) > 0 {
		args := e.AsCall().Args()
		of := func(what string) string { return what + " „" + x.named(args[0]) + "“" }
		switch e.AsCall().FunctionName() {
		case "size":
			return of("Anzahl")
		case "monat":
			return of("Monat von")
		case "jahr":
			return of("Jahr von")
		case "tage", "jahre":
			unit := map[string]string{"tage": "Tage", "jahre": "Jahre"}[e.AsCall().FunctionName()]
			return unit + " von " + x.named(args[0]) + " bis " + x.named(args[1])
		}
	}
	return "der berechnete Wert"
}

// text writes a value as its variable, or the one it is compared with, is written.
func (x explainer) text(v ref.Val, e, other ast.Expr) string {
	if x.words.Value != nil {
		for _, side := range []ast.Expr{e, other} {
			if name := variable(side); name != "" {
				if s := x.words.Value(name, v.Value()); s != "" {
					return s
				}
			}
		}
	}
	switch y := v.(type) {
	case types.Bool:
		return pick(bool(y), "ja", "nein")
	case types.Int:
		if x.typeOf(e, other) == Money {
			return euros(int64(y))
		}
		return strconv.FormatInt(int64(y), 10)
	case types.Double:
		return strings.Replace(strconv.FormatFloat(float64(y), 'f', -1, 64), ".", ",", 1)
	case types.String:
		if d, err := clock.ParseDate(string(y)); err == nil {
			return d.Short()
		}
		return string(y)
	}
	return fmt.Sprint(v.Value())
}

// euros writes cents: 123456 → "1.234,56 €".
func euros(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "−", -cents
	}
	whole := strconv.FormatInt(cents/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return fmt.Sprintf("%s%s,%02d\u00a0€", sign, whole, cents%100)
}

// typeOf is the type of a comparison: that of the side that is declared.
func (x explainer) typeOf(sides ...ast.Expr) Type {
	for _, e := range sides {
		if e == nil {
			continue
		}
		if name := variable(e); name == "heute" {
			return Day
		} else if t, ok := x.rule.env.vars[name]; ok {
			return t
		}
		if e.Kind() != ast.CallKind {
			continue
		}
		switch e.AsCall().FunctionName() {
		case "plus_tage", "plus_monate", "plus_werktage":
			return Day
		case "prozent", "runden":
			return Money
		}
	}
	return Text
}

// value is what the node came out as, nil when it was not evaluated.
func (x explainer) value(e ast.Expr) ref.Val {
	if e.Kind() == ast.LiteralKind {
		return e.AsLiteral()
	}
	v, _ := x.state.Value(e.ID())
	return v
}

func (x explainer) label(name string) string {
	if x.words.Label != nil {
		if s := x.words.Label(name); s != "" {
			return s
		}
	}
	return name
}

// firstName is the first declared variable inside an expression.
func (x explainer) firstName(e ast.Expr) string {
	found := ""
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		if name := variable(n); found == "" && name != "" {
			if _, declared := x.rule.env.vars[name]; declared {
				found = name
			}
		}
	}))
	return found
}

// variable is the dotted name of an expression that is one, else empty.
func variable(e ast.Expr) string {
	switch {
	case e == nil:
		return ""
	case e.Kind() == ast.IdentKind:
		return e.AsIdent()
	case e.Kind() == ast.SelectKind && !e.AsSelect().IsTestOnly():
		if operand := variable(e.AsSelect().Operand()); operand != "" {
			return operand + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}
