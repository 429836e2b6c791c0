package server

import (
	"context"
	"errors"
	"os"
	"testing"

	"google.golang.org/grpc"
)

// ForTest is a connection to the snapshotter of SocketForTest.
func ForTest(t *testing.T) *grpc.ClientConn {
	t.Helper()
	connection, err := Dial(SocketForTest(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// SocketForTest is FUSELAGE_SOCKET, or else the socket of a snapshotter that is started for the
// test on a root of its own. With neither to be had the test is skipped.
func SocketForTest(t *testing.T) string {
	t.Helper()
	if socket := os.Getenv("FUSELAGE_SOCKET"); socket != "" {
		return socket
	}
	command, err := FromEnvironment()
	if err != nil {
		Skip(t, err.Error()+", nor FUSELAGE_SOCKET one that runs")
	}
	running, err := Start(context.Background(), command, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Stop(); err != nil {
			t.Errorf("%v", errors.Join(err, errors.New(running.Log())))
		}
	})
	return running.Socket
}

// Skip skips a test, or fails it where a machine is expected to run everything (CI=true).
func Skip(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
