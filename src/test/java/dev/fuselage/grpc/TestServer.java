package dev.fuselage.grpc;

import dev.fuselage.admin.Administration;
import dev.fuselage.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A server for this very process, and what its listener was told. */
final class TestServer implements AutoCloseable {
  /** Of a request that is answered. */
  static final int MAX_MESSAGE_BYTES = 4 << 20;

  private final SocketServer server;
  private final SocketServer.Options options;
  private final List<String> calls;
  private final List<FinishedCall> finished;

  private TestServer(
      SocketServer server,
      SocketServer.Options options,
      List<String> calls,
      List<FinishedCall> finished) {
    this.server = server;
    this.options = options;
    this.calls = calls;
    this.finished = finished;
  }

  static TestServer of(Path directory, Snapshotter snapshotter) {
    return of(options(directory), snapshotter);
  }

  static TestServer of(SocketServer.Options options, Snapshotter snapshotter) {
    return of(options, snapshotter, Administration.NONE);
  }

  static TestServer of(
      SocketServer.Options options, Snapshotter snapshotter, Administration administration) {
    List<String> calls = Collections.synchronizedList(new ArrayList<>());
    List<FinishedCall> finished = Collections.synchronizedList(new ArrayList<>());
    CallListener listener =
        new CallListener() {
          @Override
          public void started(String method) {
            calls.add(method);
          }

          @Override
          public void finished(FinishedCall call) {
            finished.add(call);
            calls.add(call.method() + " " + call.code());
          }
        };
    return new TestServer(
        SocketServer.bind(options, snapshotter, administration, listener, Optional.empty()),
        options,
        calls,
        finished);
  }

  static SocketServer.Options options(Path directory) {
    return options(directory.resolve("test.sock"), Set.of(ownUid()));
  }

  /** As the configuration has them where nobody sets any. */
  static SocketServer.Options options(Path socket, Set<Integer> uids) {
    return new SocketServer.Options(
        socket,
        SocketServer.Options.DEFAULT_MODE,
        uids,
        MAX_MESSAGE_BYTES,
        256,
        256,
        32,
        SocketServer.Options.DEFAULT_MAX_QUEUED_CALLS,
        Duration.ofSeconds(10),
        SocketServer.Options.DEFAULT_READER_PATIENCE);
  }

  static int ownUid() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  Path socket() {
    return options.socket();
  }

  /** In order: a method's name at its start, its name and code at its end. */
  List<String> calls() {
    return List.copyOf(calls);
  }

  /** Those that are over. */
  List<FinishedCall> finished() {
    return List.copyOf(finished);
  }

  SnapshotterClient client() {
    return SnapshotterClient.connect(socket(), Duration.ofSeconds(30));
  }

  List<CallUnderWay> busyFor(Duration limit) {
    return server.busyFor(limit);
  }

  AdminClient adminClient() {
    return AdminClient.connect(socket(), Duration.ofSeconds(30));
  }

  RawClient rawClient() {
    return new RawClient(socket());
  }

  @Override
  public void close() {
    server.close();
  }
}
