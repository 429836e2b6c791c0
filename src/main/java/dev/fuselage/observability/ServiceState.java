package dev.fuselage.observability;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Whether the service serves, and if not, why. */
@Singleton
public final class ServiceState {
  private final Map<String, String> impediments = new ConcurrentSkipListMap<>();
  private volatile State state = new State(false, "starting");

  /**
   * A state and a few words on it.
   *
   * @param detail for a person who asks why
   */
  public record State(boolean serving, String detail) {}

  public State get() {
    State now = state;
    return now.serving() && !impediments.isEmpty()
        ? new State(false, String.join("; ", impediments.values()))
        : now;
  }

  public void serving(String detail) {
    state = new State(true, detail);
  }

  public void notServing(String why) {
    state = new State(false, why);
  }

  /**
   * Something keeps the service from serving as it should, until it is {@linkplain #unimpede gone}.
   *
   * @param cause what it is, in a word; the same one only once
   */
  public void impede(String cause, String why) {
    impediments.put(cause, why);
  }

  public void unimpede(String cause) {
    impediments.remove(cause);
  }
}
