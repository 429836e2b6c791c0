package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAMedianIsTheMiddleOrBetweenTheTwoInTheMiddle(t *testing.T) {
	for expected, values := range map[float64][]float64{
		7: {7}, 2: {3, 1, 2}, 2.5: {4, 1, 2, 3},
	} {
		if found := median(values); found != expected {
			t.Errorf("median of %v is %v, not %v", values, found, expected)
		}
	}
}

func TestASpreadKeepsTheOrderOfTheRounds(t *testing.T) {
	found := spreadOf([]float64{3, 1, 2})
	if found.Median != 2 || found.Least != 1 || found.Most != 3 || found.Values[0] != 3 {
		t.Errorf("%+v", found)
	}
	if spreadOf(nil) != nil {
		t.Error("nothing has a spread")
	}
}

func TestANumberShowsThreeDigitsThatCount(t *testing.T) {
	for value, expected := range map[float64]string{
		0: "0.000", 0.0123: "0.0123", 0.2346: "0.235", 1.234: "1.23", 12.34: "12.3", 123.4: "123",
		1234.5: "1,235", 1234567: "1,234,567", 1000000: "1,000,000",
	} {
		if found := number(value); found != expected {
			t.Errorf("%v is %q, not %q", value, found, expected)
		}
	}
}

func TestAVerdictComparesMedians(t *testing.T) {
	for _, test := range []struct {
		target       target
		ours, theirs []float64
		expected     string
	}{
		{target{kind: atLeast, limit: 5}, []float64{500}, []float64{100}, passed},
		{target{kind: atLeast, limit: 5}, []float64{499}, []float64{100}, failed},
		{target{kind: atMost, limit: 0.7}, []float64{0.7}, []float64{1}, passed},
		{target{kind: atMost, limit: 0.7}, []float64{0.5, 0.8, 0.9}, []float64{1}, failed},
		{target{kind: faster, limit: 2}, []float64{50}, []float64{100}, passed},
		{target{kind: faster, limit: 2}, []float64{51}, []float64{100}, failed},
		{target{kind: within, limit: 500}, []float64{500}, nil, passed},
		{target{kind: within, limit: 0.3}, []float64{0}, []float64{0}, passed},
		{target{kind: within, limit: 500}, []float64{501}, []float64{1}, failed},
		{target{kind: within, limit: 500}, nil, nil, ""},
		{target{kind: atMost, limit: 1}, []float64{1}, nil, ""},
		{target{}, []float64{1}, []float64{2}, ""},
	} {
		if found := test.target.verdict(spreadOf(test.ours), spreadOf(test.theirs)); found != test.expected {
			t.Errorf("%v of %v and %v: %q, not %q", test.target, test.ours, test.theirs, found, test.expected)
		}
	}
}

func TestEveryFigureHasANameOfItsOwnOrAnotherToCompareWith(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range figures(someSettings()) {
		key := f.name + "|" + f.against
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
}

func TestAResultSurvivesItsFile(t *testing.T) {
	r := someReport()
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := r.save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.table() != r.table() || loaded.markdown() != r.markdown() {
		t.Error("it reads otherwise")
	}
}

func TestTheTableSaysWhatPassedAndWhatFailed(t *testing.T) {
	text := someReport().table()
	for _, expected := range []string{"16 callers, Prepare + Commit + Remove, metadata", "4.00×", failed, passed, "1 of 2 targets are met"} {
		if !strings.Contains(text, expected) {
			t.Errorf("%q is not in\n%s", expected, text)
		}
	}
}

func TestMarkdownReplacesOnlyWhatStandsBetweenTheMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	r := someReport()
	write(t, path, "before\n"+markBegin+"\nold\n"+markEnd+"\nafter\n")
	// The second time it replaces its own.
	for range 2 {
		if err := r.writeMarkdown(path); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if expected := "before\n" + markBegin + "\n" + r.markdown() + markEnd + "\nafter\n"; string(text) != expected {
			t.Errorf("it is\n%s", text)
		}
	}
	write(t, path, "no marks\n")
	if r.writeMarkdown(path) == nil {
		t.Error("a page without marks was written to")
	}
}

func TestThePictureIsWellFormedAndHasALineForEachCall(t *testing.T) {
	s := someSettings()
	samples := map[string][]float64{}
	for i, size := range s.Sizes {
		for _, call := range growthCalls {
			samples[growthSample("size", size, call, "p99")] = []float64{float64(i + 1)}
		}
	}
	text := plot(s, samples)
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if lines := strings.Count(text, "<polyline"); lines != len(growthCalls) {
		t.Errorf("%d lines", lines)
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a point is nowhere")
	}
}

func TestSizesAscend(t *testing.T) {
	var into []int
	if err := ascending(&into)("10,100"); err != nil || len(into) != 2 {
		t.Errorf("%v, %v", into, err)
	}
	for _, wrong := range []string{"", "10", "100,10", "0,1", "a,b"} {
		if ascending(&into)(wrong) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func someSettings() settings {
	return settings{
		Rounds: 3, Live: 10_000, Files: 10_000, Tree: 200_000, Layers: 20, Growth: true, Watch: true, Soak: 60,
		Sizes: []int{10, 1000}, Depths: []int{1, 10},
	}
}

func someReport() *report {
	r := &report{Settings: someSettings(), Machine: []string{"a machine"}, Samples: map[string][]float64{}}
	r.Began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 3 {
		r.add("metadata.callers", float64(4000+i))
		r.add("peer.callers", 1000)
		r.add("full.start", 400)
	}
	r.Rows = rowsOf(r)
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
