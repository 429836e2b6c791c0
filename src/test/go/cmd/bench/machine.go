package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// busyLoad is a load average from which on figures are doubtful.
const busyLoad = 0.5

// machine describes what the figures were found on.
func machine(directory, fuselage string) []string {
	lines := []string{
		fmt.Sprintf("%d cores of %s, %s of memory", runtime.NumCPU(), firstValue("/proc/cpuinfo", "model name"), firstValue("/proc/meminfo", "MemTotal")),
		"Linux " + firstLine("/proc/sys/kernel/osrelease") + ", roots on " + fileSystem(directory),
	}
	output, err := exec.Command(fuselage, "version").Output()
	if err != nil {
		return lines
	}
	return append(lines, strings.Join(strings.Fields(string(output)), " "))
}

func firstValue(path, name string) string {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown " + name
}

func firstLine(path string) string {
	text, _ := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// fileSystem is the type of the one that holds the directory, and its mount options.
func fileSystem(directory string) string {
	stat := syscall.Stat_t{}
	if err := syscall.Stat(directory, &stat); err != nil {
		return err.Error()
	}
	device := deviceNumber(stat.Dev)
	text, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(text)) {
		mount, source, found := strings.Cut(line, " - ")
		fields := strings.Fields(mount)
		if found && len(fields) > 5 && fields[2] == device {
			return strings.Fields(source)[0] + " (" + fields[5] + ")"
		}
	}
	return "an unknown file system"
}

// load1 is the load average of the last minute.
func load1() float64 {
	var load float64
	_, _ = fmt.Sscan(firstLine("/proc/loadavg"), &load)
	return load
}
