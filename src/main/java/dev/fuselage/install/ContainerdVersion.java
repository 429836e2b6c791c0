package dev.fuselage.install;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** containerd's version, as far as it decides what it understands. */
public record ContainerdVersion(int major, int minor, int patch) {
  private static final Pattern TEXT =
      Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?.*");

  /** Of a text such as {@code v2.2.9} or {@code 1.6.20~ds1}; empty if it is none. */
  public static Optional<ContainerdVersion> of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new ContainerdVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3))));
  }

  /** Its imports are merged table by table, so that a drop-in may hold a runtime handler. */
  boolean mergesImports() {
    return major >= 2;
  }

  /** A runtime handler may have a snapshotter of its own. */
  boolean hasSnapshotterByRuntime() {
    return major >= 2 || major == 1 && minor >= 7;
  }

  /** It may leave the mapping of ids to a proxy plugin. */
  boolean mapsIdsByProxy() {
    return major >= 2 || major == 1 && (minor > 7 || minor == 7 && patch >= 23);
  }
}
