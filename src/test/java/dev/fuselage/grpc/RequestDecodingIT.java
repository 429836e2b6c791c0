package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Labels;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class RequestDecodingIT {
  static final List<String> METHODS =
      List.of(
          "Prepare", "View", "Mounts", "Commit", "Remove", "Stat", "Update", "List", "Usage",
          "Cleanup");

  private static final byte[] STAT_OF_KEY =
      StatSnapshotRequest.newBuilder().setKey("key").build().toByteArray();

  @TempDir Path directory;
  private TestServer server;
  private RawClient client;

  @BeforeEach
  void begin() {
    InMemorySnapshotter snapshotter = new InMemorySnapshotter();
    snapshotter.prepare(Call.PATIENT, "key", "", Labels.NONE);
    server = TestServer.of(directory, snapshotter);
    client = server.rawClient();
  }

  @AfterEach
  void end() throws InterruptedException {
    client.close();
    server.close();
  }

  private void assertInvalid(Status status, String sentence) {
    assertThat(status.getCode()).as("%s", status).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(sentence);
    assertThat(client.send("Stat", List.of(STAT_OF_KEY)).join().isOk()).isTrue();
  }

  /** A field of the given number that holds the bytes. */
  private static byte[] field(int number, byte... bytes) {
    byte[] field = new byte[bytes.length + 2];
    field[0] = (byte) (number << 3 | 2);
    field[1] = (byte) bytes.length;
    System.arraycopy(bytes, 0, field, 2, bytes.length);
    return field;
  }

  private static byte[] both(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void bytesThatAreNoMessageAreInvalid(String method) {
    for (byte[] bytes :
        List.of(
            new byte[] {(byte) 0xff},
            new byte[] {0x0a, 0x7f, 'a'},
            new byte[] {0x0b, 0x0b, 0x0b},
            new byte[] {0x00, 0x00})) {
      assertInvalid(client.send(method, List.of(bytes)).join(), "can't be decoded");
    }
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void textThatIsNotUtf8IsInvalid(String method) {
    assertInvalid(client.send(method, List.of(field(1, (byte) 0xc3, (byte) 0x28))).join(), "UTF-8");
  }

  static final List<byte[]> NOT_UTF_8 =
      List.of(
          new byte[] {(byte) 0x80},
          new byte[] {(byte) 0xc0, (byte) 0x80},
          new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
          new byte[] {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80},
          new byte[] {'a', (byte) 0xe2, (byte) 0x82});

  @ParameterizedTest
  @FieldSource("NOT_UTF_8")
  void textThatIsNotUtf8IsInvalidWhereverItStands(byte[] bytes) {
    byte[] key = field(2, "new".getBytes(StandardCharsets.UTF_8));
    byte[] label = both(field(1, bytes), field(2, (byte) 'v'));
    byte[] value = both(field(1, (byte) 'k'), field(2, bytes));
    Stream.of(
            client.send("Stat", List.of(field(2, bytes))),
            client.send("Prepare", List.of(both(key, field(3, bytes)))),
            client.send("Prepare", List.of(both(key, field(4, label)))),
            client.send("View", List.of(both(key, field(4, value)))),
            client.send("Commit", List.of(field(5, bytes))),
            client.send("Update", List.of(field(2, field(1, bytes)))),
            client.send("Update", List.of(field(2, field(6, label)))),
            client.send("Update", List.of(field(3, field(1, bytes)))),
            client.send("List", List.of(field(2, bytes))))
        .forEach(status -> assertInvalid(status.join(), "can't be decoded"));
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void aCallWithoutRequestIsInvalid(String method) {
    assertInvalid(client.send(method, List.of()).join(), "no request");
  }

  @ParameterizedTest
  @FieldSource("METHODS")
  void aCallWithSeveralRequestsIsInvalid(String method) {
    byte[] empty = new byte[0];
    assertInvalid(client.send(method, List.of(empty, empty)).join(), "more than one");
    assertInvalid(client.send(method, List.of(empty, empty, empty)).join(), "more than one");
  }

  @Test
  void anUnknownFieldAndTheSnapshottersNameAreOfNoInterest() {
    byte[] known = both(field(1, (byte) 'x'), STAT_OF_KEY);

    assertThat(client.send("Stat", List.of(both(known, field(15, (byte) 1)))).join().isOk())
        .isTrue();
  }

  @Test
  void aMethodThatDoesNotExistIsUnimplementedAndNotCounted() {
    assertThat(client.send("Destroy", List.of(STAT_OF_KEY)).join().getCode())
        .isEqualTo(Status.Code.UNIMPLEMENTED);
    server.close();
    assertThat(server.calls()).isEmpty();
  }

  @Test
  void whatIsCompressedIsNotUnpacked() {
    Status status =
        client
            .send("Stat", CallOptions.DEFAULT.withCompression("gzip"), List.of(STAT_OF_KEY))
            .join();

    assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void aMessageOverTheLimitIsRefusedAndItsConnectionGoesOn() {
    byte[] large = new byte[TestServer.MAX_MESSAGE_BYTES + 1];
    for (int i = 0; i < 20; i++) {
      Status status = client.send(METHODS.get(i % 10), List.of(large)).join();
      assertThat(status.getCode()).as("%s", status).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
    assertThat(client.send("Stat", List.of(STAT_OF_KEY)).join().isOk()).isTrue();
    server.close();
    assertThat(server.calls()).contains("Prepare RESOURCE_EXHAUSTED", "List RESOURCE_EXHAUSTED");
  }
}
