package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
)

const insideVariable = "CONFORMANCE_INSIDE"

// TestMain runs the tests in mount and process namespaces of their own, and in a temporary
// directory of their own: a test that fails in the middle, or is killed, then takes its mounts,
// FUSE daemons and servers with it.
func TestMain(m *testing.M) {
	if os.Geteuid() != 0 {
		os.Exit(m.Run())
	}
	if os.Getenv(insideVariable) != "" {
		// What reads /proc/self must meet the new process namespace there.
		if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
			fail(fmt.Errorf("mounting /proc for the tests: %w", err))
		}
		os.Exit(m.Run())
	}
	code, err := runInside()
	if err != nil {
		fail(err)
	}
	os.Exit(code)
}

func runInside() (code int, err error) {
	directory, err := os.MkdirTemp("", "fuselage-suite-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()

	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	// The death signal is bound to the thread that forks.
	runtime.LockOSThread()
	tests := exec.CommandContext(ctx, "/proc/self/exe", os.Args[1:]...)
	tests.Env = append(os.Environ(), insideVariable+"=1", "TMPDIR="+directory)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
		Pdeathsig:    syscall.SIGKILL,
	}
	err = tests.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if exit.ExitCode() < 0 {
			return 0, fmt.Errorf("the tests were ended: %w", err)
		}
		return exit.ExitCode(), nil
	}
	return 0, err
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
