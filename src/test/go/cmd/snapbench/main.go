// Command snapbench measures a snapshotter from outside, through its socket, and prints what it
// found as JSON. It measures any snapshotter, on the clock of the caller.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"fuselage.dev/test/internal/server"
)

// A benchmark declares its flags and returns what to run once they are parsed. What that returns
// is printed as JSON.
type benchmark func(flags *flag.FlagSet) func(context.Context, *client) (any, error)

var benchmarks = map[string]benchmark{
	"callers":     callers,
	"clear":       clearAway,
	"fill":        fill,
	"latency":     latency,
	"list":        list,
	"poll":        poll,
	"remove-tree": removeTree,
	"usage":       usage,
}

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "snapbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, output io.Writer) error {
	names := slices.Sorted(maps.Keys(benchmarks))
	if len(arguments) == 0 {
		return fmt.Errorf("what is to be measured? One of %q", names)
	}
	declare, known := benchmarks[arguments[0]]
	if !known {
		return fmt.Errorf("there is no benchmark %q, only %q", arguments[0], names)
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	socket := flags.String("socket", "/run/fuselage/fuselage.sock", "the snapshotter's unix `socket`")
	prefix := flags.String("prefix", "bench", "what the keys of all snapshots made begin with")
	measure := declare(flags)
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag", flags.Arg(0))
	}
	connection, err := server.Dial(*socket)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	if err := server.Ping(ctx, connection); err != nil {
		return fmt.Errorf("nobody answers on %s: %w", *socket, err)
	}
	result, err := measure(ctx, newClient(connection, *prefix))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(output)
	encoder.SetIndent("", "  ")
	return encoder.Encode(map[string]any{"benchmark": arguments[0], "result": result})
}
