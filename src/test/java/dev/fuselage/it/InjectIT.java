package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each kind of system call of Prepare, Commit and Remove fails in turn, each in several ways: the
 * client is told the right thing, nothing is half done, and the service goes on.
 */
class InjectIT {
  /** What may leave a directory to the reconciliation comes last. */
  private static final List<String> CALLS =
      List.of(
          "mkdirat",
          "fchownat",
          "fchmodat",
          "openat",
          "openat2",
          "newfstatat",
          "statx",
          "getdents64",
          "fsync",
          "syncfs",
          "fallocate",
          "fsetxattr",
          "renameat",
          "renameat2",
          "write",
          "pwrite64",
          "fdatasync");

  /**
   * Those that write the store's log: when its sync fails, nobody knows what a restart would find,
   * and the call may turn out to be done.
   */
  private static final Set<String> OF_STORE = Set.of("write", "pwrite64", "fdatasync");

  private static final Map<String, Code> ERRORS =
      new TreeMap<>(
          Map.of(
              "EIO", Code.UNAVAILABLE,
              "ENOSPC", Code.RESOURCE_EXHAUSTED,
              "EMFILE", Code.RESOURCE_EXHAUSTED));

  /** What a store that has failed takes to be opened again. */
  private static final Duration TO_RECOVER = Duration.ofSeconds(60);

  @RegisterExtension private final Workspace workspace = new Workspace();

  /** One call of a client. */
  @FunctionalInterface
  private interface Attempt {
    void make(SnapshotterClient client, String key);
  }

  @Test
  void whateverCallOfPrepareFailsNothingIsHalfDone() throws Exception {
    failEach(
        "Prepare",
        (_, _) -> {},
        (client, key) -> client.prepare(Call.PATIENT, key, "base", Labels.NONE));
  }

  @Test
  void whateverCallOfCommitFailsNothingIsHalfDone() throws Exception {
    failEach(
        "Commit",
        (client, key) -> client.prepare(Call.PATIENT, key, "base", Labels.NONE),
        (client, key) ->
            client.commit(Call.PATIENT, key + "/layer", key, Optional.empty(), Labels.NONE));
  }

  @Test
  void whateverCallOfRemoveFailsNothingIsHalfDone() throws Exception {
    failEach(
        "Remove",
        (client, key) -> client.prepare(Call.PATIENT, key, "base", Labels.NONE),
        (client, key) -> client.remove(Call.PATIENT, key));
  }

  private void failEach(String what, Attempt before, Attempt attempt) throws Exception {
    Parts.needRoot();
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "preparing", "", Labels.NONE);
      client.commit(Call.PATIENT, "base", "preparing", Optional.empty(), Labels.NONE);
      int trial = 0;
      for (String call : CALLS) {
        for (var error : ERRORS.entrySet()) {
          if (!error.getKey().equals("EMFILE") || call.startsWith("open")) {
            String key = "key " + trial++;
            before.make(client, key);
            fail(fuselage, service, client, what, call, error, key, attempt);
          }
        }
      }
    }
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertDirectoriesAreThoseOfRecords(fuselage, client, what + ", after a restart");
    }
  }

  private void fail(
      Installation fuselage,
      Service service,
      SnapshotterClient client,
      String what,
      String call,
      Map.Entry<String, Code> error,
      String key,
      Attempt attempt)
      throws Exception {
    Map<String, Entry> records = Crowd.found(client);
    Optional<SnapshotException> failure;
    Injection injection =
        Injection.into(workspace, service, call, error.getKey(), paths(fuselage.root()));
    try (injection) {
      failure = failureOf(attempt, client, key);
    }
    String trial =
        "%s, %s %s: %s, hit %s"
            .formatted(
                what,
                call,
                error.getKey(),
                failure.map(it -> it.code() + " " + it.getMessage()).orElse("OK"),
                injection.hits());
    if (injection.hits().isEmpty()) {
      assertThat(failure).as(trial).isEmpty();
      return;
    }
    System.out.println(trial);
    if (failure.isPresent()) {
      assertThat(failure.get().code()).as(trial).isEqualTo(error.getValue());
      if (!OF_STORE.contains(call)) {
        assertThat(Crowd.found(client)).as(trial).isEqualTo(records);
      }
      Awaitility.await(trial)
          .atMost(TO_RECOVER)
          .until(() -> isDone(failureOf(attempt, client, key), OF_STORE.contains(call)));
    }
    assertThat(Crowd.found(client)).as(trial).isNotEqualTo(records);
    // A directory that can't be moved away stays until then.
    boolean mayStay = call.startsWith("rename") && failure.isEmpty();
    if (!mayStay) {
      assertDirectoriesAreThoseOfRecords(fuselage, client, trial);
    }
  }

  private static void assertDirectoriesAreThoseOfRecords(
      Installation fuselage, SnapshotterClient client, String when) {
    Awaitility.await(when)
        .atMost(TO_RECOVER)
        .untilAsserted(
            () ->
                assertThat(Crowd.directories(fuselage.root().resolve("snapshots")))
                    .hasSameSizeAs(Crowd.found(client).keySet()));
  }

  /** At last, or, where it may have been, already. */
  private static boolean isDone(Optional<SnapshotException> failure, boolean maybeBefore) {
    return failure.isEmpty()
        || (maybeBefore
            && Set.of(Code.ALREADY_EXISTS, Code.NOT_FOUND).contains(failure.get().code()));
  }

  private static Optional<SnapshotException> failureOf(
      Attempt attempt, SnapshotterClient client, String key) {
    try {
      attempt.make(client, key);
      return Optional.empty();
    } catch (SnapshotException e) {
      return Optional.of(e);
    }
  }

  /** The root and all in it, but for what goes meanwhile: the canary makes snapshots too. */
  private static List<Path> paths(Path root) throws IOException {
    List<Path> paths = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes of) {
            paths.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes of) {
            paths.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return paths;
  }
}
