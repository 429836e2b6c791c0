package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// contain runs this program again, as -inside a directory of its own and in namespaces of its own,
// so that no process, mount or directory outlives it, however it ends.
func contain(base string, arguments []string) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("this needs root, since it mounts")
	}
	directory, err := os.MkdirTemp(base, "bench.")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeTraces(directory)) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// The death signal is bound to the thread that forks.
	runtime.LockOSThread()
	// A shell comes first in there, since the first process has to wait for orphans. In a session of
	// its own, so that Ctrl-C at the terminal reaches this process and nobody else.
	child := exec.Command("/bin/sh", append([]string{"-c", `"$@"; exit $?`, "sh", self, "-inside", directory}, arguments...)...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
		Setsid:     true,
	}
	// Who is inside stops when this pipe ends.
	held, err := child.StdinPipe()
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := child.Start(); err != nil {
		return err
	}
	go func() {
		<-signals
		_ = held.Close()
		<-signals
		_ = child.Process.Kill()
	}()
	return child.Wait()
}

func removeTraces(directory string) error {
	// Left only where a container was killed before it could be removed.
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		groups, _ := filepath.Glob(pattern + filepath.Base(directory))
		for _, group := range groups {
			_ = os.Remove(group)
		}
	}
	return os.RemoveAll(directory)
}

// settleIn makes the namespaces one's own, and calls stop when nobody holds the standard input open
// any more.
func settleIn(stop func()) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	// Shims keep their sockets below /run, whoever starts them: not in the machine's. Ours lie there
	// too, since their paths have to be short.
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("mounting /run: %w", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return os.Setenv("TMPDIR", "/run")
}
