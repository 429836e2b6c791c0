package filters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/core/snapshots/proxy"
	"github.com/containerd/log"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"fuselage.dev/test/internal/server"
)

const (
	snapshotCount   = 200
	mostDifferences = 10
	// What a filter that does not parse is answered with; containerd's own service says UNKNOWN.
	codeVariable  = "FILTER_ERROR_CODE"
	seedVariable  = "FILTER_SEED"
	countVariable = "FILTER_COUNT"
)

func TestMain(m *testing.M) {
	// containerd logs each regular expression that does not compile, and here most do not.
	log.L.Logger.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// listing is a snapshotter with snapshots to be filtered.
type listing struct {
	client snapshotsapi.SnapshotsClient
	all    []snapshots.Info
	code   codes.Code
}

func newListing(t *testing.T, g *generator) *listing {
	t.Helper()
	l := &listing{client: snapshotsapi.NewSnapshotsClient(server.ForTest(t)), code: codes.InvalidArgument}
	if name := os.Getenv(codeVariable); name != "" {
		if err := l.code.UnmarshalJSON([]byte(strconv.Quote(name))); err != nil {
			t.Fatalf("%s: %v", codeVariable, err)
		}
	}
	created := l.create(t, g)
	all, err := l.list(nil)
	if err != nil {
		t.Fatal(err)
	}
	l.all = all
	l.expectCreated(t, created)
	return l
}

// create makes snapshots of all kinds, and removes them when the test ends.
func (l *listing) create(t *testing.T, g *generator) map[string]snapshots.Info {
	t.Helper()
	ctx := context.Background()
	client := proxy.NewSnapshotter(l.client, "fuselage")
	created := map[string]snapshots.Info{}
	parents := []string{""}
	for i := range snapshotCount {
		info := snapshots.Info{
			Name:   fmt.Sprintf("%s#%d", g.text(), i),
			Parent: pick(g, parents),
			Labels: g.labels(),
		}
		labels := snapshots.WithLabels(info.Labels)
		var err error
		switch i % 3 {
		case 0:
			info.Kind = snapshots.KindCommitted
			key := info.Name + " to be committed"
			if _, err = client.Prepare(ctx, key, info.Parent); err == nil {
				err = client.Commit(ctx, info.Name, key, labels)
			}
			parents = append(parents, info.Name)
		case 1:
			info.Kind = snapshots.KindActive
			_, err = client.Prepare(ctx, info.Name, info.Parent, labels)
		case 2:
			info.Kind = snapshots.KindView
			_, err = client.View(ctx, info.Name, info.Parent, labels)
		}
		if err != nil {
			t.Fatalf("%s %q: %v", info.Kind, info.Name, err)
		}
		created[info.Name] = info
		// Cleanups run last first, so that children go before their parents.
		t.Cleanup(func() {
			if err := client.Remove(ctx, info.Name); err != nil {
				t.Errorf("removing %q: %v", info.Name, err)
			}
		})
	}
	return created
}

// expectCreated fails unless all that was created is listed as it was created.
func (l *listing) expectCreated(t *testing.T, created map[string]snapshots.Info) {
	t.Helper()
	found := 0
	for _, info := range l.all {
		wanted, ours := created[info.Name]
		if !ours {
			continue
		}
		found++
		if info.Kind != wanted.Kind || info.Parent != wanted.Parent || !maps.Equal(info.Labels, wanted.Labels) {
			t.Fatalf("listed is %+v, created was %+v", info, wanted)
		}
	}
	if found != len(created) {
		t.Fatalf("%d of %d snapshots are listed", found, len(created))
	}
}

func (l *listing) list(filters []string) ([]snapshots.Info, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := l.client.List(ctx, &snapshotsapi.ListSnapshotsRequest{Filters: filters})
	if err != nil {
		return nil, err
	}
	var all []snapshots.Info
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		for _, info := range answer.Info {
			all = append(all, proxy.InfoFromProto(info))
		}
	}
}

// difference says how List's answer differs from containerd's, or nothing if it does not.
func (l *listing) difference(filters []string) (difference string, invalid bool) {
	expected, invalidity := namesMatching(l.all, filters)
	infos, err := l.list(filters)
	switch {
	case invalidity != nil && err == nil:
		return fmt.Sprintf("it should have been refused: %v", invalidity), true
	case invalidity != nil && status.Code(err) != l.code:
		return fmt.Sprintf("it should have been refused with %s, not: %v", l.code, err), true
	case invalidity != nil:
		return "", true
	case err != nil:
		return fmt.Sprintf("it failed: %v", err), false
	}
	names := []string{}
	for _, info := range infos {
		names = append(names, info.Name)
	}
	slices.Sort(names)
	slices.Sort(expected)
	if slices.Equal(names, expected) {
		return "", false
	}
	return fmt.Sprintf("%d names, %d expected:\n%q\n%q", len(names), len(expected), names, expected), false
}

func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return value
}

func TestListAnswersFiltersAsContainerdDoes(t *testing.T) {
	seed, count := number(t, seedVariable, 1), number(t, countVariable, 3000)
	g := newGenerator(seed)
	l := newListing(t, g)
	refused, differences := 0, 0
	for i := range count {
		filters := g.filters(l.all)
		difference, invalid := l.difference(filters)
		if invalid {
			refused++
		}
		if difference == "" {
			continue
		}
		t.Errorf("call %d of seed %d, filters %q: %s", i, seed, filters, difference)
		if differences++; differences == mostDifferences {
			t.Fatal("there may be more")
		}
	}
	t.Logf("seed %d: %d calls on %d snapshots, %d pairs of filter and snapshot, %d calls refused",
		seed, count, len(l.all), count*uint64(len(l.all)), refused)
}

func TestNoExpressionKeepsListFromAnswering(t *testing.T) {
	g := newGenerator(1)
	l := newListing(t, g)
	client := proxy.NewSnapshotter(l.client, "fuselage")
	label := snapshots.WithLabels(map[string]string{"l": strings.Repeat("a", 4000)})
	if _, err := client.Prepare(context.Background(), "many a", "", label); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Remove(context.Background(), "many a") })
	var err error
	if l.all, err = l.list(nil); err != nil {
		t.Fatal(err)
	}

	for _, expression := range []string{
		"(a+)+$b", "(a|aa)+b", "(a*)*b", "^(.*a){30}b", "(a+a+)+b", "(.*)*(.*)*(.*)*b", "a{1000}b", "(a?){500}a{500}b",
		"((a{1000}){1000}){1000}", "(((((a{10}){10}){10}){10}){10})",
		strings.Repeat("(", 900) + "b" + strings.Repeat(")", 900), strings.Repeat("(", 10000), strings.Repeat("a?", 2000) + "b",
	} {
		if difference, _ := l.difference([]string{"labels.l~=" + strconv.Quote(expression)}); difference != "" {
			t.Errorf("%.40s: %s", expression, difference)
		}
	}
}
