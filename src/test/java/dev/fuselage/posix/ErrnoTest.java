package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoTest {
  @Test
  void everyNumberFindsItsName() {
    for (Errno errno : Errno.values()) {
      assertThat(Errno.of(errno.number())).isEqualTo(errno);
    }
  }

  @Test
  void aNumberWithoutANameIsUnknown() {
    assertThat(Errno.of(4095)).isEqualTo(Errno.UNKNOWN);
    assertThat(Errno.of(-1)).isEqualTo(Errno.UNKNOWN);
    assertThat(Errno.of(3)).isEqualTo(Errno.UNKNOWN);
  }

  @Test
  void anExceptionTellsCallSubjectAndReason() {
    PosixException exception = new PosixException("mkdirat", "17/fs", Errno.ENOSPC);

    assertThat(exception).hasMessage("mkdirat 17/fs: No space left on device (ENOSPC)");
    assertThat(exception.is(Errno.ENOSPC)).isTrue();
    assertThat(exception.is(Errno.EDQUOT)).isFalse();
    assertThat(exception.errno()).isEqualTo(28);
    assertThat(exception.call()).isEqualTo("mkdirat");
    assertThat(exception.subject()).isEqualTo("17/fs");
    assertThat(exception.getStackTrace()).isEmpty();
  }

  @Test
  void anExceptionTellsANumberWithoutAName() {
    assertThat(new PosixException("openat", "x", 3))
        .hasMessage("openat x: Unknown error (errno 3)");
  }
}
