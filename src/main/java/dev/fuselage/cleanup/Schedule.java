package dev.fuselage.cleanup;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Runs jobs again and again, each on a thread of its own for as long as it lasts, and never beside
 * itself. One thread keeps the time.
 */
public final class Schedule implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Schedule.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("schedule").factory());
  private final Map<String, Thread> running = new ConcurrentHashMap<>();

  /**
   * Runs a job for the first time after some time, and then again and again.
   *
   * @param period between two beginnings; zero to run it once. A time that comes while it is at it
   *     is left out
   * @param name of the job and its thread
   * @param job whose failure is logged, and does not keep it from being run again
   */
  public void every(Duration first, Duration period, String name, Runnable job) {
    Runnable start = () -> start(name, job);
    var unused =
        period.isZero()
            ? timer.schedule(start, first.toMillis(), TimeUnit.MILLISECONDS)
            : timer.scheduleWithFixedDelay(
                start, first.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Runs again and again what takes no time, on the thread that keeps the time. */
  public void tick(Duration period, Runnable quick) {
    var unused =
        timer.scheduleWithFixedDelay(
            () -> run("schedule", quick),
            period.toMillis(),
            period.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void start(String name, Runnable job) {
    Thread before = running.get(name);
    if (before == null || !before.isAlive()) {
      running.put(name, Thread.ofPlatform().daemon().name(name).start(() -> run(name, job)));
    }
  }

  private static void run(String name, Runnable job) {
    try {
      job.run();
    } catch (RuntimeException e) {
      LOG.errorf(e, "op=%s failed, and is tried again at its next time", name);
    }
  }

  /** Starts no job any more, and waits some seconds for those under way. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      if (!timer.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("op=schedule did not end in time");
      }
      for (Thread thread : running.values()) {
        if (!thread.join(PATIENCE)) {
          LOG.warnf("op=%s still busy, the disk may hang", thread.getName());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
