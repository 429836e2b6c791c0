package dev.fuselage.install;

/**
 * How containerd's configuration stands. Whether containerd was started again since is not seen
 * here.
 */
public sealed interface Standing {
  /** Nobody asked for it. */
  record Unasked() implements Standing {}

  /** Nothing is left to be written. */
  record Complete() implements Standing {}

  /**
   * Our file is written, and an admin has to add something.
   *
   * @param reason one word, as of a condition
   * @param message what to do, with the lines to paste
   */
  record Waiting(String reason, String message) implements Standing {}

  /**
   * Our file is not written.
   *
   * @param reason one word, as of a condition
   * @param message why, and what to do
   */
  record Refused(String reason, String message) implements Standing {}
}
