package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.CallUnderWay;
import dev.fuselage.observability.ServiceState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ServiceState state = new ServiceState();
  private List<CallUnderWay> stuck = List.of();
  private final Watchdog watchdog =
      new Watchdog(
          limit -> {
            assertThat(limit).isEqualTo(LIMIT);
            return stuck;
          },
          LIMIT,
          state);

  @BeforeEach
  void serve() {
    state.serving("everything");
  }

  @Test
  void leavesAServiceReadyWhoseCallsEnd() {
    watchdog.run();

    assertThat(state.get()).isEqualTo(new ServiceState.State(true, "everything"));
  }

  @Test
  void takesReadinessAwayWithTheReasonUntilTheCallEnds() {
    stuck =
        List.of(
            new CallUnderWay("Commit", "web", Duration.ofSeconds(90), "in Directory.sync"),
            new CallUnderWay("Prepare", "db", Duration.ofSeconds(70), "in Directory.sync"));
    watchdog.run();

    assertThat(state.get().serving()).isFalse();
    assertThat(state.get().detail())
        .contains("2 calls", "Commit of \"web\"", "90 s", "Directory.sync");

    stuck = List.of();
    watchdog.run();
    assertThat(state.get().serving()).isTrue();
  }

  @Test
  void doesNotMakeAServiceReadyThatIsNot() {
    state.notServing("stopping");
    watchdog.run();

    assertThat(state.get()).isEqualTo(new ServiceState.State(false, "stopping"));
  }

  @Test
  void looksOftenEnoughAndNotTooOften() {
    assertThat(Watchdog.period(Duration.ofMillis(10))).isEqualTo(Duration.ofSeconds(1));
    assertThat(Watchdog.period(Duration.ofSeconds(30))).isEqualTo(Duration.ofSeconds(5));
    assertThat(Watchdog.period(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(10));
  }
}
