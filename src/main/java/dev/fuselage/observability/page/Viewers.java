package dev.fuselage.observability.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Those who look at the page now, and hear of what is new by server-sent events. Its thread lives
 * only while there is one, so that a page at which nobody looks costs nothing.
 *
 * <p>A viewer's connection ends after a while, and a browser comes back by itself: so whoever went
 * away without a word does not hold a place for long.
 */
final class Viewers implements AutoCloseable {
  private final Settings settings;
  private final ExecutorService writers;
  private final Supplier<String> news;
  private final List<Viewer> viewers = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean running;
  private boolean closed;

  /**
   * How many, and for how long.
   *
   * @param tick between two looks at what is new
   * @param heartbeat after which a viewer hears something in any case
   * @param patience with one that does not take what is written
   * @param life of one connection
   */
  record Settings(int most, Duration tick, Duration heartbeat, Duration patience, Duration life) {
    /** The connection ends before the server's own limit of 60 s does it harshly. */
    static final Settings DEFAULT =
        new Settings(
            16,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(45));
  }

  /** Where one reads. */
  interface Line {
    OutputStream out();

    /** Ends the connection. */
    void close();
  }

  private static final class Viewer {
    final Line line;
    final long since = System.nanoTime();
    String heard = "";
    long wrote;
    Optional<Future<?>> writing = Optional.empty();

    Viewer(Line line) {
      this.line = line;
    }
  }

  /**
   * @param writers write to the viewers; interrupted where one does not read
   * @param news one line; a viewer hears it when it is another than before
   */
  Viewers(Settings settings, ExecutorService writers, Supplier<String> news) {
    this.settings = settings;
    this.writers = writers;
    this.news = news;
  }

  /** Whether there is room for one more. */
  boolean hasRoom() {
    lock.lock();
    try {
      return !closed && viewers.size() < settings.most();
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  int count() {
    lock.lock();
    try {
      return viewers.size();
    } finally {
      lock.unlock();
    }
  }

  /** Adds one, whose line is closed at its end; false if there is no room, and then it is not. */
  boolean add(Line line) {
    lock.lock();
    try {
      if (closed || viewers.size() >= settings.most()) {
        return false;
      }
      viewers.add(new Viewer(line));
      if (running) {
        changed.signalAll();
      } else {
        running = true;
        Thread.ofPlatform().daemon().name("page-events").start(this::run);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      String line = news.get();
      lock.lock();
      try {
        List.copyOf(viewers).forEach(viewer -> tend(viewer, line, System.nanoTime()));
        if (viewers.isEmpty()) {
          running = false;
          return;
        }
        var unused = changed.await(settings.tick().toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        lock.unlock();
      }
    }
  }

  private void tend(Viewer viewer, String line, long now) {
    boolean busy = viewer.writing.map(writing -> !writing.isDone()).orElse(false);
    if (busy) {
      if (now - viewer.wrote > settings.patience().toNanos()) {
        // Its connection is closed with it, as that of any channel that a thread waits for.
        viewer.writing.ifPresent(writing -> writing.cancel(true));
        viewers.remove(viewer);
      }
    } else if (closed || now - viewer.since > settings.life().toNanos()) {
      // One that finds no writer stays, to be ended later.
      if (end(viewer)) {
        viewers.remove(viewer);
      }
    } else if (!viewer.heard.equals(line)) {
      viewer.heard = line;
      write(viewer, "event: report\ndata: " + line + "\n\n", now);
    } else if (now - viewer.wrote > settings.heartbeat().toNanos()) {
      write(viewer, ": alive\n\n", now);
    }
  }

  /** Whether that is under way; it is for the server where no writer will ever be free. */
  private boolean end(Viewer viewer) {
    try {
      var unused = writers.submit(viewer.line::close);
      return true;
    } catch (RejectedExecutionException e) {
      return writers.isShutdown();
    }
  }

  private void write(Viewer viewer, String text, long now) {
    viewer.wrote = now;
    try {
      viewer.writing = Optional.of(writers.submit(() -> send(viewer, text)));
    } catch (RejectedExecutionException e) {
      // All writers are busy: it hears of it later.
      viewer.heard = "";
    }
  }

  private void send(Viewer viewer, String text) {
    try {
      viewer.line.out().write(text.getBytes(UTF_8));
      viewer.line.out().flush();
    } catch (IOException e) {
      // It is gone, or was too slow.
      remove(viewer);
      // Only now: a mark of interruption would keep the rest from being written.
      var unused = Thread.interrupted();
      viewer.line.close();
    }
  }

  private void remove(Viewer viewer) {
    lock.lock();
    try {
      viewers.remove(viewer);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
