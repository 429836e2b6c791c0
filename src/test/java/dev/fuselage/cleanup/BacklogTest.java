package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {
  private final Backlog backlog = new Backlog();

  @Test
  void nobodyWaitsForWhatANodeThrowsAway() {
    backlog.found(Backlog.TOO_MANY);

    assertThat(backlog.delayMillis()).isZero();
    assertThat(backlog.isLarge()).isTrue();
  }

  @Test
  void whoThrowsAwayTooMuchWaitsLongerAndLongerButNotForLong() {
    backlog.found(Backlog.TOO_MANY + 5_000);
    assertThat(backlog.delayMillis()).isEqualTo(50);

    backlog.found(Integer.MAX_VALUE);
    assertThat(backlog.delayMillis()).isEqualTo(250);
  }

  @Test
  void isLargeBeyondAThousandTrees() {
    backlog.found(Backlog.MANY);
    assertThat(backlog.isLarge()).isFalse();

    backlog.added();
    assertThat(backlog.isLarge()).isTrue();

    backlog.deleted();
    assertThat(backlog.isLarge()).isFalse();
  }
}
