package dev.fuselage.admin;

import dev.fuselage.snapshot.SnapshotException;

/**
 * All that an operator may ask for, in parts. A service overrides those that it can offer now: one
 * whose store is damaged offers none that need it. The others throw a {@link SnapshotException}
 * UNAVAILABLE that says why.
 */
public interface Administration {
  /** One that offers nothing. */
  Administration NONE = new Administration() {};

  default Trash trash() {
    throw missing();
  }

  default Quarantine quarantine() {
    throw missing();
  }

  default Verification verification() {
    throw missing();
  }

  default StoreCare storeCare() {
    throw missing();
  }

  default Owners owners() {
    throw missing();
  }

  /** Why the parts that are not overridden are missing, for the operator. */
  default String whyMissing() {
    return "this service does not offer it";
  }

  private SnapshotException missing() {
    return new SnapshotException(SnapshotException.Code.UNAVAILABLE, whyMissing());
  }
}
