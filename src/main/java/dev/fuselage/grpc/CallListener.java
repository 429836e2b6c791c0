package dev.fuselage.grpc;

import java.time.Duration;

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

  /**
   * The answer has been written or the client is gone, and nobody works for the call any more.
   *
   * @param code what the client was told: {@code OK}, {@code NOT_FOUND}, …
   * @param elapsed since the call's start
   */
  void finished(String method, String code, Duration elapsed);
}
