package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Subject;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile requests by the thousand against the real snapshotter. {@code
 * -Dfuselage.hostile.requests} says how many, {@code -Dfuselage.hostile.seed} which.
 */
class HostileRequestsIT {
  private static final int REQUESTS = Integer.getInteger("fuselage.hostile.requests", 20_000);
  private static final long SEED = Long.getLong("fuselage.hostile.seed", System.nanoTime());
  private static final int AT_ONCE = 64;

  private static final Set<Status.Code> GOOD_ANSWERS =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.NOT_FOUND,
          Status.Code.ALREADY_EXISTS,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.RESOURCE_EXHAUSTED);

  private static final Logger CALL_LOG = Logger.getLogger(CallLog.class.getName());

  @TempDir Path directory;

  @BeforeAll
  static void hush() {
    CALL_LOG.setLevel(Level.SEVERE);
  }

  @AfterAll
  static void speak() {
    CALL_LOG.setLevel(null);
  }

  @Test
  void everyRequestGetsAnAnswerOfTheContractAndNothingAppearsOutsideTheRoot() throws Exception {
    System.out.println("hostile requests: " + REQUESTS + ", seed " + SEED);
    Path root = directory.resolve("root");
    Path outside = Files.createDirectory(directory.resolve("outside"));
    try (Subject real = OverlaySubject.open(root);
        TestServer server = TestServer.of(directory, real.snapshotter());
        RawClient client = server.rawClient()) {
      real.snapshotter().prepare(Call.PATIENT, "good", "", Labels.NONE);

      send(client, new HostileRequests(SEED, outside, TestServer.MAX_MESSAGE_BYTES));

      try (SnapshotterClient good = server.client()) {
        good.prepare(Call.PATIENT, "after", "", Labels.NONE);
        assertThat(good.mounts("after")).isNotEmpty();
      }
      assertThat(below(outside)).isEmpty();
      assertThat(below(directory)).containsExactlyInAnyOrder(root, outside, server.socket());
      assertThat(below(root.resolve("snapshots")))
          .isNotEmpty()
          .allSatisfy(path -> assertThat(path.getFileName().toString()).matches("[1-9][0-9]*"));
    }
  }

  private static void send(RawClient client, HostileRequests requests) throws Exception {
    Semaphore room = new Semaphore(AT_ONCE);
    AtomicReference<String> bad = new AtomicReference<>("");
    for (int i = 0; i < REQUESTS && bad.get().isEmpty(); i++) {
      int number = i;
      HostileRequests.Request request = requests.request(number);
      assertThat(room.tryAcquire(60, TimeUnit.SECONDS)).as("answers still come").isTrue();
      CompletableFuture<Status> answer =
          client.send(
              request.method(),
              CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
              request.messages());
      var unused =
          answer.thenAccept(
              status -> {
                if (!isGood(request.method(), status)) {
                  bad.set("%s, request %d: %s".formatted(request.method(), number, status));
                }
                room.release();
              });
    }
    assertThat(room.tryAcquire(AT_ONCE, 60, TimeUnit.SECONDS)).as("all answers came").isTrue();
    assertThat(bad.get()).as("seed %d", SEED).isEmpty();
  }

  private static boolean isGood(String method, Status status) {
    return method.equals("Destroy")
        ? Set.of(Status.Code.UNIMPLEMENTED, Status.Code.RESOURCE_EXHAUSTED)
            .contains(status.getCode())
        : GOOD_ANSWERS.contains(status.getCode());
  }

  private static List<Path> below(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.toList();
    }
  }
}
