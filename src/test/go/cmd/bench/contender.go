package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fuselage.dev/test/internal/process"
	"fuselage.dev/test/internal/server"
)

// A contender is a snapshotter and how it is set; its name begins those of its samples.
type contender struct {
	name    string
	command server.Command
}

// runner starts contenders and measures them.
type runner struct {
	directory string
	// Where containers are put.
	cgroup string
	tools  string
	// containerd's programs.
	containerd string
	report     *report
	roots      int
	runs       int
	image      string
	// Children that a mount helper's end was hidden from; see whole.go.
	lostHelpers int
}

// with starts the contender on a root, runs what is to be measured, and stops it. An empty root
// means a fresh one, gone afterwards.
func (r *runner) with(ctx context.Context, c contender, root string, measure func(*server.Server) error) (err error) {
	if root == "" {
		if root, err = r.newRoot(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	}
	settle()
	running, err := server.Start(ctx, c.command, root)
	if err != nil {
		return err
	}
	if err := measure(running); err != nil {
		stopped := running.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s: %w", c.name, errors.Join(err, stopped, errors.New(running.Log())))
	}
	return running.Stop()
}

func (r *runner) newRoot() (string, error) {
	r.roots++
	root := filepath.Join(r.directory, fmt.Sprintf("root-%d", r.roots))
	return root, os.Mkdir(root, 0o700)
}

// settle leaves no writes of the last measurement to the next one.
func settle() {
	syscall.Sync()
	time.Sleep(100 * time.Millisecond)
}

const snapbenchLimit = 5 * time.Minute

// snapbench measures a server and returns the result, whose numbers have paths as p50_ms of stat.
func (r *runner) snapbench(ctx context.Context, s *server.Server, arguments ...string) (*result, error) {
	return r.snapbenchWithin(ctx, s, snapbenchLimit, arguments...)
}

func (r *runner) snapbenchWithin(ctx context.Context, s *server.Server, limit time.Duration, arguments ...string) (*result, error) {
	r.runs++
	settle()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	// No two runs make the same keys.
	all := append([]string{arguments[0], "-socket", s.Socket, "-prefix", fmt.Sprintf("bench-%d", r.runs)}, arguments[1:]...)
	tool := exec.CommandContext(ctx, filepath.Join(r.tools, "snapbench"), all...)
	failure := bytes.Buffer{}
	tool.Stderr = &failure
	output, err := tool.Output()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("snapbench %v did not end: %w", arguments, ctx.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("snapbench %v: %w: %s", arguments, err, failure.String())
	}
	found := &result{}
	return found, json.Unmarshal(output, found)
}

// result is what snapbench printed.
type result struct {
	Result map[string]any `json:"result"`
}

// number is one of the result's, by the names on the way to it.
func (r *result) number(path string) (float64, error) {
	var value any = r.Result
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	found, is := value.(float64)
	if !is {
		return 0, fmt.Errorf("snapbench found no number %q", path)
	}
	return found, nil
}

// take adds numbers of a result to the samples.
func (r *runner) take(from *result, paths map[string]string) error {
	for name, path := range paths {
		value, err := from.number(path)
		if err != nil {
			return err
		}
		r.report.add(name, value)
	}
	return nil
}

// measure runs snapbench and takes numbers of what it found, one a sample.
func (r *runner) measure(ctx context.Context, s *server.Server, samples map[string]string, arguments ...string) error {
	found, err := r.snapbench(ctx, s, arguments...)
	if err != nil {
		return err
	}
	return r.take(found, samples)
}

func (r *runner) takeMemory(s *server.Server, sample string) error {
	resident, err := process.ResidentMegabytes(s.Pid())
	if err == nil {
		r.report.add(sample, resident)
	}
	return err
}
