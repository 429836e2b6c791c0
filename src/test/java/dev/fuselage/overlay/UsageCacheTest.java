package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class UsageCacheTest {
  private static final SnapshotId ID = new SnapshotId(7);

  private final AtomicInteger walks = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();

  private UsageCache cache(Duration maxAge) {
    return new UsageCache(
        (id, call) -> Optional.of(new Usage(walks.incrementAndGet(), 1)), maxAge, now::get);
  }

  @Test
  void answersFromTheLastWalkWhileItIsYoung() {
    UsageCache cache = cache(Duration.ofSeconds(5));

    assertThat(cache.usage(ID, Call.PATIENT)).contains(new Usage(1, 1));
    now.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(cache.usage(ID, Call.PATIENT)).contains(new Usage(1, 1));
    now.addAndGet(1);
    assertThat(cache.usage(ID, Call.PATIENT)).contains(new Usage(2, 1));
  }

  @Test
  void walksAtEveryCallWhereNoAgeIsAllowed() {
    UsageCache cache = cache(Duration.ZERO);

    cache.usage(ID, Call.PATIENT);

    assertThat(cache.usage(ID, Call.PATIENT)).contains(new Usage(2, 1));
    assertThat(cache.last(ID)).map(UsageCache.Measured::usage).contains(new Usage(2, 1));
  }

  @Test
  void forgetsWhatItIsTold() {
    UsageCache cache = cache(Duration.ofSeconds(5));
    cache.usage(ID, Call.PATIENT);

    cache.forget(ID);

    assertThat(cache.last(ID)).isEmpty();
  }

  @Test
  void remembersNothingOfWhatIsGone() {
    UsageCache cache =
        new UsageCache((id, call) -> Optional.empty(), Duration.ofSeconds(5), now::get);

    assertThat(cache.usage(ID, Call.PATIENT)).isEmpty();
    assertThat(cache.last(ID)).isEmpty();
  }

  @Test
  void oneWalkServesAllWhoWaitHoweverLongItTakes() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    UsageCache cache =
        new UsageCache(
            (id, call) -> {
              walks.incrementAndGet();
              begun.countDown();
              await(end);
              now.addAndGet(Duration.ofHours(1).toNanos());
              return Optional.of(new Usage(42, 1));
            },
            Duration.ofSeconds(5),
            now::get);
    AtomicInteger waiting = new AtomicInteger();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<Usage>>> answers = new ArrayList<>();
      answers.add(callers.submit(() -> cache.usage(ID, Call.PATIENT)));
      await(begun);
      for (int i = 0; i < 20; i++) {
        AtomicInteger asked = new AtomicInteger();
        answers.add(
            callers.submit(
                () ->
                    cache.usage(
                        ID,
                        () -> {
                          if (asked.getAndIncrement() == 0) {
                            waiting.incrementAndGet();
                          }
                        })));
      }
      Awaitility.await().until(() -> waiting.get() == 20);
      end.countDown();

      for (Future<Optional<Usage>> answer : answers) {
        assertThat(answer.get()).contains(new Usage(42, 1));
      }
    }
    assertThat(walks).hasValue(1);
  }

  @Test
  void aCallerWhoGivesUpLeavesTheWalkToTheNextOne() {
    AtomicInteger calls = new AtomicInteger();
    UsageCache cache =
        new UsageCache(
            (id, call) -> {
              call.check();
              return Optional.of(new Usage(1, 1));
            },
            Duration.ofSeconds(5),
            now::get);
    Call impatient =
        () -> {
          calls.incrementAndGet();
          throw new SnapshotException(SnapshotException.Code.CANCELLED, "gone");
        };

    assertThatThrownBy(() -> cache.usage(ID, impatient)).isInstanceOf(SnapshotException.class);
    assertThat(cache.usage(ID, Call.PATIENT)).contains(new Usage(1, 1));
    assertThat(calls).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
