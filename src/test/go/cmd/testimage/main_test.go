package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

func writeLayout(t *testing.T, format string, more extra) string {
	t.Helper()
	return writeImageOf(t, format, layersOf([]byte("busybox"), more))
}

func writeImageOf(t *testing.T, format string, layers iter.Seq[*layer]) string {
	t.Helper()
	output := filepath.Join(t.TempDir(), "image")
	content := image{"localhost:5000/fuselage/test:tag", []string{"/bin/sleep", "1"}, layers}
	if err := write(output, format, content); err != nil {
		t.Fatal(err)
	}
	return output
}

func readBlob(t *testing.T, layout string, descriptor v1.Descriptor) []byte {
	t.Helper()
	blob, err := os.ReadFile(filepath.Join(layout, "blobs", "sha256", descriptor.Digest.Encoded()))
	if err != nil {
		t.Fatal(err)
	}
	if digest.FromBytes(blob) != descriptor.Digest || int64(len(blob)) != descriptor.Size {
		t.Fatalf("blob %s is not what its descriptor says", descriptor.Digest)
	}
	return blob
}

func decode[T any](t *testing.T, text []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func readImage(t *testing.T, layout string) (v1.Index, v1.Manifest, v1.Image) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	index := decode[v1.Index](t, text)
	manifest := decode[v1.Manifest](t, readBlob(t, layout, index.Manifests[0]))
	return index, manifest, decode[v1.Image](t, readBlob(t, layout, manifest.Config))
}

func TestAnImageNamesItselfAndItsPlatform(t *testing.T) {
	index, _, config := readImage(t, writeLayout(t, "layout-dir", extra{}))
	annotations := index.Manifests[0].Annotations
	if annotations["io.containerd.image.name"] != "localhost:5000/fuselage/test:tag" ||
		annotations["org.opencontainers.image.ref.name"] != "tag" {
		t.Errorf("annotations are %v", annotations)
	}
	if config.OS != "linux" || config.Architecture == "" {
		t.Errorf("platform is %+v", config.Platform)
	}
}

func TestABareImageHasOneLayerAndItsCommand(t *testing.T) {
	_, manifest, config := readImage(t, writeImageOf(t, "layout-dir", bareLayers([]byte("busybox"))))
	if len(manifest.Layers) != 1 || !slices.Equal(config.Config.Cmd, []string{"/bin/sleep", "1"}) {
		t.Errorf("%d layers, command %v", len(manifest.Layers), config.Config.Cmd)
	}
}

func TestEachLayerHasTheDigestOfItsPlainTar(t *testing.T) {
	layout := writeLayout(t, "layout-dir", extra{layers: 3, files: 2, size: 1000})
	_, manifest, config := readImage(t, layout)
	if len(manifest.Layers) != 7 || len(config.RootFS.DiffIDs) != 7 || len(config.History) != 7 {
		t.Fatalf("%d layers, %d diff ids, %d lines of history, 7 expected of each",
			len(manifest.Layers), len(config.RootFS.DiffIDs), len(config.History))
	}
	for i, descriptor := range manifest.Layers {
		plain := decompress(t, readBlob(t, layout, descriptor))
		if digest.FromBytes(plain) != config.RootFS.DiffIDs[i] {
			t.Errorf("layer %d is not what its diff id says", i+1)
		}
	}
}

func decompress(t *testing.T, blob []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(blob))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func entries(t *testing.T, plain []byte) map[string]*tar.Header {
	t.Helper()
	found := map[string]*tar.Header{}
	reader := tar.NewReader(bytes.NewReader(plain))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found[header.Name] = header
	}
}

func TestLayersHoldWhatASnapshotterCouldLose(t *testing.T) {
	layout := writeLayout(t, "layout-dir", extra{})
	_, manifest, _ := readImage(t, layout)
	second := entries(t, decompress(t, readBlob(t, layout, manifest.Layers[1])))
	third := entries(t, decompress(t, readBlob(t, layout, manifest.Layers[2])))

	if header := second["data/linked-too"]; header.Typeflag != tar.TypeLink || header.Linkname != "data/linked" {
		t.Errorf("the hard link is %+v", header)
	}
	if value := second["data/attributes"].PAXRecords["SCHILY.xattr.user.fuselage"]; value != "an attribute" {
		t.Errorf("the attribute is %q", value)
	}
	if header := second["data/set-uid"]; header.Mode != 0o4755 || header.Uid != 1000 {
		t.Errorf("the set-uid file is %+v", header)
	}
	for _, name := range []string{"data/.wh.removed", "data/.wh.removed-directory", "data/replaced/.wh..wh..opq"} {
		if _, present := third[name]; !present {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestTheSameFlagsMakeTheSameBytes(t *testing.T) {
	more := extra{layers: 2, files: 3, size: 100}
	first, err := os.ReadFile(writeLayout(t, "tar", more))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(writeLayout(t, "tar", more))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("two runs differ")
	}
	names := entries(t, first)
	for _, name := range []string{"oci-layout", "index.json", "blobs/sha256/"} {
		if _, present := names[name]; !present {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestNoiseIsAsLongAsAsked(t *testing.T) {
	for _, size := range []int{0, 1, 32, 33, 1000} {
		if content := noise("name", size); len(content) != size {
			t.Errorf("%d bytes, %d asked", len(content), size)
		}
	}
	if slices.Equal(noise("a", 64), noise("b", 64)) {
		t.Error("two names have the same content")
	}
}

func TestATagIsWhatFollowsTheLastColonUnlessThatIsAPort(t *testing.T) {
	for name, tag := range map[string]string{
		"docker.io/fuselage/test:1": "1", "localhost:5000/test": "latest", "localhost:5000/test:2": "2",
	} {
		if found := tagOf(name); found != tag {
			t.Errorf("tag of %s is %s, not %s", name, found, tag)
		}
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	content := image{"name", nil, layersOf(nil, extra{})}
	if err := write(filepath.Join(t.TempDir(), "image"), "zip", content); err == nil {
		t.Error("it was accepted")
	}
}
