package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/api/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// client makes the calls of one benchmark, over one connection, as containerd does.
type client struct {
	api    snapshotsapi.SnapshotsClient
	prefix string
	keys   atomic.Int64
}

func newClient(connection *grpc.ClientConn, prefix string) *client {
	return &client{api: snapshotsapi.NewSnapshotsClient(connection), prefix: prefix}
}

// key is one that was not given out before.
func (c *client) key(kind string) string {
	return fmt.Sprintf("%s/%d/%s", c.prefix, c.keys.Add(1), kind)
}

// What containerd sends with each call of an unpack.
var labels = map[string]string{
	"containerd.io/snapshot.ref": "sha256:0000000000000000000000000000000000000000000000000000000000000000",
}

func (c *client) prepare(ctx context.Context, key, parent string) ([]*types.Mount, error) {
	answer, err := c.api.Prepare(ctx, &snapshotsapi.PrepareSnapshotRequest{Key: key, Parent: parent, Labels: labels})
	return answer.GetMounts(), err
}

func (c *client) view(ctx context.Context, key, parent string) error {
	_, err := c.api.View(ctx, &snapshotsapi.ViewSnapshotRequest{Key: key, Parent: parent, Labels: labels})
	return err
}

func (c *client) mounts(ctx context.Context, key string) error {
	_, err := c.api.Mounts(ctx, &snapshotsapi.MountsRequest{Key: key})
	return err
}

func (c *client) commit(ctx context.Context, name, key string) error {
	_, err := c.api.Commit(ctx, &snapshotsapi.CommitSnapshotRequest{Name: name, Key: key, Labels: labels})
	return err
}

func (c *client) remove(ctx context.Context, key string) error {
	_, err := c.api.Remove(ctx, &snapshotsapi.RemoveSnapshotRequest{Key: key})
	return err
}

func (c *client) stat(ctx context.Context, key string) error {
	_, err := c.api.Stat(ctx, &snapshotsapi.StatSnapshotRequest{Key: key})
	return err
}

func (c *client) update(ctx context.Context, key, value string) error {
	_, err := c.api.Update(ctx, &snapshotsapi.UpdateSnapshotRequest{
		Info:       &snapshotsapi.Info{Name: key, Labels: map[string]string{"bench": value}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels.bench"}},
	})
	return err
}

func (c *client) usage(ctx context.Context, key string) (bytes, inodes int64, err error) {
	answer, err := c.api.Usage(ctx, &snapshotsapi.UsageRequest{Key: key})
	return answer.GetSize(), answer.GetInodes(), err
}

// cleanup waits for what Remove left to be deleted, where the snapshotter leaves anything.
func (c *client) cleanup(ctx context.Context) error {
	_, err := c.api.Cleanup(ctx, &snapshotsapi.CleanupRequest{})
	if status.Code(err) == codes.Unimplemented {
		return nil
	}
	return err
}

func (c *client) list(ctx context.Context, filters []string, each func(*snapshotsapi.Info)) error {
	stream, err := c.api.List(ctx, &snapshotsapi.ListSnapshotsRequest{Filters: filters})
	if err != nil {
		return err
	}
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, info := range answer.Info {
			each(info)
		}
	}
}

// upperDirectory is where what is written to a mounted snapshot ends up.
func upperDirectory(mounts []*types.Mount) (string, error) {
	for _, mount := range mounts {
		if mount.Type == "bind" {
			return mount.Source, nil
		}
		for _, option := range mount.Options {
			if directory, found := strings.CutPrefix(option, "upperdir="); found {
				return directory, nil
			}
		}
	}
	return "", fmt.Errorf("mounts %v have no upper directory", mounts)
}
