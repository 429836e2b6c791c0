package dev.fuselage.install;

/** What came of taking our part out of containerd's configuration. */
public sealed interface Removal {
  /** Our file is gone, or was never there. */
  record Gone() implements Removal {}

  /**
   * Nothing points to us any more, but containerd still knows us, for the pods that are left. It is
   * to be started again, those pods made anew, and then the removal be asked for once more; the
   * same answer until containerd was started.
   */
  record Shrunk() implements Removal {}

  /**
   * Nothing was changed.
   *
   * @param reason one word, as of a condition
   * @param message why, and what to do
   */
  record Refused(String reason, String message) implements Removal {}
}
