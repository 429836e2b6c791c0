package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"time"

	"github.com/opencontainers/go-digest"
)

// written is when everything in the image was written, so that the same flags make the same bytes.
var written = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// layer is a layer being written. The first error is kept, and returned when it is complete.
type layer struct {
	blob  bytes.Buffer
	gzip  *gzip.Writer
	tar   *tar.Writer
	plain digest.Digester
	err   error
}

func newLayer() *layer {
	l := &layer{plain: digest.SHA256.Digester()}
	l.gzip, l.err = gzip.NewWriterLevel(&l.blob, gzip.BestSpeed)
	l.tar = tar.NewWriter(io.MultiWriter(l.gzip, l.plain.Hash()))
	return l
}

// complete returns the compressed layer, and the digest of what was compressed.
func (l *layer) complete() ([]byte, digest.Digest, error) {
	for _, closer := range []io.Closer{l.tar, l.gzip} {
		if err := closer.Close(); l.err == nil {
			l.err = err
		}
	}
	return l.blob.Bytes(), l.plain.Digest(), l.err
}

// An option changes an entry before it is written.
type option func(*tar.Header)

func owner(uid, gid int) option {
	return func(header *tar.Header) { header.Uid, header.Gid = uid, gid }
}

// attribute is an extended attribute, in the one way that container tools agree upon.
func attribute(name, value string) option {
	return func(header *tar.Header) {
		if header.PAXRecords == nil {
			header.PAXRecords = map[string]string{}
		}
		header.PAXRecords["SCHILY.xattr."+name] = value
	}
}

func (l *layer) directory(name string, mode int64, options ...option) {
	l.write(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode}, nil, options)
}

func (l *layer) file(name string, mode int64, content []byte, options ...option) {
	l.write(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content))}, content, options)
}

func (l *layer) text(name, content string, options ...option) {
	l.file(name, 0o644, []byte(content), options...)
}

func (l *layer) symbolicLink(name, target string) {
	l.write(tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, nil, nil)
}

func (l *layer) hardLink(name, target string) {
	l.write(tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, nil, nil)
}

func (l *layer) pipe(name string) {
	l.write(tar.Header{Typeflag: tar.TypeFifo, Name: name, Mode: 0o600}, nil, nil)
}

// whiteout removes what a lower layer has at directory/name.
func (l *layer) whiteout(directory, name string) {
	l.file(directory+"/.wh."+name, 0o600, nil)
}

// opaque hides all that lower layers have in the directory.
func (l *layer) opaque(directory string) {
	l.whiteout(directory, ".wh..opq")
}

func (l *layer) write(header tar.Header, content []byte, options []option) {
	if l.err != nil {
		return
	}
	header.ModTime = written
	header.Format = tar.FormatPAX
	for _, change := range options {
		change(&header)
	}
	if l.err = l.tar.WriteHeader(&header); l.err == nil {
		_, l.err = l.tar.Write(content)
	}
}

// noise is content that does not compress and that its name alone decides.
func noise(name string, size int) []byte {
	content := make([]byte, 0, size+sha256.Size)
	block := sha256.Sum256([]byte(name))
	for len(content) < size {
		content = append(content, block[:]...)
		block = sha256.Sum256(block[:])
	}
	return content[:size]
}
