package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DescriptorTest {
  @Test
  void staysOpenWhileInUseAndClosesOnce() throws PosixException {
    Descriptor descriptor = new Descriptor(open());
    int number = descriptor.acquire();

    descriptor.close();
    descriptor.close();

    assertThat(isOpen(number)).isTrue();
    assertThat(descriptor.acquire()).isEqualTo(-Errno.EBADF.number());

    descriptor.release();

    assertThat(isOpen(number)).isFalse();
  }

  @Test
  void closesAtOnceWhenNobodyUsesIt() throws PosixException {
    int number = open();
    Descriptor descriptor = new Descriptor(number);

    descriptor.close();

    assertThat(isOpen(number)).isFalse();
  }

  private static int open() throws PosixException {
    try (Calls calls = Calls.borrow()) {
      int opened = calls.openat(Flags.AT_FDCWD, calls.name(new byte[] {'/'}), Flags.OPEN_DIRECTORY);
      return Directory.checked(opened, SystemCall.OPENAT, "/");
    }
  }

  private static boolean isOpen(int number) {
    return Files.isSymbolicLink(Path.of("/proc/self/fd/" + number));
  }
}
