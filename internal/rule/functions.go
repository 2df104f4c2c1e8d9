package rule

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"rathaus/internal/clock"
)

// sizes bounds lists and texts when a cost is estimated.
type sizes struct{}

// EstimateSize assumes listSize entries or characters.
func (sizes) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: listSize}
}

// EstimateCallCost leaves functions at their default.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// functions are ours besides CEL's own.
func functions() []cel.EnvOption {
	day, whole := cel.StringType, cel.IntType
	return []cel.EnvOption{
		// prozent(betrag, p): p percent of an amount in cents, rounded half away from zero.
		cel.Function("prozent", cel.Overload("prozent_int_int", []*cel.Type{whole, whole}, whole, cel.BinaryBinding(func(a, p ref.Val) ref.Val {
			return types.Int(roundDiv(int64(a.(types.Int))*int64(p.(types.Int)), 100))
		}))),
		// runden(betrag, auf): an amount in cents to a multiple, half away from zero: runden(x, 100) gives full euros.
		cel.Function("runden", cel.Overload("runden_int_int", []*cel.Type{whole, whole}, whole, cel.BinaryBinding(func(a, to ref.Val) ref.Val {
			step := int64(to.(types.Int))
			if step <= 0 {
				return types.NewErr("runden: step must be positive")
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
