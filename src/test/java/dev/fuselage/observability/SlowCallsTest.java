package dev.fuselage.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SlowCallsTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final SlowCalls calls = new SlowCalls(now::get);

  private void end(String key, int millis) {
    Duration elapsed = Duration.ofMillis(millis);
    calls.ended("Prepare", "OK", key, elapsed, Duration.ZERO, elapsed, "");
  }

  private void pass(int minutes) {
    now.set(now.get().plus(Duration.ofMinutes(minutes)));
  }

  @Test
  void theSlowestComeFirstAndQuickOnesNotAtAll() {
    end("slow", 300);
    end("quick", 2);
    end("slower", 500);

    assertThat(calls.list()).extracting(SlowCalls.SlowCall::key).containsExactly("slower", "slow");
  }

  @Test
  void onlySoManyAreKeptWhateverComes() {
    for (int i = 0; i < 10_000; i++) {
      end("call-" + i, 20 + i);
    }

    assertThat(calls.list()).hasSize(SlowCalls.MOST);
    assertThat(calls.list().getLast().key()).isEqualTo("call-" + (10_000 - SlowCalls.MOST));
  }

  @Test
  void anHourLaterItIsForgotten() {
    end("old", 5_000);
    pass(59);
    end("young", 100);
    assertThat(calls.list()).extracting(SlowCalls.SlowCall::key).containsExactly("old", "young");

    pass(2);

    assertThat(calls.list()).extracting(SlowCalls.SlowCall::key).containsExactly("young");
  }

  @Test
  void aBurstOfSlowOnesDoesNotPushOutThoseThatOutliveIt() {
    for (int i = 0; i < 3 * SlowCalls.MOST; i++) {
      end("burst", 9_000);
    }
    pass(30);
    end("after", 100);
    pass(31);

    assertThat(calls.list()).extracting(SlowCalls.SlowCall::key).containsExactly("after");
  }

  @Test
  void longKeysAreCut() {
    end("k".repeat(4096), 100);

    assertThat(calls.list().getFirst().key()).hasSizeLessThan(300);
  }
}
