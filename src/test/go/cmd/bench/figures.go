package main

import (
	"fmt"
	"slices"
)

// A figure is a line of the table, made of samples by their names.
type figure struct {
	name, unit   string
	ours, theirs string
	// Whose value theirs is.
	against string
	target  target
}

const peerName = "Go peer"

// growthCalls are those that are looked at as a store grows.
var growthCalls = []string{"prepare", "commit", "remove", "mounts", "stat", "update", "view", "list"}

// figures is the table, from what the settings say was measured.
func figures(s settings) []figure {
	live, files, tree := thousands(int64(s.Live)), thousands(int64(s.Files)), thousands(int64(s.Tree))
	whole := fmt.Sprintf("Whole: image of %d layers", s.Layers)
	peer := func(name, unit, ours, theirs string, target target) figure {
		return figure{name: name, unit: unit, ours: ours, theirs: theirs, against: peerName, target: target}
	}
	all := []figure{
		peer("16 callers, Prepare + Commit + Remove, metadata", "calls/s", "metadata.callers", "peer.callers", target{kind: atLeast, limit: 5}),
		peer("16 callers, Prepare + Commit + Remove, full sync", "calls/s", "full.callers", "peer.callers", target{kind: atLeast, limit: 2}),
		peer("1 caller, Prepare p50, metadata", "ms", "metadata.prepare", "peer.prepare", target{kind: atMost, limit: 0.7}),
		peer("1 caller, Commit p50, metadata", "ms", "metadata.commit", "peer.commit", target{kind: atMost, limit: 0.7}),
		peer("1 caller, Remove p50, metadata", "ms", "metadata.remove", "peer.remove", target{kind: atMost, limit: 0.7}),
		peer("1 caller, Commit p50, full sync", "ms", "full.commit", "peer.commit", target{}),
		peer("Stat p50", "ms", "full.stat", "peer.stat", target{kind: atMost, limit: 1}),
		peer("List of "+live+" p50", "ms", "full.list", "peer.list", target{kind: atMost, limit: 0.5}),
		peer("Remove of "+files+" files p50", "ms", "full.remove-tree", "peer.remove-tree", target{kind: atMost, limit: 1. / 50, written: "1/50"}),
		peer("Remove with "+live+" live p50", "ms", "full.remove-live", "peer.remove-live", target{kind: atMost, limit: 1. / 20, written: "1/20"}),
		peer("Usage of "+tree+" files", "ms", "full.usage", "peer.usage", target{kind: faster, limit: 2}),
		{"Usage of " + tree + " files", "ms", "full.usage", "du", "du -s", target{kind: faster, limit: 1.5}},
		{"Reclaim of " + tree + " files", "ms", "full.reclaim", "rm", "rm -rf", target{kind: faster, limit: 1.5}},
		peer("Reclaim of "+tree+" files", "ms", "full.reclaim", "peer.reclaim", target{}),
		peer(whole+", metadata", "ms", "metadata.whole", "peer.whole", target{kind: atMost, limit: 1}),
		peer(whole+", full sync", "ms", "full.whole", "peer.whole", target{}),
		peer(whole+", driver auto (overlayfs), metadata", "ms", "auto.whole", "peer.whole", target{kind: atMost, limit: 0.5}),
		peer("Start to first answer, store of "+live, "ms", "full.start", "peer.start", target{kind: within, limit: 500}),
		peer("Resident memory, idle", "MB", "full.memory-idle", "peer.memory-idle", target{kind: within, limit: 110}),
		peer("Resident memory, "+live+" snapshots", "MB", "full.memory-live", "peer.memory-live", target{kind: within, limit: 128}),
		peer("Resident memory, after the rounds' calls", "MB", "full.memory-load", "peer.memory-load", target{}),
	}
	if s.Soak > 0 {
		all = append(all, figure{"Resident memory, after " + number(s.Soak/60) + " min of load", "MB", "full.memory-soak", "", "", target{kind: within, limit: 140}})
	}
	all = append(all, peer("CPU, idle", "% of a core", "full.cpu-idle", "peer.cpu-idle", target{kind: within, limit: 0.3}))
	if s.Watch {
		all = append(all,
			figure{"Series, " + live + " snapshots", "", "watched.series", "", "", target{kind: within, limit: 5000}},
			figure{"Scrape p50, " + live + " snapshots", "ms", "watched.scrape", "", "", target{kind: within, limit: 100}},
			figure{"Resident memory that scrapes and an open page add, " + live + " snapshots", "MB", "watched.memory", "", "", target{kind: within, limit: 3}},
			figure{"CPU, usage of 200 active snapshots each 10 s", "% of a core", "watched.cpu-poll", "", "", target{kind: within, limit: 5}})
	}
	if s.Growth {
		all = append(all, growthFigures(s.Sizes, s.Depths)...)
	}
	return append(all,
		figure{"Floor: write + fdatasync p50", "ms", "floor.fdatasync", "", "", target{}},
		figure{"Floor: du -s of " + tree + " files", "ms", "du", "", "", target{}},
		figure{"Floor: rm -rf of " + tree + " files", "ms", "rm", "", "", target{}})
}

func growthFigures(sizes, depths []int) []figure {
	var all []figure
	least, most := slices.Min(sizes), slices.Max(sizes)
	shallow, deep := slices.Min(depths), slices.Max(depths)
	for _, call := range growthCalls {
		all = append(all, figure{
			fmt.Sprintf("%s p99, %s snapshots", growthName(call), thousands(int64(most))), "ms",
			growthSample("size", most, call, "p99"), growthSample("size", least, call, "p99"),
			fmt.Sprintf("with %d", least), target{kind: atMost, limit: 1.2},
		})
	}
	for _, call := range growthCalls {
		if call == "list" {
			continue
		}
		all = append(all, figure{
			fmt.Sprintf("%s p99, on %d layers", growthName(call), deep), "ms",
			growthSample("depth", deep, call, "p99"), growthSample("depth", shallow, call, "p99"),
			fmt.Sprintf("on %d", shallow), target{},
		})
	}
	return all
}

func growthName(call string) string {
	if call == "list" {
		return "List per 100 entries"
	}
	return string(call[0]-'a'+'A') + call[1:]
}

func growthSample(axis string, at int, call, quantile string) string {
	return fmt.Sprintf("growth.%s.%d.%s.%s", axis, at, call, quantile)
}
