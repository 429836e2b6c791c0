package dev.fuselage.metadata;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Labels as protobuf encodes a {@code map<string, string>}, an entry for each. The store's records
 * and the answers of containerd's API have the same entries, under other field numbers: what is
 * only passed on is copied, which is most of what a List would cost otherwise.
 */
public final class WireLabels implements Labels.Stored {
  private static final int KEY = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int VALUE = 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final byte[] record;

  // Where the entries are in it: two numbers each, from and to.
  private final int[] bounds;

  private WireLabels(byte[] record, int[] bounds) {
    this.record = record;
    this.bounds = bounds;
  }

  /** Collects the entries while a record is read. */
  static final class Builder {
    private final byte[] record;
    private int[] bounds = new int[4];
    private int used;

    Builder(byte[] record) {
      this.record = record;
    }

    /** Passes over an entry whose tag was read. */
    void skipEntry(CodedInputStream in) throws IOException {
      int length = in.readRawVarint32();
      int from = in.getTotalBytesRead();
      in.skipRawBytes(length);
      if (used == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * used);
      }
      bounds[used++] = from;
      bounds[used++] = from + length;
    }

    Labels build() {
      return used == 0
          ? Labels.NONE
          : Labels.stored(new WireLabels(record, Arrays.copyOf(bounds, used)));
    }
  }

  @Override
  public Map<String, String> read() {
    Map<String, String> map = HashMap.newHashMap(bounds.length / 2);
    try {
      for (int i = 0; i < bounds.length; i += 2) {
        String key = "";
        String value = "";
        CodedInputStream in =
            CodedInputStream.newInstance(record, bounds[i], bounds[i + 1] - bounds[i]);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
          switch (tag) {
            case KEY -> key = in.readStringRequireUtf8();
            case VALUE -> value = in.readStringRequireUtf8();
            default -> in.skipField(tag);
          }
        }
        map.put(key, value);
      }
    } catch (IOException e) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the labels of a record are damaged", e);
    }
    return map;
  }

  /**
   * The bytes that {@link #writeTo} writes.
   *
   * @param field the number of the map's field
   */
  public int size(int field) {
    int size = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      int length = bounds[i + 1] - bounds[i];
      size +=
          CodedOutputStream.computeTagSize(field)
              + CodedOutputStream.computeUInt32SizeNoTag(length)
              + length;
    }
    return size;
  }

  /** Writes the entries as those of a map's field. */
  public void writeTo(int field, CodedOutputStream out) throws IOException {
    for (int i = 0; i < bounds.length; i += 2) {
      int length = bounds[i + 1] - bounds[i];
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(length);
      out.writeRawBytes(record, bounds[i], length);
    }
  }
}
