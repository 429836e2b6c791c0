package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoopGroup;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final DefaultEventLoopGroup loop = new DefaultEventLoopGroup(1);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicBoolean onDisk = new AtomicBoolean();
  private final AtomicInteger beats = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Heartbeat heartbeat =
      new Heartbeat(loop, beats::incrementAndGet, task -> onDisk.get(), nanos::get);

  @AfterEach
  void letGo() {
    end.countDown();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private void blockTheLoop() {
    heartbeat.beat();
    await().until(() -> beats.get() > 0);
    loop.execute(
        () -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    heartbeat.beat();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void aLoopThatTurnsIsNotStuckHoweverLongAgoItWasAsked() {
    heartbeat.beat();
    await().until(() -> beats.get() > 0);
    pass(Duration.ofHours(1));

    await().until(() -> heartbeat.stuckFor(LIMIT).isEmpty());
  }

  @Test
  void aLoopThatDoesNotTurnIsStuckAfterTheLimit() {
    blockTheLoop();
    pass(LIMIT);
    assertThat(heartbeat.stuckFor(LIMIT)).isEmpty();

    pass(Duration.ofSeconds(1));
    heartbeat.beat();

    assertThat(heartbeat.stuckFor(LIMIT))
        .contains(new Heartbeat.Stuck("socket loop 0", Duration.ofSeconds(31), false));
  }

  @Test
  void aWaitForTheDiskIsTold() {
    blockTheLoop();
    pass(Duration.ofMinutes(1));
    onDisk.set(true);

    assertThat(heartbeat.stuckFor(LIMIT).map(Heartbeat.Stuck::waitsForDisk))
        .isEqualTo(Optional.of(true));
  }

  @Test
  void isWellAgainWhenTheLoopTurnsAgain() {
    blockTheLoop();
    pass(Duration.ofMinutes(1));
    assertThat(heartbeat.stuckFor(LIMIT)).isPresent();

    end.countDown();

    await().until(() -> heartbeat.stuckFor(LIMIT).isEmpty());
  }
}
