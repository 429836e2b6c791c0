package dev.fuselage.observability.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViewersTest {
  private final ExecutorService writers = Executors.newFixedThreadPool(2);
  private final Viewers viewers = viewers(Duration.ofMinutes(1));

  private Viewers viewers(Duration life) {
    return new Viewers(
        new Viewers.Settings(
            4, Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(200), life),
        writers,
        () -> "news");
  }

  @AfterEach
  void close() {
    viewers.close();
    writers.shutdownNow();
  }

  /** Takes nothing until it is interrupted, as a full socket. */
  private static final class Slow extends OutputStream implements Viewers.Line {
    final CountDownLatch writing = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public void write(int octet) throws IOException {
      writing.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("closed by an interruption", e);
      }
    }

    @Override
    public OutputStream out() {
      return this;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  private static final class Quick implements Viewers.Line {
    final ByteArrayOutputStream heard = new ByteArrayOutputStream();
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public OutputStream out() {
      return heard;
    }

    @Override
    public void close() {
      closed.countDown();
    }

    String text() {
      return heard.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void whoDoesNotReadIsDroppedAndKeepsNobodyWaiting() throws Exception {
    Slow slow = new Slow();
    Quick quick = new Quick();
    viewers.add(slow);
    viewers.add(quick);

    Awaitility.await().until(() -> quick.text().contains("data: news\n\n: alive"));
    slow.closed.await();
    assertThat(viewers.count()).isOne();
  }

  @Test
  void whoIsBeingWrittenToWhenAllEndsIsEndedToo() throws Exception {
    Slow slow = new Slow();
    viewers.add(slow);
    slow.writing.await();

    viewers.close();

    slow.closed.await();
    Awaitility.await().until(() -> viewers.count() == 0);
  }

  @Test
  void aLineEndsAfterItsLife() throws Exception {
    try (Viewers brief = viewers(Duration.ofMillis(50))) {
      Quick quick = new Quick();
      brief.add(quick);

      quick.closed.await();
      assertThat(quick.text()).startsWith("event: report\ndata: news\n\n");
      assertThat(brief.count()).isZero();
    }
  }

  @Test
  void itsThreadLivesWhileSomebodyLooks() throws Exception {
    assertThat(threads()).isZero();
    Quick quick = new Quick();
    viewers.add(quick);
    Awaitility.await().until(() -> threads() == 1);

    viewers.close();

    quick.closed.await();
    Awaitility.await().until(() -> threads() == 0);
    assertThat(viewers.add(new Quick())).isFalse();
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("page-events"))
        .count();
  }
}
