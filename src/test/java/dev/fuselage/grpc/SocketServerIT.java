package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket of a server, from bind to close. */
class SocketServerIT {
  @TempDir Path directory;
  private final InMemorySnapshotter snapshotter = new InMemorySnapshotter();

  private void assertServes(TestServer server, String key) {
    try (SnapshotterClient client = server.client()) {
      client.prepare(Call.PATIENT, key, "", Labels.NONE);
      assertThat(client.stat(key).name()).isEqualTo(key);
    }
  }

  private Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList().stream();
    }
  }

  @Test
  void theSocketHasItsModeAndNoFileBesideIt() throws IOException {
    try (TestServer server = TestServer.of(directory, snapshotter)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
          .isEqualTo("rw-rw----");
      assertThat(files()).containsExactly(server.socket());
      assertServes(server, "key");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    TestServer server = TestServer.of(directory, snapshotter);
    server.close();
    try (TestServer next = TestServer.of(directory, snapshotter)) {
      server.close();
      assertServes(next, "key");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void aSecondServerIsRefusedAndHarmsNothing() throws IOException {
    try (TestServer server = TestServer.of(directory, snapshotter)) {
      assertThatThrownBy(() -> TestServer.of(directory, snapshotter))
          .asInstanceOf(type(UnusableSocketException.class))
          .satisfies(
              failure ->
                  assertThat(failure.reason()).isEqualTo(UnusableSocketException.Reason.IN_USE));
      assertThat(files()).containsExactly(server.socket());
      assertServes(server, "key");
    }
  }

  @Test
  void aServerThatLostItsPlaceLeavesItToItsSuccessor() throws IOException {
    TestServer server = TestServer.of(directory, snapshotter);
    Files.delete(server.socket());
    try (TestServer successor = TestServer.of(directory, snapshotter)) {
      server.close();

      assertThat(files()).containsExactly(successor.socket());
      assertServes(successor, "key");
    }
  }

  @Test
  void whatAnotherPutInThePlaceOfTheSocketStays() throws IOException {
    TestServer server = TestServer.of(directory, snapshotter);
    Files.delete(server.socket());
    Files.writeString(server.socket(), "precious");

    server.close();

    assertThat(server.socket()).hasContent("precious");
  }

  @Test
  void aPlaceThatTakesNoSocketIsToldOf() {
    Path nowhere = Path.of("/proc/self/test.sock");

    assertThatThrownBy(() -> TestServer.of(TestServer.options(nowhere, Set.of(0)), snapshotter))
        .asInstanceOf(type(UnusableSocketException.class))
        .satisfies(
            failure ->
                assertThat(failure.reason()).isEqualTo(UnusableSocketException.Reason.NOT_WRITABLE))
        .satisfies(failure -> assertThat(failure).hasMessageContaining("/proc/self/test.sock"));
  }

  @Test
  void optionsThatWouldServeNobodyAreRefused() {
    assertThatThrownBy(() -> TestServer.options(directory, Set.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
