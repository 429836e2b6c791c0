package dev.fuselage.grpc;

import static dev.fuselage.grpc.proto.Info.CREATED_AT_FIELD_NUMBER;
import static dev.fuselage.grpc.proto.Info.KIND_FIELD_NUMBER;
import static dev.fuselage.grpc.proto.Info.LABELS_FIELD_NUMBER;
import static dev.fuselage.grpc.proto.Info.NAME_FIELD_NUMBER;
import static dev.fuselage.grpc.proto.Info.PARENT_FIELD_NUMBER;
import static dev.fuselage.grpc.proto.Info.UPDATED_AT_FIELD_NUMBER;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Timestamp;
import com.google.protobuf.WireFormat;
import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.metadata.WireLabels;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One or several infos as they go over the wire: the answers of Stat, Update and List alike, since
 * each holds its infos in its field 1.
 *
 * <p>Written by hand, because containerd asks for every snapshot every few seconds: protobuf's own
 * classes would copy each map of labels twice and make an object of every label, which is most of
 * what a List costs. Labels that the store just read are passed on as they are.
 */
final class InfoMessage {
  /** Writes only; no server reads an answer. */
  static final Marshaller<InfoMessage> MARSHALLER =
      new Marshaller<>() {
        @Override
        public InputStream stream(InfoMessage message) {
          return new Bytes(message.bytes);
        }

        @Override
        public InfoMessage parse(InputStream stream) {
          throw new UnsupportedOperationException("a server reads no answers");
        }
      };

  private static final int KEY_OF_ENTRY = 1;
  private static final int VALUE_OF_ENTRY = 2;

  private final byte[] bytes;

  private InfoMessage(byte[] bytes) {
    this.bytes = bytes;
  }

  static InfoMessage of(Info info) {
    return of(List.of(encode(info)));
  }

  /**
   * @param infos each as {@link #encode} wrote it
   */
  static InfoMessage of(List<byte[]> infos) {
    int total = 0;
    for (byte[] info : infos) {
      total += sizeOfNested(ListSnapshotsResponse.INFO_FIELD_NUMBER, info.length);
    }
    byte[] bytes = new byte[total];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (byte[] info : infos) {
        out.writeByteArray(ListSnapshotsResponse.INFO_FIELD_NUMBER, info);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new InfoMessage(bytes);
  }

  byte[] toByteArray() {
    return bytes.clone();
  }

  /** An info without what frames it in a message. */
  static byte[] encode(Info info) {
    // A string is gone through once here; CodedOutputStream does it twice to learn the length
    // first.
    byte[] name = info.name().getBytes(UTF_8);
    byte[] parent = info.parent().getBytes(UTF_8);
    byte[] bytes =
        new byte
            [sizeOf(NAME_FIELD_NUMBER, name)
                + sizeOf(PARENT_FIELD_NUMBER, parent)
                + CodedOutputStream.computeEnumSize(KIND_FIELD_NUMBER, number(info.kind()))
                + sizeOfNested(CREATED_AT_FIELD_NUMBER, size(info.created()))
                + sizeOfNested(UPDATED_AT_FIELD_NUMBER, size(info.updated()))
                + size(info.labels())];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      write(NAME_FIELD_NUMBER, name, out);
      write(PARENT_FIELD_NUMBER, parent, out);
      out.writeEnum(KIND_FIELD_NUMBER, number(info.kind()));
      write(CREATED_AT_FIELD_NUMBER, info.created(), out);
      write(UPDATED_AT_FIELD_NUMBER, info.updated(), out);
      write(info.labels(), out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  private static int sizeOfNested(int field, int size) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(size)
        + size;
  }

  /** Text that is empty is left away, as proto3 has it. */
  private static int sizeOf(int field, byte[] text) {
    return text.length == 0 ? 0 : sizeOfNested(field, text.length);
  }

  private static int size(Labels labels) {
    if (labels.stored().orElse(null) instanceof WireLabels wire) {
      return wire.size(LABELS_FIELD_NUMBER);
    }
    int size = 0;
    for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
      size += sizeOfNested(LABELS_FIELD_NUMBER, size(label));
    }
    return size;
  }

  private static int size(Map.Entry<String, String> label) {
    return CodedOutputStream.computeStringSize(KEY_OF_ENTRY, label.getKey())
        + CodedOutputStream.computeStringSize(VALUE_OF_ENTRY, label.getValue());
  }

  private static int size(Instant instant) {
    return CodedOutputStream.computeInt64Size(
            Timestamp.SECONDS_FIELD_NUMBER, instant.getEpochSecond())
        + CodedOutputStream.computeInt32Size(Timestamp.NANOS_FIELD_NUMBER, instant.getNano());
  }

  private static int number(Kind kind) {
    return Messages.of(kind).getNumber();
  }

  private static void write(int field, byte[] text, CodedOutputStream out) throws IOException {
    if (text.length > 0) {
      out.writeByteArray(field, text);
    }
  }

  private static void write(int field, Instant instant, CodedOutputStream out) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(size(instant));
    out.writeInt64(Timestamp.SECONDS_FIELD_NUMBER, instant.getEpochSecond());
    out.writeInt32(Timestamp.NANOS_FIELD_NUMBER, instant.getNano());
  }

  private static void write(Labels labels, CodedOutputStream out) throws IOException {
    if (labels.stored().orElse(null) instanceof WireLabels wire) {
      wire.writeTo(LABELS_FIELD_NUMBER, out);
      return;
    }
    for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
      out.writeTag(LABELS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size(label));
      out.writeString(KEY_OF_ENTRY, label.getKey());
      out.writeString(VALUE_OF_ENTRY, label.getValue());
    }
  }

  /** Tells gRPC its length, which then needs no buffer of its own. */
  private static final class Bytes extends ByteArrayInputStream implements KnownLength {
    Bytes(byte[] bytes) {
      super(bytes);
    }
  }
}
