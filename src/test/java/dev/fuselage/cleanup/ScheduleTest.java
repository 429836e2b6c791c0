package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Duration SOON = Duration.ofMillis(1);

  @Test
  void runsAJobAgainAndAgainThoughItFails() {
    AtomicInteger runs = new AtomicInteger();
    try (Schedule schedule = new Schedule()) {
      schedule.every(
          SOON,
          SOON,
          "failing",
          () -> {
            runs.incrementAndGet();
            throw new IllegalStateException("expected by this test");
          });

      await().until(() -> runs.get() > 2);
    }
  }

  @Test
  void neverRunsAJobBesideItselfNorKeepsOthersWaiting() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger others = new AtomicInteger();
    try (Schedule schedule = new Schedule()) {
      schedule.every(
          SOON,
          SOON,
          "slow",
          () -> {
            begun.incrementAndGet();
            try {
              end.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      schedule.every(SOON, SOON, "other", others::incrementAndGet);

      await().until(() -> others.get() > 5);
      assertThat(begun).hasValue(1);
      end.countDown();
    }
  }
}
