package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// What the roots are put on, by the flag -disk.
const (
	diskAuto = "auto"
	diskOwn  = "own"
	diskNone = "none"
)

// The size of a disk of our own: room for both trees of a measurement, and for inodes enough.
const diskSize = 16 << 30

// ownDisk makes an ext4 with a journal in a file of the directory and mounts it there; it returns
// where. The loop device goes with the mount, and the mount with its namespace.
func ownDisk(directory string) (mounted string, err error) {
	image := filepath.Join(directory, "disk.img")
	if err := sparseFile(image, diskSize); err != nil {
		return "", err
	}
	// The kernel would go on making inode tables and the journal while we measure.
	if err := command("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image); err != nil {
		return "", err
	}
	mounted = filepath.Join(directory, "disk")
	if err := os.Mkdir(mounted, 0o700); err != nil {
		return "", err
	}
	// Past the page cache of the file system below, which would hold everything twice.
	output, err := exec.Command("losetup", "--direct-io=on", "--find", "--show", image).Output()
	if err != nil {
		return "", failure("losetup", err)
	}
	device := strings.TrimSpace(string(output))
	// A device that is in use is detached when it no longer is.
	defer func() { err = errors.Join(err, command("losetup", "--detach", device)) }()
	return mounted, command("mount", "-t", "ext4", device, mounted)
}

func sparseFile(path string, size int64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Truncate(size), file.Close())
}

func command(name string, arguments ...string) error {
	_, err := exec.Command(name, arguments...).Output()
	return failure(name, err)
}

// failure is the error of a command with what it said.
func failure(name string, err error) error {
	ended := &exec.ExitError{}
	if errors.As(err, &ended) {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(ended.Stderr)))
	}
	return err
}

// lacksJournal says whether the directory is on an ext4 without one, where making files is slow for
// minutes after others were deleted: each inode that was freed lately is passed over.
func lacksJournal(directory string) (bool, error) {
	stat := syscall.Stat_t{}
	if err := syscall.Stat(directory, &stat); err != nil {
		return false, err
	}
	entry, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%s", deviceNumber(stat.Dev)))
	if errors.Is(err, os.ErrNotExist) {
		// Not on a block device.
		return false, nil
	}
	if err != nil {
		return false, err
	}
	device := filepath.Base(entry)
	if _, err := os.Stat("/proc/fs/ext4/" + device); err != nil {
		return false, nil
	}
	journals, err := filepath.Glob("/proc/fs/jbd2/" + device + "-*")
	return len(journals) == 0, err
}

func deviceNumber(device uint64) string {
	return fmt.Sprintf("%d:%d", device>>8&0xfff, device&0xff|device>>12&0xfff00)
}
