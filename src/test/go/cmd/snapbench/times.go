package main

import (
	"math"
	"slices"
	"time"
)

// times are how long each of a number of calls took.
type times []time.Duration

// measure adds the time that the call takes, unless it fails.
func (t *times) measure(call func() error) error {
	begin := time.Now()
	err := call()
	if err == nil {
		*t = append(*t, time.Since(begin))
	}
	return err
}

// summary is in milliseconds.
type summary struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean_ms"`
	Least float64 `json:"min_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	Most  float64 `json:"max_ms"`
}

func (t times) summary() summary {
	if len(t) == 0 {
		return summary{}
	}
	ordered := slices.Sorted(slices.Values(t))
	var sum time.Duration
	for _, one := range ordered {
		sum += one
	}
	return summary{
		Count: len(ordered),
		Mean:  milliseconds(sum) / float64(len(ordered)),
		Least: milliseconds(ordered[0]),
		P50:   milliseconds(quantile(ordered, 0.50)),
		P90:   milliseconds(quantile(ordered, 0.90)),
		P99:   milliseconds(quantile(ordered, 0.99)),
		Most:  milliseconds(ordered[len(ordered)-1]),
	}
}

// quantile is the least of the ordered times that at least this share of them does not exceed.
func quantile(ordered []time.Duration, share float64) time.Duration {
	rank := int(math.Ceil(share * float64(len(ordered))))
	return ordered[max(rank, 1)-1]
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}
