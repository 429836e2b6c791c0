package dev.fuselage.observability;

/**
 * One part of what a probe's answer is made of. Asked at each probe, so it tells what is known and
 * waits for nothing.
 */
public interface HealthCheck {
  /** What is checked, in a word. */
  String name();

  /** The probe that fails with it. */
  Probe probe();

  /** How it is now. */
  Health health();

  /** What Kubernetes asks, and what it does about a no. */
  enum Probe {
    /** Whether the process is stuck: it is started again. */
    LIVE,
    /** Whether calls are answered: nothing new is sent here. */
    READY
  }

  /**
   * A state and a few words on it.
   *
   * @param detail for a person who asks why
   */
  record Health(boolean up, String detail) {}
}
