package main

import (
	"context"
	"flag"
	"sync"
	"time"
)

type callersResult struct {
	Callers    int     `json:"callers"`
	Seconds    float64 `json:"seconds"`
	Operations int     `json:"operations"`
	PerSecond  float64 `json:"operations_per_second"`
	Prepare    summary `json:"prepare"`
	Commit     summary `json:"commit"`
	Remove     summary `json:"remove"`
}

// callers makes as many calls as a number of callers together can: each prepares, commits and
// removes one snapshot after the other.
func callers(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	count := flags.Int("n", 16, "callers")
	seconds := flags.Float64("seconds", 5, "for how long")
	warmUp := flags.Float64("warm-up", 1, "`seconds` before that, which are not counted")
	return func(ctx context.Context, c *client) (any, error) {
		if _, err := callTogether(ctx, c, *count, *warmUp); err != nil {
			return nil, err
		}
		return callTogether(ctx, c, *count, *seconds)
	}
}

func callTogether(ctx context.Context, c *client, count int, seconds float64) (callersResult, error) {
	begin := time.Now()
	end := begin.Add(time.Duration(seconds * float64(time.Second)))
	each := make([]cycle, count)
	failures := make([]error, count)
	var waiting sync.WaitGroup
	for i := range count {
		waiting.Go(func() {
			for time.Now().Before(end) && failures[i] == nil {
				failures[i] = each[i].run(ctx, c, nil)
			}
		})
	}
	waiting.Wait()
	took := time.Since(begin)

	result := callersResult{Callers: count, Seconds: took.Seconds()}
	var all cycle
	for i, one := range each {
		if failures[i] != nil {
			return result, failures[i]
		}
		all.prepare = append(all.prepare, one.prepare...)
		all.commit = append(all.commit, one.commit...)
		all.remove = append(all.remove, one.remove...)
	}
	result.Operations = len(all.prepare) + len(all.commit) + len(all.remove)
	result.PerSecond = float64(result.Operations) / took.Seconds()
	result.Prepare, result.Commit, result.Remove = all.prepare.summary(), all.commit.summary(), all.remove.summary()
	return result, nil
}
