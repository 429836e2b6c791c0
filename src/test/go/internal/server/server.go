// Package server starts a snapshotter as a process of its own and stops it again: Fuselage's
// distribution, or the Go snapshotter that it is measured against.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	snapshotsapi "github.com/containerd/containerd/api/services/snapshots/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	startLimit = 90 * time.Second
	stopLimit  = 20 * time.Second
	// The size of sun_path less its terminating zero.
	longestSocketPath = 107
	logTailSize       = 16 << 10
)

// ErrNotConfigured says that the environment names no snapshotter to start.
var ErrNotConfigured = errors.New("neither FUSELAGE_COMMAND nor PEER_COMMAND names a snapshotter to start")

// Command says how a snapshotter is started. Its zero value starts nothing.
type Command struct {
	path        string
	peer        bool
	driver      string
	environment []string
}

// Fuselage is its distribution's launcher, with a driver and more settings as NAME=value.
func Fuselage(path, driver string, environment ...string) Command {
	return Command{path: path, driver: driver, environment: environment}
}

// With is the same with more settings as NAME=value, which win over those that it has.
func (c Command) With(environment ...string) Command {
	c.environment = append(slices.Clone(c.environment), environment...)
	return c
}

// Peer is the Go snapshotter.
func Peer(path string) Command {
	return Command{path: path, peer: true}
}

// FromEnvironment takes FUSELAGE_COMMAND (the path of bin/fuselage, with DRIVER as its driver) or,
// where that is not set, PEER_COMMAND (the path of containerd-fuse-overlayfs-grpc).
func FromEnvironment() (Command, error) {
	if path := os.Getenv("FUSELAGE_COMMAND"); path != "" {
		driver := os.Getenv("DRIVER")
		if driver == "" {
			driver = "fuse-overlayfs"
		}
		return Fuselage(path, driver), nil
	}
	if path := os.Getenv("PEER_COMMAND"); path != "" {
		return Peer(path), nil
	}
	return Command{}, ErrNotConfigured
}

func (c Command) prepare(root, socket string) *exec.Cmd {
	if c.peer {
		return exec.Command(c.path, socket, root)
	}
	process := exec.Command(c.path, "serve")
	process.Env = append(os.Environ(),
		"FUSELAGE_ROOT="+root,
		"FUSELAGE_SOCKET="+socket,
		"FUSELAGE_DRIVER="+c.driver,
		"FUSELAGE_HTTP_PORT=0")
	process.Env = append(process.Env, c.environment...)
	return process
}

// Server is a running snapshotter.
type Server struct {
	// Socket is the path of the unix socket that it answers on.
	Socket string
	// Connection is a client's connection to it.
	Connection *grpc.ClientConn

	directory string
	process   *exec.Cmd
	log       *tail
	exited    chan struct{}
	exit      error
	stop      sync.Once
	stopped   error
}

// Start runs the snapshotter on root and returns when it answers a call.
func Start(ctx context.Context, command Command, root string) (*Server, error) {
	directory, err := os.MkdirTemp("", "s-")
	if err != nil {
		return nil, err
	}
	s := &Server{
		Socket:    filepath.Join(directory, "s.sock"),
		directory: directory,
		log:       &tail{},
		exited:    make(chan struct{}),
	}
	if err := s.start(ctx, command, root); err != nil {
		s.discard()
		return nil, fmt.Errorf("%s did not start: %w\n%s", command.path, err, s.Log())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, command Command, root string) error {
	if len(s.Socket) > longestSocketPath {
		return fmt.Errorf("socket path %q is longer than %d bytes: set a shorter TMPDIR", s.Socket, longestSocketPath)
	}
	process := command.prepare(root, s.Socket)
	process.Stdout = s.log
	process.Stderr = s.log
	// A child that outlived its writer's pipe must not keep Wait from returning.
	process.WaitDelay = time.Second
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := spawn(process); err != nil {
		return err
	}
	s.process = process
	go func() {
		s.exit = process.Wait()
		close(s.exited)
	}()
	connection, err := Dial(s.Socket)
	if err != nil {
		return err
	}
	s.Connection = connection
	return s.awaitAnswer(ctx)
}

func (s *Server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("it ended before it answered: %v", s.exit)
		case <-ctx.Done():
			return fmt.Errorf("it did not answer within %v: %w", startLimit, err)
		case <-time.After(time.Millisecond):
		}
	}
}

