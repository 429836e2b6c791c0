package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"

	"fuselage.dev/test/internal/process"
)

type pollResult struct {
	Polled int     `json:"polled"`
	Rounds summary `json:"rounds"`
	// What the process of -pid took of one core meanwhile.
	CPU *float64 `json:"cpu_percent,omitempty"`
}

// poll asks for the usage of every active snapshot at an interval, as containerd's CRI plugin does.
// Each grows by a file before each round, so that none is as it was.
func poll(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	count := flags.Int("count", 200, "active snapshots")
	files := flags.Int("files", 100, "files in each")
	rounds := flags.Int("rounds", 6, "how often all are asked for, after one time that is not counted")
	every := flags.Duration("every", 10*time.Second, "from the begin of a round to that of the next")
	pid := flags.Int("pid", 0, "the snapshotter's `process`, whose time on the processors is measured")
	return func(ctx context.Context, c *client) (any, error) {
		all, err := polledSnapshots(ctx, c, *count, *files)
		if err != nil {
			return nil, err
		}
		if err := all.ask(ctx, c, 0); err != nil {
			return nil, err
		}
		var took times
		begin := time.Now()
		before, err := timeOf(*pid)
		if err != nil {
			return nil, err
		}
		for round := range *rounds {
			// The first waits too: as many pauses as rounds.
			if err := until(ctx, begin.Add(time.Duration(round+1)**every)); err != nil {
				return nil, err
			}
			if err := took.measure(func() error { return all.ask(ctx, c, round+1) }); err != nil {
				return nil, err
			}
		}
		after, err := timeOf(*pid)
		if err != nil {
			return nil, err
		}
		result := pollResult{Polled: len(all), Rounds: took.summary()}
		if *pid != 0 {
			share := 100 * float64(after-before) / float64(time.Since(begin))
			result.CPU = &share
		}
		return result, all.remove(ctx, c)
	}
}

// polled are active snapshots by their keys.
type polled map[string]grown

type grown struct {
	// Where its files are.
	directory string
	// What it had at first.
	inodes int64
}

func polledSnapshots(ctx context.Context, c *client, count, files int) (polled, error) {
	all := polled{}
	for range count {
		key := c.key("active")
		mounts, err := c.prepare(ctx, key, "")
		if err != nil {
			return nil, err
		}
		directory, err := upperDirectory(mounts)
		if err != nil {
			return nil, err
		}
		inodes, err := writeTree(directory, files, 64)
		if err != nil {
			return nil, err
		}
		all[key] = grown{directory, inodes}
	}
	return all, nil
}

// ask lets each grow, lists what there is, and asks for the usage of each that is ours.
func (p polled) ask(ctx context.Context, c *client, round int) error {
	for _, one := range p {
		if err := os.WriteFile(filepath.Join(one.directory, fmt.Sprintf("round-%d", round)), nil, 0o644); err != nil {
			return err
		}
	}
	var keys []string
	err := c.list(ctx, nil, func(info *snapshotsapi.Info) {
		if _, ours := p[info.Name]; ours {
			keys = append(keys, info.Name)
		}
	})
	if err != nil {
		return err
	}
	if len(keys) != len(p) {
		return fmt.Errorf("%d of %d snapshots are listed", len(keys), len(p))
	}
	for _, key := range keys {
		_, inodes, err := c.usage(ctx, key)
		if err != nil {
			return err
		}
		if inodes < p[key].inodes {
			return fmt.Errorf("usage of %s says %d inodes, there are %d at least", key, inodes, p[key].inodes)
		}
	}
	return nil
}

func (p polled) remove(ctx context.Context, c *client) error {
	for key := range p {
		if err := c.remove(ctx, key); err != nil {
			return err
		}
	}
	return c.cleanup(ctx)
}

func timeOf(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	return process.CPUTime(pid)
}

func until(ctx context.Context, moment time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(moment)):
		return nil
	}
}
