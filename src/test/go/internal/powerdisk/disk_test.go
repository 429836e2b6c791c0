package powerdisk

import (
	"bytes"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

const sectors = 64

func newDisk(t *testing.T) (*Disk, *os.File) {
	t.Helper()
	image, err := os.Create(filepath.Join(t.TempDir(), "image"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = image.Close() })
	if err := image.Truncate(sectors * SectorSize); err != nil {
		t.Fatal(err)
	}
	return New(image), image
}

func fill(t *testing.T, disk *Disk, value byte) {
	t.Helper()
	if err := disk.WriteAt(bytes.Repeat([]byte{value}, sectors*SectorSize), 0); err != nil {
		t.Fatal(err)
	}
}

// survivors counts the sectors by the value that all of their bytes have.
func survivors(t *testing.T, image *os.File) map[byte]int {
	t.Helper()
	count := map[byte]int{}
	for number := range int64(sectors) {
		sector := make([]byte, SectorSize)
		if _, err := image.ReadAt(sector, number*SectorSize); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(sector, bytes.Repeat(sector[:1], SectorSize)) {
			t.Fatalf("sector %d is torn", number)
		}
		count[sector[0]]++
	}
	return count
}

func TestWhatWasWrittenIsReadAgain(t *testing.T) {
	disk, _ := newDisk(t)
	fill(t, disk, 1)
	fill(t, disk, 2)
	read := make([]byte, 2*SectorSize)
	if err := disk.ReadAt(read, SectorSize); err != nil || !bytes.Equal(read, bytes.Repeat([]byte{2}, len(read))) {
		t.Errorf("it is %v, %v", read[0], err)
	}
}

func TestWhatWasFlushedSurvivesEveryCut(t *testing.T) {
	for seed := range int64(50) {
		disk, image := newDisk(t)
		fill(t, disk, 1)
		fill(t, disk, 2)
		if err := disk.Flush(); err != nil {
			t.Fatal(err)
		}
		cut, err := disk.Cut(rand.New(rand.NewSource(seed)))
		if err != nil || cut.Flushes != 1 || cut.Writes != 2 || cut.Kept+cut.Dropped != 0 {
			t.Errorf("it is %v, %v", cut, err)
		}
		if count := survivors(t, image); count[2] != sectors {
			t.Errorf("seed %d left %v", seed, count)
		}
	}
}

func TestWhatWasNotFlushedMaySurviveInAnyVersionOrNot(t *testing.T) {
	mixed := 0
	for seed := range int64(50) {
		disk, image := newDisk(t)
		fill(t, disk, 1)
		if err := disk.Flush(); err != nil {
			t.Fatal(err)
		}
		fill(t, disk, 2)
		fill(t, disk, 3)
		cut, err := disk.Cut(rand.New(rand.NewSource(seed)))
		if err != nil {
			t.Fatal(err)
		}
		count := survivors(t, image)
		if count[1] != cut.Dropped || count[2]+count[3] != cut.Kept || cut.Kept+cut.Dropped != sectors {
			t.Errorf("seed %d left %v of %v", seed, count, cut)
		}
		if count[1] > 0 && count[2] > 0 && count[3] > 0 {
			mixed++
		}
	}
	if mixed < 20 {
		t.Errorf("only %d of 50 cuts left a mixture", mixed)
	}
}

func TestASeedCutsTheSameAgain(t *testing.T) {
	for seed := range int64(10) {
		cuts := map[Cut]bool{}
		for range 3 {
			disk, _ := newDisk(t)
			fill(t, disk, 1)
			cut, err := disk.Cut(rand.New(rand.NewSource(seed)))
			if err != nil {
				t.Fatal(err)
			}
			cuts[cut] = true
		}
		if len(cuts) != 1 {
			t.Errorf("seed %d: %v", seed, cuts)
		}
	}
}

func TestWithoutPowerNothingWorks(t *testing.T) {
	disk, _ := newDisk(t)
	if _, err := disk.Cut(rand.New(rand.NewSource(1))); err != nil {
		t.Fatal(err)
	}
	sector := make([]byte, SectorSize)
	for _, err := range []error{disk.ReadAt(sector, 0), disk.WriteAt(sector, 0), disk.Flush()} {
		if !errors.Is(err, syscall.EIO) {
			t.Errorf("it is %v", err)
		}
	}
}

func TestWhatIsNoSectorIsRefused(t *testing.T) {
	disk, _ := newDisk(t)
	if err := disk.WriteAt(make([]byte, 100), 0); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("it is %v", err)
	}
	if err := disk.ReadAt(make([]byte, SectorSize), 100); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("it is %v", err)
	}
}
