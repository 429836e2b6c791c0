// Command bench measures Fuselage against the Go snapshotter, in turns on one file system, and says
// which of its targets are met. See docs/benchmarks.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fuselage.dev/test/internal/server"
)

type options struct {
	settings                        settings
	fuselage, peer, containerd      string
	base, disk, inside              string
	json, markdown, plot, fromSaved string
}

func main() {
	err := run(os.Args[1:])
	ended := &exec.ExitError{}
	switch {
	case err == nil:
	case errors.As(err, &ended):
		// It said why.
		os.Exit(max(1, ended.ExitCode()))
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "bench: stopped")
		os.Exit(130)
	default:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	o, err := parse(arguments)
	switch {
	case err != nil:
		return err
	case o.fromSaved != "":
		r, err := load(o.fromSaved)
		if err != nil {
			return err
		}
		r.Rows = rowsOf(r)
		return o.publish(r)
	case o.inside == "":
		return contain(o.base, arguments)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := settleIn(stop); err != nil {
		return err
	}
	r, err := o.bench(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		// What was found may have taken long, and may say why.
		if r != nil {
			fmt.Print(r.table())
		}
		return err
	}
	if err := r.save(o.json); err != nil {
		return err
	}
	return o.publish(r)
}

func parse(arguments []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.fuselage, "fuselage", "", "`path` of Fuselage's launcher")
	flags.StringVar(&o.peer, "peer", "", "`path` of containerd-fuse-overlayfs-grpc")
	flags.StringVar(&o.containerd, "containerd", "", "`directory` of containerd, ctr and the shim")
	flags.StringVar(&o.base, "directory", ".", "`directory` to put roots in, in one that is removed at the end")
	flags.StringVar(&o.disk, "disk", diskAuto,
		"put the roots on an ext4 with a journal, in a file of the directory: own, none, or auto, which is own on an ext4 without one")
	flags.StringVar(&o.inside, "inside", "", "for its own use")
	flags.StringVar(&o.json, "json", "bench.json", "`file` to write the result to")
	flags.StringVar(&o.markdown, "markdown", "", "page to put the table into, between two marks that are there")
	flags.StringVar(&o.plot, "plot", "", "`file` to draw the growth into, where it was measured")
	flags.StringVar(&o.fromSaved, "from", "", "measure nothing, read this `file` of -json")
	s := &o.settings
	flags.IntVar(&s.Rounds, "rounds", 5, "rounds, each of all contenders")
	flags.IntVar(&s.Live, "live", 10_000, "snapshots that are there where a figure says so")
	flags.IntVar(&s.Files, "files", 10_000, "files in a layer")
	flags.IntVar(&s.Tree, "tree", 200_000, "files in a tree to be walked and reclaimed")
	flags.IntVar(&s.Layers, "layers", 20, "layers of the image, four at least")
	flags.Float64Var(&s.Seconds, "seconds", 4, "for how long many callers call")
	flags.IntVar(&s.Count, "count", 500, "calls of each kind by one caller")
	flags.Float64Var(&s.Idle, "idle", 10, "`seconds` that idleness is looked at")
	flags.BoolVar(&s.Growth, "growth", false, "measure growth too")
	flags.BoolVar(&s.Watch, "watch", false, "measure what it costs to be looked at too")
	s.Sizes, s.Depths = []int{10, 1_000, 10_000, 100_000}, []int{1, 10, 100}
	flags.Func("sizes", "snapshots that growth is measured at, joined by commas", ascending(&s.Sizes))
	flags.Func("depths", "layers that growth is measured on, joined by commas", ascending(&s.Depths))
	flags.Float64Var(&s.Soak, "soak", 0, "`seconds` of load for the memory row, none by default")
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	if !slices.Contains([]string{diskAuto, diskOwn, diskNone}, o.disk) {
		return nil, fmt.Errorf("-disk is own, none or auto, not %q", o.disk)
	}
	if s.Rounds < 1 || s.Layers < 4 {
		return nil, errors.New("there must be one round and four layers at least")
	}
	return o, nil
}

