package dev.fuselage.observability;

import jakarta.inject.Singleton;

/** Whether the service serves, and if not, why. */
@Singleton
public final class ServiceState {
  private volatile State state = new State(false, "starting");

  /**
   * A state and a few words on it.
   *
   * @param detail for a person who asks why
   */
  public record State(boolean serving, String detail) {}

  public State get() {
    return state;
  }

  public void serving(String detail) {
    state = new State(true, detail);
  }

  public void notServing(String why) {
    state = new State(false, why);
  }
}
