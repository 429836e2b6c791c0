package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class WritePolicyTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private double random;
  private long now = Long.MAX_VALUE - Duration.ofSeconds(7).toNanos();
  private final WritePolicy policy = new WritePolicy(() -> random);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void write(Object significance) {
    assertThat(policy.isDue(now, significance)).isTrue();
    policy.succeeded(now, significance);
  }

  @Test
  void theFirstWriteIsDueAtOnce() {
    assertThat(policy.isDue(now, "a")).isTrue();
  }

  @Test
  void aChangeIsWrittenThirtySecondsAfterTheLastWriteAtTheEarliest() {
    write("a");

    pass(WritePolicy.BETWEEN.minus(SECOND));
    assertThat(policy.isDue(now, "b")).isFalse();

    pass(SECOND);
    assertThat(policy.isDue(now, "b")).isTrue();
  }

  @Test
  void aChangeAfterALongTimeIsWrittenAtOnce() {
    write("a");

    pass(Duration.ofMinutes(2));

    assertThat(policy.isDue(now, "b")).isTrue();
  }

  @Test
  void aChangeThatIsTakenBackBeforeItIsWrittenIsNone() {
    write("a");
    pass(SECOND);
    assertThat(policy.isDue(now, "b")).isFalse();

    pass(WritePolicy.BETWEEN);

    assertThat(policy.isDue(now, "a")).isFalse();
  }

  @Test
  void theSameIsWrittenAgainAfterFiveMinutes() {
    write("a");

    pass(WritePolicy.REFRESH.minus(SECOND));
    assertThat(policy.isDue(now, "a")).isFalse();

    pass(SECOND);
    assertThat(policy.isDue(now, "a")).isTrue();
  }

  @Test
  void nodesThatBeganTogetherComeApart() {
    random = 1;
    write("a");

    pass(WritePolicy.REFRESH);
    assertThat(policy.isDue(now, "a")).isFalse();

    pass(WritePolicy.BETWEEN);
    assertThat(policy.isDue(now, "a")).isTrue();
  }

  @Test
  void afterFailuresItIsTriedLaterAndLater() {
    for (Duration wait = BackOff.FIRST_RETRY;
        wait.compareTo(BackOff.LAST_RETRY) < 0;
        wait = wait.multipliedBy(2)) {
      policy.failed(now);

      pass(wait.minus(SECOND));
      assertThat(policy.isDue(now, "changed meanwhile")).isFalse();
      pass(SECOND);
      assertThat(policy.isDue(now, "a")).isTrue();
    }
    policy.failed(now);

    pass(BackOff.LAST_RETRY);
    assertThat(policy.isDue(now, "a")).isTrue();
  }

  @Test
  void aSuccessEndsTheBackOff() {
    policy.failed(now);
    policy.failed(now);
    policy.succeeded(now, "a");
    assertThat(policy.isFailing()).isFalse();

    policy.failed(now);

    pass(BackOff.FIRST_RETRY);
    assertThat(policy.isDue(now, "b")).isTrue();
  }

  @Test
  void whatDoesNotGoByItselfIsTriedSeldomFromTheBeginning() {
    policy.refused(now);

    pass(BackOff.LAST_RETRY.minus(SECOND));
    assertThat(policy.isDue(now, "a")).isFalse();

    pass(SECOND);
    assertThat(policy.isDue(now, "a")).isTrue();
  }
}
