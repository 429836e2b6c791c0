package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;

/** Where the work of a call is done. */
@FunctionalInterface
interface Dispatcher {
  /** At once, on the event loop: for what never blocks. */
  Dispatcher INLINE =
      (call, key, work) -> {
        call.waits(key);
        call.works(Thread.currentThread());
        try {
          work.run();
        } finally {
          call.rests();
        }
      };

  /**
   * Has the work of a call done, now or later.
   *
   * @param key of the snapshot, for the log
   * @param work must not throw
   * @throws SnapshotException RESOURCE_EXHAUSTED or UNAVAILABLE, if it will not be done
   */
  void dispatch(TracedCall call, String key, Runnable work);
}
