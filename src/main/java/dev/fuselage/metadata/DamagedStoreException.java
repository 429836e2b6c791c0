package dev.fuselage.metadata;

/** A store can't be opened, for it is not what was written: opening it again won't help. */
public final class DamagedStoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  DamagedStoreException(String message) {
    super(message, null, false, false);
  }
}
