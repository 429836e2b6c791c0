package main

import (
	"fmt"
	"os"
	"strings"
)

// What stands between these lines of a page is the bench's.
const (
	markBegin = "<!-- begin of what make bench wrote -->"
	markEnd   = "<!-- end of what make bench wrote -->"
)

// markdown is the table for the docs.
func (r *report) markdown() string {
	text := strings.Builder{}
	fmt.Fprintf(&text, "%s, begun %s.\n\n", r.summary(), r.Began.UTC().Format("2006-01-02 15:04 UTC"))
	for _, line := range append(r.Machine, r.Notes...) {
		text.WriteString("- " + escape(line) + "\n")
	}
	text.WriteString("\n| Figure | Fuselage | Against | Ratio | Target | |\n|---|---|---|---|---|---|\n")
	for _, line := range r.Rows {
		fmt.Fprintf(&text, "| %s |\n", strings.Join([]string{
			escape(line.Figure), line.Ours.cell(line.Unit), strings.TrimSpace(line.Against + " " + line.Theirs.cell("")),
			line.cells()[7], line.Target, line.Verdict,
		}, " | "))
	}
	if r.Settings.Growth {
		text.WriteString("\n![How the time of each call grows](benchmarks-growth.svg)\n")
	}
	return text.String()
}

func (s *spread) cell(unit string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("**%s** %s", number(s.Median), unit)) +
		fmt.Sprintf(" (%s–%s)", number(s.Least), number(s.Most))
}

func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "_", `\_`).Replace(text)
}

// writeMarkdown puts the table between the two marks of a page.
func (r *report) writeMarkdown(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(page), markBegin)
	_, after, ends := strings.Cut(rest, markEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no lines %q and %q", path, markBegin, markEnd)
	}
	return os.WriteFile(path, []byte(before+markBegin+"\n"+r.markdown()+markEnd+after), 0o644)
}
