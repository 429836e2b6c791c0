package dev.fuselage.containerd;

import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Keeps the view fresh: it is read anew a moment after containerd tells of a change, and now and
 * then without. Between those nothing is asked.
 */
public final class ContainerdWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ContainerdWatch.class);

  private static final List<String> TOPICS =
      List.of(
          "topic~=\"^/containers/(create|update|delete)\"",
          "topic~=\"^/images/\"",
          "topic~=\"^/snapshot/\"",
          "topic~=\"^/namespaces/\"");

  private static final Duration TO_END = Duration.ofSeconds(10);

  private final Settings settings;
  private final ContainerdApi containerd;
  private final AutoCloseable connection;
  private final ViewReader reader;
  private final Thread thread;

  /** A permit for each change that was told of. */
  private final Semaphore changes = new Semaphore(0);

  private volatile Optional<View> view = Optional.empty();
  private volatile boolean subscribed;
  private volatile boolean closed;

  /**
   * How often to ask.
   *
   * @param debounce from a change until the view is read, and at least between two readings
   * @param resync the longest without a reading
   * @param retry after containerd did not answer
   */
  public record Settings(Duration debounce, Duration resync, Duration retry) {
    /** What is right for a node. */
    public static final Settings DEFAULT =
        new Settings(Duration.ofSeconds(2), Duration.ofMinutes(5), Duration.ofSeconds(10));
  }

  /** Watches the containerd behind a socket, which may come later, and go and come again. */
  public static ContainerdWatch of(Path socket, Settings settings) {
    ContainerdClient client = new ContainerdClient(socket);
    return new ContainerdWatch(client, client, settings);
  }

  ContainerdWatch(ContainerdApi containerd, AutoCloseable connection, Settings settings) {
    this.containerd = containerd;
    this.connection = connection;
    this.settings = settings;
    reader = new ViewReader(containerd);
    thread = Thread.ofPlatform().daemon().name("containerd-watch").start(this::run);
  }

  /** What containerd says of its version, now; empty if it does not answer. */
  public Optional<String> version() {
    try {
      return Optional.of(containerd.version());
    } catch (StatusRuntimeException e) {
      LOG.debugf("op=containerd version: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /** Whether containerd knows a snapshot of ours, now; empty if it does not answer. */
  public Optional<Boolean> knows(ContainerdKey key) {
    try {
      return Optional.of(containerd.knows(key.namespace(), key.key()));
    } catch (StatusRuntimeException e) {
      LOG.debugf("op=containerd stat: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * What containerd tells of a snapshotter that it runs with, as its {@code address}; empty if it
   * does not answer, and an empty map if it has none of that name.
   */
  public Optional<Map<String, String>> snapshotter(String name) {
    try {
      return Optional.of(containerd.snapshotter(name));
    } catch (StatusRuntimeException e) {
      LOG.debugf("op=containerd plugins: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /** What containerd said last; empty while it does not answer. */
  public Optional<View> view() {
    return view;
  }

  private void run() {
    boolean reachable = true;
    while (!closed) {
      try {
        if (!subscribed) {
          subscribed = true;
          containerd.subscribe(TOPICS, changes::release, this::subscriptionEnded);
        }
        changes.drainPermits();
        view = Optional.of(reader.read());
        if (!reachable) {
          LOG.info("op=containerd answers again");
        }
        reachable = true;
      } catch (RuntimeException e) {
        view = Optional.empty();
        if (reachable && !closed) {
          LOG.warnf("op=containerd does not answer, owners are unknown: %s", e.getMessage());
        }
        reachable = false;
      }
      await(reachable);
    }
  }

  private void subscriptionEnded() {
    subscribed = false;
    changes.release();
  }

  private void await(boolean reachable) {
    try {
      if (!reachable) {
        TimeUnit.MILLISECONDS.sleep(settings.retry().toMillis());
      } else if (changes.tryAcquire(settings.resync().toMillis(), TimeUnit.MILLISECONDS)) {
        TimeUnit.MILLISECONDS.sleep(settings.debounce().toMillis());
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** Twice is harmless. */
  @Override
  public void close() throws Exception {
    closed = true;
    thread.interrupt();
    connection.close();
    if (!thread.join(TO_END)) {
      LOG.warn("op=containerd still waits for an answer");
    }
  }
}
