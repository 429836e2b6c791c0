// Command testimage writes a small OCI image whose layers hold what a snapshotter could get wrong:
// several owners, hard links, extended attributes, odd modes, whiteouts and an opaque directory.
// Its /check says whether a root file system made of it is whole. The same flags make the same
// bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	output := flag.String("o", "", "`path` to write to")
	format := flag.String("format", "tar", "tar, as containerd imports it, or layout-dir, as crane pushes it")
	name := flag.String("name", "docker.io/fuselage/test:latest", "the image's `name`")
	busybox := flag.String("busybox", "/bin/busybox", "a statically linked busybox")
	more := extra{}
	flag.IntVar(&more.layers, "layers", 0, "numbered layers above the four first ones")
	flag.IntVar(&more.files, "files", 1, "files in each numbered layer")
	flag.IntVar(&more.size, "size", 64, "size of each of these files in `bytes`")
	flag.Parse()
	if *output == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*output, *format, *name, *busybox, more); err != nil {
		fmt.Fprintln(os.Stderr, "testimage:", err)
		os.Exit(1)
	}
}

func write(output, format, name, busybox string, more extra) (err error) {
	program, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	open, known := map[string]func(string) (layout, error){
		"tar":        newTarLayout,
		"layout-dir": newDirectoryLayout,
	}[format]
	if !known {
		return fmt.Errorf("there is no format %q", format)
	}
	to, err := open(output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return writeImage(to, name, layersOf(program, more))
}
