package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk that has room for a snapshot, and never for the reserve. */
class SpaceGuardTest {
  private static final long MORE_THAN_ANY_DISK_HAS = 1L << 60;

  @TempDir Path path;
  private final AtomicLong time = new AtomicLong();
  private Root root;
  private SpaceGuard guard;
  private Path file;

  @BeforeEach
  void open() throws Exception {
    root = Root.open(path);
    guard =
        new SpaceGuard(
            root.directory(),
            new SpaceGuard.Settings(OptionalLong.of(1), MORE_THAN_ANY_DISK_HAS),
            time::get);
    guard.keepReserve();
    file = path.resolve(InodeReserve.NAME).resolve("7");
    assertThat(file).exists();
    assertThat(path.resolve(SpaceGuard.RESERVE)).doesNotExist();
    guard.checkRoom();
  }

  @AfterEach
  void close() {
    root.close();
  }

  /** What somebody took is a sign of whether anybody looks. */
  private boolean looks() throws IOException {
    Files.deleteIfExists(file);
    guard.checkRoom();
    return Files.exists(file);
  }

  @Test
  void looksAtTheReserveNoMoreThanOnceASecond() throws Exception {
    assertThat(looks()).isFalse();
    time.addAndGet(999_999_999);
    assertThat(looks()).isFalse();
    time.addAndGet(1);
    assertThat(looks()).isTrue();
    assertThat(looks()).isFalse();
  }

  @Test
  void looksAtOnceWhenItWasGivenUp() throws Exception {
    guard.release();
    assertThat(file.getParent()).doesNotExist();

    assertThat(looks()).isTrue();
    assertThat(looks()).isFalse();
  }
}
