package dev.fuselage.grpc;

/** What came as a request. */
sealed interface Received<Q> {
  /** A message. */
  record Message<Q>(Q message) implements Received<Q> {}

  /**
   * Bytes that are no message of this kind.
   *
   * @param reason a sentence for the client
   */
  record Garbled<Q>(String reason) implements Received<Q> {}
}
