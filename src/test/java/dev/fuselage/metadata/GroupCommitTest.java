package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  private final List<List<Integer>> runs = new CopyOnWriteArrayList<>();

  @Test
  void runsForALoneCallerOnItsOwnThread() {
    List<Thread> threads = new ArrayList<>();
    new GroupCommit<Integer>(items -> threads.add(Thread.currentThread())).run(1);

    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void runsOnceForAllWhoCameDuringARun() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    GroupCommit<Integer> group =
        new GroupCommit<>(
            items -> {
              runs.add(List.copyOf(items));
              awaitQuietly(release);
            });
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      List<Future<?>> callers = new ArrayList<>();
      callers.add(pool.submit(() -> group.run(0)));
      await().until(() -> runs.size() == 1);
      AtomicInteger coming = new AtomicInteger();
      List<Thread> threads = new CopyOnWriteArrayList<>();
      for (int item = 1; item <= 5; item++) {
        int mine = item;
        callers.add(
            pool.submit(
                () -> {
                  threads.add(Thread.currentThread());
                  coming.incrementAndGet();
                  group.run(mine);
                }));
      }
      await()
          .until(
              () ->
                  coming.get() == 5
                      && threads.stream()
                          .allMatch(thread -> thread.getState() == Thread.State.WAITING));

      release.countDown();
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    assertThat(runs.getFirst()).containsExactly(0);
    assertThat(runs.get(1)).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
    assertThat(runs).hasSize(2);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void takesEveryItemExactlyOnceHoweverManyCome() throws Exception {
    GroupCommit<Integer> group = new GroupCommit<>(items -> runs.add(List.copyOf(items)));
    int callers = 16;
    int each = 500;
    try (ExecutorService pool = Executors.newFixedThreadPool(callers)) {
      List<Future<?>> done = new ArrayList<>();
      for (int caller = 0; caller < callers; caller++) {
        int first = caller * each;
        done.add(
            pool.submit(
                () -> {
                  for (int item = first; item < first + each; item++) {
                    group.run(item);
                  }
                }));
      }
      for (Future<?> one : done) {
        one.get();
      }
    }
    assertThat(runs.stream().flatMap(List::stream)).hasSize(callers * each).doesNotHaveDuplicates();
  }

  @Test
  void keepsAnInterruptForTheCallerToSee() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    GroupCommit<Integer> group =
        new GroupCommit<>(
            items -> {
              runs.add(List.copyOf(items));
              awaitQuietly(release);
            });
    AtomicInteger interrupted = new AtomicInteger();
    Thread leader = Thread.ofPlatform().start(() -> group.run(0));
    await().until(() -> runs.size() == 1);
    Thread follower =
        Thread.ofPlatform()
            .start(
                () -> {
                  group.run(1);
                  interrupted.set(Thread.interrupted() ? 1 : 0);
                });
    await().until(() -> follower.getState() == Thread.State.WAITING);
    follower.interrupt();

    release.countDown();
    leader.join();
    follower.join();
    assertThat(runs).hasSize(2);
    assertThat(interrupted).hasValue(1);
  }
}
