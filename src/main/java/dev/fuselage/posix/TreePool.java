package dev.fuselage.posix;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that help with large trees: as many as processors, gone after some idle seconds. */
final class TreePool {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int HELPERS = Math.min(7, PROCESSORS - 1);
  private static final long IDLE_SECONDS = 10;

  private TreePool() {}

  /** Has the job done on every other processor, when the pool comes to it. */
  static void enlist(Runnable job) {
    for (int i = 0; i < HELPERS; i++) {
      Threads.POOL.execute(job);
    }
  }

  private static final class Threads {
    static final ThreadPoolExecutor POOL = pool();

    private static ThreadPoolExecutor pool() {
      AtomicInteger number = new AtomicInteger();
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              PROCESSORS,
              PROCESSORS,
              IDLE_SECONDS,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              job ->
                  Thread.ofPlatform()
                      .daemon()
                      .name("fuselage-tree-" + number.incrementAndGet())
                      .unstarted(job));
      pool.allowCoreThreadTimeOut(true);
      return pool;
    }
  }
}