// ask makes a call, but not before somebody listens: a connection that gRPC failed to make is not
// tried again for a while, and the start would seem to take longer than it does.
func (s *Server) ask(ctx context.Context) error {
	listening, err := net.Dial("unix", s.Socket)
	if err != nil {
		return err
	}
	_ = listening.Close()
	return Ping(ctx, s.Connection)
}

// Pid is the process id of the server.
func (s *Server) Pid() int {
	return s.process.Process.Pid
}

// Log is the end of what the server wrote to its outputs.
func (s *Server) Log() string {
	return s.log.String()
}

// Stop asks the server to end, kills it if it does not within 20 seconds, and returns an error
// unless it ended by itself with status 0 or as SIGTERM ends a process. Every call returns what
// the first one did.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.stopped = s.terminate()
		s.discard()
	})
	return s.stopped
}

func (s *Server) terminate() error {
	select {
	case <-s.exited:
		return fmt.Errorf("the server had ended before it was stopped: %v", s.exit)
	default:
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
		return unlessOrderly(s.process.ProcessState, s.exit)
	case <-time.After(stopLimit):
		return fmt.Errorf("the server was killed: it did not end within %v of SIGTERM", stopLimit)
	}
}

func unlessOrderly(state *os.ProcessState, exit error) error {
	waited, known := state.Sys().(syscall.WaitStatus)
	switch {
	case known && waited.Signaled() && waited.Signal() == syscall.SIGTERM:
		return nil
	case state.ExitCode() == 0, state.ExitCode() == 128+int(syscall.SIGTERM):
		return nil
	}
	return fmt.Errorf("the server ended badly: %v", exit)
}

// discard leaves nothing of the server behind, whatever state it is in.
func (s *Server) discard() {
	if s.process != nil {
		// The whole group, since a launcher may not be the process that serves.
		_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
		<-s.exited
	}
	if s.Connection != nil {
		_ = s.Connection.Close()
	}
	_ = os.RemoveAll(s.directory)
}

// Dial connects to a snapshotter's socket, without waiting for it.
func Dial(socket string) (*grpc.ClientConn, error) {
	return grpc.NewClient("unix:"+socket,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// A server that is starting is asked often, not after gRPC's own second.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond},
			// Else a connection that is not set up within the first delay is given up.
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
}

// Ping makes one call that changes nothing, and returns an error unless it was answered.
func Ping(ctx context.Context, connection *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := snapshotsapi.NewSnapshotsClient(connection).
		Stat(ctx, &snapshotsapi.StatSnapshotRequest{Key: "is anybody there"})
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return err
}

var spawner = sync.OnceValue(func() chan<- func() {
	starts := make(chan func())
	go func() {
		// The parent that a death signal is bound to is the thread that forked, and containerd's
		// mount package ends threads: so all children come from one that lives as long as we do.
		runtime.LockOSThread()
		for start := range starts {
			start()
		}
	}()
	return starts
})

func spawn(process *exec.Cmd) error {
	result := make(chan error)
	spawner() <- func() { result <- process.Start() }
	return <-result
}

// tail keeps the last bytes written to it.
type tail struct {
	mutex sync.Mutex
	bytes []byte
}

func (t *tail) Write(chunk []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.bytes = append(t.bytes, chunk...)
	if excess := len(t.bytes) - logTailSize; excess > 0 {
		t.bytes = bytes.Clone(t.bytes[excess:])
	}
	return len(chunk), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return strings.TrimSpace(string(t.bytes))
}
