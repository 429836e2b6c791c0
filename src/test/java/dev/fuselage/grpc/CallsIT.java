package dev.fuselage.grpc;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that are slow, given up, too many, in flight at the end, or meet a defect. */
class CallsIT {
  private static final int WORKERS = 2;
  private static final int QUEUED = 3;

  @TempDir Path directory;
  private final InMemorySnapshotter inner = new InMemorySnapshotter();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final CompletableFuture<SnapshotException.Code> givenUp = new CompletableFuture<>();
  private TestServer server;
  private RawClient client;

  /** Prepares as soon as it may, or when its caller no longer waits. */
  private final class Slow extends ForwardingSnapshotter {
    Slow() {
      super(inner);
    }

    @Override
    public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
      begun.countDown();
      try {
        while (!go.await(1, MILLISECONDS)) {
          call.check();
        }
        call.check();
      } catch (SnapshotException e) {
        givenUp.complete(e.code());
        throw e;
      } catch (InterruptedException e) {
        throw new IllegalStateException("a call must not be interrupted", e);
      }
      return super.prepare(call, key, parent, labels);
    }

    @Override
    public void remove(Call call, String key) {
      throw new IllegalStateException("never thought of: " + MDC.get("op") + MDC.get("key"));
    }

    @Override
    public Listing<Info> list(List<String> filters) {
      throw new AssertionError("nor of this");
    }
  }

  @BeforeEach
  void begin() {
    inner.prepare(Call.PATIENT, "old", "", Labels.NONE);
    start(Duration.ofSeconds(30));
  }

  private void start(Duration drain) {
    SocketServer.Options defaults = TestServer.options(directory);
    server =
        TestServer.of(
            new SocketServer.Options(
                defaults.socket(),
                defaults.mode(),
                defaults.allowedUids(),
                defaults.maxMessageBytes(),
                defaults.maxCallsPerConnection(),
                defaults.maxConnections(),
                WORKERS,
                QUEUED,
                drain,
                defaults.readerPatience()),
            new Slow());
    client = server.rawClient();
  }

  @AfterEach
  void end() throws InterruptedException {
    go.countDown();
    client.close();
    server.close();
  }

  private CompletableFuture<Status> prepare(String key, CallOptions options) {
    return client.send("Prepare", options, List.of(request(key)));
  }

  private static byte[] request(String key) {
    return PrepareSnapshotRequest.newBuilder().setKey(key).build().toByteArray();
  }

  private static CallOptions in(long millis) {
    return CallOptions.DEFAULT.withDeadlineAfter(millis, MILLISECONDS);
  }

  private Status stat(String key) {
    return client.send("Stat", StatSnapshotRequest.newBuilder().setKey(key).build()).join();
  }

  private List<String> keys() {
    try (Listing<Info> listing = inner.list(List.of())) {
      return Stream.iterate(listing, Iterator::hasNext, it -> it)
          .map(it -> it.next().name())
          .toList();
    }
  }

  @Test
  void aDeadlineThatPassesLeavesNothingDone() throws Exception {
    Status status = prepare("new", in(200)).get(30, SECONDS);

    assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    // Client and server watch the same deadline, and either may be first to end the call.
    assertThat(givenUp.get(30, SECONDS))
        .isIn(SnapshotException.Code.DEADLINE_EXCEEDED, SnapshotException.Code.CANCELLED);
    assertThat(keys()).containsExactly("old");
    await().until(() -> server.calls().size() == 2);
    assertThat(server.calls()).first().isEqualTo("Prepare");
    assertThat(server.calls()).last().isIn("Prepare DEADLINE_EXCEEDED", "Prepare CANCELLED");
  }

  @Test
  void aCancelledCallLeavesNothingDone() throws Exception {
    CompletableFuture<Status> call = prepare("new", CallOptions.DEFAULT);
    assertThat(begun.await(30, SECONDS)).isTrue();

    client.close();

    assertThat(givenUp.get(30, SECONDS)).isEqualTo(SnapshotException.Code.CANCELLED);
    assertThat(keys()).containsExactly("old");
    await().until(() -> server.calls().contains("Prepare CANCELLED"));
    assertThat(call).isCompleted();
  }

  @Test
  void aCallThatIsGivenUpWhileItWaitsIsNotBegun() throws Exception {
    CompletableFuture<Status> one = prepare("one", CallOptions.DEFAULT);
    CompletableFuture<Status> two = prepare("two", CallOptions.DEFAULT);
    Status waiting = prepare("three", in(200)).get(30, SECONDS);
    // What the client sends after its word that it has given up.
    assertThat(stat("old").isOk()).isTrue();
    go.countDown();

    assertThat(waiting.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(one.get(30, SECONDS).isOk()).isTrue();
    assertThat(two.get(30, SECONDS).isOk()).isTrue();
    await().until(() -> server.calls().size() == 8);
    assertThat(keys()).containsExactly("old", "one", "two");
  }

  @Test
  void moreCallsThanMayWaitAreRefusedAndReadsGoOn() throws Exception {
    // What is sent while a client connects may be overtaken by what is sent after it.
    assertThat(stat("old").isOk()).isTrue();
    List<CompletableFuture<Status>> calls =
        IntStream.range(0, 20).mapToObj(i -> prepare("new-" + i, CallOptions.DEFAULT)).toList();

    assertThat(stat("old").isOk()).isTrue();
    go.countDown();

    List<Status.Code> codes =
        calls.stream().map(CompletableFuture::join).map(Status::getCode).toList();
    assertThat(codes.subList(0, WORKERS + QUEUED)).containsOnly(Status.Code.OK);
    assertThat(codes.subList(WORKERS + QUEUED, 20)).containsOnly(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(keys()).hasSize(1 + WORKERS + QUEUED);
  }

  @Test
  void aDefectIsUnavailableAndLoggedWithItsTrace() {
    try (LogCapture log = new LogCapture(CallLog.class)) {
      Status status =
          client.send("Remove", RemoveSnapshotRequest.newBuilder().setKey("a\nb").build()).join();

      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.getDescription()).startsWith("unexpected: ").contains("never thought of");
      assertThat(log.lines())
          .singleElement()
          .extracting(LogCapture.Line::hasStackTrace)
          .isEqualTo(true);
      assertThat(log.texts()).singleElement().asString().startsWith("op=Remove key=\"a\\nb\"");
      // The log's own context of the call, the key without what could end a line.
      assertThat(status.getDescription()).contains("Removea\\nb");
      assertThat(client.send("List", List.of(new byte[0])).join().getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void closeWaitsForCallsInFlightAndTakesNoNewOnes() throws Exception {
    CompletableFuture<Status> inFlight = prepare("new", CallOptions.DEFAULT);
    assertThat(begun.await(30, SECONDS)).isTrue();

    Future<?> closing = CompletableFuture.runAsync(server::close);
    await().until(() -> !Files.exists(server.socket()));
    await().until(() -> stat("old").getCode() == Status.Code.UNAVAILABLE);
    assertThat(closing.isDone()).isFalse();
    go.countDown();
    closing.get(30, SECONDS);

    assertThat(inFlight.get(30, SECONDS).isOk()).isTrue();
    assertThat(keys()).containsExactly("new", "old");
    assertThat(server.calls()).contains("Prepare OK");
  }

  @Test
  void closeAbandonsWhatDoesNotEndInTime() throws Exception {
    server.close();
    client.close();
    start(Duration.ofMillis(100));
    CompletableFuture<Status> inFlight = prepare("new", CallOptions.DEFAULT);
    assertThat(begun.await(30, SECONDS)).isTrue();

    server.close();

    assertThat(givenUp.get(30, SECONDS)).isEqualTo(SnapshotException.Code.UNAVAILABLE);
    assertThat(inFlight.get(30, SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(keys()).containsExactly("old");
    assertThat(server.calls().stream().filter(line -> line.startsWith("Prepare "))).hasSize(1);
  }
}
