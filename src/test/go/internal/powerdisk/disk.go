// Package powerdisk is a disk with a volatile cache: what was written to it, and not flushed when
// the power is cut, may be there afterwards or not, each piece for itself.
package powerdisk

import (
	"fmt"
	"io"
	"math/rand"
	"slices"
	"sync"
	"syscall"
)

const (
	// SectorSize is the most that a disk promises to write as a whole.
	SectorSize = 512
	blockSize  = 4096
)

// Image holds what survives.
type Image interface {
	io.ReaderAt
	io.WriterAt
}

// Disk is a disk that is switched on. Its methods may be called at the same time.
type Disk struct {
	mutex sync.Mutex
	image Image
	// volatile are the contents that a sector had since the last flush, by its number, the oldest
	// first.
	volatile map[int64][][]byte
	off      bool
	writes   int
	flushes  int
}

// Cut is what became of the sectors that were not flushed.
type Cut struct {
	Kept, Dropped, Writes, Flushes int
}

func (c Cut) String() string {
	return fmt.Sprintf("kept=%d dropped=%d writes=%d flushes=%d", c.Kept, c.Dropped, c.Writes, c.Flushes)
}

// New is a disk that has all that its image holds.
func New(image Image) *Disk {
	return &Disk{image: image, volatile: map[int64][][]byte{}}
}

// ReadAt fills the buffer with what was written last. It fails with EIO once the power is cut.
func (d *Disk) ReadAt(buffer []byte, offset int64) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.off {
		return syscall.EIO
	}
	return d.read(buffer, offset)
}

func (d *Disk) read(buffer []byte, offset int64) error {
	if err := aligned(buffer, offset); err != nil {
		return err
	}
	if _, err := d.image.ReadAt(buffer, offset); err != nil {
		return err
	}
	for at := 0; at < len(buffer); at += SectorSize {
		if contents := d.volatile[(offset+int64(at))/SectorSize]; contents != nil {
			copy(buffer[at:], contents[len(contents)-1])
		}
	}
	return nil
}

// WriteAt takes data into the cache. It fails with EIO once the power is cut.
func (d *Disk) WriteAt(data []byte, offset int64) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.off {
		return syscall.EIO
	}
	if err := aligned(data, offset); err != nil {
		return err
	}
	d.writes++
	// Sectors share this copy, which nobody writes to again.
	data = slices.Clone(data)
	for at := 0; at < len(data); at += SectorSize {
		number := (offset + int64(at)) / SectorSize
		d.volatile[number] = append(d.volatile[number], data[at:at+SectorSize:at+SectorSize])
	}
	return nil
}

// Flush makes durable what was written before. It fails with EIO once the power is cut.
func (d *Disk) Flush() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.off {
		return syscall.EIO
	}
	d.flushes++
	for number, contents := range d.volatile {
		if _, err := d.image.WriteAt(contents[len(contents)-1], number*SectorSize); err != nil {
			return err
		}
	}
	clear(d.volatile)
	return nil
}

// Cut ends the power. Of what was not flushed each block, or in half of all cuts each sector, stays
// as it was or becomes anything that was written to it, as chance will have it.
func (d *Disk) Cut(chance *rand.Rand) (Cut, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.off = true
	cut := Cut{Writes: d.writes, Flushes: d.flushes}
	unit := int64(1)
	if chance.Intn(2) == 0 {
		unit = blockSize / SectorSize
	}
	// Now and then nothing arrives at all, or everything does.
	likelihood := chance.Float64()*1.4 - 0.2
	numbers := make([]int64, 0, len(d.volatile))
	for number := range d.volatile {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	before, kept, version := int64(-1), false, 0.0
	for _, number := range numbers {
		if number/unit != before {
			before, kept, version = number/unit, chance.Float64() < likelihood, chance.Float64()
		}
		if !kept {
			cut.Dropped++
			continue
		}
		cut.Kept++
		contents := d.volatile[number]
		written := contents[int(version*float64(len(contents)))]
		if _, err := d.image.WriteAt(written, number*SectorSize); err != nil {
			return cut, err
		}
	}
	clear(d.volatile)
	return cut, nil
}

func aligned(data []byte, offset int64) error {
	if len(data)%SectorSize != 0 || offset%SectorSize != 0 {
		return fmt.Errorf("%w: %d bytes at %d are no sectors", syscall.EINVAL, len(data), offset)
	}
	return nil
}
