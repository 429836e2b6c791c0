package dev.fuselage.admin;

import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.List;

/** The snapshots that may not be used since they are damaged. */
public interface Quarantine {
  /** Those in it, in the order of their ids. */
  List<Entry> list();

  /**
   * Lets a snapshot be used again. A check that still finds the damage puts it back.
   *
   * @param key its key or name
   * @throws SnapshotException NOT_FOUND; FAILED_PRECONDITION if it is not in quarantine
   */
  void release(String key);

  /**
   * A snapshot in quarantine.
   *
   * @param key its key or name
   * @param above the keys and names of all snapshots that stand on it, those on fewer layers first
   */
  record Entry(SnapshotId id, String key, Kind kind, String reason, List<String> above) {
    public Entry {
      above = List.copyOf(above);
    }
  }
}
