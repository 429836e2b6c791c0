package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fuselage.dev/test/internal/server"
)

func TestADiskOfOurOwnHasAJournalAndItsDeviceGoesWithItsMount(t *testing.T) {
	if os.Geteuid() != 0 {
		server.Skip(t, "mounting needs root")
	}
	directory := t.TempDir()

	mounted, err := ownDisk(directory)

	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(mounted, syscall.MNT_DETACH) })
	if lacks, err := lacksJournal(mounted); lacks || err != nil {
		t.Errorf("no journal in %s: %v", fileSystem(mounted), err)
	}
	if found := fileSystem(mounted); !strings.HasPrefix(found, "ext4 ") {
		t.Errorf("it is %s", found)
	}
	if err := syscall.Unmount(mounted, 0); err != nil {
		t.Fatal(err)
	}
	image := filepath.Join(directory, "disk.img")
	for deadline := time.Now().Add(10 * time.Second); attached(t, image); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("its loop device is still there")
		}
	}
}

// attached says whether a loop device is upon the file.
func attached(t *testing.T, image string) bool {
	t.Helper()
	devices, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		t.Fatal(err)
	}
	for _, device := range devices {
		if text, err := os.ReadFile(device); err == nil && strings.TrimSpace(string(text)) == image {
			return true
		}
	}
	return false
}

func TestAFileSystemInMemoryLacksNoJournal(t *testing.T) {
	if lacks, err := lacksJournal("/proc"); lacks || err != nil {
		t.Errorf("%v, %v", lacks, err)
	}
}
