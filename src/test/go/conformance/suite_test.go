// Package conformance holds a snapshotter to containerd's own snapshotter suite, spoken to as
// containerd speaks to it: through its proxy client and a unix socket.
//
// The snapshotter comes from FUSELAGE_COMMAND or PEER_COMMAND, its driver from DRIVER, the name
// that the suite is told from SUITE_NAME, and a root that each test begins with a copy of, instead
// of an empty one, from SUITE_ROOT. Mounting needs root, or a user namespace of one's own, and
// mount.fuse3 on the PATH.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/core/snapshots/proxy"
	"github.com/containerd/containerd/v2/core/snapshots/testsuite"
	"github.com/containerd/log"

	"fuselage.dev/test/internal/server"
)

func TestSnapshotterSuite(t *testing.T) {
	command, err := server.FromEnvironment()
	if err != nil {
		server.Skip(t, err.Error())
	}
	if os.Geteuid() != 0 {
		server.Skip(t, "mounting needs root, or root of a user namespace")
	}
	if os.Getenv("DRIVER") != "overlayfs" {
		if _, err := exec.LookPath("mount.fuse3"); err != nil {
			server.Skip(t, "mount.fuse3 is not on the PATH: install fuse3, and add /usr/sbin")
		}
	}
	testsuite.SnapshotterSuite(t, suiteName(), startFor(command))
}

// suiteName decides what the suite expects of renamed directories: no overlay can move those of
// a lower layer.
func suiteName() string {
	if name := os.Getenv("SUITE_NAME"); name != "" {
		return name
	}
	return "fuse-overlayfs"
}

func startFor(command server.Command) testsuite.SnapshotterFunc {
	return func(ctx context.Context, root string) (snapshots.Snapshotter, func() error, error) {
		if err := fill(root); err != nil {
			return nil, nil, err
		}
		running, err := server.Start(ctx, command, root)
		if err != nil {
			return nil, nil, err
		}
		client := proxy.NewSnapshotter(snapshotsapi.NewSnapshotsClient(running.Connection), "fuselage")
		stop := func() error {
			err := errors.Join(client.Close(), running.Stop())
			// The test's own log, which go test shows of a failed test.
			log.G(ctx).Infof("the server's log ends with:\n%s", running.Log())
			return err
		}
		return client, stop, nil
	}
}

// fill makes root a copy of SUITE_ROOT, if there is one.
func fill(root string) error {
	original := os.Getenv("SUITE_ROOT")
	if original == "" {
		return nil
	}
	output, err := exec.Command("cp", "-a", original+"/.", root).CombinedOutput()
	if err != nil {
		return fmt.Errorf("copying %s: %w: %s", original, err, output)
	}
	return nil
}
