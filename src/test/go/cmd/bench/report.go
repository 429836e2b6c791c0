package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// settings say how much was done.
type settings struct {
	Rounds  int     `json:"rounds"`
	Live    int     `json:"live_snapshots"`
	Files   int     `json:"files_in_a_layer"`
	Tree    int     `json:"files_in_a_tree"`
	Layers  int     `json:"layers_of_the_image"`
	Seconds float64 `json:"seconds_of_callers"`
	Count   int     `json:"calls_of_each_kind"`
	Idle    float64 `json:"seconds_of_idleness"`
	Growth  bool    `json:"growth"`
	Sizes   []int   `json:"growth_sizes"`
	Depths  []int   `json:"growth_depths"`
	Watch   bool    `json:"watch"`
	Soak    float64 `json:"seconds_of_soak"`
}

type row struct {
	Figure  string   `json:"figure"`
	Unit    string   `json:"unit"`
	Ours    *spread  `json:"fuselage"`
	Theirs  *spread  `json:"against,omitempty"`
	Against string   `json:"against_what,omitempty"`
	Ratio   *float64 `json:"ratio,omitempty"`
	Target  string   `json:"target,omitempty"`
	Verdict string   `json:"verdict,omitempty"`
}

// report is what a run found; as JSON it is the machine-readable result.
type report struct {
	Began    time.Time            `json:"began"`
	Seconds  float64              `json:"seconds"`
	Machine  []string             `json:"machine"`
	Notes    []string             `json:"notes"`
	Settings settings             `json:"settings"`
	Rows     []row                `json:"rows"`
	Samples  map[string][]float64 `json:"samples"`
}

func (r *report) add(name string, value float64) {
	r.Samples[name] = append(r.Samples[name], value)
}

func (r *report) note(format string, arguments ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, arguments...))
}

func (r *report) complete() {
	r.Seconds = time.Since(r.Began).Seconds()
	r.Rows = rowsOf(r)
}

// rowsOf makes the table of the samples.
func rowsOf(r *report) []row {
	var rows []row
	for _, f := range figures(r.Settings) {
		ours, theirs := spreadOf(r.Samples[f.ours]), spreadOf(r.Samples[f.theirs])
		line := row{
			Figure: f.name, Unit: f.unit, Ours: ours, Theirs: theirs, Against: f.against,
			Target: f.target.String(), Verdict: f.target.verdict(ours, theirs),
		}
		if ratio, known := f.target.ratio(ours, theirs); known {
			line.Ratio = &ratio
		}
		rows = append(rows, line)
	}
	return rows
}

func (r *report) save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func load(path string) (*report, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &report{}
	return r, json.Unmarshal(text, r)
}

// verdicts counts what was judged.
func (r *report) verdicts() (met, judged int) {
	for _, line := range r.Rows {
		if line.Verdict == passed {
			met++
		}
		if line.Verdict != "" {
			judged++
		}
	}
	return met, judged
}

func (r *report) summary() string {
	met, judged := r.verdicts()
	return fmt.Sprintf("%d of %d targets are met; %d rounds, %s minutes", met, judged, r.Settings.Rounds, number(r.Seconds/60))
}

var columns = []string{"Figure", "Unit", "Fuselage", "min–max", "against", "", "min–max", "ratio", "target", ""}

func (l row) cells() []string {
	cells := []string{l.Figure, l.Unit, "–", "", l.Against, "", "", "", l.Target, l.Verdict}
	if l.Ours != nil {
		cells[2], cells[3] = number(l.Ours.Median), number(l.Ours.Least)+"–"+number(l.Ours.Most)
	}
	if l.Theirs != nil {
		cells[5], cells[6] = number(l.Theirs.Median), number(l.Theirs.Least)+"–"+number(l.Theirs.Most)
	}
	if l.Ratio != nil {
		cells[7] = number(*l.Ratio) + "×"
	}
	return cells
}

// table is for people at a terminal.
func (r *report) table() string {
	lines := [][]string{columns}
	for _, line := range r.Rows {
		lines = append(lines, line.cells())
	}
	widths := make([]int, len(columns))
	for _, cells := range lines {
		for i, cell := range cells {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	text := strings.Builder{}
	for _, cells := range lines {
		line := strings.Builder{}
		for i, cell := range cells {
			padding := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if rightAligned(i) {
				cell = padding + cell
			} else {
				cell += padding
			}
			line.WriteString(cell + "  ")
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	text.WriteString("\n" + strings.Join(append(r.Machine, r.Notes...), "\n") + "\n" + r.summary() + "\n")
	return text.String()
}

func rightAligned(column int) bool {
	return column == 2 || column == 3 || column >= 5 && column <= 7
}
