// Command powerdisk serves an image as a file of a FUSE file system, for a loop device: a disk whose
// power can be cut. A flush of the loop device arrives as an fsync of the file.
//
// It says "ready" when the file is there. On its standard input a line with a number cuts the power,
// with that seed, and is answered by a line of figures; from then on every call fails. When its
// standard input ends, it unmounts and ends.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"

	"fuselage.dev/test/internal/powerdisk"
)

const (
	fileName    = "disk"
	largestCall = 512 << 10
	// A loop device may hold the file for a moment longer than it seems to.
	unmountTries = 500
	unmountPause = 10 * time.Millisecond
)

func main() {
	image := flag.String("image", "", "`file` that holds what survives")
	directory := flag.String("mount", "", "empty `directory` that the file "+fileName+" will be in")
	flag.Parse()
	if *image == "" || *directory == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := serve(*image, *directory); err != nil {
		fmt.Fprintln(os.Stderr, "powerdisk:", err)
		os.Exit(1)
	}
}

func serve(image, directory string) (err error) {
	file, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	status, err := file.Stat()
	if err != nil {
		return err
	}
	disk := powerdisk.New(file)
	server, err := fs.Mount(directory, &root{disk: disk, size: status.Size()}, &fs.Options{
		MountOptions: fuse.MountOptions{
			FsName:             fileName,
			Name:               "powerdisk",
			DirectMountStrict:  true,
			MaxWrite:           largestCall,
			DisableXAttrs:      true,
			DisableReadDirPlus: true,
		},
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	err = obey(disk, os.Stdin)
	return errors.Join(err, unmount(server))
}

func unmount(server *fuse.Server) (err error) {
	for range unmountTries {
		if err = server.Unmount(); err == nil {
			return nil
		}
		time.Sleep(unmountPause)
	}
	return err
}

func obey(disk *powerdisk.Disk, orders io.Reader) error {
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		seed, err := strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 64)
		if err != nil {
			return err
		}
		cut, err := disk.Cut(rand.New(rand.NewSource(seed)))
		if err != nil {
			return err
		}
		fmt.Println(cut)
	}
	return lines.Err()
}

type root struct {
	fs.Inode
	disk *powerdisk.Disk
	size int64
}

var _ fs.NodeOnAdder = (*root)(nil)

func (r *root) OnAdd(ctx context.Context) {
	child := r.NewPersistentInode(ctx, &diskFile{disk: r.disk, size: r.size}, fs.StableAttr{Mode: syscall.S_IFREG})
	r.AddChild(fileName, child, false)
}

type diskFile struct {
	fs.Inode
	disk *powerdisk.Disk
	size int64
}

var (
	_ fs.NodeGetattrer = (*diskFile)(nil)
	_ fs.NodeOpener    = (*diskFile)(nil)
	_ fs.NodeReader    = (*diskFile)(nil)
	_ fs.NodeWriter    = (*diskFile)(nil)
	_ fs.NodeFsyncer   = (*diskFile)(nil)
)

func (f *diskFile) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode = syscall.S_IFREG | 0o600
	out.Size = uint64(f.size)
	return 0
}

// Open has the kernel keep nothing of the file: a cache of its own would hold writes back.
func (f *diskFile) Open(_ context.Context, _ uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (f *diskFile) Read(_ context.Context, _ fs.FileHandle, buffer []byte, offset int64) (fuse.ReadResult, syscall.Errno) {
	buffer = buffer[:max(0, min(int64(len(buffer)), f.size-offset))]
	if err := f.disk.ReadAt(buffer, offset); err != nil {
		return nil, errno(err)
	}
	return fuse.ReadResultData(buffer), 0
}

func (f *diskFile) Write(_ context.Context, _ fs.FileHandle, data []byte, offset int64) (uint32, syscall.Errno) {
	if offset+int64(len(data)) > f.size {
		return 0, syscall.ENOSPC
	}
	if err := f.disk.WriteAt(data, offset); err != nil {
		return 0, errno(err)
	}
	return uint32(len(data)), 0
}

func (f *diskFile) Fsync(_ context.Context, _ fs.FileHandle, _ uint32) syscall.Errno {
	if err := f.disk.Flush(); err != nil {
		return errno(err)
	}
	return 0
}

// errno is EIO where none is named, since that is what disks say.
func errno(err error) syscall.Errno {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return syscall.EIO
}
