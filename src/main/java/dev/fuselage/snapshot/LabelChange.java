package dev.fuselage.snapshot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an Update does to the labels, the only thing that can be updated. */
@FunctionalInterface
public interface LabelChange {
  /** The path that means all labels. */
  String LABELS = "labels";

  /**
   * The labels as they are to be.
   *
   * @throws SnapshotException INVALID_ARGUMENT, for a bad label
   */
  Labels apply(Labels before);

  /**
   * The change that a field mask asks for. Without a path all labels are replaced; so they are by
   * {@code labels}; {@code labels.<key>} touches that key alone, and takes it away if it was not
   * sent or sent empty.
   *
   * @throws SnapshotException INVALID_ARGUMENT, for any other path
   */
  static LabelChange of(List<String> paths, Map<String, String> sent) {
    if (paths.isEmpty()) {
      Labels all = Labels.of(sent);
      return before -> all;
    }
    for (String path : paths) {
      if (!path.equals(LABELS) && !path.startsWith(LABELS + ".")) {
        throw SnapshotException.invalidArgument(
            "cannot update %s of a snapshot, only its labels", Quote.of(path));
      }
    }
    return before -> {
      // One map for all paths: a client may name a label many thousand times.
      Map<String, String> after = new HashMap<>(before.asMap());
      for (String path : paths) {
        if (path.equals(LABELS)) {
          after.clear();
          after.putAll(sent);
        } else {
          String key = path.substring(LABELS.length() + 1);
          String value = sent.getOrDefault(key, "");
          if (value.isEmpty()) {
            after.remove(key);
          } else {
            after.put(key, value);
          }
        }
      }
      return Labels.of(after);
    };
  }
}
