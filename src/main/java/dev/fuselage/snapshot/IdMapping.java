package dev.fuselage.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A user namespace mapping as the labels {@link Labels#UID_MAPPING} and {@link Labels#GID_MAPPING}
 * carry it. They are input from outside, from the author of a pod even, since CRI copies every
 * {@code containerd.io/snapshot/} annotation: nothing but a mapping may reach a mount option.
 *
 * @param ranges at least one
 */
public record IdMapping(List<Range> ranges) {
  private static final Pattern LABEL =
      Pattern.compile("\\d{1,10}:\\d{1,10}:\\d{1,10}(,\\d{1,10}:\\d{1,10}:\\d{1,10})*");
  private static final long MOST_IDS = 1L << 32;

  /** So many ids, from the first in the container and the first on the host. */
  public record Range(long container, long host, long size) {
    @Override
    public String toString() {
      return container + ":" + host + ":" + size;
    }
  }

  public IdMapping {
    ranges = List.copyOf(ranges);
  }

  /**
   * Lets a label's value pass that is a mapping, or empty, which means that there is none.
   *
   * @throws SnapshotException INVALID_ARGUMENT, if the label's value is no mapping
   */
  static void check(String label, String value) {
    if (!value.isEmpty()) {
      parse(label, value);
    }
  }

  /**
   * Reads the value of one of the two labels.
   *
   * @param label the label's key, to be named in the error
   * @throws SnapshotException INVALID_ARGUMENT, if the label's value is no mapping
   */
  public static IdMapping parse(String label, String value) {
    if (!LABEL.matcher(value).matches()) {
      throw invalid(label, value);
    }
    List<Range> ranges = new ArrayList<>();
    for (String part : value.split(",", -1)) {
      String[] numbers = part.split(":", -1);
      Range range =
          new Range(
              Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
      if (range.size() == 0
          || range.container() + range.size() > MOST_IDS
          || range.host() + range.size() > MOST_IDS) {
        throw invalid(label, value);
      }
      ranges.add(range);
    }
    return new IdMapping(ranges);
  }

  private static SnapshotException invalid(String label, String value) {
    return SnapshotException.invalidArgument(
        "label %s is %s, not of the form containerID:hostID:size[,…]", label, Quote.of(value));
  }

  /** The host's id of the container's root; empty if root is not mapped. */
  public Optional<Long> root() {
    return ranges.stream().filter(range -> range.container() == 0).map(Range::host).findFirst();
  }

  /** The ranges joined by the given separator: kernel and fuse-overlayfs want another one. */
  public String joined(String separator) {
    return String.join(separator, ranges.stream().map(Range::toString).toList());
  }
}
