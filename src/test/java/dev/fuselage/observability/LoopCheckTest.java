package dev.fuselage.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoopCheckTest {
  private final LoopCheck check = new LoopCheck();

  @Test
  void isUpAtTheStartAndWhileThreadsTurn() {
    assertThat(check.health().up()).isTrue();

    check.follow(Optional::empty);

    assertThat(check.health().up()).isTrue();
    assertThat(check.probe()).isEqualTo(HealthCheck.Probe.LIVE);
  }

  @Test
  void fallsWithAThreadThatDoesNotTurnUnlessItIsTheDisks() {
    check.follow(() -> Optional.of(new LoopCheck.Standstill(false, "loop 0 stands")));
    assertThat(check.health()).isEqualTo(new HealthCheck.Health(false, "loop 0 stands"));

    check.follow(() -> Optional.of(new LoopCheck.Standstill(true, "loop 0 waits")));
    assertThat(check.health()).isEqualTo(new HealthCheck.Health(true, "loop 0 waits"));
  }
}
