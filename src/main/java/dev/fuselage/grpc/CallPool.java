package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.MDC;

/** The threads on which calls may block. Each call runs in the gRPC context that it came in. */
final class CallPool implements Dispatcher {
  private final ThreadPoolExecutor threads;

  /**
   * @param name what the threads' names begin with
   */
  CallPool(String name, int workers, int maxQueued) {
    threads =
        new ThreadPoolExecutor(
            workers,
            workers,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxQueued),
            Thread.ofPlatform().daemon().name(name, 1).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public void dispatch(TracedCall call, String key, Runnable work) {
    Context context = Context.current();
    call.hold();
    call.waits(key);
    try {
      threads.execute(
          () -> {
            MDC.put("op", call.name());
            MDC.put("key", CallLog.escaped(key));
            call.works(Thread.currentThread());
            try {
              context.run(work);
            } finally {
              call.rests();
              MDC.remove("key");
              MDC.remove("op");
              call.release();
            }
          });
    } catch (RejectedExecutionException _) {
      call.rests();
      call.release();
      throw threads.isShutdown()
          ? Statuses.stopping()
          : new SnapshotException(
              SnapshotException.Code.RESOURCE_EXHAUSTED,
              "all " + threads.getMaximumPoolSize() + " workers are busy, and too many calls wait");
    }
  }

  /**
   * Takes no more calls and waits for those that run. None is interrupted: that would close the
   * file channels under them.
   *
   * @return whether none runs any more
   */
  boolean close(Duration limit) throws InterruptedException {
    threads.shutdown();
    return threads.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
  }
}
