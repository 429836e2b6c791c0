package dev.fuselage.admin;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.List;
import java.util.Optional;

/** The snapshots that may not be used since they are damaged. */
public interface Quarantine {
  /** Those in it, in the order of their ids. */
  List<Entry> list();

  /**
   * Lets a snapshot be used again. A check that still finds the damage puts it back.
   *
   * @param key its key or name, or what an entry has in its place
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it is not in quarantine
   */
  void release(String key);

  /**
   * A snapshot in quarantine, or a directory that a rebuild could not make a snapshot of.
   *
   * @param key its key or name; of a mere directory {@code snapshots/} and its id
   * @param kind empty for a mere directory
   * @param above the keys and names of all snapshots that stand on it, those on fewer layers first
   * @param uses what in containerd uses it or what stands on it, in the order in which that is to
   *     be removed; empty where containerd does not tell, too
   */
  record Entry(
      SnapshotId id,
      String key,
      Optional<Kind> kind,
      String reason,
      List<String> above,
      List<Use> uses) {
    public Entry {
      above = List.copyOf(above);
      uses = List.copyOf(uses);
    }

    /** One whose uses are not known. */
    public Entry(
        SnapshotId id, String key, Optional<Kind> kind, String reason, List<String> above) {
      this(id, key, kind, reason, above, List.of());
    }

    /** The same with what uses it. */
    public Entry usedBy(List<Use> known) {
      return new Entry(id, key, kind, reason, above, known);
    }
  }

  /**
   * A pod, container or image that needs a snapshot.
   *
   * @param command removes it, for a shell on the node
   */
  record Use(Owner owner, String command) {}
}
