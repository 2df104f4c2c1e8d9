package job

import "context"

// SweepOnce visits every store as after a start.
func (r *Runner) SweepOnce(ctx context.Context) error { return r.sweep(ctx, true) }
