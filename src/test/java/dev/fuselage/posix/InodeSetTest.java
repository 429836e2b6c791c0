package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InodeSetTest {
  @Test
  void knowsWhatItHasSeenOnEachDevice() {
    InodeSet seen = new InodeSet();

    for (long device = 1; device <= 3; device++) {
      for (long inode = 1; inode <= 20_000; inode++) {
        assertThat(seen.add(device, inode * 128)).isTrue();
      }
    }

    for (long device = 1; device <= 3; device++) {
      for (long inode = 1; inode <= 20_000; inode++) {
        assertThat(seen.add(device, inode * 128)).isFalse();
      }
    }
  }
}
