package dev.fuselage.overlay;

import java.util.HashSet;
import java.util.Set;

/** Keeps callers that change the same snapshot apart, and nobody else. */
final class KeyLocks {
  private final Set<String> held = new HashSet<>();

  /** Ends a hold. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits until nobody else holds the key. */
  synchronized Held hold(String key) {
    boolean interrupted = false;
    while (!held.add(key)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return () -> release(key);
  }

  private synchronized void release(String key) {
    held.remove(key);
    notifyAll();
  }
}
