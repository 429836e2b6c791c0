package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fuselage.dev/test/internal/server"
)

const (
	imageName  = "docker.io/fuselage/bench:latest"
	wholeLimit = 5 * time.Minute
)

// makeImage writes the image that the whole is measured with.
func (r *runner) makeImage(ctx context.Context) error {
	r.image = filepath.Join(r.directory, "image.tar")
	// testimage begins with four layers of its own.
	output, err := exec.CommandContext(ctx, filepath.Join(r.tools, "testimage"), "-o", r.image, "-name", imageName,
		"-layers", fmt.Sprint(r.report.Settings.Layers-4), "-files", "200", "-size", "4096").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the image could not be made: %w: %s", err, output)
	}
	return nil
}

// whole is what a user waits for: an image imported and unpacked, a container run, all removed.
func (r *runner) whole(ctx context.Context, c contender) error {
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	root, err := r.newRoot()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(root) }()
	return r.with(ctx, c, root, func(s *server.Server) error {
		if c.name == "auto" && !chose(root, "overlayfs") {
			if len(r.report.Samples["auto.refused"]) == 0 {
				r.report.note("Driver auto did not choose overlayfs here, so it is not measured.")
			}
			r.report.add("auto.refused", 1)
			return nil
		}
		containerd, err := r.startContainerd(ctx, s.Socket)
		if err != nil {
			return err
		}
		took, err := containerd.life(ctx)
		r.lostHelpers += containerd.lostHelpers
		if err := errors.Join(err, containerd.stop()); err != nil {
			return err
		}
		r.report.add(c.name+".whole", float64(took.Microseconds())/1000)
		return nil
	})
}

// chose tells the driver that a root remembers.
func chose(root, driver string) bool {
	text, err := os.ReadFile(filepath.Join(root, "fuselage.properties"))
	return err == nil && strings.Contains(string(text), "driver="+driver+"\n")
}

type containerd struct {
	directory, state string
	programs, image  string
	process          *exec.Cmd
	log              *os.File
	cgroup           string
	lostHelpers      int
}

// Switched off is what the measured path does not need, or what would leave traces on the machine.
const containerdConfiguration = `version = 3
root = "%[1]s"
state = "%[2]s"
disabled_plugins = [
  "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing", "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "%[2]s/c.sock"
[ttrpc]
  address = "%[2]s/c.sock.ttrpc"
[proxy_plugins.bench]
  type = "snapshot"
  address = "%[3]s"
`

func (r *runner) startContainerd(ctx context.Context, snapshotter string) (*containerd, error) {
	directory, err := r.newRoot()
	if err != nil {
		return nil, err
	}
	state, err := os.MkdirTemp("", "c-")
	if err != nil {
		return nil, err
	}
	c := &containerd{directory: directory, state: state, programs: r.containerd, image: r.image, cgroup: r.cgroup}
	configuration := filepath.Join(directory, "config.toml")
	text := fmt.Sprintf(containerdConfiguration, filepath.Join(directory, "root"), state, snapshotter)
	if err := os.WriteFile(configuration, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if c.log, err = os.Create(filepath.Join(directory, "log")); err != nil {
		return nil, err
	}
	c.process = exec.Command(filepath.Join(c.programs, "containerd"), "--config", configuration)
	c.process.Stdout, c.process.Stderr = c.log, c.log
	c.process.Env = append(os.Environ(), "PATH="+c.programs+":"+os.Getenv("PATH"))
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	for {
		_, err := c.ctr(ctx, "version")
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("containerd did not answer: %w", err), c.stop())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (c *containerd) ctr(ctx context.Context, arguments ...string) (time.Duration, error) {
	output := bytes.Buffer{}
	process := exec.CommandContext(ctx, filepath.Join(c.programs, "ctr"),
		append([]string{"--address", filepath.Join(c.state, "c.sock")}, arguments...)...)
	process.Stdout, process.Stderr = &output, &output
	// A shim that outlives ctr may hold its outputs.
	process.WaitDelay = time.Second
	begin := time.Now()
	if err := process.Run(); err != nil {
		return 0, fmt.Errorf("ctr %v: %w: %s", arguments, err, output.String())
	}
	return time.Since(begin), nil
}

// life imports, runs and removes, and returns how long the three took together.
func (c *containerd) life(ctx context.Context) (time.Duration, error) {
	imported, err := c.ctr(ctx, "images", "import", "--local", "--snapshotter", "bench", c.image)
	if err != nil {
		return 0, c.explain(err)
	}
	ran, err := c.run(ctx)
	if err != nil {
		return 0, c.explain(err)
	}
	removed, err := c.ctr(ctx, "images", "rm", "--sync", imageName)
	if err != nil {
		return 0, c.explain(err)
	}
	return imported + ran + removed, nil
}

// run starts a container until its shim saw its mount helper end: the shim reaps every child, on a
// busy machine also the one that it is about to wait for, and then fails with ECHILD. That is no
// property of a snapshotter, so only the start that worked is measured.
func (c *containerd) run(ctx context.Context) (time.Duration, error) {
	var err error
	for range 10 {
		var took time.Duration
		took, err = c.ctr(ctx, "run", "--rm", "--snapshotter", "bench", "--cgroup", c.cgroup, imageName, "bench", "/check")
		if err == nil {
			return took, nil
		}
		if !strings.Contains(err.Error(), "ECHILD") && !strings.Contains(err.Error(), "no child processes") {
			return 0, err
		}
		c.lostHelpers++
		_, _ = c.ctr(ctx, "tasks", "rm", "--force", "bench")
		_, _ = c.ctr(ctx, "containers", "rm", "bench")
		_, _ = c.ctr(ctx, "snapshots", "--snapshotter", "bench", "rm", "bench")
	}
	return 0, err
}

func (c *containerd) explain(err error) error {
	log, _ := os.ReadFile(c.log.Name())
	return fmt.Errorf("%w\ncontainerd's log ends with:\n%s", err, log[max(0, len(log)-4096):])
}

func (c *containerd) stop() error {
	_ = c.process.Process.Signal(syscall.SIGTERM)
	killer := time.AfterFunc(10*time.Second, func() { _ = c.process.Process.Kill() })
	_ = c.process.Wait()
	killer.Stop()
	_ = c.log.Close()
	return errors.Join(os.RemoveAll(c.directory), os.RemoveAll(c.state))
}
