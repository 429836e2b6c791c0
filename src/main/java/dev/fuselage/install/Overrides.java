package dev.fuselage.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What other files of containerd's configuration take back of ours: of several that say something
 * of one setting containerd obeys the one that it reads last. An admin's own options of a handler
 * are left to him; which snapshotter is whose is not.
 */
final class Overrides {
  private static final String SNAPSHOTTER = "snapshotter";

  private final Path dropIn;
  private final Configuration whole;

  private Overrides(Path dropIn, Configuration whole) {
    this.dropIn = dropIn;
    this.whole = whole;
  }

  /**
   * Looks at files as they are now.
   *
   * @param dropIn ours, which is there and imported
   * @return what an admin has to do; empty if ours has the last word wherever it needs it
   * @throws IOException if a file can't be read
   */
  static Optional<Standing> of(Path main, Path dropIn) throws IOException {
    Overrides overrides = new Overrides(dropIn, Configuration.read(main));
    return overrides.find(List.of(), Toml.read(dropIn));
  }

  private Optional<Standing> find(List<String> path, ObjectNode ours) {
    for (var entry : ours.properties()) {
      List<String> place = Sections.below(path, entry.getKey());
      Optional<Standing> found =
          entry.getValue() instanceof ObjectNode table && !isProxyPlugin(place)
              ? find(place, table)
              : matters(place) && !holds(place, entry.getValue())
                  ? Optional.of(overridden(place))
                  : Optional.empty();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static boolean isProxyPlugin(List<String> place) {
    return place.size() == 2 && place.getFirst().equals(Configuration.PROXY_PLUGINS);
  }

  private static boolean matters(List<String> place) {
    return isProxyPlugin(place)
        || place.getLast().equals(SNAPSHOTTER)
        || place.equals(Sections.UNPACK);
  }

  /** To unpack for others, too, does no harm. */
  private boolean holds(List<String> place, JsonNode ours) {
    JsonNode said = whole.at(place);
    return place.equals(Sections.UNPACK)
        ? said instanceof ArrayNode && Configuration.uses(said, DropIn.PLUGIN)
        : said.equals(ours);
  }

  private Standing overridden(List<String> place) {
    return new Standing.Waiting(
        "Overridden",
        "%s is read after %s, and what it says of %s holds instead: take that out there, or give that"
                .formatted(
                    whole.lastToSay(place).map(Path::toString).orElse("another file"),
                    dropIn,
                    Toml.path(place))
            + " file a name or a place in `imports` before ours");
  }
}