// ascending reads numbers joined by commas, two at least and each above the one before.
func ascending(into *[]int) func(string) error {
	return func(text string) error {
		*into = nil
		for part := range strings.SplitSeq(text, ",") {
			number, err := strconv.Atoi(part)
			if err != nil {
				return err
			}
			*into = append(*into, number)
		}
		if len(*into) < 2 || (*into)[0] < 1 || !slices.IsSorted(*into) {
			return errors.New("these are to be two numbers or more, from the least up")
		}
		return nil
	}
}

// bench returns what was found, also where it failed before its end.
func (o *options) bench(ctx context.Context) (*report, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	directory, err := o.directory()
	if err != nil {
		return nil, err
	}
	r := &runner{
		directory:  directory,
		cgroup:     "/" + filepath.Base(o.inside),
		tools:      filepath.Dir(self),
		containerd: o.containerd,
		report:     &report{Began: time.Now(), Settings: o.settings, Samples: map[string][]float64{}},
	}
	r.report.Machine = machine(directory, o.fuselage)
	if directory != o.inside {
		r.report.note("The roots were on a file system of their own, in a file on %s.", fileSystem(o.inside))
	}
	if load := load1(); load > busyLoad {
		r.report.note("The machine was not idle: its load average was %.2f at the start.", load)
	}
	all := contenders{
		metadata: contender{"metadata", server.Fuselage(o.fuselage, "fuse-overlayfs", "FUSELAGE_SYNC=metadata")},
		full:     contender{"full", server.Fuselage(o.fuselage, "fuse-overlayfs", "FUSELAGE_SYNC=full")},
		auto:     contender{"auto", server.Fuselage(o.fuselage, "auto", "FUSELAGE_SYNC=metadata")},
		peer:     contender{"peer", server.Peer(o.peer)},
	}
	err = r.all(ctx, all)
	if r.lostHelpers > 0 {
		r.report.note("containerd's shim lost sight of its mount helper %d times (ECHILD); only starts that worked are counted.", r.lostHelpers)
	}
	if err != nil {
		r.report.note("The run ended before its time: it failed.")
	}
	r.report.complete()
	return r.report, err
}

// directory is where the roots are put.
func (o *options) directory() (string, error) {
	own := o.disk == diskOwn
	if o.disk == diskAuto {
		lacks, err := lacksJournal(o.inside)
		if err != nil {
			return "", err
		}
		own = lacks
	}
	if !own {
		return o.inside, nil
	}
	progress("an ext4 with a journal, in a file of %s", o.inside)
	return ownDisk(o.inside)
}

func (r *runner) all(ctx context.Context, all contenders) error {
	if err := r.makeImage(ctx); err != nil {
		return err
	}
	settings := r.report.Settings
	for i := range settings.Rounds {
		began := time.Now()
		if err := r.round(ctx, all); err != nil {
			return err
		}
		progress("round %d of %d took %.0f s: %s", i+1, settings.Rounds, time.Since(began).Seconds(), r.latest())
	}
	for i := range settings.Rounds {
		if !settings.Growth {
			break
		}
		began := time.Now()
		if err := r.growth(ctx, all.full); err != nil {
			return err
		}
		progress("growth, round %d of %d took %.0f s", i+1, settings.Rounds, time.Since(began).Seconds())
	}
	for i := range settings.Rounds {
		if !settings.Watch {
			break
		}
		began := time.Now()
		if err := r.watched(ctx, all.full); err != nil {
			return err
		}
		progress("being watched, round %d of %d took %.0f s", i+1, settings.Rounds, time.Since(began).Seconds())
	}
	if settings.Soak > 0 {
		progress("load for %s min", number(settings.Soak/60))
		return r.soak(ctx, all.full)
	}
	return nil
}

// latest is a round in short.
func (r *runner) latest() string {
	var parts []string
	for _, name := range []string{"metadata.callers", "full.callers", "peer.callers", "metadata.whole", "peer.whole"} {
		if found := r.report.Samples[name]; len(found) > 0 {
			parts = append(parts, name+" "+number(found[len(found)-1]))
		}
	}
	return strings.Join(parts, ", ")
}

func progress(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
}

// publish shows the table, and puts it and the picture where they were asked for.
func (o *options) publish(r *report) error {
	fmt.Print(r.table())
	if o.markdown != "" {
		if err := r.writeMarkdown(o.markdown); err != nil {
			return err
		}
	}
	if o.plot != "" && r.Settings.Growth {
		return writePlot(o.plot, r)
	}
	return nil
}
