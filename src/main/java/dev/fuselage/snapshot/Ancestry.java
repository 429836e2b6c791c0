package dev.fuselage.snapshot;

import java.util.List;

/**
 * Where a snapshot stands: the name of its parent, and the ids of all layers below it.
 *
 * <p>The chain is kept whole in every snapshot, so that mounting one takes a single read whatever
 * the depth. It can't go stale: a committed snapshot never changes its name or parent, and is not
 * removed while it has children.
 *
 * @param parent the parent's name, empty for a snapshot without one
 * @param ids the layers below, nearest first, empty for a snapshot without a parent
 */
public record Ancestry(String parent, List<SnapshotId> ids) {
  /** Of a snapshot without a parent. */
  public static final Ancestry NONE = new Ancestry("", List.of());

  public Ancestry {
    ids = List.copyOf(ids);
    if (parent.isEmpty() != ids.isEmpty()) {
      throw new IllegalArgumentException("a parent has an id, and no parent has none");
    }
  }

  public boolean isEmpty() {
    return ids.isEmpty();
  }

  /** The number of layers below. */
  public int depth() {
    return ids.size();
  }
}
