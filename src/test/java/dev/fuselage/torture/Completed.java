package dev.fuselage.torture;

import dev.fuselage.torture.Outcome.Saw;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A call that was made.
 *
 * @param called when, on a clock that all callers share
 * @param answered when; the call took effect between the two
 */
record Completed(Operation operation, Outcome outcome, long called, long answered) {
  /** Whether it changed something. */
  boolean isChange() {
    return operation.isMutation() && !(outcome instanceof Outcome.Failed);
  }

  /** What it says of one tree of layers alone; empty if nothing. */
  Optional<Completed> of(String tree) {
    if (!operation.key().isEmpty()) {
      return operation.key().startsWith(tree) ? Optional.of(this) : Optional.empty();
    }
    if (outcome instanceof Saw(var entries)) {
      Map<String, Entry> own = new HashMap<>(entries);
      own.keySet().removeIf(key -> !key.startsWith(tree));
      return Optional.of(new Completed(operation, new Saw(own), called, answered));
    }
    return Optional.of(this);
  }

  @Override
  public String toString() {
    return "%d..%d %s: %s".formatted(called, answered, operation, outcome);
  }
}
