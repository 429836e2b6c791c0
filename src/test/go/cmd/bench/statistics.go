package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// spread is what the rounds found for one figure.
type spread struct {
	Median float64   `json:"median"`
	Least  float64   `json:"min"`
	Most   float64   `json:"max"`
	Values []float64 `json:"values"`
}

// spreadOf takes the values in the order of their rounds; of none it is nil.
func spreadOf(values []float64) *spread {
	if len(values) == 0 {
		return nil
	}
	return &spread{Median: median(values), Least: slices.Min(values), Most: slices.Max(values), Values: values}
}

func median(values []float64) float64 {
	ordered := slices.Sorted(slices.Values(values))
	middle := len(ordered) / 2
	if len(ordered)%2 == 1 {
		return ordered[middle]
	}
	return (ordered[middle-1] + ordered[middle]) / 2
}

// number has three digits that count, and all those before the point.
func number(value float64) string {
	switch size := math.Abs(value); {
	case size >= 1000:
		return thousands(int64(math.Round(value)))
	case size >= 100:
		return fmt.Sprintf("%.0f", value)
	case size >= 10:
		return fmt.Sprintf("%.1f", value)
	case size >= 1:
		return fmt.Sprintf("%.2f", value)
	case size >= 0.1 || value == 0:
		return fmt.Sprintf("%.3f", value)
	default:
		return fmt.Sprintf("%.4f", value)
	}
}

func thousands(value int64) string {
	digits := fmt.Sprint(value)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}
