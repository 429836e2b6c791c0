package dev.fuselage;

import dev.fuselage.grpc.CallUnderWay;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.snapshot.Quote;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Looks now and then for calls that do not end: says what they wait for, and has the service be not
 * ready until they do. It stays alive: a restart would meet the same disk, and lose what is under
 * way.
 */
final class Watchdog implements Runnable {
  private static final Logger LOG = Logger.getLogger(Watchdog.class);
  private static final String CAUSE = "watchdog";
  private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private final Function<Duration, List<CallUnderWay>> stuckFor;
  private final Duration limit;
  private final ServiceState state;
  private Set<String> known = Set.of();

  /**
   * @param stuckFor the calls that have been at it for so long
   */
  Watchdog(Function<Duration, List<CallUnderWay>> stuckFor, Duration limit, ServiceState state) {
    this.stuckFor = stuckFor;
    this.limit = limit;
    this.state = state;
  }

  /** How often it looks when calls may take so long. */
  static Duration period(Duration limit) {
    Duration period = limit.dividedBy(6);
    if (period.compareTo(SHORTEST_LOOK) < 0) {
      return SHORTEST_LOOK;
    }
    return period.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : period;
  }

  @Override
  public void run() {
    List<CallUnderWay> stuck = stuckFor.apply(limit);
    Set<String> names = stuck.stream().map(Watchdog::name).collect(Collectors.toSet());
    for (CallUnderWay call : stuck) {
      if (!known.contains(name(call))) {
        LOG.warnf(
            "op=%s key=%s does not end: for %d s now, %s",
            call.method(), Quote.of(call.key()), call.since().toSeconds(), call.where());
      }
    }
    if (!stuck.isEmpty()) {
      CallUnderWay oldest = stuck.getFirst();
      state.impede(
          CAUSE,
          "%d calls do not end, the oldest is %s, for %d s now, %s"
              .formatted(stuck.size(), name(oldest), oldest.since().toSeconds(), oldest.where()));
    } else if (!known.isEmpty()) {
      LOG.info("op=watchdog all calls have ended");
      state.unimpede(CAUSE);
    }
    known = names;
  }

  private static String name(CallUnderWay call) {
    return call.key().isEmpty() ? call.method() : call.method() + " of " + Quote.of(call.key());
  }
}
