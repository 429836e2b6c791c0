package main

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// The picture's measures, in pixels.
const (
	panelWidth  = 380
	panelHeight = 300
	marginLeft  = 64
	marginTop   = 48
	panelGap    = 72
	legendWidth = 190
)

// Told apart also without red and green.
var lineColours = map[string]string{
	"prepare": "#0072b2", "commit": "#d55e00", "remove": "#009e73", "mounts": "#cc79a7",
	"stat": "#56b4e9", "update": "#e69f00", "view": "#5b5b5b", "list": "#000000",
}

// panel is one of the picture's diagrams: milliseconds over a size, both in powers of ten.
type panel struct {
	axis, title string
	at          []int
	left        float64
	least, most float64
}

// plot draws how the calls grow: the median of the rounds' p99 drawn through, of their p50 dashed.
func plot(s settings, samples map[string][]float64) string {
	panels := []*panel{
		{axis: "size", title: "snapshots", at: s.Sizes, left: marginLeft},
		{axis: "depth", title: "layers below, among " + thousands(int64(s.Sizes[depthsAt])) + " snapshots", at: s.Depths, left: marginLeft + panelWidth + panelGap},
	}
	width := marginLeft + 2*panelWidth + panelGap + legendWidth
	height := marginTop + panelHeight + 56
	text := strings.Builder{}
	fmt.Fprintf(&text, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	fmt.Fprintf(&text, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&text, `<text x="%d" y="24" font-size="14">Time of one call in ms, full sync: p99 drawn through, p50 dashed</text>`+"\n", marginLeft)
	for _, p := range panels {
		p.scale(samples)
		p.grid(&text)
		for _, call := range growthCalls {
			p.line(&text, samples, call, "p99", "")
			p.line(&text, samples, call, "p50", ` stroke-dasharray="4 3" stroke-opacity="0.6"`)
		}
	}
	for i, call := range growthCalls {
		x, y := width-legendWidth+16, marginTop+16+i*22
		fmt.Fprintf(&text, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="2"/><text x="%d" y="%d">%s</text>`+"\n",
			x, y-4, x+22, y-4, lineColours[call], x+28, y, growthName(call))
	}
	text.WriteString("</svg>\n")
	return text.String()
}

// scale makes room for every value, from one power of ten to another.
func (p *panel) scale(samples map[string][]float64) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, call := range growthCalls {
		for _, at := range p.at {
			for _, quantile := range []string{"p50", "p99"} {
				if found := spreadOf(samples[growthSample(p.axis, at, call, quantile)]); found != nil && found.Median > 0 {
					least, most = min(least, found.Median), max(most, found.Median)
				}
			}
		}
	}
	if least > most {
		least, most = 0.1, 1
	}
	p.least = math.Floor(math.Log10(least))
	p.most = max(math.Ceil(math.Log10(most)), p.least+1)
}

func (p *panel) x(at int) float64 {
	first, last := math.Log10(float64(p.at[0])), math.Log10(float64(p.at[len(p.at)-1]))
	return p.left + panelWidth*(math.Log10(float64(at))-first)/(last-first)
}

func (p *panel) y(value float64) float64 {
	return marginTop + panelHeight*(p.most-math.Log10(value))/(p.most-p.least)
}

func (p *panel) grid(text *strings.Builder) {
	const grey = `stroke="#d8d8d8"`
	bottom := marginTop + panelHeight
	for power := p.least; power <= p.most; power++ {
		y := p.y(math.Pow(10, power))
		fmt.Fprintf(text, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" %s/><text x="%.1f" y="%.1f" text-anchor="end">%g</text>`+"\n",
			p.left, y, p.left+panelWidth, y, grey, p.left-8, y+4, math.Pow(10, power))
	}
	for _, at := range p.at {
		x := p.x(at)
		fmt.Fprintf(text, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" %s/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			x, marginTop, x, bottom, grey, x, bottom+18, thousands(int64(at)))
	}
	fmt.Fprintf(text, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", p.left+panelWidth/2, bottom+40, p.title)
}

func (p *panel) line(text *strings.Builder, samples map[string][]float64, call, quantile, style string) {
	var points []string
	for _, at := range p.at {
		if found := spreadOf(samples[growthSample(p.axis, at, call, quantile)]); found != nil && found.Median > 0 {
			points = append(points, fmt.Sprintf("%.1f,%.1f", p.x(at), p.y(found.Median)))
		}
	}
	if len(points) > 0 {
		fmt.Fprintf(text, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"%s/>`+"\n",
			strings.Join(points, " "), lineColours[call], style)
	}
}

func writePlot(path string, r *report) error {
	return os.WriteFile(path, []byte(plot(r.Settings, r.Samples)), 0o644)
}
