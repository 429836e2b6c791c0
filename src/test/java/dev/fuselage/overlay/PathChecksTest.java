package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.overlay.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathChecksTest {
  @ParameterizedTest
  @ValueSource(strings = {"/var/a:b", "/var/a,b", "/var/a\\b", "/var/a\nb", "/va:r/lib"})
  void aRootWhosePathBreaksMountOptionsIsFatal(String path) {
    assertThat(PathChecks.root(Path.of(path)).line())
        .startsWith("FATAL root path: ")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/var/lib/fuselage", "/home/some one/it's ünique"})
  void aRootWithAnyOtherPathIsFine(String path) {
    assertThat(PathChecks.root(Path.of(path)).level()).isEqualTo(Level.OK);
  }

  @Test
  void aSocketPathIsMeasuredInBytes(@TempDir Path directory) {
    String most = "s".repeat(107 - directory.toString().length() - 1);

    assertThat(PathChecks.socket(directory.resolve(most)).level()).isEqualTo(Level.OK);
    assertThat(PathChecks.socket(directory.resolve(most + "s")).line())
        .startsWith("FATAL socket path: ")
        .contains("108 bytes")
        .contains("set fuselage.socket to a shorter path");
    assertThat(PathChecks.socket(directory.resolve(most.substring(1) + "ü")).level())
        .isEqualTo(Level.FATAL);
  }

  @Test
  void aSocketsTemporaryNameIsMeasuredToo(@TempDir Path directory) {
    Path longDirectory =
        directory.resolve(
            "d".repeat(107 - PathChecks.TEMPORARY_NAME - 1 - directory.toString().length()));

    assertThat(PathChecks.socket(longDirectory.resolve("s")).line()).contains("108 bytes");
  }

  @Test
  void theRootDirectoryIsNoSocket() {
    assertThat(PathChecks.socket(Path.of("/")).level()).isEqualTo(Level.FATAL);
  }

  @Test
  void aSocketBelowAFileIsFatal(@TempDir Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    assertThat(PathChecks.socket(file.resolve("fuselage.sock")).level()).isEqualTo(Level.FATAL);
  }

  @Test
  void theNearestDirectoryStandsForOneThatDoesNotExist(@TempDir Path directory) {
    assertThat(PathChecks.nearestExisting(directory.resolve("a/b"))).isEqualTo(directory);
    assertThat(PathChecks.nearestExisting(directory)).isEqualTo(directory);
    assertThat(PathChecks.nearestExisting(Path.of("/nowhere-at-all"))).isEqualTo(Path.of("/"));
  }
}
