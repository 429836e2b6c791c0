package main

import "fmt"

// How a figure is judged.
const (
	noted = iota
	// The ratio of ours to theirs is at least, or at most, the limit.
	atLeast
	atMost
	// We are so many times as fast: the ratio of their time to ours is at least the limit.
	faster
	// Our own value is at most the limit.
	within
)

type target struct {
	kind  int
	limit float64
	// How people write the limit, where it is no plain number.
	written string
}

func (t target) String() string {
	limit := t.written
	if limit == "" {
		limit = fmt.Sprint(t.limit)
	}
	switch t.kind {
	case atLeast:
		return "≥ " + limit + "×"
	case atMost:
		return "≤ " + limit + "×"
	case faster:
		return "≥ " + limit + "× as fast"
	case within:
		return "≤ " + limit
	}
	return ""
}

// ratio is that of the medians, and whether there is one.
func (t target) ratio(ours, theirs *spread) (float64, bool) {
	if ours == nil || theirs == nil || ours.Median == 0 || theirs.Median == 0 {
		return 0, false
	}
	if t.kind == faster {
		return theirs.Median / ours.Median, true
	}
	return ours.Median / theirs.Median, true
}

// The verdicts.
const (
	passed = "PASS"
	failed = "FAIL"
)

// verdict is empty where nothing is asked for or nothing was measured.
func (t target) verdict(ours, theirs *spread) string {
	value, known := t.ratio(ours, theirs)
	if t.kind == within {
		known = ours != nil
		if known {
			value = ours.Median
		}
	}
	switch {
	case t.kind == noted || !known:
		return ""
	case (t.kind == atLeast || t.kind == faster) == (value >= t.limit) || value == t.limit:
		return passed
	}
	return failed
}
