package dev.fuselage.e2e;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Something that is done again and again, in a thread of its own. */
final class Repetition implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Step step;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final Thread thread;
  private final AtomicInteger successes = new AtomicInteger();
  private volatile Duration longest = Duration.ZERO;
  private volatile Optional<Throwable> failure = Optional.empty();

  /** What is done. */
  interface Step {
    /**
     * Does it once; the answer is whether it succeeded. What is thrown is the end of all.
     *
     * @param number of the step, from 0
     */
    boolean run(int number);
  }

  private Repetition(String name, Step step) {
    this.step = step;
    thread = Thread.ofPlatform().name(name).start(this::loop);
  }

  static Repetition begin(String name, Step step) {
    return new Repetition(name, step);
  }

  private void loop() {
    try {
      Instant before = Instant.now();
      for (int number = 0; !ending.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS); number++) {
        if (step.run(number)) {
          Instant now = Instant.now();
          Duration since = Duration.between(before, now);
          longest = since.compareTo(longest) > 0 ? since : longest;
          before = now;
          var unused = successes.incrementAndGet();
        }
      }
    } catch (InterruptedException | RuntimeException | AssertionError e) {
      failure = Optional.of(e);
    }
  }

  /** How many steps have succeeded; fails with what a step threw. */
  int successes() {
    failure.ifPresent(
        cause -> {
          throw new AssertionError(thread.getName() + " failed", cause);
        });
    return successes.get();
  }

  /** The most time from the end of one success, or the beginning, to the end of the next one. */
  Duration longest() {
    return longest;
  }

  /** Waits for the end of the last step, whatever comes of it. */
  @Override
  public void close() {
    ending.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
