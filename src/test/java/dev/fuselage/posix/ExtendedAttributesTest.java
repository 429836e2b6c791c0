package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtendedAttributesTest {
  @Test
  void agreesWithWhatJavaFindsAndLeavesNothingBehind(@TempDir Path path) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);

    try (Directory directory = Directory.open(path)) {
      assertThat(ExtendedAttributes.storesUserAttributes(directory))
          .isEqualTo(Files.getFileStore(path).supportsFileAttributeView("user"));
    }
    assertThat(view.list()).isEmpty();
  }

  @Test
  void aFileSystemWithoutThemSaysSo(@TempDir Path path) throws IOException, InterruptedException {
    assumeThat(Posix.effectiveUid()).isZero();
    assumeThat(TestTrees.run("mount", "-t", "ramfs", "ramfs", path.toString()).exitCode()).isZero();
    try (Directory directory = Directory.open(path)) {
      assertThat(ExtendedAttributes.storesUserAttributes(directory)).isFalse();
    } finally {
      TestTrees.mustRun("umount", path.toString());
    }
  }

  @Test
  void aClosedDirectoryIsAnError(@TempDir Path path) throws IOException {
    Directory directory = Directory.open(path);
    directory.close();

    assertThatThrownBy(() -> ExtendedAttributes.storesUserAttributes(directory))
        .isInstanceOf(PosixException.class)
        .hasMessageContaining("EBADF");
  }
}
