package dev.fuselage.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect, and how many. */
class PeersIT {
  private static final int NOBODY = 65534;

  /** Exits 0 if the service hangs up without a word, 3 if it speaks, another if it is not there. */
  private static final String LISTEN =
      """
      socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or exit 4;
      connect($socket, sockaddr_un($ARGV[0])) or exit 5;
      my $read = sysread($socket, my $bytes, 1);
      exit(defined $read && $read == 0 ? 0 : 3);
      """;

  @TempDir Path directory;
  private final InMemorySnapshotter snapshotter = new InMemorySnapshotter();

  private static SocketServer.Options options(Path socket, Set<Integer> uids, int maxConnections) {
    SocketServer.Options defaults = TestServer.options(socket, uids);
    return new SocketServer.Options(
        socket,
        0666,
        uids,
        defaults.maxMessageBytes(),
        defaults.maxCallsPerConnection(),
        maxConnections,
        defaults.workers(),
        defaults.maxQueuedCalls(),
        defaults.drain(),
        defaults.readerPatience());
  }

  private static int listenAs(int uid, Path socket) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid=" + uid,
                "--regid=" + uid,
                "--clear-groups",
                "perl",
                "-MSocket",
                "-e",
                LISTEN,
                socket.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor(60, SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void aProcessOfAnotherUserIsSentAwayAndToldOfOnce() throws Exception {
    assumeTrue(TestServer.ownUid() == 0, "only root can make a process of another user");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    try (LogCapture log = new LogCapture(Gatekeeper.class);
        TestServer server =
            TestServer.of(
                options(directory.resolve("test.sock"), Set.of(TestServer.ownUid()), 10),
                snapshotter);
        SnapshotterClient client = server.client()) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);

      assertThat(listenAs(NOBODY, server.socket())).isZero();
      assertThat(listenAs(NOBODY, server.socket())).isZero();
      assertThat(listenAs(0, server.socket())).isEqualTo(3);

      assertThat(client.stat("key").name()).isEqualTo("key");
      assertThat(log.texts()).singleElement().asString().contains("uid 65534").contains("[0]");
    }
  }

  @Test
  void aUserWhoIsListedMayComeWhoeverWeAre() throws Exception {
    assumeTrue(TestServer.ownUid() == 0, "only root can make a process of another user");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    try (LogCapture log = new LogCapture(Gatekeeper.class);
        TestServer server =
            TestServer.of(
                options(directory.resolve("test.sock"), Set.of(NOBODY), 10), snapshotter)) {
      assertThat(listenAs(NOBODY, server.socket())).isEqualTo(3);
      assertThat(listenAs(0, server.socket())).isZero();
      assertThat(log.texts()).singleElement().asString().contains("uid 0 ");
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedUntilOthersGo() throws Exception {
    try (LogCapture log = new LogCapture(Gatekeeper.class);
        TestServer server =
            TestServer.of(
                options(directory.resolve("test.sock"), Set.of(TestServer.ownUid()), 3),
                snapshotter);
        SnapshotterClient client = server.client()) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);
      List<SnapshotterClient> others = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        others.add(server.client());
        assertThat(others.getLast().stat("key").name()).isEqualTo("key");
      }
      for (int i = 0; i < 5; i++) {
        try (SocketChannel late = connect(server.socket())) {
          assertThat(hearsSomething(late)).isFalse();
        }
      }
      assertThat(client.stat("key").name()).isEqualTo("key");
      assertThat(log.texts()).singleElement().asString().contains("the 3 allowed");

      others.forEach(SnapshotterClient::close);
      await().until(() -> canCall(server));
    }
  }

  private static boolean canCall(TestServer server) {
    try (SnapshotterClient client = server.client()) {
      return client.stat("key").name().equals("key");
    } catch (SnapshotException _) {
      return false;
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  private static boolean hearsSomething(SocketChannel channel) throws IOException {
    return channel.read(ByteBuffer.allocate(1)) == 1;
  }

  /** They speak HTTP/2 as far as a client does that waits for its first call. */
  @Test
  void tenThousandWhoCallNothingLeaveAGoodClientItsAnswerAndLetAnotherIn() throws Exception {
    int most = 500;
    List<SocketChannel> idle = new ArrayList<>();
    try (LogCapture log = new LogCapture(Gatekeeper.class);
        TestServer server =
            TestServer.of(
                options(directory.resolve("test.sock"), Set.of(TestServer.ownUid()), most),
                snapshotter);
        SnapshotterClient client = server.client()) {
      client.prepare(Call.PATIENT, "key", "", Labels.NONE);
      int refused = 0;
      for (int i = 0; i < 10_000; i++) {
        SocketChannel channel = connect(server.socket());
        if (beginsToSpeak(channel)) {
          idle.add(channel);
        } else {
          refused++;
          channel.close();
        }
      }

      assertThat(client.stat("key").name()).isEqualTo("key");
      assertThat(log.texts()).hasSizeBetween(refused == 0 ? 0 : 1, 3);
      // Long before the server would ask the idle ones whether they live.
      await().atMost(20, SECONDS).until(() -> canCall(server));
      assertThat(client.stat("key").name()).isEqualTo("key");
      assertThat(stillOpen(idle)).isBetween(most / 2L, (long) most);
    } finally {
      for (SocketChannel channel : idle) {
        channel.close();
      }
    }
  }

  @Test
  void whoSaysNothingAtAllIsSentAway() throws Exception {
    try (TestServer server =
            TestServer.of(
                options(directory.resolve("test.sock"), Set.of(TestServer.ownUid()), 10),
                snapshotter);
        SocketChannel silent = connect(server.socket())) {
      assertThat(hearsSomething(silent)).isTrue();
      silent.configureBlocking(false);
      await().atMost(60, SECONDS).until(() -> isClosed(silent));
    }
  }

  /** Sends what a client's first message is; RFC 9113, 3.4. Returns false if it is sent away. */
  private static boolean beginsToSpeak(SocketChannel channel) {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    byte[] emptySettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    try {
      channel.write(ByteBuffer.wrap(preface));
      channel.write(ByteBuffer.wrap(emptySettings));
      return hearsSomething(channel);
    } catch (IOException _) {
      return false;
    }
  }

  private static long stillOpen(List<SocketChannel> channels) throws IOException {
    long open = 0;
    for (SocketChannel channel : channels) {
      channel.configureBlocking(false);
      if (!isClosed(channel)) {
        open++;
      }
    }
    return open;
  }

  /** Reads what there is. */
  private static boolean isClosed(SocketChannel channel) {
    try {
      int read;
      do {
        read = channel.read(ByteBuffer.allocate(4096));
      } while (read > 0);
      return read < 0;
    } catch (IOException _) {
      return true;
    }
  }
}
