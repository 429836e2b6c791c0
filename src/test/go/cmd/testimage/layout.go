package main

import (
	"archive/tar"
	"io"
	"os"
	"path"
	"path/filepath"
)

// layout is where an OCI image layout is written to: file by file, each complete.
type layout interface {
	file(name string, content []byte) error
	io.Closer
}

// tarLayout is a layout in one tar file, as containerd imports it.
type tarLayout struct {
	output *os.File
	tar    *tar.Writer
}

func newTarLayout(name string) (layout, error) {
	output, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	l := &tarLayout{output: output, tar: tar.NewWriter(output)}
	for _, directory := range []string{"blobs/", "blobs/sha256/"} {
		header := tar.Header{Typeflag: tar.TypeDir, Name: directory, Mode: 0o755, ModTime: written}
		if err := l.tar.WriteHeader(&header); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *tarLayout) file(name string, content []byte) error {
	header := tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content)), ModTime: written}
	if err := l.tar.WriteHeader(&header); err != nil {
		return err
	}
	_, err := l.tar.Write(content)
	return err
}

func (l *tarLayout) Close() error {
	if err := l.tar.Close(); err != nil {
		return err
	}
	return l.output.Close()
}

// directoryLayout is a layout in a directory, as crane pushes it.
type directoryLayout string

func newDirectoryLayout(name string) (layout, error) {
	return directoryLayout(name), os.MkdirAll(filepath.Join(name, "blobs", "sha256"), 0o755)
}

func (l directoryLayout) file(name string, content []byte) error {
	return os.WriteFile(filepath.Join(string(l), filepath.FromSlash(path.Clean(name))), content, 0o644)
}

func (l directoryLayout) Close() error {
	return nil
}
