package dev.fuselage.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Requests that no good client sends, and some that one does so that they find something to act
 * upon. The seed and a number make the same request every time.
 */
final class HostileRequests {
  /** One call: any number of messages, though one is right. */
  record Request(String method, List<byte[]> messages) {}

  private static final List<String> METHODS =
      List.of(
          "Prepare", "View", "Mounts", "Commit", "Remove", "Stat", "Update", "List", "Usage",
          "Cleanup", "Destroy");

  private static final List<String> FILTERS =
      List.of(
          "name~=^(a+)+$",
          "name~=(a|aa)*b",
          "labels.x~=(((((.*)*)*)*)*)*",
          "name~=(x{1000}){1000}",
          "name~=/" + "(".repeat(5000) + "/",
          "name~=" + "a?".repeat(2000) + "a".repeat(2000),
          "name~=[[:alpha:]",
          "name~=\\p{Greek}*",
          "labels." + "a.".repeat(10_000) + "b",
          "kind==" + "active".repeat(10_000),
          "a,".repeat(10_000) + "a",
          "name==\"\\xff\\u0000\\U0010ffff\"",
          "name==\"\\x",
          "labels.\"" + "\\\"".repeat(5000) + "\"==x",
          "==",
          "!",
          ",",
          "name~=|",
          "parent==\"\"");

  private final Path outside;
  private final long seed;
  private final int largest;

  /**
   * @param outside where nothing must ever appear
   * @param largest bytes that a server takes in one message
   */
  HostileRequests(long seed, Path outside, int largest) {
    this.seed = seed;
    this.outside = outside;
    this.largest = largest;
  }

  Request request(int number) {
    Random random = new Random(seed * 31 + number);
    String method = METHODS.get(random.nextInt(METHODS.size()));
    return switch (random.nextInt(100)) {
      case 0 -> new Request(method, List.of());
      case 1 -> new Request(method, List.of(message(random, method), message(random, method)));
      case 2, 3, 4, 5 -> new Request(method, List.of(noise(random)));
      case 6, 7, 8 -> new Request(method, List.of(cut(random, message(random, method))));
      case 9 ->
          number % 10 == 0
              ? new Request(method, List.of(new byte[largest + 1 + random.nextInt(largest)]))
              : new Request(method, List.of(new byte[] {0}));
      default -> new Request(method, List.of(message(random, method)));
    };
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(200)];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] cut(Random random, byte[] message) {
    byte[] cut = message.clone();
    for (int i = 0; i < 3 && cut.length > 0; i++) {
      cut[random.nextInt(cut.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return Arrays.copyOf(cut, random.nextInt(cut.length + 1));
  }

  private byte[] message(Random random, String method) {
    Fields fields = new Fields();
    fields.text(1, text(random));
    switch (method) {
      case "Prepare", "View" -> {
        fields.text(2, text(random));
        fields.text(3, random.nextInt(3) == 0 ? text(random) : bytes(""));
        labels(fields, random, 4);
      }
      case "Commit" -> {
        fields.text(2, text(random));
        fields.text(3, text(random));
        labels(fields, random, 4);
        fields.text(5, random.nextInt(3) == 0 ? text(random) : bytes(""));
      }
      case "Update" -> {
        if (random.nextInt(10) > 0) {
          Fields info = new Fields();
          info.text(1, text(random));
          info.text(2, text(random));
          info.number(3, random.nextInt(10) - 3);
          labels(info, random, 6);
          fields.text(2, info.bytes());
        }
        if (random.nextBoolean()) {
          fields.text(3, mask(random));
        }
      }
      case "List" -> {
        for (int i = random.nextInt(4); i > 0; i--) {
          String filter = FILTERS.get(random.nextInt(FILTERS.size()));
          fields.text(2, random.nextInt(4) == 0 ? text(random) : bytes(filter));
        }
      }
      default -> fields.text(2, text(random));
    }
    return fields.bytes();
  }

  private byte[] mask(Random random) {
    Fields mask = new Fields();
    int paths = random.nextInt(200) == 0 ? 10_000 : random.nextInt(4);
    for (int i = 0; i < paths; i++) {
      mask.text(
          1,
          switch (random.nextInt(6)) {
            case 0 -> bytes("labels");
            case 1 -> bytes("kind");
            case 2 -> bytes("labels.");
            case 3 -> text(random);
            default -> bytes("labels." + random.nextInt(10_000));
          });
    }
    return mask.bytes();
  }

  private void labels(Fields to, Random random, int number) {
    int labels = random.nextInt(200) == 0 ? 10_000 : random.nextInt(3);
    for (int i = 0; i < labels; i++) {
      Fields label = new Fields();
      label.text(1, labels > 3 ? bytes("label-" + i) : labelKey(random));
      label.text(2, labels > 3 ? bytes("value") : text(random));
      to.text(number, label.bytes());
    }
  }

  private byte[] labelKey(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> bytes("containerd.io/snapshot/uidmapping");
      case 1 -> bytes("containerd.io/snapshot/max-size");
      case 2 -> bytes("containerd.io/snapshot/overlay.upperdir");
      default -> text(random);
    };
  }

  private byte[] text(Random random) {
    return switch (random.nextInt(24)) {
      case 0 -> bytes("");
      case 1 -> bytes("a\0b");
      case 2 -> bytes("../../../../../../../.." + outside.resolve("up"));
      case 3 -> bytes(outside.resolve("straight").toString());
      case 4 -> bytes("..");
      case 5 -> bytes("/");
      case 6 -> new byte[] {(byte) 0xc3, 0x28};
      case 7 -> new byte[] {'k', (byte) 0xed, (byte) 0xa0, (byte) 0x80};
      case 8 -> random.nextInt(20) == 0 ? bytes("x".repeat(1 << 20)) : bytes("x".repeat(5000));
      case 9 -> bytes("key,lowerdir=/etc:workdir=" + outside.resolve("option"));
      case 10 -> bytes("$(touch " + outside.resolve("shell") + ");`id`|x&\n\"'\\");
      case 11 -> bytes("%s%n%x\r\nop=Remove\u202e\u2028");
      case 12 -> bytes("0:0:4294967295,0:0:1");
      case 13 -> bytes("\ud83d\ude00\uffff" + random.nextInt(50));
      default -> bytes("key-" + random.nextInt(200));
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A message by its numbered fields, well formed or not. */
  private static final class Fields {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream coded = CodedOutputStream.newInstance(bytes, 128);

    void text(int number, byte[] text) {
      try {
        coded.writeBytes(number, ByteString.copyFrom(text));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void number(int number, int value) {
      try {
        coded.writeInt32(number, value);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] bytes() {
      try {
        coded.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }
  }
}
