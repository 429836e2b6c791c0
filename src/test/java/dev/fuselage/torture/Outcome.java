package dev.fuselage.torture;

import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Usage;
import java.util.Map;

/** What a caller was told. */
sealed interface Outcome {
  /** It is done, and nothing more is said. */
  record Done() implements Outcome {}

  /** It is not done. */
  record Failed(SnapshotException.Code code) implements Outcome {}

  /** What the snapshots asked for are like, by their keys. */
  record Saw(Map<String, Entry> entries) implements Outcome {
    public Saw {
      entries = Map.copyOf(entries);
    }
  }

  /** What one takes. */
  record Used(Usage usage) implements Outcome {}
}
