package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that ask for too much of a running service, beside one that does not. */
class RudeClientsIT {
  private static final int SILENT = 10_000;
  private static final int DEAF = 20;
  private static final long MESSAGE = 1L << 30;
  private static final long MOST_RESIDENT_KILOBYTES = 400 << 10;

  /** How long a client goes on that is neither let nor sent away. */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private static final byte DATA = 0;
  private static final byte HEADERS = 1;
  private static final byte SETTINGS = 4;
  private static final byte PING = 6;
  private static final int END_HEADERS = 4;

  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void aGoodClientGetsItsAnswersBesideRudeOnes() throws Exception {
    Campaign campaign = Campaign.begin("rude", 1);
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    List<SocketChannel> connections = new ArrayList<>();
    AtomicInteger answers = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    List<Throwable> failures = new ArrayList<>();
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      Thread good =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, failure) -> failures.add(failure))
              .start(() -> work(client, answers, enough));
      for (int i = 0; i < DEAF; i++) {
        connections.add(greet(fuselage));
      }
      long pings = 0;
      for (SocketChannel connection : connections) {
        pings += pour(connection, ping(), PATIENCE_NANOS / DEAF, Long.MAX_VALUE);
      }
      SocketChannel large = greet(fuselage);
      connections.add(large);
      pour(large, request(), PATIENCE_NANOS, 1);
      long sent = pour(large, frame(DATA, 0, 1, new byte[16384]), PATIENCE_NANOS, MESSAGE / 16384);
      assertThat(sent * 16384).as("bytes of a message of 1 GiB").isLessThan(MESSAGE);
      for (int i = 0; i < SILENT; i++) {
        connections.add(connect(fuselage));
      }
      int before = answers.get();
      while (answers.get() < before + 100 && failures.isEmpty()) {
        Thread.sleep(1);
      }
      enough.set(true);
      good.join();
      assertThat(failures).isEmpty();
      long resident = SoakIT.residentKilobytes(service);
      assertThat(resident).isLessThan(MOST_RESIDENT_KILOBYTES);
      campaign.summary(
          "%d answers to the good client beside %d pings of the deaf, %d KiB of 1 GiB, %d connections; %d MiB resident"
              .formatted(answers.get(), pings, sent * 16, connections.size(), resident >> 10));
    } finally {
      for (SocketChannel connection : connections) {
        connection.close();
      }
    }
  }

  private static void work(SnapshotterClient client, AtomicInteger answers, AtomicBoolean enough) {
    for (int i = 0; !enough.get(); i++) {
      String key = "good " + i;
      client.prepare(Call.PATIENT, key, "", Labels.NONE);
      client.stat(key);
      client.remove(Call.PATIENT, key);
      answers.addAndGet(3);
    }
  }

  private static SocketChannel connect(Installation fuselage) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(fuselage.socket()));
    channel.configureBlocking(false);
    return channel;
  }

  /** A connection that speaks HTTP/2, and never listens. */
  private static SocketChannel greet(Installation fuselage) throws IOException {
    SocketChannel channel = connect(fuselage);
    ByteArrayOutputStream greeting = new ByteArrayOutputStream();
    greeting.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    greeting.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
    pour(channel, greeting.toByteArray(), PATIENCE_NANOS, 1);
    return channel;
  }

  /** Sends the same again and again; the answer is how often it was taken. */
  private static long pour(SocketChannel channel, byte[] bytes, long nanos, long most)
      throws IOException {
    long end = System.nanoTime() + nanos;
    for (long times = 0; times < most; times++) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        try {
          channel.write(buffer);
        } catch (IOException _) {
          return times;
        }
        if (System.nanoTime() - end > 0) {
          return times;
        }
      }
    }
    return most;
  }

  private static byte[] ping() {
    return frame(PING, 0, 0, new byte[8]);
  }

  /** The beginning of a Stat that says that 1 GiB will come. */
  private static byte[] request() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    List<Map.Entry<String, String>> headers =
        List.of(
            Map.entry(":method", "POST"),
            Map.entry(":scheme", "http"),
            Map.entry(":path", "/containerd.services.snapshots.v1.Snapshots/Stat"),
            Map.entry(":authority", "localhost"),
            Map.entry("te", "trailers"),
            Map.entry("content-type", "application/grpc"));
    for (var header : headers) {
      // A literal without indexing, its name new.
      block.write(0);
      for (String text : List.of(header.getKey(), header.getValue())) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(frame(HEADERS, END_HEADERS, 1, block.toByteArray()));
    byte[] prefix = ByteBuffer.allocate(5).put((byte) 0).putInt((int) MESSAGE).array();
    request.writeBytes(frame(DATA, 0, 1, prefix));
    return request.toByteArray();
  }

  private static byte[] frame(byte type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put(type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }
}
