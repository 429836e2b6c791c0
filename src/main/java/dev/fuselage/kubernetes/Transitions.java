package dev.fuselage.kubernetes;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Since when each condition has the status that it has. Used by one thread. */
final class Transitions {
  private record Since(Condition.Status status, Instant when) {}

  private final Map<ConditionType, Since> known = new EnumMap<>(ConditionType.class);

  /** Learns what was told before this process began. */
  void remember(ConditionType type, Condition.Status status, Instant since) {
    known.put(type, new Since(status, since));
  }

  /** Since when it is so, which is now if it was not before. */
  Instant since(Condition condition, Instant now) {
    Since since = known.get(condition.type());
    if (since == null || since.status() != condition.status()) {
      since = new Since(condition.status(), now);
      known.put(condition.type(), since);
    }
    return since.when();
  }
}
