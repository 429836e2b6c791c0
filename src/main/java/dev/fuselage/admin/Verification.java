package dev.fuselage.admin;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import java.util.Optional;

/** A look at everything that is kept, while it is in use: is it still what it was? */
public interface Verification {
  /**
   * Looks, at a pace that leaves the disk to others. One at a time: it takes the place of one that
   * runs on schedule, which goes on later.
   *
   * @param listener hears of findings and of progress, of the latter at least once a second
   * @return how far it came
   * @throws SnapshotException FAILED_PRECONDITION if another one that was asked for is under way
   */
  Progress run(Request request, Call call, Listener listener);

  /**
   * What to look at.
   *
   * @param contents whether files are read, for layers whose contents were read at their commit
   * @param adopt whether a layer without a digest is given that of its tree as it is
   * @param resume whether to go on where the last one was ended before its time
   */
  record Request(boolean contents, boolean adopt, boolean resume) {}

  /**
   * How far it is.
   *
   * @param snapshots that were looked at
   * @param ofSnapshots that are to be looked at
   * @param entries of their trees that were looked at
   * @param damages findings that mean damage
   * @param notes findings that do not
   */
  record Progress(long snapshots, long ofSnapshots, long entries, long damages, long notes) {}

  /** Something that is not as it should be, or can't be told. */
  record Finding(Kind kind, Optional<Place> place, String detail) {}

  /**
   * Where something was found.
   *
   * @param key {@code snapshots/<id>} of a directory that is no snapshot's
   * @param path inside the snapshot, relative to its root; of a very deep one the end, behind
   *     {@code ...}; empty where it is not known. As in a Go string: a byte that is no UTF-8 is
   *     {@code \xe9}, a backslash two
   */
  record Place(SnapshotId id, String key, String path) {}

  /** What a finding is about. */
  enum Kind {
    /** The store's own files. */
    STORE(true),
    /** What a record says of other snapshots. */
    RECORD(true),
    /** A snapshot's directory, apart from what a layer is made of. */
    DIRECTORY(true),
    /** A directory that no record is of. */
    ORPHAN(true),
    /** What lies beside a snapshot's files, to make its record again. */
    RECORD_FILE(true),
    /** What a layer is made of, but what its files hold. */
    TREE(true),
    /** What a layer's files hold. */
    CONTENTS(true),
    /** The disk that a layer takes is another than at its commit. */
    USAGE(false),
    /** A layer of which there is no digest, or none of its contents, to compare with. */
    UNVERIFIABLE(false);

    private final boolean damage;

    Kind(boolean damage) {
      this.damage = damage;
    }

    /** Whether something is damaged, and not only worth a note. */
    public boolean isDamage() {
      return damage;
    }
  }

  /** Hears what a verification finds. */
  interface Listener {
    void found(Finding finding);

    void progressed(Progress progress);
  }
}
