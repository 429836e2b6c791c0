package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FindingTest {
  @Test
  void aLineHasLevelCheckDetailAndRemedy() {
    assertThat(Finding.fatal("mount.fuse3", "is not on the PATH", "install fuse3"))
        .hasToString("FATAL mount.fuse3: is not on the PATH — install fuse3");
  }

  @Test
  void aLineWithoutARemedyEndsWithTheDetail() {
    assertThat(Finding.ok("kernel", "6.1.0")).hasToString("OK kernel: 6.1.0");
  }

  @Test
  void whateverWasSeenStaysOnOneLine() {
    assertThat(Finding.warn("driver", "mount:\n\tno such device\n", "do\nthis").line())
        .isEqualTo("WARN driver: mount: no such device — do this");
  }
}
