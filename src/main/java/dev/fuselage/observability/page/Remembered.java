package dev.fuselage.observability.page;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * An answer that takes its time, and is good for a while. Who asks while somebody else does already
 * gets the answer of before; only if there is none yet it waits.
 */
public final class Remembered<T> implements Supplier<T> {
  private final Supplier<T> source;
  private final long age;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Optional<Answer<T>> last = Optional.empty();

  private record Answer<T>(T value, long at) {}

  /**
   * @param age up to which an answer is given again
   * @param nanos as {@link System#nanoTime()}
   */
  public Remembered(Supplier<T> source, Duration age, LongSupplier nanos) {
    this.source = source;
    this.age = age.toNanos();
    this.nanos = nanos;
  }

  @Override
  public T get() {
    Optional<Answer<T>> known = last;
    if (known.isPresent() && (isYoung(known.get()) || lock.isLocked())) {
      return known.get().value();
    }
    lock.lock();
    try {
      known = last;
      if (known.isPresent() && isYoung(known.get())) {
        return known.get().value();
      }
      T value = source.get();
      last = Optional.of(new Answer<>(value, nanos.getAsLong()));
      return value;
    } finally {
      lock.unlock();
    }
  }

  private boolean isYoung(Answer<T> answer) {
    return nanos.getAsLong() - answer.at() < age;
  }
}
