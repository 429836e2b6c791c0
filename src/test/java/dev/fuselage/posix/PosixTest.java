package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixTest {
  @Test
  void tellsTheEffectiveUid() throws IOException, InterruptedException {
    assertThat(Posix.effectiveUid()).isEqualTo(Integer.parseInt(TestTrees.mustRun("id", "-u")));
  }

  @Test
  void theUmaskIsThatOfTheWholeProcess(@TempDir Path directory) throws IOException {
    int before = Posix.umask(077);
    try {
      Path file = Files.createFile(directory.resolve("file"));

      assertThat((int) Files.getAttribute(file, "unix:mode") & 0777).isEqualTo(0600);
      assertThat(Posix.umask(before)).isEqualTo(077);
    } finally {
      Posix.umask(before);
    }
  }
}
