package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"fuselage.dev/test/internal/process"
	"fuselage.dev/test/internal/server"
)

// contenders are those that the rounds run through, in this order.
type contenders struct {
	metadata, full, auto, peer contender
}

func (r *runner) round(ctx context.Context, all contenders) error {
	steps := []func() error{
		timed("fdatasync of the file system", r.floor),
		timed("idleness", func() error { return r.idle(ctx, all.full, all.peer) }),
		timed("calls, "+all.metadata.name, func() error { return r.calls(ctx, all.metadata) }),
	}
	for _, c := range []contender{all.full, all.peer} {
		steps = append(steps, timed("calls and trees, "+c.name, func() error { return r.load(ctx, c) }))
	}
	for _, c := range []contender{all.full, all.peer} {
		steps = append(steps, timed("many snapshots, "+c.name, func() error { return r.population(ctx, c) }))
	}
	for _, c := range []contender{all.metadata, all.peer, all.full, all.auto} {
		steps = append(steps, timed("a whole image, "+c.name, func() error { return r.whole(ctx, c) }))
	}
	return inOrder(ctx, steps...)
}

// timed says what a step was and how long it took.
func timed(name string, step func() error) func() error {
	return func() error {
		began := time.Now()
		err := step()
		progress("  %s: %.0f s", name, time.Since(began).Seconds())
		return err
	}
}

// inOrder takes one step after the other until one fails.
func inOrder(ctx context.Context, steps ...func() error) error {
	for _, step := range steps {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// idle leaves both running at once with nothing to do: they take nothing of each other.
func (r *runner) idle(ctx context.Context, all ...contender) error {
	if len(all) == 0 {
		return pause(ctx, r.report.Settings.Idle)
	}
	return r.with(ctx, all[0], "", func(s *server.Server) error {
		// What a start leaves to be done has ended by then.
		if err := pause(ctx, 3); err != nil {
			return err
		}
		begin := time.Now()
		before, err := process.CPUTime(s.Pid())
		if err != nil {
			return err
		}
		if err := r.idle(ctx, all[1:]...); err != nil {
			return err
		}
		after, err := process.CPUTime(s.Pid())
		if err != nil {
			return err
		}
		r.report.add(all[0].name+".cpu-idle", 100*float64(after-before)/float64(time.Since(begin)))
		return r.takeMemory(s, all[0].name+".memory-idle")
	})
}

// calls are what differs by how much is synced.
func (r *runner) calls(ctx context.Context, c contender) error {
	return r.with(ctx, c, "", func(s *server.Server) error { return r.callsOf(ctx, c, s) })
}

func (r *runner) callsOf(ctx context.Context, c contender, s *server.Server) error {
	settings := r.report.Settings
	err := r.measure(ctx, s, map[string]string{c.name + ".callers": "operations_per_second"},
		"callers", "-n", "16", "-warm-up", "2", "-seconds", fmt.Sprint(settings.Seconds))
	if err != nil {
		return err
	}
	return r.measure(ctx, s, map[string]string{
		c.name + ".prepare": "prepare.p50_ms",
		c.name + ".commit":  "commit.p50_ms",
		c.name + ".remove":  "remove.p50_ms",
	}, "latency", "-count", strconv.Itoa(settings.Count), "-warm-up", "200")
}

// load is all that needs no other snapshots to be there.
func (r *runner) load(ctx context.Context, c contender) error {
	beside, err := r.newRoot()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(beside) }()
	settings := r.report.Settings
	return r.with(ctx, c, "", func(s *server.Server) error {
		return inOrder(ctx,
			func() error { return r.callsOf(ctx, c, s) },
			func() error {
				return r.measure(ctx, s, map[string]string{c.name + ".stat": "stat.p50_ms"},
					"latency", "-op", "stat", "-count", strconv.Itoa(4*settings.Count), "-warm-up", "1000")
			},
			func() error {
				return r.measure(ctx, s, map[string]string{c.name + ".remove-tree": "remove.p50_ms"},
					"remove-tree", "-count", "2", "-files", strconv.Itoa(settings.Files))
			},
			func() error {
				return r.measure(ctx, s, map[string]string{
					c.name + ".usage": "usage.p50_ms", c.name + ".reclaim": "reclaim.p50_ms", "du": "du.p50_ms", "rm": "rm.p50_ms",
				}, "usage", "-count", "2", "-files", strconv.Itoa(settings.Tree), "-rm", beside)
			},
			func() error { return r.takeMemory(s, c.name+".memory-load") })
	})
}

// population is what depends on the snapshots that are there.
func (r *runner) population(ctx context.Context, c contender) error {
	root, err := r.newRoot()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(root) }()
	settings := r.report.Settings
	err = r.with(ctx, c, root, func(s *server.Server) error {
		return inOrder(ctx,
			func() error { return r.measure(ctx, s, nil, "fill", "-count", strconv.Itoa(settings.Live)) },
			func() error {
				return r.measure(ctx, s, map[string]string{c.name + ".list": "list.p50_ms"}, "list", "-count", "30")
			},
			func() error { return r.takeMemory(s, c.name+".memory-live") },
			func() error {
				return r.measure(ctx, s, map[string]string{c.name + ".remove-live": "remove.p50_ms"},
					"latency", "-count", "100", "-warm-up", "20")
			})
	})
	if err != nil {
		return err
	}
	for range 2 {
		settle()
		begin := time.Now()
		running, err := server.Start(ctx, c.command, root)
		if err != nil {
			return err
		}
		r.report.add(c.name+".start", float64(time.Since(begin).Microseconds())/1000)
		if err := running.Stop(); err != nil {
			return fmt.Errorf("%s: %w\n%s", c.name, err, running.Log())
		}
	}
	return nil
}

// soak is a long load of few callers.
func (r *runner) soak(ctx context.Context, c contender) error {
	seconds := r.report.Settings.Soak
	return r.with(ctx, c, "", func(s *server.Server) error {
		limit := time.Duration(seconds)*time.Second + snapbenchLimit
		_, err := r.snapbenchWithin(ctx, s, limit, "callers", "-n", "4", "-seconds", fmt.Sprint(seconds))
		if err != nil {
			return err
		}
		return r.takeMemory(s, c.name+".memory-soak")
	})
}

func pause(ctx context.Context, seconds float64) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(seconds * float64(time.Second))):
		return nil
	}
}
