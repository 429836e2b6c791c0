package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/api/types"

	"fuselage.dev/test/internal/server"
)

func TestAQuantileIsOneOfTheTimes(t *testing.T) {
	ordered := []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for share, expected := range map[float64]time.Duration{0: 1, 0.5: 5, 0.51: 6, 0.99: 10, 1: 10} {
		if found := quantile(ordered, share); found != expected {
			t.Errorf("quantile %v is %d, not %d", share, found, expected)
		}
	}
}

func TestASummaryIsInMilliseconds(t *testing.T) {
	found := times{3 * time.Millisecond, time.Millisecond, 1500 * time.Microsecond}.summary()
	expected := summary{Count: 3, Mean: 5.5 / 3, Least: 1, P50: 1.5, P90: 3, P99: 3, Most: 3}
	if found != expected {
		t.Errorf("%+v, not %+v", found, expected)
	}
	if (times{}).summary() != (summary{}) {
		t.Error("no times have a summary")
	}
}

func TestTheUpperDirectoryIsTheBindsSourceOrAnOption(t *testing.T) {
	bind := []*types.Mount{{Type: "bind", Source: "/a", Options: []string{"rw"}}}
	overlay := []*types.Mount{{Type: "fuse3.fuse-overlayfs", Source: "overlay", Options: []string{"workdir=/w", "upperdir=/b"}}}
	for expected, mounts := range map[string][]*types.Mount{"/a": bind, "/b": overlay} {
		if found, err := upperDirectory(mounts); err != nil || found != expected {
			t.Errorf("%q, %v, not %q", found, err, expected)
		}
	}
	if _, err := upperDirectory([]*types.Mount{{Type: "overlay"}}); err == nil {
		t.Error("an overlay without one has an upper directory")
	}
}

func TestATreeHasTheInodesThatItSays(t *testing.T) {
	root := t.TempDir()
	inodes, err := writeTree(root, 1001, 1)
	if err != nil || inodes != 1003 {
		t.Errorf("%d inodes, %v", inodes, err)
	}
	directories, err := os.ReadDir(root)
	if err != nil || len(directories) != 2 {
		t.Errorf("%d directories, %v", len(directories), err)
	}
}

func TestWhatIsNoBenchmarkIsRefused(t *testing.T) {
	for _, arguments := range [][]string{{}, {"nothing"}, {"list", "more"}, {"list", "-nothing"}, {"list", "-socket", "/no/such"}} {
		if err := run(t.Context(), arguments, &bytes.Buffer{}); err == nil {
			t.Errorf("%q ran", arguments)
		}
	}
}

func TestEveryBenchmarkMeasuresASnapshotter(t *testing.T) {
	socket := server.SocketForTest(t)
	prefix := "snapbench-test"
	t.Cleanup(func() {
		_ = run(context.Background(), []string{"clear", "-socket", socket, "-prefix", prefix}, &bytes.Buffer{})
	})
	for _, test := range []struct {
		command string
		number  string
		value   float64
	}{
		{command: "callers -n 3 -seconds 0.3 -warm-up 0.1", number: "callers", value: 3},
		{command: "latency -count 5 -warm-up 1 -op prepare,commit,remove,mounts,stat,update,view", number: "view.count", value: 5},
		{command: "latency -count 7 -op stat", number: "stat.count", value: 7},
		{command: "latency -count 5 -warm-up 1 -depth 3", number: "prepare.count", value: 5},
		{command: "fill -count 25 -depth 3 -n 4", number: "snapshots", value: 25},
		{command: "list -count 3 -filter name~=^snapbench-test/", number: "snapshots", value: 25},
		{command: "list -count 3 -filter kind==active,name~=^snapbench-test/", number: "snapshots", value: 6},
		{command: "clear", number: "snapshots", value: 25},
		{command: "clear", number: "snapshots", value: 0},
		{command: "remove-tree -files 50 -count 2 -rm " + t.TempDir(), number: "rm.count", value: 2},
		{command: "usage -files 1500 -count 2 -pause 0s", number: "inodes", value: 1505},
		{command: "poll -count 3 -files 5 -rounds 2 -every 10ms", number: "rounds.count", value: 2},
		{command: "usage -files 10 -count 1 -rm " + t.TempDir(), number: "rm.count", value: 1},
	} {
		name, arguments, _ := strings.Cut(test.command, " ")
		if name == "usage" && os.Getenv("PEER_COMMAND") == "" {
			arguments = strings.Replace(arguments, "-pause 0s", "-pause 6s", 1)
		}
		output := bytes.Buffer{}
		all := append([]string{name, "-socket", socket, "-prefix", prefix}, strings.Fields(arguments)...)
		if err := run(t.Context(), all, &output); err != nil {
			t.Fatalf("%s: %v", test.command, err)
		}
		if found := numberIn(t, output.Bytes(), test.number); found != test.value {
			t.Errorf("%s: %s is %v, not %v:\n%s", test.command, test.number, found, test.value, output.String())
		}
	}
}

// numberIn is a number of the result, by the names on the way to it.
func numberIn(t *testing.T, output []byte, path string) float64 {
	t.Helper()
	var printed struct{ Result any }
	if err := json.Unmarshal(output, &printed); err != nil {
		t.Fatal(err)
	}
	value := printed.Result
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	number, _ := value.(float64)
	return number
}
