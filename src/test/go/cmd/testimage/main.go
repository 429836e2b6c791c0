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
	"strings"
)

func main() {
	output := flag.String("o", "", "`path` to write to")
	format := flag.String("format", "tar", "tar, as containerd imports it, or layout-dir, as crane pushes it")
	name := flag.String("name", "docker.io/fuselage/test:latest", "the image's `name`")
	busybox := flag.String("busybox", "/bin/busybox", "a statically linked busybox")
	bare := flag.Bool("bare", false, "only the first layer, with busybox and nothing to go wrong")
	command := flag.String("command", "/bin/sh", "the image's `command`, its words separated by spaces")
	more := extra{}
	flag.IntVar(&more.layers, "layers", 0, "numbered layers above the four first ones")
	flag.IntVar(&more.files, "files", 1, "files in each numbered layer")
	flag.IntVar(&more.size, "size", 64, "size of each of these files in `bytes`")
	flag.Parse()
	if *output == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	program, err := os.ReadFile(*busybox)
	if err == nil {
		layers := layersOf(program, more)
		if *bare {
			layers = bareLayers(program)
		}
		err = write(*output, *format, image{*name, strings.Fields(*command), layers})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testimage:", err)
		os.Exit(1)
	}
}

func write(output, format string, content image) (err error) {
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
	return writeImage(to, content)
}
