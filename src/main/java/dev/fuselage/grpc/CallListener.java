package dev.fuselage.grpc;

/**
 * Is told of every call of the methods that there are, for metrics. Each start is followed by one
 * finish. Called on the threads that serve, so it must be quick and must not throw.
 */
public interface CallListener {
  /**
   * A call came in.
   *
   * @param method as containerd names it, {@code Prepare}, {@code Stat}, …; of our own service
   *     {@code Admin.Cleanup}, …
   */
  void started(String method);

  /** A call is over. */
  void finished(FinishedCall call);
}
