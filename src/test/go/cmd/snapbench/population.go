package main

import (
	"context"
	"flag"
	"strings"
	"sync"
	"time"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
)

type countResult struct {
	Snapshots int     `json:"snapshots"`
	Seconds   float64 `json:"seconds"`
}

// fill populates a snapshotter: chains of layers, on each an active snapshot.
func fill(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	count := flags.Int("count", 1000, "snapshots")
	depth := flags.Int("depth", 1, "layers in each chain")
	together := flags.Int("n", 16, "callers")
	return func(ctx context.Context, c *client) (any, error) {
		begin := time.Now()
		sizes := make(chan int)
		failures := make([]error, *together)
		var waiting sync.WaitGroup
		for i := range *together {
			waiting.Go(func() {
				for size := range sizes {
					if failures[i] == nil {
						failures[i] = chain(ctx, c, size, *depth)
					}
				}
			})
		}
		for left := *count; left > 0; left -= *depth + 1 {
			sizes <- min(left, *depth+1)
		}
		close(sizes)
		waiting.Wait()
		for _, err := range failures {
			if err != nil {
				return nil, err
			}
		}
		return countResult{Snapshots: *count, Seconds: time.Since(begin).Seconds()}, nil
	}
}

// chain makes a number of snapshots: so many layers, and what remains as active ones on the last.
func chain(ctx context.Context, c *client, size, depth int) error {
	parent := ""
	for i := range size {
		key := c.key("active")
		if _, err := c.prepare(ctx, key, parent); err != nil {
			return err
		}
		if i == depth {
			return nil
		}
		name := c.key("layer")
		if err := c.commit(ctx, name, key); err != nil {
			return err
		}
		parent = name
	}
	return nil
}

// clearAway removes all snapshots with the prefix, children first.
func clearAway(*flag.FlagSet) func(context.Context, *client) (any, error) {
	return func(ctx context.Context, c *client) (any, error) {
		begin := time.Now()
		parents := map[string]string{}
		children := map[string]int{}
		err := c.list(ctx, nil, func(info *snapshotsapi.Info) {
			if strings.HasPrefix(info.Name, c.prefix+"/") {
				parents[info.Name] = info.Parent
				children[info.Parent]++
			}
		})
		if err != nil {
			return nil, err
		}
		count := len(parents)
		for name := range parents {
			for name != "" && children[name] == 0 {
				parent, ours := parents[name]
				if !ours {
					break
				}
				if err := c.remove(ctx, name); err != nil {
					return nil, err
				}
				delete(parents, name)
				children[parent]--
				name = parent
			}
		}
		return countResult{Snapshots: count, Seconds: time.Since(begin).Seconds()}, c.cleanup(ctx)
	}
}

type listResult struct {
	Snapshots int     `json:"snapshots"`
	List      summary `json:"list"`
	Per100    float64 `json:"p50_ms_per_100"`
}

// list reads whole listings.
func list(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	count := flags.Int("count", 50, "how often")
	warmUp := flags.Int("warm-up", 5, "how often before that, which is not counted")
	filter := flags.String("filter", "", "a `filter` that those listed match")
	return func(ctx context.Context, c *client) (any, error) {
		var all times
		listed := 0
		for range *warmUp + *count {
			listed = 0
			err := all.measure(func() error {
				return c.list(ctx, []string{*filter}, func(*snapshotsapi.Info) { listed++ })
			})
			if err != nil {
				return nil, err
			}
		}
		result := listResult{Snapshots: listed, List: all[*warmUp:].summary()}
		if listed > 0 {
			result.Per100 = result.List.P50 * 100 / float64(listed)
		}
		return result, nil
	}
}
