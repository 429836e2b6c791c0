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
   */
  record Entry(SnapshotId id, String key, Optional<Kind> kind, String reason, List<String> above) {
    public Entry {
      above = List.copyOf(above);
    }

    /** Of a snapshot. */
    public Entry(SnapshotId id, String key, Kind kind, String reason, List<String> above) {
      this(id, key, Optional.of(kind), reason, above);
    }
  }
}
