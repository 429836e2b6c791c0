package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"runtime"
	"strings"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// image is what becomes one: its name, what it runs, and its layers from the lowest up.
type image struct {
	name    string
	command []string
	layers  iter.Seq[*layer]
}

// writeImage writes an image, and its name, into the layout.
func writeImage(to layout, content image) error {
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	manifest := v1.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: v1.MediaTypeImageManifest}
	config := v1.Image{
		Created:  &written,
		Platform: platform,
		Config:   v1.ImageConfig{Env: []string{"PATH=/bin"}, Cmd: content.command, WorkingDir: "/"},
		RootFS:   v1.RootFS{Type: "layers"},
	}
	for l := range content.layers {
		blob, plain, err := l.complete()
		if err != nil {
			return err
		}
		descriptor, err := writeBlob(to, v1.MediaTypeImageLayerGzip, blob)
		if err != nil {
			return err
		}
		manifest.Layers = append(manifest.Layers, descriptor)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, plain)
		config.History = append(config.History, v1.History{
			Created:   &written,
			CreatedBy: fmt.Sprintf("layer %d", len(manifest.Layers)),
		})
	}
	var err error
	if manifest.Config, err = writeJSON(to, v1.MediaTypeImageConfig, config); err != nil {
		return err
	}
	descriptor, err := writeJSON(to, v1.MediaTypeImageManifest, manifest)
	if err != nil {
		return err
	}
	descriptor.Platform = &platform
	descriptor.Annotations = map[string]string{
		"io.containerd.image.name": content.name,
		v1.AnnotationRefName:       tagOf(content.name),
	}
	return writeIndex(to, descriptor)
}

func writeIndex(to layout, manifest v1.Descriptor) error {
	index, err := json.Marshal(v1.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: v1.MediaTypeImageIndex,
		Manifests: []v1.Descriptor{manifest},
	})
	if err != nil {
		return err
	}
	if err := to.file(v1.ImageIndexFile, index); err != nil {
		return err
	}
	return to.file(v1.ImageLayoutFile, []byte(`{"imageLayoutVersion":"`+v1.ImageLayoutVersion+`"}`))
}

func writeJSON(to layout, mediaType string, value any) (v1.Descriptor, error) {
	blob, err := json.Marshal(value)
	if err != nil {
		return v1.Descriptor{}, err
	}
	return writeBlob(to, mediaType, blob)
}

func writeBlob(to layout, mediaType string, blob []byte) (v1.Descriptor, error) {
	sum := digest.FromBytes(blob)
	descriptor := v1.Descriptor{MediaType: mediaType, Digest: sum, Size: int64(len(blob))}
	return descriptor, to.file("blobs/"+sum.Algorithm().String()+"/"+sum.Encoded(), blob)
}

// tagOf is the tag of an image's name: what follows its last colon, unless that is a port.
func tagOf(name string) string {
	colon := strings.LastIndex(name, ":")
	if colon < 0 || strings.Contains(name[colon:], "/") {
		return "latest"
	}
	return name[colon+1:]
}
