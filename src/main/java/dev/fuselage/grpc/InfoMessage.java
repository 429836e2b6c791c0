package dev.fuselage.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Timestamp;
import com.google.protobuf.WireFormat;
import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
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
 * what a List costs.
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
    return of(List.of(info), size(info));
  }

  /**
   * @param sizes the {@link #size} of each, which is not cheap enough to be counted twice
   */
  static InfoMessage of(List<Info> infos, int... sizes) {
    int total = 0;
    for (int i = 0; i < infos.size(); i++) {
      total += sizeOfNested(ListSnapshotsResponse.INFO_FIELD_NUMBER, sizes[i]);
    }
    byte[] bytes = new byte[total];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (int i = 0; i < infos.size(); i++) {
        out.writeTag(ListSnapshotsResponse.INFO_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(sizes[i]);
        write(infos.get(i), out);
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

  private static int sizeOfNested(int field, int size) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt32SizeNoTag(size)
        + size;
  }

  /** In bytes, without what frames it in a message. */
  static int size(Info info) {
    int size =
        sizeOf(dev.fuselage.grpc.proto.Info.NAME_FIELD_NUMBER, info.name())
            + sizeOf(dev.fuselage.grpc.proto.Info.PARENT_FIELD_NUMBER, info.parent())
            + CodedOutputStream.computeEnumSize(
                dev.fuselage.grpc.proto.Info.KIND_FIELD_NUMBER, number(info.kind()))
            + sizeOfNested(
                dev.fuselage.grpc.proto.Info.CREATED_AT_FIELD_NUMBER, size(info.created()))
            + sizeOfNested(
                dev.fuselage.grpc.proto.Info.UPDATED_AT_FIELD_NUMBER, size(info.updated()));
    for (Map.Entry<String, String> label : info.labels().asMap().entrySet()) {
      size += sizeOfNested(dev.fuselage.grpc.proto.Info.LABELS_FIELD_NUMBER, size(label));
    }
    return size;
  }

  /** Text that is empty is left away, as proto3 has it. */
  private static int sizeOf(int field, String text) {
    return text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, text);
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

  private static void write(Info info, CodedOutputStream out) throws IOException {
    write(dev.fuselage.grpc.proto.Info.NAME_FIELD_NUMBER, info.name(), out);
    write(dev.fuselage.grpc.proto.Info.PARENT_FIELD_NUMBER, info.parent(), out);
    out.writeEnum(dev.fuselage.grpc.proto.Info.KIND_FIELD_NUMBER, number(info.kind()));
    write(dev.fuselage.grpc.proto.Info.CREATED_AT_FIELD_NUMBER, info.created(), out);
    write(dev.fuselage.grpc.proto.Info.UPDATED_AT_FIELD_NUMBER, info.updated(), out);
    for (Map.Entry<String, String> label : info.labels().asMap().entrySet()) {
      out.writeTag(
          dev.fuselage.grpc.proto.Info.LABELS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(size(label));
      out.writeString(KEY_OF_ENTRY, label.getKey());
      out.writeString(VALUE_OF_ENTRY, label.getValue());
    }
  }

  private static void write(int field, String text, CodedOutputStream out) throws IOException {
    if (!text.isEmpty()) {
      out.writeString(field, text);
    }
  }

  private static void write(int field, Instant instant, CodedOutputStream out) throws IOException {
    out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(size(instant));
    out.writeInt64(Timestamp.SECONDS_FIELD_NUMBER, instant.getEpochSecond());
    out.writeInt32(Timestamp.NANOS_FIELD_NUMBER, instant.getNano());
  }

  /** Tells gRPC its length, which then needs no buffer of its own. */
  private static final class Bytes extends ByteArrayInputStream implements KnownLength {
    Bytes(byte[] bytes) {
      super(bytes);
    }
  }
}
