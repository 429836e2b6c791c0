package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
)

// cycle is the life of one snapshot, over and over: prepared, committed, removed, and whatever else
// is asked for on the way.
type cycle struct {
	parent string

	prepare, commit, remove             times
	mounts, stat, update, view, discard times
}

func (t *cycle) byName() map[string]*times {
	return map[string]*times{
		"prepare": &t.prepare, "commit": &t.commit, "remove": &t.remove,
		"mounts": &t.mounts, "stat": &t.stat, "update": &t.update, "view": &t.view,
	}
}

func (t *cycle) run(ctx context.Context, c *client, more []string) error {
	key, name := c.key("active"), c.key("layer")
	err := t.prepare.measure(func() error {
		_, err := c.prepare(ctx, key, t.parent)
		return err
	})
	if err != nil {
		return err
	}
	if err := t.runMore(ctx, c, key, more); err != nil {
		return err
	}
	if err := t.commit.measure(func() error { return c.commit(ctx, name, key) }); err != nil {
		return err
	}
	if slices.Contains(more, "view") {
		view := c.key("view")
		if err := t.view.measure(func() error { return c.view(ctx, view, name) }); err != nil {
			return err
		}
		if err := t.discard.measure(func() error { return c.remove(ctx, view) }); err != nil {
			return err
		}
	}
	return t.remove.measure(func() error { return c.remove(ctx, name) })
}

func (t *cycle) runMore(ctx context.Context, c *client, key string, more []string) error {
	calls := map[string]func() error{
		"mounts": func() error { return c.mounts(ctx, key) },
		"stat":   func() error { return c.stat(ctx, key) },
		"update": func() error { return c.update(ctx, key, "value") },
	}
	for _, name := range more {
		call, known := calls[name]
		if !known {
			continue
		}
		if err := t.byName()[name].measure(call); err != nil {
			return err
		}
	}
	return nil
}

// latency is how long each of the operations asked for takes a single caller.
func latency(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	operations := flags.String("op", "prepare,commit,remove",
		"`operations`: prepare, commit, remove, mounts, stat, update, view, several joined by commas")
	count := flags.Int("count", 1000, "how often")
	warmUp := flags.Int("warm-up", 100, "how often before that, which is not counted")
	depth := flags.Int("depth", 0, "layers below each snapshot")
	return func(ctx context.Context, c *client) (any, error) {
		names := strings.Split(*operations, ",")
		for _, name := range names {
			if (&cycle{}).byName()[name] == nil {
				return nil, fmt.Errorf("there is no operation %q", name)
			}
		}
		if slices.Equal(names, []string{"stat"}) {
			return statLatency(ctx, c, *count, *warmUp)
		}
		layers, err := stack(ctx, c, *depth)
		if err != nil {
			return nil, err
		}
		if _, err := repeat(ctx, c, topmost(layers), *warmUp, names); err != nil {
			return nil, err
		}
		measured, err := repeat(ctx, c, topmost(layers), *count, names)
		if err != nil {
			return nil, err
		}
		if err := unstack(ctx, c, layers); err != nil {
			return nil, err
		}
		result := map[string]summary{}
		for _, name := range names {
			result[name] = measured.byName()[name].summary()
		}
		return result, nil
	}
}

// stack makes so many layers, one on the other.
func stack(ctx context.Context, c *client, depth int) ([]string, error) {
	var layers []string
	for range depth {
		key, name := c.key("active"), c.key("layer")
		if _, err := c.prepare(ctx, key, topmost(layers)); err != nil {
			return nil, err
		}
		if err := c.commit(ctx, name, key); err != nil {
			return nil, err
		}
		layers = append(layers, name)
	}
	return layers, nil
}

func unstack(ctx context.Context, c *client, layers []string) error {
	for _, layer := range slices.Backward(layers) {
		if err := c.remove(ctx, layer); err != nil {
			return err
		}
	}
	return nil
}

func topmost(layers []string) string {
	if len(layers) == 0 {
		return ""
	}
	return layers[len(layers)-1]
}

func repeat(ctx context.Context, c *client, parent string, count int, names []string) (*cycle, error) {
	measured := &cycle{parent: parent}
	for range count {
		if err := measured.run(ctx, c, names); err != nil {
			return nil, err
		}
	}
	return measured, nil
}

// statLatency asks for one snapshot again and again, with no writes in between.
func statLatency(ctx context.Context, c *client, count, warmUp int) (map[string]summary, error) {
	key := c.key("active")
	if _, err := c.prepare(ctx, key, ""); err != nil {
		return nil, err
	}
	var all times
	for range warmUp + count {
		if err := all.measure(func() error { return c.stat(ctx, key) }); err != nil {
			return nil, err
		}
	}
	return map[string]summary{"stat": all[warmUp:].summary()}, c.remove(ctx, key)
}
