package dev.fuselage.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskPressureTest {
  @TempDir Path directory;
  private final AtomicLong now = new AtomicLong(1_000_000_000_000L);

  private DiskPressure pressure() {
    return new DiskPressure(directory.resolve("io"), now::get);
  }

  private void tell(long stalledMicros) throws IOException {
    Files.writeString(
        directory.resolve("io"),
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=%d\nfull avg10=0.00 total=9\n"
            .formatted(stalledMicros));
  }

  private void aSecondPasses() {
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void isHighWhileWorkStandsStillForADisk() throws IOException {
    DiskPressure pressure = pressure();
    tell(5_000_000);
    assertThat(pressure.isHigh()).isFalse();

    tell(5_700_000);
    aSecondPasses();
    assertThat(pressure.isHigh()).isTrue();

    tell(5_800_000);
    aSecondPasses();
    assertThat(pressure.isHigh()).isFalse();
  }

  @Test
  void isLookedAtOnceASecondAtMost() throws IOException {
    DiskPressure pressure = pressure();
    tell(0);
    assertThat(pressure.isHigh()).isFalse();
    tell(900_000);
    assertThat(pressure.isHigh()).isFalse();
    aSecondPasses();
    assertThat(pressure.isHigh()).isTrue();
  }

  @Test
  void doesNotJudgeByWhatIsLongAgo() throws IOException {
    DiskPressure pressure = pressure();
    tell(0);
    assertThat(pressure.isHigh()).isFalse();
    tell(60_000_000);
    now.addAndGet(TimeUnit.MINUTES.toNanos(1));

    assertThat(pressure.isHigh()).isFalse();
  }

  @Test
  void isNeverHighWhereTheKernelDoesNotTell() throws IOException {
    DiskPressure pressure = pressure();
    assertThat(pressure.isHigh()).isFalse();
    Files.writeString(directory.resolve("io"), "nonsense");
    aSecondPasses();
    assertThat(pressure.isHigh()).isFalse();
  }
}
