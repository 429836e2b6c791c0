package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"fuselage.dev/test/internal/server"
)

// growth measures every call as snapshots become more, and as layers become more below one.
func (r *runner) growth(ctx context.Context, c contender) error {
	root, err := r.newRoot()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(root) }()
	return r.with(ctx, c, root, func(s *server.Server) error {
		// Not one of the figures: what runs first would seem slow.
		if _, err := r.snapbench(ctx, s, "latency", "-op", unary(), "-count", "1000", "-depth", "1"); err != nil {
			return err
		}
		if _, err := r.snapbench(ctx, s, "list", "-count", "1000"); err != nil {
			return err
		}
		there, settings := 0, r.report.Settings
		for i, size := range settings.Sizes {
			if err := r.measure(ctx, s, nil, "fill", "-count", strconv.Itoa(size-there)); err != nil {
				return err
			}
			there = size
			if err := r.growthAt(ctx, s, "size", size, 0); err != nil {
				return err
			}
			if err := r.growthOfList(ctx, s, size); err != nil {
				return err
			}
			// Depth is looked at where a node is: neither empty nor full.
			if i == depthsAt {
				for _, depth := range settings.Depths {
					if err := r.growthAt(ctx, s, "depth", depth, depth); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// depthsAt is the place in the sizes of the one that depths are measured at.
const depthsAt = 1

func unary() string {
	return strings.Join(slices.DeleteFunc(slices.Clone(growthCalls), func(name string) bool { return name == "list" }), ",")
}

func (r *runner) growthAt(ctx context.Context, s *server.Server, axis string, at, depth int) error {
	samples := map[string]string{}
	for call := range strings.SplitSeq(unary(), ",") {
		for _, quantile := range []string{"p50", "p99"} {
			samples[growthSample(axis, at, call, quantile)] = call + "." + quantile + "_ms"
		}
	}
	return r.measure(ctx, s, samples,
		"latency", "-op", unary(), "-count", strconv.Itoa(2*r.report.Settings.Count), "-depth", strconv.Itoa(depth))
}

func (r *runner) growthOfList(ctx context.Context, s *server.Server, size int) error {
	count := min(1000, max(20, 2_000_000/size))
	found, err := r.snapbench(ctx, s, "list", "-count", strconv.Itoa(count))
	if err != nil {
		return err
	}
	listed, err := found.number("snapshots")
	if err != nil {
		return err
	}
	if int(listed) != size {
		return fmt.Errorf("%g snapshots are listed, not %d", listed, size)
	}
	for _, quantile := range []string{"p50", "p99"} {
		value, err := found.number("list." + quantile + "_ms")
		if err != nil {
			return err
		}
		r.report.add(growthSample("size", size, "list", quantile), value*100/listed)
	}
	return nil
}
