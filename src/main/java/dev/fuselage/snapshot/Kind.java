package dev.fuselage.snapshot;

import java.util.Locale;

/** What a snapshot is, in containerd's words. */
public enum Kind {
  /** Read-only, never committed. */
  VIEW,
  /** Writable, until it is committed or removed. */
  ACTIVE,
  /** Immutable, and a parent for others. */
  COMMITTED;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word that containerd's filters and our commands use: {@code view}, {@code active}, … */
  public String label() {
    return label;
  }
}
