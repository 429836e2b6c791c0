package dev.fuselage.grpc;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.MDC;

/**
 * The threads on which calls may block. Each call runs in the gRPC context that it came in.
 *
 * <p>Those of a connection are begun in the order in which they came, by the thread that has rested
 * least: so few callers keep to few threads, whose memory is at hand, and more are made only when
 * they are needed.
 */
final class CallPool implements Dispatcher {
  private static final Duration KEPT = Duration.ofSeconds(30);

  private final ForkJoinPool threads;
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final int most;

  /**
   * @param name what the threads' names begin with
   */
  CallPool(String name, int workers, int maxQueued) {
    most = workers + maxQueued;
    threads =
        new ForkJoinPool(
            workers,
            pool -> new Worker(pool, name + numbers.incrementAndGet()),
            null,
            true,
            0,
            workers,
            0,
            null,
            KEPT.toSeconds(),
            TimeUnit.SECONDS);
  }

  private static final class Worker extends ForkJoinWorkerThread {
    Worker(ForkJoinPool pool, String name) {
      super(pool);
      setName(name);
    }
  }

  @Override
  public void dispatch(TracedCall call, String key, Runnable work) {
    Context context = Context.current();
    if (calls.incrementAndGet() > most) {
      calls.decrementAndGet();
      throw new SnapshotException(
          SnapshotException.Code.RESOURCE_EXHAUSTED,
          "all " + threads.getParallelism() + " workers are busy, and too many calls wait");
    }
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
              calls.decrementAndGet();
              call.release();
            }
          });
    } catch (RejectedExecutionException _) {
      calls.decrementAndGet();
      call.rests();
      call.release();
      throw Statuses.stopping();
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
