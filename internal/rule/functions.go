package rule

import (
	"math"
	"math/big"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"rathaus/internal/clock"
)

// sizes bounds lists and texts when a cost is estimated.
type sizes struct{}

// EstimateSize assumes listSize entries or textSize characters.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Type().Kind() == types.ListKind {
		return &cost.SizeEstimate{Min: 0, Max: listSize}
	}
	return &cost.SizeEstimate{Min: 0, Max: textSize}
}

// EstimateCallCost leaves functions at their default.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// functions are ours besides CEL's own.
func functions() []cel.EnvOption {
	day, whole := cel.StringType, cel.IntType
	return []cel.EnvOption{
		// prozent(betrag, p): p percent of an amount in cents, rounded half away from zero; p may have a fraction: 7.5.
		cel.Function("prozent", cel.Overload("prozent_int_int", []*cel.Type{whole, whole}, whole, cel.BinaryBinding(percent)),
			cel.Overload("prozent_int_double", []*cel.Type{whole, cel.DoubleType}, whole, cel.BinaryBinding(percent))),
		// beantwortet(x): whether there is a value at all; never open.
		cel.Function("beantwortet", cel.Overload("beantwortet_dyn", []*cel.Type{cel.DynType}, cel.BoolType, cel.OverloadIsNonStrict(),
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(!types.IsUnknownOrError(v)) }))),
		// runden(betrag, auf): an amount in cents to a multiple, half away from zero: runden(x, 100) gives full euros.
		cel.Function("runden", cel.Overload("runden_int_int", []*cel.Type{whole, whole}, whole, cel.BinaryBinding(func(a, to ref.Val) ref.Val {
			step := int64(to.(types.Int))
			if step <= 0 {
				return types.NewErr("runden: step must be positive")
			}
			if n := int64(a.(types.Int)); n > maxAmount || n < -maxAmount || step > maxAmount {
				return types.NewErr("runden: number out of range")
			}
			return types.Int(roundDiv(int64(a.(types.Int)), step) * step)
		}))),
		// tage(von, bis): days between two days.
		cel.Function("tage", cel.Overload("tage_day_day", []*cel.Type{day, day}, whole, cel.BinaryBinding(onDays(func(a, b clock.Date) ref.Val {
			return types.Int(a.DaysUntil(b))
		})))),
		// jahre(von, bis): full years between two days, as an age is counted.
		cel.Function("jahre", cel.Overload("jahre_day_day", []*cel.Type{day, day}, whole, cel.BinaryBinding(onDays(func(a, b clock.Date) ref.Val {
			n := b.Year() - a.Year()
			if a.AddYears(n).After(b) {
				n--
			}
			return types.Int(n)
		})))),
		// plus_tage(tag, n), plus_monate(tag, n): another day.
		cel.Function("plus_tage", cel.Overload("plus_tage_day_int", []*cel.Type{day, whole}, day, cel.BinaryBinding(shift(clock.Date.AddDays)))),
		cel.Function("plus_monate", cel.Overload("plus_monate_day_int", []*cel.Type{day, whole}, day, cel.BinaryBinding(shift(clock.Date.AddMonths)))),
		// plus_werktage(land, tag, n): the n-th working day after a day, with the holidays of the Land.
		cel.Function("plus_werktage", cel.Overload("plus_werktage_land_day_int", []*cel.Type{cel.StringType, day, whole}, day, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
			if n := args[2].(types.Int); n < 0 || n > maxWorkdays {
				return types.NewErr("plus_werktage: number out of range")
			}
			return shift(clock.Calendar{Land: string(args[0].(types.String))}.AddWorkdays)(args[1], args[2])
		}))),
		// monat(tag), jahr(tag): parts of a day.
		cel.Function("monat", cel.Overload("monat_day", []*cel.Type{day}, whole, cel.UnaryBinding(part(func(d clock.Date) int { return int(d.Month()) })))),
		cel.Function("jahr", cel.Overload("jahr_day", []*cel.Type{day}, whole, cel.UnaryBinding(part(clock.Date.Year)))),
		// werktage(land, von, bis): working days between two days with the holidays of the Land.
		cel.Function("werktage", cel.Overload("werktage_land_day_day", []*cel.Type{cel.StringType, day, day}, whole, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
			return onDays(func(a, b clock.Date) ref.Val {
				return types.Int(clock.Calendar{Land: string(args[0].(types.String))}.WorkdaysBetween(a, b))
			})(args[1], args[2])
		}))),
	}
}

// maxAmount keeps rounding away from the ends of int64.
const maxAmount = 1 << 60

// maxWorkdays bounds the counting: some forty years.
const maxWorkdays = 10_000

// percent takes p as it is written (0.1, not its binary neighbour).
func percent(amount, p ref.Val) ref.Val {
	r := new(big.Rat)
	switch x := p.(type) {
	case types.Int:
		r.SetInt64(int64(x))
	case types.Double:
		if f := float64(x); math.IsNaN(f) || math.Abs(f) > 1e9 {
			return types.NewErr("prozent: number out of range")
		}
		r.SetString(strconv.FormatFloat(float64(x), 'f', -1, 64))
	}
	r.Mul(r, big.NewRat(int64(amount.(types.Int)), 100))
	twice := new(big.Int).Lsh(new(big.Int).Abs(r.Num()), 1)
	n := twice.Add(twice, r.Denom()).Quo(twice, new(big.Int).Lsh(r.Denom(), 1)) // |r| + ½, rounded down
	if r.Sign() < 0 {
		n.Neg(n)
	}
	if !n.IsInt64() {
		return types.NewErr("prozent: number out of range")
	}
	return types.Int(n.Int64())
}

func roundDiv(n, d int64) int64 {
	half := d / 2
	if n < 0 {
		return (n - half) / d
	}
	return (n + half) / d
}

func onDays(f func(a, b clock.Date) ref.Val) func(a, b ref.Val) ref.Val {
	return func(x, y ref.Val) ref.Val {
		a, errA := clock.ParseDate(string(x.(types.String)))
		b, errB := clock.ParseDate(string(y.(types.String)))
		if errA != nil || errB != nil {
			return types.NewErr("not a day")
		}
		return f(a, b)
	}
}

func shift(move func(clock.Date, int) clock.Date) func(a, b ref.Val) ref.Val {
	return func(x, n ref.Val) ref.Val {
		d, err := clock.ParseDate(string(x.(types.String)))
		by := int64(n.(types.Int))
		if err != nil || by > 100_000 || by < -100_000 {
			return types.NewErr("not a day")
		}
		return types.String(move(d, int(by)))
	}
}

func part(f func(clock.Date) int) func(ref.Val) ref.Val {
	return func(x ref.Val) ref.Val {
		d, err := clock.ParseDate(string(x.(types.String)))
		if err != nil {
			return types.NewErr("not a day")
		}
		return types.Int(f(d))
	}
}
