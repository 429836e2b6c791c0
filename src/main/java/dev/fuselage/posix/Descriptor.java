package dev.fuselage.posix;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor that closes when nobody is using it any more. Its number goes to whoever opens
 * next, so a call that is still on its way with it would hit somebody else's file.
 */
final class Descriptor implements AutoCloseable {
  private static final int CLOSED = 1 << 30;

  private final int number;
  private final AtomicInteger uses = new AtomicInteger();

  Descriptor(int number) {
    this.number = number;
  }

  /** The number, which stays good until {@link #release}; a negated EBADF once closed. */
  int acquire() {
    int before = uses.get();
    while (before < CLOSED) {
      if (uses.compareAndSet(before, before + 1)) {
        return number;
      }
      before = uses.get();
    }
    return -Errno.EBADF.number();
  }

  void release() {
    if (uses.decrementAndGet() == CLOSED) {
      closeNow();
    }
  }

  @Override
  public void close() {
    int before = uses.get();
    while (before < CLOSED) {
      if (uses.compareAndSet(before, before | CLOSED)) {
        if (before == 0) {
          closeNow();
        }
        return;
      }
      before = uses.get();
    }
  }

  private void closeNow() {
    try (Calls calls = Calls.borrow()) {
      calls.close(number);
    }
  }
}
